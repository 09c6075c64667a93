/** Keeps the screen on while something plays, where the browser can. The lock is lost whenever the page is hidden. */

interface Lock {
  release(): Promise<void>;
}
interface LockSource {
  request(kind: "screen"): Promise<Lock>;
}

let lock: Lock | null = null;
let wanted = false;

async function take(): Promise<void> {
  const source = (navigator as Navigator & { wakeLock?: LockSource }).wakeLock;
  if (!wanted || !source || document.hidden) return;
  // Refused on a low battery: the replay plays on, the screen just may go dark.
  lock = await source.request("screen").catch(() => null);
  if (!wanted) void release();
}

async function release(): Promise<void> {
  const held = lock;
  lock = null;
  await held?.release().catch(() => undefined);
}

export function keepAwake(on: boolean): void {
  if (on === wanted) return;
  wanted = on;
  void (on ? take() : release());
}

export function followVisibility(): () => void {
  const onChange = () => void take();
  document.addEventListener("visibilitychange", onChange);
  return () => document.removeEventListener("visibilitychange", onChange);
}

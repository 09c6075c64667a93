/** The SHA-256 of a file that is being sent: found out beside the sending, and sent along as soon as it is known. */

export interface Whole {
  /** In hex; null as long as it is not known. */
  sha256: string | null;
  /** Resolves once it is known, or will never be: a browser without workers sends without it. */
  found: Promise<string | null>;
  stop(): void;
}

export function hashWhole(file: File): Whole {
  let worker: Worker | null = null;
  const whole: Whole = { sha256: null, found: Promise.resolve(null), stop: () => worker?.terminate() };
  try {
    const started = new Worker(new URL("./hashing.ts", import.meta.url), { type: "module" });
    worker = started;
    whole.found = new Promise((resolve) => {
      const end = (sha256: string | null) => {
        whole.sha256 = sha256;
        started.terminate();
        resolve(sha256);
      };
      started.onmessage = ({ data }: MessageEvent<string | null>) => end(data);
      started.onerror = () => end(null);
    });
    started.postMessage(file);
  } catch {
    // No workers here: the server still hashes what it gets, there is only nothing to compare it with.
  }
  return whole;
}

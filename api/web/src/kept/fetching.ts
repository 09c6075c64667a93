/** Packages on their way to this device. A fetch goes on while other pages are open, and after a cut by itself. */

import { NoLink } from "../api/client";
import { makeStore } from "../store";
import { fetchRest, isWhole, type Kept } from "./packages";

export interface Fetching {
  /** The lease. */
  id: string;
  have: number;
  state: "running" | "cut" | "failed";
  error: unknown;
}

/** What is being fetched now; what was paused by hand is not in it. */
export const fetches = makeStore<Fetching[]>([]);

const stops = new Map<string, AbortController>();
const RETRY_MS = 15_000;

function note(id: string, next: Partial<Fetching> | null): void {
  const before = fetches.get().find((one) => one.id === id) ?? { id, have: 0, state: "running", error: null };
  const others = fetches.get().filter((one) => one.id !== id);
  fetches.set(next ? [...others, { ...before, ...next } as Fetching] : others);
}

/** Fetches what is missing of a package. A call while it runs changes nothing. */
export async function start(kept: Kept): Promise<void> {
  if (isWhole(kept) || stops.has(kept.id)) return;
  const stop = new AbortController();
  stops.set(kept.id, stop);
  note(kept.id, { have: kept.have, state: "running", error: null });
  try {
    for (let done = false; !done; ) done = await attempt(kept, stop.signal);
    note(kept.id, null);
  } catch (error) {
    note(kept.id, stop.signal.aborted ? null : { state: "failed", error });
    if (!stop.signal.aborted) console.warn(error);
  } finally {
    stops.delete(kept.id);
  }
}

async function attempt(kept: Kept, signal: AbortSignal): Promise<boolean> {
  try {
    await fetchRest(kept, signal, (have) => note(kept.id, { have, state: "running" }));
    return true;
  } catch (error) {
    if (!(error instanceof NoLink)) throw error;
    note(kept.id, { state: "cut" });
    await linkOrLater(signal);
    return false;
  }
}

export function stop(id: string): void {
  stops.get(id)?.abort();
}

/** Until the link is back or a while has passed: browsers don't always know that it is. */
function linkOrLater(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = () => {
      clearTimeout(timer);
      removeEventListener("online", finish);
      if (signal.aborted) reject(new DOMException("Stopped by hand.", "AbortError"));
      else resolve();
    };
    const timer = setTimeout(finish, RETRY_MS);
    addEventListener("online", finish);
    signal.addEventListener("abort", finish);
  });
}

/** How good the line to this server is, measured by fetching and sending bytes that no proxy can make smaller. */

import { API } from "../../api/client";
import type { LineMeasured } from "../../api/types";

const KB = 1024;
/** Each step is tried only when the one before went so fast that its time says little. Two megabytes in all. */
const DOWN = [32 * KB, 256 * KB, 1024 * KB];
const UP = [32 * KB, 128 * KB, 512 * KB];
const LONG_ENOUGH_MS = 1_500;
const PATIENCE_MS = 30_000;
const PINGS = 5;

/** What Zoom recommends for group calls in "high quality": 1,000 kbit/s down and 800 up; ITU-T G.114's 150 ms each way. */
export const isEnough = (line: LineMeasured) =>
  line.down_kbits >= 1000 && line.up_kbits >= 800 && line.round_trip_ms <= 300;

export async function measureLine(): Promise<LineMeasured> {
  // The first one may have to open the connection.
  await fetchBytes(0);
  const times: number[] = [];
  for (let i = 0; i < PINGS; i++) times.push(await timed(() => fetchBytes(0)));
  const roundTrip = times.sort((a, b) => a - b)[Math.floor(PINGS / 2)] ?? 0;
  return {
    round_trip_ms: Math.round(roundTrip),
    down_kbits: await rate(DOWN, fetchBytes, roundTrip),
    up_kbits: await rate(UP, sendBytes, roundTrip),
  };
}

/** Bits per millisecond of the largest transfer that was made, the time there and back taken off. */
async function rate(sizes: number[], move: (size: number) => Promise<void>, roundTrip: number): Promise<number> {
  let found = 0;
  for (const size of sizes) {
    const time = await timed(() => move(size));
    found = Math.round((size * 8) / Math.max(1, time - roundTrip));
    if (time >= LONG_ENOUGH_MS) break;
  }
  return found;
}

async function timed(move: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await move();
  return performance.now() - begun;
}

const fetchBytes = (size: number) => ask(`${API}/line?size=${size}`, {});
const sendBytes = (size: number) => ask(`${API}/line`, { method: "POST", body: noise(size) });

async function ask(url: string, given: RequestInit): Promise<void> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), PATIENCE_MS);
  try {
    const answer = await fetch(url, { ...given, cache: "no-store", signal: ending.signal });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`The measuring was refused with ${answer.status}.`);
  } finally {
    clearTimeout(timer);
  }
}

/** Browsers make at most 64 KiB of random bytes at a time. */
function noise(size: number): Blob {
  const pieces = Array.from({ length: size / (32 * KB) }, () => crypto.getRandomValues(new Uint8Array(32 * KB)));
  return new Blob(pieces);
}

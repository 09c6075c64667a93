/**
 * How far this device's clock is off. A phone whose date is wrong by a day must not lose a count, nor win over others
 * with it: before an entry goes out for the first time the clock is compared with the server's, and the difference
 * goes along. From then on the entry always says the same, however often it is sent.
 */

import { fetchAnswer } from "../api/client";
import type { Entry, EntryKind } from "../outbox";

/** A clock off by less is as good as any watch; the register holds the same. */
const TRIFLE_SECONDS = 120;
const FRESH_MS = 5 * 60_000;
/** Entries with which it goes along; a check-in's own time is put right before it goes. */
const TOLD: EntryKind[] = ["headcount", "photo", "check-in"];

interface Reading {
  ahead: number;
  /** By the page's own steady clock, and what stood between that and the device's clock: it tells when that is set. */
  at: number;
  wall: number;
}

let last: Reading | null = null;

const wallOf = () => Date.now() - performance.now();
const isFresh = (reading: Reading) =>
  performance.now() - reading.at < FRESH_MS && Math.abs(wallOf() - reading.wall) < 2_000;

/** Seconds by which this device is ahead of the server, below zero where it is behind. Throws without a link. */
export async function measureAhead(): Promise<number> {
  if (last && isFresh(last)) return last.ahead;
  const asked = Date.now();
  const answer = await fetchAnswer("/healthz", { cache: "no-store" });
  const said = Date.parse(answer.headers.get("Date") ?? "");
  const ahead = Number.isNaN(said) ? 0 : Math.round(((asked + Date.now()) / 2 - said) / 1000);
  last = { ahead, at: performance.now(), wall: wallOf() };
  return ahead;
}

/** The entry's body with what its device's clock was off by; as it is where that was settled before. */
export async function stamped({ kind, body }: Entry): Promise<unknown> {
  const given = body as Record<string, unknown>;
  if ("clock_ahead" in given || !TOLD.includes(kind)) return body;
  const clock_ahead = await measureAhead();
  if (kind !== "check-in" || Math.abs(clock_ahead) < TRIFLE_SECONDS) return { ...given, clock_ahead };
  const checked_at = new Date(Date.parse(String(given.checked_at)) - clock_ahead * 1000).toISOString();
  return { ...given, checked_at, clock_ahead };
}

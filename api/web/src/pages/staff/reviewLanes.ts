/** A viewing as bars and marks: where each begins along the clock or the recording, in hundredths of the whole. */

import type { Span, Trace } from "../../api/types";
import { gaps, union } from "../../player/covered";

export type Look = "natural" | "faster" | "slower" | "lapse" | "counted" | "played";

export interface Bar {
  look: Look;
  left: number;
  width: number;
}

export interface Mark {
  left: number;
  state: Trace["asked"][number]["state"];
}

/** One line of what happened, for reading instead of looking. */
export type Step = { after: number } & (
  | { kind: "played"; one: Trace["played"][number] }
  | { kind: "hidden" | "muted"; one: Trace["hidden"][number] }
  | { kind: "asked"; one: Trace["asked"][number] }
);

/** What an eye still sees, in hundredths of the whole. */
const SLIVER = 0.4;
/** The axis is a minute long at least, or a single beat would look like hours. */
const SHORTEST_SECONDS = 60;

export function bar(look: Look, from: number, to: number, length: number): Bar {
  const left = clamp((100 * from) / length);
  return { look, left, width: Math.min(100 - left, Math.max(SLIVER, clamp((100 * to) / length) - left)) };
}

const clamp = (share: number) => Math.min(100, Math.max(0, share));

/** How many seconds the clock line shows: until the last thing that happened, however long it stayed open. */
export function clockSeconds(trace: Pick<Trace, "played" | "hidden" | "muted" | "asked">): number {
  const ends = [...trace.played, ...trace.hidden, ...trace.muted].map((one) => one.end);
  const asked = trace.asked.map((one) => one.asked_after ?? 0);
  return Math.max(SHORTEST_SECONDS, ...ends, ...asked);
}

export const lookOf = (rate: number): Look => (rate > 1.001 ? "faster" : rate < 0.999 ? "slower" : "natural");

export function playedBars(trace: Pick<Trace, "played">, seconds: number): Bar[] {
  return trace.played.map((one) => bar(lookOf(one.rate), one.start, one.end, seconds));
}

export function lapseBars(lapses: Trace["hidden"], seconds: number): Bar[] {
  return lapses.map((one) => bar("lapse", one.start, one.end, seconds));
}

export function marks(trace: Pick<Trace, "asked">, seconds: number): Mark[] {
  return trace.asked.flatMap((one) =>
    one.asked_after === null ? [] : [{ left: clamp((100 * one.asked_after) / seconds), state: one.state }],
  );
}

/** Along the recording: what counts, and what was played without counting. */
export function recordingBars(trace: Pick<Trace, "played" | "covered" | "length_seconds">): Bar[] {
  const length = trace.length_seconds;
  const covered = union(trace.covered);
  const open = gaps(covered, length);
  const played = trace.played.map((one): Span => [one.at, one.to]);
  return [
    ...overlap(union(played), open).map(([from, to]) => bar("played", from, to, length)),
    ...covered.map(([from, to]) => bar("counted", from, to, length)),
  ];
}

/** What lies in both. */
export function overlap(some: readonly Span[], others: readonly Span[]): Span[] {
  return some.flatMap(([from, to]) =>
    others
      .map(([start, end]): Span => [Math.max(from, start), Math.min(to, end)])
      .filter(([start, end]) => end - start > 0.05),
  );
}

/** Everything that happened in its order. */
export function steps(trace: Pick<Trace, "played" | "hidden" | "muted" | "asked">): Step[] {
  const told: Step[] = [
    ...trace.played.map((one): Step => ({ after: one.start, kind: "played", one })),
    ...trace.hidden.map((one): Step => ({ after: one.start, kind: "hidden", one })),
    ...trace.muted.map((one): Step => ({ after: one.start, kind: "muted", one })),
    ...trace.asked.map((one): Step => ({ after: one.asked_after ?? 0, kind: "asked", one })),
  ];
  return told.sort((a, b) => a.after - b.after);
}

/** Stretches of a recording in seconds: what has been watched, what is missing, and how to draw both. */

import type { Span } from "../api/types";
import { last } from "../last";

/** Sorted, and with nothing counted twice; stretches that touch become one. */
export function union(spans: readonly Span[]): Span[] {
  const joined: Span[] = [];
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const before = last(joined);
    if (before && from <= before[1]) before[1] = Math.max(before[1], to);
    else if (to > from) joined.push([from, to]);
  }
  return joined;
}

/** What of 0..length is in none of the spans. */
export function gaps(spans: readonly Span[], length: number): Span[] {
  const missing: Span[] = [];
  let at = 0;
  for (const [from, to] of union(spans)) {
    if (from > at) missing.push([at, Math.min(from, length)]);
    at = Math.max(at, to);
  }
  if (at < length) missing.push([at, length]);
  return missing;
}

export function total(spans: readonly Span[]): number {
  return union(spans).reduce((sum, [from, to]) => sum + to - from, 0);
}

/** A gap shorter than this comes from rounding and from the moment of a tap, and nobody could find it to watch it. */
const NOTICEABLE_SECONDS = 2;

/** The gaps worth naming to a person, in their order. */
export function noticeable(missing: readonly Span[]): Span[] {
  return missing.filter(([from, to]) => to - from >= NOTICEABLE_SECONDS);
}

/** Where a person who starts again should go on: where they stopped, or at what they still miss once they were at the end. */
export function startingPoint(resumeAt: number, covered: readonly Span[], length: number): number {
  if (resumeAt < length - NOTICEABLE_SECONDS) return Math.max(0, resumeAt);
  return noticeable(gaps(covered, length))[0]?.[0] ?? 0;
}

export interface Stripe {
  /** Shares of the whole bar, 0..100. */
  left: number;
  width: number;
}

/** The watched stretches as parts of a bar; slivers are widened to what an eye can see. */
export function stripes(covered: readonly Span[], length: number): Stripe[] {
  if (!(length > 0)) return [];
  return union(covered).map(([from, to]) => {
    const left = (100 * Math.max(0, from)) / length;
    const width = (100 * (Math.min(length, to) - Math.max(0, from))) / length;
    return { left, width: Math.min(100 - left, Math.max(width, 0.3)) };
  });
}

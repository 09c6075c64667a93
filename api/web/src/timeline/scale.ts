/** How seconds of a recording lie on the screen, and which moments pull a mark towards them. */

import { formatPosition } from "../format";
import { language } from "../i18n";

/** At this many pixels for a second, a tenth of one is as wide as a fingertip's tremble. */
export const MOST_PIXELS = 100;
/** How near a dragged mark comes to a moment of change before it is drawn in. */
export const PULL_PIXELS = 10;
/** A recording opens at this many pixels for a second: ten minutes of it on an office screen. */
const FIRST_PIXELS = 1.8;
const TICK_PIXELS = 84;
const TICK_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Pixels for a second when all of it is in view. */
export const fitting = (length: number, width: number) => width / Math.max(1, length);

export const firstScale = (length: number, width: number) => Math.max(FIRST_PIXELS, fitting(length, width));

/** A scale as one may ask for it: never so small that the recording leaves the frame half empty. */
export const bounded = (pixels: number, length: number, width: number) => {
  const fit = fitting(length, width);
  return Math.max(fit, Math.min(pixels, Math.max(MOST_PIXELS, fit)));
};

/** The moments with a number between two others, far enough apart to be read. */
export function ticks(from: number, to: number, pixels: number): number[] {
  const step = TICK_SECONDS.find((seconds) => seconds * pixels >= TICK_PIXELS) ?? 7200;
  const found: number[] = [];
  for (let at = Math.max(0, Math.floor(from / step)) * step; at <= to; at += step) found.push(at);
  return found;
}

/** The moment nearest to `at` within reach, or none. */
export function pulledTo(at: number, moments: readonly number[], reach: number): number | null {
  let best: number | null = null;
  for (const moment of moments) {
    const distance = Math.abs(moment - at);
    if (distance <= reach && (best === null || distance < Math.abs(best - at))) best = moment;
  }
  return best;
}

/** The next moment of change in a direction, or none. */
export function nextMoment(at: number, moments: readonly number[], direction: 1 | -1): number | null {
  const ahead = moments.filter((moment) => (moment - at) * direction > 0.05);
  if (ahead.length === 0) return null;
  return direction > 0 ? Math.min(...ahead) : Math.max(...ahead);
}

/** "4:07,5": a position to the tenth of a second. */
export function formatTenths(seconds: number): string {
  const tenths = Math.max(0, Math.round(seconds * 10));
  return `${formatPosition(Math.floor(tenths / 10))}${language() === "en" ? "." : ","}${tenths % 10}`;
}

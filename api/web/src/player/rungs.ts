/** The sizes in which the video comes: which of them this browser can play, and what they cost. */

import type { Rung } from "../api/types";

/** What can be chosen here: a browser that cannot decode AV1 is not offered it. */
export function offered(rungs: readonly Rung[], plays = playsHere): Rung[] {
  return rungs.filter((rung) => rung.codecs === null || plays(`video/mp4; codecs="${rung.codecs}"`));
}

function playsHere(type: string): boolean {
  if (typeof MediaSource !== "undefined") return MediaSource.isTypeSupported(type);
  return document.createElement("video").canPlayType(type) !== "";
}

/** Lines of the picture as people count them, also where it stands upright. */
export function linesOf(rung: Rung): number | null {
  return rung.width && rung.height ? Math.min(rung.width, rung.height) : null;
}

/** Bytes of a stretch of so many seconds. */
export const bytesOf = (rung: Rung, seconds: number) => (rung.bit_rate * seconds) / 8;

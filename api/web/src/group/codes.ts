/** Which of the codes that came with the server's last answer a screen is to show, by this device's monotonic clock. */

import type { GroupReplay } from "../api/types";

export interface Heard {
  room: GroupReplay;
  /** When the answer came, in milliseconds of `performance.now()`. */
  at: number;
}

/** The code that is due `passed` seconds after the answer; null when they ran out because the link was gone too long. */
export function dueOf<C extends { in_seconds: number }>(codes: readonly C[], passed: number): C | null {
  const due = codes.filter((each) => each.in_seconds <= passed);
  // Behind the last one nothing is known, and the server would not take an old one for long.
  return due.length < codes.length ? (due[due.length - 1] ?? null) : null;
}

export function codeAt({ room, at }: Heard, now: number): string | null {
  return dueOf(room.codes, (now - at) / 1000)?.code ?? null;
}

/** What is left of the moment that everybody is asked at; nought once it is over. */
export function secondsLeft({ room, at }: Heard, now: number): number {
  return Math.max(0, room.moment.seconds_left - (now - at) / 1000);
}

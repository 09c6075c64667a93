/** Which of the codes that came with the server's last answer the screen is to show, by this device's monotonic clock. */

import type { GroupReplay } from "../api/types";

export interface Heard {
  room: GroupReplay;
  /** When the answer came, in milliseconds of `performance.now()`. */
  at: number;
}

/** Null when the codes have run out because the link was gone for too long. */
export function codeAt({ room, at }: Heard, now: number): string | null {
  const passed = (now - at) / 1000;
  const due = room.codes.filter((each) => each.in_seconds <= passed);
  // Behind the last one nothing is known, and the server would not take an old one for long.
  return due.length < room.codes.length ? (due[due.length - 1]?.code ?? null) : null;
}

/** What is left of the moment that everybody is asked at; nought once it is over. */
export function secondsLeft({ room, at }: Heard, now: number): number {
  return Math.max(0, room.moment.seconds_left - (now - at) / 1000);
}

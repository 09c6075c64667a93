/**
 * Notes what was really played, from looks at the player a few times a second.
 *
 * Between two looks the recording moved on by some seconds; that stretch was played only if the player's own monotonic
 * clock moved on enough for it at the rate it played at. Anything else was a jump. The server judges; this only reports.
 */

import type { Beat, Span } from "../api/types";
import { last } from "../last";

export interface Look {
  /** Position in the recording, in seconds. */
  at: number;
  rate: number;
  playing: boolean;
  /** The page is not on the screen: another tab, or the screen is locked. */
  hidden: boolean;
  muted: boolean;
}

/** A media clock and the monotonic clock are read a moment apart, and players skip small holes in the stream. */
const SLACK_SECONDS = 0.75;
const SLACK_RATIO = 1.05;

export class Recorder {
  private seq = 0;
  private spanStart = 0;
  private played: [number, number, number][] = [];
  private hidden = 0;
  private muted = 0;
  private last: (Look & { clock: number }) | null = null;

  /** `clock` gives seconds since the viewing was opened and never goes back. */
  constructor(private readonly clock: () => number) {}

  look(look: Look): void {
    const now = this.clock();
    if (this.last?.playing) this.note(this.last, look, now - this.last.clock);
    this.last = { ...look, clock: now };
  }

  /** The position is about to change by more than playing: the next look starts a new stretch. */
  jump(): void {
    this.last = null;
  }

  private note(before: Look, now: Look, elapsed: number): void {
    const moved = now.at - before.at;
    if (moved <= 0 || moved > elapsed * before.rate * SLACK_RATIO + SLACK_SECONDS) return;
    const current = last(this.played);
    if (current && current[1] === before.at && current[2] === before.rate) current[1] = now.at;
    else this.played.push([before.at, now.at, before.rate]);
    if (before.hidden) this.hidden += elapsed;
    if (before.muted) this.muted += elapsed;
  }

  /** What was played since the last beat. */
  pending(): Span[] {
    return this.played.map(([from, to]) => [from, to]);
  }

  /** Ends the span: a beat to send, or nothing when nothing was played in it. */
  take(): Beat | null {
    const now = this.clock();
    const span = now - this.spanStart;
    const beat: Beat | null =
      this.played.length === 0
        ? null
        : {
            seq: this.seq++,
            span_start: round(this.spanStart),
            span_end: round(now),
            played: this.played.map(([from, to, rate]) => [round(from), round(to), rate]),
            hidden_seconds: round(Math.min(this.hidden, span)),
            muted_seconds: round(Math.min(this.muted, span)),
          };
    this.spanStart = now;
    this.played = [];
    this.hidden = 0;
    this.muted = 0;
    return beat;
  }
}

/** Milliseconds are enough, and keep a beat short on a slow link. */
const round = (seconds: number) => Math.round(seconds * 1000) / 1000;

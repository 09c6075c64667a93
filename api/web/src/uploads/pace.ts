/** How fast an upload goes and how long it will still take, from what was sent in the last while. */

import { last } from "../last";

interface Sample {
  /** Milliseconds on any steady clock. */
  at: number;
  bytes: number;
}

/** Long enough to smooth a stuttering link, short enough to notice that it became a better one. */
const WINDOW_MS = 20_000;
/** Before this much is known, a guess would only mislead. */
const LEAST_MS = 2_000;

export class Pace {
  private samples: Sample[] = [];

  add(bytes: number, at: number): void {
    const latest = last(this.samples);
    // A resumed upload may begin behind where it was: what came before says nothing about now.
    if (latest && bytes < latest.bytes) this.samples = [];
    this.samples = [...this.samples.filter((sample) => at - sample.at <= WINDOW_MS), { at, bytes }];
  }

  /** After a pause, the time that passed without sending must not count as slowness. */
  restart(): void {
    this.samples = [];
  }

  /** Bytes a second, or null while too little is known. */
  speed(): number | null {
    const first = this.samples[0];
    const latest = last(this.samples);
    if (!first || !latest || latest.at - first.at < LEAST_MS) return null;
    return ((latest.bytes - first.bytes) * 1000) / (latest.at - first.at);
  }

  /** Seconds until `total` bytes are sent, or null while nobody can tell. */
  secondsLeft(total: number): number | null {
    const speed = this.speed();
    const latest = last(this.samples);
    return speed && latest ? (total - latest.bytes) / speed : null;
  }
}

/**
 * How much data this watching has taken, in bytes, for a person who pays for each.
 *
 * The browser reports every finished request with the bytes that travelled, except the endless one of a sound or a
 * video element; for those the stretches that lie buffered stand in, at the rate of their coding.
 */

import type { Span, Viewing } from "../api/types";
import { makeStore } from "../store";
import { total, union } from "./covered";

export class Spending {
  /** Bytes since the watching began. */
  readonly used = makeStore(0);
  private requests = 0;
  private readonly fetched = new Map<number, Span[]>();
  private readonly observer: PerformanceObserver | null;

  constructor() {
    this.observer =
      typeof PerformanceObserver === "undefined" ? null : new PerformanceObserver((list) => this.hear(list));
    this.observer?.observe({ type: "resource" });
  }

  private hear(list: PerformanceObserverEntryList): void {
    for (const entry of list.getEntries() as PerformanceResourceTiming[]) {
      if (entry.initiatorType !== "audio" && entry.initiatorType !== "video") this.requests += entry.transferSize ?? 0;
    }
    this.add();
  }

  /** What an element that fetches by itself has ready, at so many bits a second. */
  hold(buffered: TimeRanges, bitRate: number): void {
    const spans = Array.from({ length: buffered.length }, (_, n): Span => [buffered.start(n), buffered.end(n)]);
    this.fetched.set(bitRate, union([...(this.fetched.get(bitRate) ?? []), ...spans]));
    this.add();
  }

  private add(): void {
    let bytes = this.requests;
    for (const [rate, spans] of this.fetched) bytes += (total(spans) * rate) / 8;
    this.used.set(bytes);
  }

  end(): void {
    this.observer?.disconnect();
  }
}

/** The rate of what an element plays by itself, in bits a second: a speech, or a rung of the video. */
export function bitRateOf(viewing: Viewing, source: string, rung: string | null): number {
  const speech = viewing.speech.find((one) => source.endsWith(one.url));
  const rungs = viewing.video?.rungs ?? [];
  return (speech ?? rungs.find((one) => one.name === rung) ?? rungs[0])?.bit_rate ?? 0;
}

/** What slides and speech still take from a position to the end: the sound, and the pages that come up for the first time. */
export function slidesLeft(viewing: Pick<Viewing, "speech" | "slides" | "duration_seconds">, position: number): number {
  const [speech] = viewing.speech;
  const sound = speech ? (speech.bit_rate * Math.max(0, viewing.duration_seconds - position)) / 8 : 0;
  const seen = new Set(viewing.slides.filter((slide) => (slide.at_seconds ?? 0) <= position).map((slide) => slide.url));
  const coming = new Map(
    viewing.slides.filter((slide) => !seen.has(slide.url)).map((slide) => [slide.url, slide.bytes]),
  );
  return sound + [...coming.values()].reduce((sum, bytes) => sum + bytes, 0);
}

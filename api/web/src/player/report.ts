/** One viewing's side of the watch log: what was played goes out as beats, and what the server counts comes back. */

import { post, postKept } from "../api/client";
import type { Beat, BeatAnswer, Span, Viewing } from "../api/types";
import { listen, outbox } from "../waiting";
import { union } from "./covered";
import { type Look, Recorder } from "./recorder";

export class Report {
  private readonly recorder: Recorder;
  private readonly path: `/viewings/${string}/beats`;
  private readonly stopListening: () => void;
  private counted: Span[];
  private lastBeat = performance.now();

  /** `note` names the entries in the list of what waits to be sent; `onAnswer` hears what the server made of them. */
  constructor(
    private readonly viewing: Viewing,
    private readonly note: string,
    private readonly onAnswer: (answer: BeatAnswer) => void,
  ) {
    const opened = this.lastBeat;
    this.recorder = new Recorder(() => (performance.now() - opened) / 1000);
    this.path = `/viewings/${viewing.id}/beats`;
    this.counted = viewing.covered;
    this.stopListening = listen(this.path, (answer) => this.hear(answer as BeatAnswer));
  }

  look(look: Look): void {
    this.recorder.look(look);
    this.beatWhenDue();
  }

  jump(): void {
    this.recorder.jump();
  }

  /** What the server counts, and what is on its way to it. */
  covered(): Span[] {
    const onTheWay = this.waiting().flatMap((beat) => beat.played.map(([from, to]): Span => [from, to]));
    return union([...this.counted, ...onTheWay, ...this.recorder.pending()]);
  }

  beatWhenDue(): void {
    if (performance.now() - this.lastBeat >= this.viewing.beat_seconds * 1000) void this.beat();
  }

  async beat(): Promise<void> {
    await this.take();
    await outbox.deliver();
  }

  /** A question without news: does this viewing still stand? Without a link there is no answer, and none is needed. */
  async ask(): Promise<void> {
    const answer = await post(this.path, { beats: [] }).catch(() => null);
    if (answer) this.hear(answer);
  }

  /** A page that is going away may be killed at once: what is pending leaves in one request that outlives it. */
  sendBeforeLeaving(): void {
    void this.take();
    const beats = this.waiting();
    // The entries stay in the outbox until a delivery is acknowledged; the server takes each beat once.
    if (beats.length > 0) postKept(this.path, { beats }, true).catch(() => undefined);
  }

  /** The last beat goes out. */
  async end(): Promise<void> {
    await this.beat();
    this.stopListening();
  }

  private waiting(): Beat[] {
    const mine = outbox.entries.get().filter((entry) => entry.path === this.path && entry.refusal === null);
    return mine.map((entry) => entry.body as Beat);
  }

  private take(): Promise<unknown> {
    this.lastBeat = performance.now();
    const beat = this.recorder.take();
    return beat ? outbox.add("beat", this.path, beat, this.note) : Promise.resolve();
  }

  private hear(answer: BeatAnswer): void {
    this.counted = answer.covered;
    this.onAnswer(answer);
  }
}

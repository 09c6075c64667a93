/** One viewing's side of the watch log: what was played goes out as beats, and what the server counts comes back. */

import { post, postKept } from "../api/client";
import type { Beat, BeatAnswer, Prompt, PromptOutcome, Span, Viewing } from "../api/types";
import type { LogBody } from "../kept/seal";
import { listen, outbox } from "../waiting";
import { gaps, union } from "./covered";
import { type Look, Recorder } from "./recorder";

/** How one stands in the recording, in stretches of it. */
export interface Standing {
  covered: Span[];
  /** Played, and counted as soon as a question has been answered. */
  unproven: Span[];
  missing: Span[];
}

/** Where beats go that were played without a link: into a signed log on this device (`kept/journal.ts`). */
export interface Log {
  /** The path under which its entries wait in the outbox. */
  path: string;
  write(beat: Beat): Promise<unknown>;
}

/** A viewing that plays from this device has a log; any other one reports to the server by its id. */
export type Watched = Viewing & { log?: Log };

/** What only waits for an answer or for another question is asked about this often, without more watching. */
const POLL_MS = 30_000;

export class Report {
  private readonly recorder: Recorder;
  private readonly path: `/viewings/${string}/beats`;
  /** Under which its beats wait to be sent. */
  private readonly way: string;
  private readonly stopListening: () => void;
  private counted: Span[];
  private unproven: Span[];
  private lastBeat = performance.now();
  private lastAnswer = this.lastBeat;

  /** `note` names the entries in the list of what waits to be sent; `onAnswer` hears what the server made of them. */
  constructor(
    private readonly viewing: Watched,
    private readonly note: string,
    private readonly onAnswer: (answer: BeatAnswer) => void,
  ) {
    const opened = this.lastBeat;
    this.recorder = new Recorder(() => (performance.now() - opened) / 1000);
    this.path = `/viewings/${viewing.id}/beats`;
    this.way = viewing.log?.path ?? this.path;
    this.counted = viewing.covered;
    this.unproven = viewing.waiting;
    this.stopListening = listen(this.way, (answer) => this.hear(answer as BeatAnswer));
  }

  look(look: Look): void {
    this.recorder.look(look);
    this.beatWhenDue();
  }

  jump(): void {
    this.recorder.jump();
  }

  /** What the server counts, and what is on its way to it: where questions are asked, that has yet to be proven. */
  standing(): Standing {
    const onTheWay = this.waiting().flatMap((beat) => beat.played.map(([from, to]): Span => [from, to]));
    const fresh = [...onTheWay, ...this.recorder.pending()];
    const covered = this.viewing.prompts ? this.counted : union([...this.counted, ...fresh]);
    const unproven = this.viewing.prompts ? union([...this.unproven, ...fresh]) : this.unproven;
    return { covered, unproven, missing: gaps([...covered, ...unproven], this.viewing.duration_seconds) };
  }

  beatWhenDue(): void {
    const now = performance.now();
    if (now - this.lastBeat >= this.viewing.beat_seconds * 1000) void this.beat();
    if (this.unproven.length > 0 && now - this.lastAnswer >= POLL_MS) {
      this.lastAnswer = now;
      this.ask().catch(() => undefined);
    }
  }

  async beat(): Promise<void> {
    await this.take();
    await outbox.deliver();
  }

  /** A report without news: does this viewing still stand, is there a question? `shown` is the one on the screen. */
  async ask(shown: string | null = null): Promise<Prompt | null> {
    if (this.viewing.log) return null;
    const answer = await post(this.path, { beats: [], prompt_shown: shown });
    this.hear(answer);
    return answer.prompt;
  }

  async answer(prompt: string, answer: string): Promise<PromptOutcome> {
    const heard = await post(`/viewings/${this.viewing.id}/prompts/${prompt}/answer`, { answer });
    this.hear(heard.progress);
    return heard;
  }

  /** A page that is going away may be killed at once: what is pending leaves in one request that outlives it. */
  sendBeforeLeaving(): void {
    void this.take();
    const beats = this.viewing.log ? [] : this.waiting();
    // The entries stay in the outbox until a delivery is acknowledged; the server takes each beat once.
    if (beats.length > 0) postKept(this.path, { beats }, true).catch(() => undefined);
  }

  /** The last beat goes out. */
  async end(): Promise<void> {
    await this.beat();
    this.stopListening();
  }

  private waiting(): Beat[] {
    const mine = outbox.entries.get().filter((entry) => entry.path === this.way && entry.refusal === null);
    return mine.map(({ kind, body }) => (kind === "log" ? (body as LogBody).beat : (body as Beat)));
  }

  private take(): Promise<unknown> {
    this.lastBeat = performance.now();
    const beat = this.recorder.take();
    if (!beat) return Promise.resolve();
    return this.viewing.log?.write(beat) ?? outbox.add("beat", this.path, beat, this.note);
  }

  private hear(answer: BeatAnswer): void {
    this.counted = answer.covered;
    this.unproven = answer.waiting;
    this.lastAnswer = performance.now();
    this.onAnswer(answer);
  }
}

/**
 * The questions that come while one watches: shown once each, answered once, sent until the server has the answer.
 *
 * The replay is held while a question is up, and goes on by itself with the answer. A question counts as delivered only
 * when it was really on the screen; its time runs from then. Who misses one is told kindly, and finds the replay where
 * the question stopped it.
 */

import { Problem } from "../api/client";
import type { Prompt, PromptOutcome } from "../api/types";
import { makeStore } from "../store";

export type Phase = "asked" | "sending" | "told" | "missed";

export interface Question {
  prompt: Prompt;
  phase: Phase;
  secondsLeft: number;
  /** The answer could not be sent yet. */
  failing: boolean;
  /** What the server said to the answer. */
  message: string;
}

export interface QuestionParts {
  /** Tells the server which question is on the screen, and hears which it is asking. Throws when it could not. */
  sendShown: (id: string) => Promise<Prompt | null>;
  sendAnswer: (id: string, answer: string) => Promise<PromptOutcome>;
  /** A question has come: the replay is held, and the person's attention asked for. */
  onAsked: () => void;
  /** The person is back: the replay may go on. */
  onDone: () => void;
  /** Seconds of a clock that never goes back; replaced in tests, as is the wait before another try. */
  clock?: () => number;
  retryMs?: number;
}

const RETRY_MS = 3_000;
/** How long the server's "noted" stays. Anything else stays until the next question or a tap. */
const NOTED_MS = 6_000;

export class Questions {
  readonly state = makeStore<Question | null>(null);
  private readonly seen = new Set<string>();
  private shownAt: number | null = null;
  private ticking: ReturnType<typeof setInterval> | undefined;
  private ended = false;
  private readonly clock: () => number;
  private readonly retryMs: number;

  constructor(private readonly parts: QuestionParts) {
    this.clock = parts.clock ?? (() => performance.now() / 1000);
    this.retryMs = parts.retryMs ?? RETRY_MS;
  }

  /** What an answer of the server brought along. The same question comes with each until it is over. */
  hear(prompt: Prompt | null | undefined): void {
    if (!prompt || this.seen.has(prompt.id) || this.ended) return;
    this.seen.add(prompt.id);
    this.shownAt = null;
    this.state.set({ prompt, phase: "asked", secondsLeft: prompt.seconds_left, failing: false, message: "" });
    this.parts.onAsked();
  }

  /** The page has it on a screen that someone can see: now its time runs. */
  show(): void {
    const now = this.state.get();
    if (now?.phase !== "asked" || this.shownAt !== null) return;
    this.shownAt = this.clock();
    clearInterval(this.ticking);
    this.ticking = setInterval(() => this.tick(), 1_000);
    void this.untilDone(now.prompt.id, () => this.parts.sendShown(now.prompt.id), ["asked"]).then((asked) =>
      this.agree(now.prompt.id, asked),
    );
  }

  /** The server's clock is the one that counts: it may have begun when the question reached a page nobody looked at. */
  private agree(id: string, asked: Prompt | null): void {
    const now = this.state.get();
    if (now?.prompt.id !== id || now.phase !== "asked") return;
    if (asked?.id !== id) {
      this.state.set({ ...now, phase: "missed" });
      return;
    }
    this.shownAt = this.clock();
    this.state.set({ ...now, prompt: asked, failing: false });
    this.tick();
  }

  /** Looks at the clock: whose time is over is missed, unless the answer is on its way. */
  tick(): void {
    const now = this.state.get();
    if (!now || this.shownAt === null || now.phase !== "asked") {
      clearInterval(this.ticking);
      return;
    }
    const secondsLeft = Math.max(0, now.prompt.seconds_left - (this.clock() - this.shownAt));
    this.state.set({ ...now, secondsLeft, phase: secondsLeft > 0 ? "asked" : "missed" });
  }

  /** Sends the answer, again and again where the link fails, also after its time: the server says what it is worth. */
  async answer(answer: string): Promise<void> {
    const now = this.state.get();
    if (now?.phase !== "asked") return;
    this.state.set({ ...now, phase: "sending" });
    this.parts.onDone();
    const { id } = now.prompt;
    const heard = await this.untilDone(id, () => this.parts.sendAnswer(id, answer), ["sending"]);
    if (this.state.get()?.prompt.id !== id) return;
    if (!heard) return this.state.set(null);
    this.state.set({ ...now, phase: "told", failing: false, message: heard.message });
    if (heard.outcome === "answered") setTimeout(() => this.forget(id), NOTED_MS);
  }

  /** Tries until the server has answered, or while it still matters; null when the server will not have it. */
  private async untilDone<T>(id: string, send: () => Promise<T>, while_: Phase[]): Promise<T | null> {
    for (;;) {
      try {
        return await send();
      } catch (error) {
        // The question is gone, with the viewing it belonged to: it will come again in the next.
        if (error instanceof Problem && error.status < 500 && ![401, 408, 425, 429].includes(error.status)) return null;
      }
      const now = this.state.get();
      if (this.ended || !now || now.prompt.id !== id || !while_.includes(now.phase)) return null;
      this.state.set({ ...now, failing: true });
      await new Promise((resolve) => setTimeout(resolve, this.retryMs));
    }
  }

  /** The person has read what it said and goes on. */
  dismiss(): void {
    this.state.set(null);
    this.parts.onDone();
  }

  private forget(id: string): void {
    if (this.state.get()?.prompt.id === id) this.state.set(null);
  }

  end(): void {
    this.ended = true;
    clearInterval(this.ticking);
    this.state.set(null);
  }
}

/**
 * One viewing as it runs: plays the media element of the chosen way to watch, and has what was played reported.
 *
 * The page draws what `state` says and calls the verbs below. Only the server decides what counts; stretches that it
 * has not heard of yet are drawn as watched because they are on their way.
 */

import { get, post } from "../api/client";
import type { BeatAnswer, Reason, Slide } from "../api/types";
import { makeStore } from "../store";
import { call } from "./attention";
import { followVisibility, keepAwake } from "./awake";
import { startingPoint } from "./covered";
import { fadeAndPause } from "./fade";
import type { Attached } from "./hls";
import { Questions } from "./questions";
import { Report, type Standing, type Watched } from "./report";
import { canFeed, feed } from "./sound";
import { bitRateOf, Spending } from "./spending";
import { loadPlayer, openNatively, playsNatively } from "./stream";

export type WatchMode = "slides" | "video";

export interface WatchState extends Standing {
  mode: WatchMode;
  /** The rung of video chosen by hand; null lets the link decide. */
  rung: string | null;
  playing: boolean;
  /** Playing is wanted, and the link has not brought enough of it yet. */
  waiting: boolean;
  /** The media stopped arriving; it is tried again by itself. */
  lost: boolean;
  /** The first sound is there, or will not come by itself: now pictures may take their share of the link. */
  begun: boolean;
  position: number;
  /** Their texts come once there is sound: until then they would only keep it waiting. */
  slides: Slide[];
  rate: number;
  /** Bytes that this watching may take, as the person set it; null is no limit. */
  limit: number | null;
  /** The limit is reached, and the replay pauses for it. */
  spent: boolean;
  credited: boolean;
  reasons: Reason[];
  /** The replay was opened somewhere else, which ended this viewing. */
  superseded: boolean;
}

const RETRY_MS = 4_000;
/** A link can die without a word. Where nothing at all has come for so long, the connection is made anew. */
const SILENCE_MS = 20_000;
/** After an interruption the last words are heard once more. */
const REPEAT_SECONDS = 2;

export class Watch {
  readonly state;
  readonly questions: Questions;
  readonly spending = new Spending();
  private readonly report: Report;
  private readonly stops: (() => void)[] = [];
  private media: HTMLMediaElement | null = null;
  private stream: Attached | null = null;
  private wanted = false;
  /** Which opening of the stream counts: the last one, whatever else is still on its way. */
  private turn = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  /** The texts of the slides are here, or on their way. */
  private reading = false;
  /** It was playing when a question came, and goes on with the answer. */
  private held = false;

  constructor(
    readonly viewing: Watched,
    mode: WatchMode,
    standing: { credited: boolean; reasons: Reason[] },
    note: string,
  ) {
    const { resume_at_seconds, covered, duration_seconds } = viewing;
    this.report = new Report(viewing, note, (answer) => this.hear(answer));
    this.state = makeStore<WatchState>({
      mode,
      rung: null,
      playing: false,
      waiting: false,
      lost: false,
      begun: false,
      position: startingPoint(resume_at_seconds, [...covered, ...viewing.waiting], duration_seconds),
      slides: viewing.slides,
      rate: 1,
      limit: null,
      spent: false,
      ...this.report.standing(),
      credited: standing.credited,
      reasons: standing.reasons,
      superseded: false,
    });
    this.questions = new Questions({
      sendShown: (prompt) => this.report.ask(prompt),
      sendAnswer: (prompt, answer) => this.report.answer(prompt, answer),
      onAsked: () => {
        this.hold();
        call();
      },
      onDone: () => this.release(),
    });
    this.follow();
  }

  /** Listens to what concerns the whole page: leaving it, hiding it, the link coming back. */
  private follow(): void {
    const on = (target: EventTarget, event: string, call: () => void) => {
      target.addEventListener(event, call);
      this.stops.push(() => target.removeEventListener(event, call));
    };
    const leave = () => {
      this.look();
      this.report.sendBeforeLeaving();
    };
    on(window, "pagehide", leave);
    on(document, "visibilitychange", () => document.hidden && leave());
    on(window, "online", () => (this.state.get().lost || this.isSilent()) && this.reload());
    // Timers slow down in a hidden page while the media's own events go on, so both look whether a beat is due.
    const timer = setInterval(() => this.report.beatWhenDue(), 1_000);
    this.stops.push(() => clearInterval(timer), followVisibility());
    this.stops.push(this.spending.used.subscribe(() => this.count()));
  }

  private set(next: Partial<WatchState>): void {
    this.state.set({ ...this.state.get(), ...next });
  }

  // The media element: the page draws one for the mode, and hands it over here.

  attach(media: HTMLMediaElement): () => void {
    const { position, rate } = this.state.get();
    this.media = media;
    media.currentTime = position;
    media.playbackRate = rate;
    const heard = this.hearMedia(media);
    this.open(media);
    this.goOn();
    return () => {
      this.look();
      this.report.jump();
      heard();
      this.stream?.detach();
      this.stream = null;
      this.media = null;
    };
  }

  private hearMedia(media: HTMLMediaElement): () => void {
    const look = () => this.look();
    const events: Record<string, () => void> = {
      loadedmetadata: () => this.settle(),
      timeupdate: look,
      play: look,
      ratechange: look,
      volumechange: look,
      playing: () => this.onPlaying(),
      pause: () => this.onPause(),
      ended: () => this.onPause(),
      canplay: () => this.onReady(),
      progress: () => this.onProgress(),
      waiting: () => this.onWaiting(),
      seeking: () => this.report.jump(),
    };
    // A source that cannot be loaded tells only itself; catching on the way down hears it too. Only the last one matters.
    const onError = (event: Event) => {
      if (event.target === media || media.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) this.onLost();
    };
    for (const [event, call] of Object.entries(events)) media.addEventListener(event, call);
    media.addEventListener("error", onError, true);
    return () => {
      for (const [event, call] of Object.entries(events)) media.removeEventListener(event, call);
      media.removeEventListener("error", onError, true);
    };
  }

  /** False where the element loads by itself what the page put into it. */
  private open(media: HTMLMediaElement): boolean {
    const [speech] = this.viewing.speech;
    if (this.state.get().mode === "video") void this.openStream(media as HTMLVideoElement);
    // What is kept on the phone is not on any link.
    else if (!speech || this.viewing.log || !canFeed(speech)) return false;
    else this.stream = feed(media, speech, () => this.onLost());
    return true;
  }

  private async openStream(video: HTMLVideoElement): Promise<void> {
    const url = this.viewing.video?.url;
    if (!url) return;
    const { rung } = this.state.get();
    const wish = { url, rung, onLost: () => this.onLost() };
    if (playsNatively(video)) return openNatively(video, wish);
    const turn = ++this.turn;
    const open = await loadPlayer();
    if (this.media !== video || turn !== this.turn) return;
    if (!open) return this.onLost();
    this.stream = open(video, this.state.get().position, wish);
    this.goOn();
  }

  /** Old browsers forget a position that was set before they knew the length. */
  private settle(): void {
    const { position, rate } = this.state.get();
    if (!this.media) return;
    if (Math.abs(this.media.currentTime - position) > 1) this.media.currentTime = position;
    this.media.playbackRate = rate;
  }

  private look(): void {
    const { media } = this;
    // A player that has to load from the start again says 0 for a moment: that is not where the person is.
    if (!media || this.state.get().lost || media.readyState === 0) return;
    this.report.look({
      at: media.currentTime,
      rate: media.playbackRate,
      playing: !media.paused && !media.seeking,
      hidden: document.hidden,
      muted: media.muted || media.volume === 0,
    });
    this.set({ position: media.currentTime, ...this.report.standing() });
  }

  private async readTexts(): Promise<void> {
    const { slides } = this.viewing;
    if (this.reading || slides.length === 0 || slides.some((slide) => slide.text)) return;
    this.reading = true;
    try {
      const texts = await get(`/viewings/${this.viewing.id}/texts`);
      this.set({ slides: slides.map((slide, number) => ({ ...slide, text: texts[number] ?? "" })) });
    } catch {
      // The link is gone again; they come with the next sound.
      this.reading = false;
    }
  }

  private onPlaying(): void {
    void this.readTexts();
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.set({ playing: true, waiting: false, lost: false, begun: true });
    this.look();
    keepAwake(true);
  }

  /** Enough has come to go on. Where the person had paused, nothing else would say that the link is back. */
  private onReady(): void {
    this.set({ begun: true, lost: false, waiting: false });
  }

  private onProgress(): void {
    if (this.state.get().waiting) this.listenForSilence();
    // What is fetched with requests of its own is counted as such.
    if (!this.media || this.stream) return;
    this.spending.hold(this.media.buffered, bitRateOf(this.viewing, this.media.currentSrc, this.state.get().rung));
  }

  private onWaiting(): void {
    this.set({ waiting: true });
    this.listenForSilence();
  }

  /** hls.js and the feed of the sound watch over their own requests. */
  private listenForSilence(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.isSilent() && this.onLost(), SILENCE_MS);
  }

  private isSilent(): boolean {
    return this.wanted && this.state.get().waiting && !this.stream;
  }

  /** The person's own limit of data: at it the replay pauses and says so. */
  private count(): void {
    const { limit, spent } = this.state.get();
    if (limit === null || spent || this.spending.used.get() < limit) return;
    this.set({ spent: true });
    this.pause();
  }

  private onPause(): void {
    this.look();
    if (this.state.get().lost) return;
    this.wanted = false;
    this.set({ playing: false, waiting: false, begun: true });
    clearTimeout(this.silence);
    keepAwake(false);
    void this.report.beat();
  }

  /** Nothing more arrives. Either the link is weak, or the viewing was ended elsewhere: the server knows which. */
  private onLost(): void {
    if (this.state.get().superseded) return;
    this.report.jump();
    this.set({ lost: true, waiting: true });
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.retry = setTimeout(() => this.reload(), RETRY_MS);
    // Without a link there is no answer, and none is needed.
    this.report.ask().catch(() => undefined);
  }

  private reload(): void {
    const { media } = this;
    const { position, superseded } = this.state.get();
    if (!media || superseded) return;
    this.stream?.detach();
    this.stream = null;
    if (!this.open(media)) media.load();
    media.currentTime = position;
    this.goOn();
    this.listenForSilence();
  }

  private hear({ credited, reasons, superseded, prompt }: BeatAnswer): void {
    this.set({ credited, reasons, ...this.report.standing() });
    if (!superseded) {
      this.questions.hear(prompt);
      return;
    }
    this.set({ superseded });
    this.questions.end();
    this.pause();
  }

  /** A question has come: nothing of the recording shall be missed for it. */
  private hold(): void {
    if (!this.wanted) return;
    this.held = true;
    if (this.media) fadeAndPause(this.media);
  }

  private release(): void {
    if (!this.held) return;
    this.held = false;
    if (this.media?.ended) return;
    this.seek(this.state.get().position - REPEAT_SECONDS);
    void this.play();
  }

  /** The media can be had now, or again. While a question is up, the answer starts it. */
  private goOn(): void {
    if (this.wanted && !this.held) void this.play();
  }

  // What the person does.

  async play(): Promise<void> {
    const { media } = this;
    if (this.state.get().superseded) return;
    this.wanted = true;
    this.held = false;
    if (!media) return;
    if (media.ended) this.seek(0);
    this.set({ playing: true, waiting: media.readyState < 3 });
    try {
      await media.play();
    } catch (error) {
      // The browser wants a tap first; or the element was changed while it started, and the new one will play.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.onPause();
    }
  }

  pause(): void {
    this.wanted = false;
    this.held = false;
    this.media?.pause();
    if (!this.media || this.media.paused) this.set({ playing: false, waiting: false });
  }

  toggle(): void {
    if (this.state.get().playing) this.pause();
    else void this.play();
  }

  seek(seconds: number): void {
    const at = Math.max(0, Math.min(seconds, this.viewing.duration_seconds - 0.25));
    this.look();
    this.report.jump();
    if (this.media) this.media.currentTime = at;
    this.set({ position: at });
  }

  setRate(rate: number): void {
    this.look();
    if (this.media) this.media.playbackRate = rate;
    this.set({ rate });
  }

  /** From here on so many more bytes may be taken; null is no limit. Where the last limit stopped it, it goes on. */
  allow(bytes: number | null): void {
    const { spent } = this.state.get();
    this.set({ limit: bytes === null ? null : this.spending.used.get() + bytes, spent: false });
    if (spent) void this.play();
  }

  /** Another size of the picture from here on; the position stays. */
  setRung(rung: string | null): void {
    this.look();
    this.report.jump();
    this.set({ rung });
    // Opened anew: a change of codec within one stream (AV1 and Opus to H.264 and AAC) ends in a media error.
    if (this.state.get().mode === "video") this.reload();
  }

  /** The page draws the other element, which goes on at the same position. */
  setMode(mode: WatchMode): void {
    this.look();
    this.set({ mode, waiting: this.wanted, lost: false, begun: mode === "video" });
  }

  /** Asks for a question about what waits for one, as after a spell without a link. */
  poll(): void {
    this.report.ask().catch(() => undefined);
  }

  /** The person leaves the player: the last beat goes out, then the viewing ends. */
  async end(): Promise<void> {
    this.look();
    keepAwake(false);
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    this.questions.end();
    this.spending.end();
    for (const stop of this.stops.splice(0)) stop();
    await this.report.end();
    if (!this.state.get().superseded && !this.viewing.log)
      await post(`/viewings/${this.viewing.id}/close`).catch(() => undefined);
  }
}

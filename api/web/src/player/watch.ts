/**
 * One viewing as it runs: plays the media element of the chosen way to watch, notes what was played, sends it on.
 *
 * The page draws what `state` says and calls the verbs below. Only the server decides what counts; the stretches it
 * has not heard of yet are drawn as watched because they are on their way.
 */

import { post, postKept } from "../api/client";
import type { Beat, BeatAnswer, Reason, Span, Viewing } from "../api/types";
import { makeStore } from "../store";
import { listen, outbox } from "../waiting";
import { followVisibility, keepAwake } from "./awake";
import { gaps, startingPoint, union } from "./covered";
import type { Attached } from "./hls";
import { Recorder } from "./recorder";

export type WatchMode = "slides" | "video";

export interface WatchState {
  mode: WatchMode;
  playing: boolean;
  /** Playing is wanted, and the link has not brought enough of it yet. */
  waiting: boolean;
  /** The media stopped arriving; it is tried again by itself. */
  lost: boolean;
  position: number;
  rate: number;
  covered: Span[];
  missing: Span[];
  credited: boolean;
  reasons: Reason[];
  /** The replay was opened somewhere else, which ended this viewing. */
  superseded: boolean;
}

const RETRY_MS = 4_000;

export class Watch {
  readonly state;
  private readonly recorder: Recorder;
  private readonly path: `/viewings/${string}/beats`;
  private readonly stops: (() => void)[] = [];
  private media: HTMLMediaElement | null = null;
  private stream: Attached | null = null;
  private wanted = false;
  private counted: Span[];
  private lastBeat: number;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly viewing: Viewing,
    mode: WatchMode,
    credited: boolean,
    private readonly note: string,
  ) {
    const opened = performance.now();
    this.recorder = new Recorder(() => (performance.now() - opened) / 1000);
    this.path = `/viewings/${viewing.id}/beats` as const;
    this.counted = viewing.covered;
    this.lastBeat = opened;
    this.state = makeStore<WatchState>({
      mode,
      playing: false,
      waiting: false,
      lost: false,
      position: startingPoint(viewing.resume_at_seconds, viewing.covered, viewing.duration_seconds),
      rate: 1,
      covered: viewing.covered,
      missing: gaps(viewing.covered, viewing.duration_seconds),
      credited,
      reasons: [],
      superseded: false,
    });
    this.stops.push(
      listen(this.path, (answer) => this.hear(answer as BeatAnswer)),
      followVisibility(),
    );
    this.on(window, "pagehide", () => this.sendBeforeLeaving());
    this.on(document, "visibilitychange", () => document.hidden && this.sendBeforeLeaving());
    this.on(window, "online", () => this.state.get().lost && this.reload());
    // Timers slow down in a hidden page; the media's own events go on, so both are looked at.
    const timer = setInterval(() => this.beatWhenDue(), 1_000);
    this.stops.push(() => clearInterval(timer));
  }

  private on(target: EventTarget, event: string, call: () => void): void {
    target.addEventListener(event, call);
    this.stops.push(() => target.removeEventListener(event, call));
  }

  private set(next: Partial<WatchState>): void {
    this.state.set({ ...this.state.get(), ...next });
  }

  // The media element: the page draws one for the mode, and hands it over here.

  attach(media: HTMLMediaElement): () => void {
    const { position, rate, mode } = this.state.get();
    this.media = media;
    media.currentTime = position;
    media.playbackRate = rate;
    const events: [string, () => void][] = [
      ["loadedmetadata", () => this.settle()],
      ["timeupdate", () => this.look()],
      ["play", () => this.look()],
      ["playing", () => this.onPlaying()],
      ["pause", () => this.onPause()],
      ["waiting", () => this.set({ waiting: true })],
      ["seeking", () => this.recorder.jump()],
      ["ratechange", () => this.look()],
      ["volumechange", () => this.look()],
      ["ended", () => this.onPause()],
    ];
    for (const [event, call] of events) media.addEventListener(event, call);
    // A source that cannot be loaded tells only itself; catching on the way down hears it too. Only the last one matters.
    const onError = (event: Event) => {
      if (event.target === media || media.networkState === HTMLMediaElement.NETWORK_NO_SOURCE) this.onLost();
    };
    media.addEventListener("error", onError, true);
    if (mode === "video") void this.openStream(media as HTMLVideoElement);
    if (this.wanted) void this.play();
    return () => {
      this.look();
      this.recorder.jump();
      for (const [event, call] of events) media.removeEventListener(event, call);
      media.removeEventListener("error", onError, true);
      this.stream?.detach();
      this.stream = null;
      this.media = null;
    };
  }

  private async openStream(video: HTMLVideoElement): Promise<void> {
    const url = this.viewing.video?.url;
    if (!url) return;
    if (playsNatively(video)) {
      video.src = url;
      return;
    }
    const player = await import("./hls").catch(() => null);
    if (this.media !== video) return;
    if (!player) return this.onLost();
    this.stream = player.attach(video, url, this.state.get().position, () => this.onLost());
    if (this.wanted) void this.play();
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
    this.recorder.look({
      at: media.currentTime,
      rate: media.playbackRate,
      playing: !media.paused && !media.seeking,
      hidden: document.hidden,
      muted: media.muted || media.volume === 0,
    });
    this.set({ position: media.currentTime, ...this.standing() });
    this.beatWhenDue();
  }

  private standing(): Pick<WatchState, "covered" | "missing"> {
    const onTheWay = outbox.entries
      .get()
      .filter((entry) => entry.path === this.path && entry.refusal === null)
      .flatMap((entry) => (entry.body as Beat).played.map(([from, to]): Span => [from, to]));
    const covered = union([...this.counted, ...onTheWay, ...this.recorder.pending()]);
    return { covered, missing: gaps(covered, this.viewing.duration_seconds) };
  }

  private onPlaying(): void {
    clearTimeout(this.retry);
    this.set({ playing: true, waiting: false, lost: false });
    this.look();
    keepAwake(true);
  }

  private onPause(): void {
    this.look();
    if (this.state.get().lost) return;
    this.wanted = false;
    this.set({ playing: false, waiting: false });
    keepAwake(false);
    this.beat();
  }

  /** Nothing more arrives. Either the link is weak, or the viewing was ended elsewhere: the server knows which. */
  private onLost(): void {
    if (this.state.get().superseded) return;
    this.recorder.jump();
    this.set({ lost: true, waiting: true });
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.reload(), RETRY_MS);
    void this.ask();
  }

  private reload(): void {
    const { media } = this;
    if (!media || this.state.get().superseded) return;
    const { position } = this.state.get();
    if (this.stream || (media instanceof HTMLVideoElement && !media.src)) {
      this.stream?.detach();
      this.stream = null;
      void this.openStream(media as HTMLVideoElement);
    } else media.load();
    media.currentTime = position;
    this.set({ lost: false });
    if (this.wanted) void this.play();
  }

  // What the person does.

  async play(): Promise<void> {
    const { media } = this;
    this.wanted = true;
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
    this.recorder.jump();
    if (this.media) this.media.currentTime = at;
    this.set({ position: at });
  }

  setRate(rate: number): void {
    this.look();
    if (this.media) this.media.playbackRate = rate;
    this.set({ rate });
  }

  /** The page draws the other element, which goes on at the same position. */
  setMode(mode: WatchMode): void {
    this.look();
    this.set({ mode, waiting: this.wanted, lost: false });
  }

  // Telling the server.

  private beatWhenDue(): void {
    if (performance.now() - this.lastBeat >= this.viewing.beat_seconds * 1000) this.beat();
  }

  private takeBeat(): Promise<unknown> {
    this.lastBeat = performance.now();
    const beat = this.recorder.take();
    return beat ? outbox.add("beat", this.path, beat, this.note) : Promise.resolve();
  }

  private beat(): void {
    void this.takeBeat().then(() => outbox.deliver());
  }

  private hear(answer: BeatAnswer): void {
    this.counted = answer.covered;
    const { credited, reasons, superseded } = answer;
    this.set({ credited, reasons, superseded: superseded || this.state.get().superseded });
    this.set(this.standing());
    if (superseded) this.pause();
  }

  /** A question without news: does this viewing still stand? */
  private async ask(): Promise<void> {
    await post(this.path, { beats: [] }).then(
      (answer) => this.hear(answer),
      () => undefined,
    );
  }

  /** A page that is going away may be killed at once: what is pending leaves in one request that outlives it. */
  private sendBeforeLeaving(): void {
    this.look();
    void this.takeBeat();
    const mine = outbox.entries.get().filter((entry) => entry.path === this.path && entry.refusal === null);
    if (mine.length === 0) return;
    const beats = mine.map((entry) => entry.body);
    // The entries stay in the outbox until a delivery is acknowledged; the server takes each beat once.
    postKept(this.path, { beats }, true).catch(() => undefined);
  }

  /** The person leaves the player: the last beat goes out, then the viewing ends. */
  async end(): Promise<void> {
    this.look();
    keepAwake(false);
    clearTimeout(this.retry);
    for (const stop of this.stops.splice(0)) stop();
    await this.takeBeat();
    await outbox.deliver();
    if (!this.state.get().superseded) await post(`/viewings/${this.viewing.id}/close`).catch(() => undefined);
  }
}

/** Phones that play HLS by themselves and have no other way need no player library. */
function playsNatively(video: HTMLVideoElement): boolean {
  return typeof MediaSource === "undefined" && video.canPlayType("application/vnd.apple.mpegurl") !== "";
}

/**
 * One viewing as it runs: plays the media element of the chosen way to watch, and has what was played reported.
 *
 * The page draws what `state` says and calls the verbs below. Only the server decides what counts; stretches that it
 * has not heard of yet are drawn as watched because they are on their way.
 */

import { post } from "../api/client";
import type { BeatAnswer, Reason, Span, Viewing } from "../api/types";
import { makeStore } from "../store";
import { followVisibility, keepAwake } from "./awake";
import { gaps, startingPoint } from "./covered";
import type { Attached } from "./hls";
import { Report } from "./report";

export type WatchMode = "slides" | "video";

export interface WatchState {
  mode: WatchMode;
  /** The rung of video chosen by hand; null lets the link decide. */
  rung: string | null;
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
  private readonly report: Report;
  private readonly stops: (() => void)[] = [];
  private media: HTMLMediaElement | null = null;
  private stream: Attached | null = null;
  private wanted = false;
  /** Which opening of the stream counts: the last one, whatever else is still on its way. */
  private turn = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly viewing: Viewing,
    mode: WatchMode,
    standing: { credited: boolean; reasons: Reason[] },
    note: string,
  ) {
    const { resume_at_seconds, covered, duration_seconds } = viewing;
    this.state = makeStore<WatchState>({
      mode,
      rung: null,
      playing: false,
      waiting: false,
      lost: false,
      position: startingPoint(resume_at_seconds, covered, duration_seconds),
      rate: 1,
      covered,
      missing: gaps(covered, duration_seconds),
      credited: standing.credited,
      reasons: standing.reasons,
      superseded: false,
    });
    this.report = new Report(viewing, note, (answer) => this.hear(answer));
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
    on(window, "online", () => this.state.get().lost && this.reload());
    // Timers slow down in a hidden page while the media's own events go on, so both look whether a beat is due.
    const timer = setInterval(() => this.report.beatWhenDue(), 1_000);
    this.stops.push(() => clearInterval(timer), followVisibility());
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
    const heard = this.hearMedia(media);
    if (mode === "video") void this.openStream(media as HTMLVideoElement);
    if (this.wanted) void this.play();
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
      waiting: () => this.set({ waiting: true }),
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

  private async openStream(video: HTMLVideoElement): Promise<void> {
    const url = this.viewing.video?.url;
    if (!url) return;
    if (playsNatively(video)) {
      // Such a player cannot be told which rung to take, so it gets a playlist with that one alone.
      const { rung } = this.state.get();
      video.src = rung === null ? url : `${url}?rung=${encodeURIComponent(rung)}`;
      return;
    }
    const turn = ++this.turn;
    const player = await import("./hls").catch(() => null);
    if (this.media !== video || turn !== this.turn) return;
    if (!player) return this.onLost();
    const { position, rung } = this.state.get();
    this.stream = player.attach(video, url, position, rung, () => this.onLost());
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
    this.report.look({
      at: media.currentTime,
      rate: media.playbackRate,
      playing: !media.paused && !media.seeking,
      hidden: document.hidden,
      muted: media.muted || media.volume === 0,
    });
    this.set({ position: media.currentTime, ...this.standing() });
  }

  private standing(): Pick<WatchState, "covered" | "missing"> {
    const covered = this.report.covered();
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
    void this.report.beat();
  }

  /** Nothing more arrives. Either the link is weak, or the viewing was ended elsewhere: the server knows which. */
  private onLost(): void {
    if (this.state.get().superseded) return;
    this.report.jump();
    this.set({ lost: true, waiting: true });
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.reload(), RETRY_MS);
    void this.report.ask();
  }

  private reload(): void {
    const { media } = this;
    const { position, superseded, mode } = this.state.get();
    if (!media || superseded) return;
    this.stream?.detach();
    this.stream = null;
    if (mode === "video") void this.openStream(media as HTMLVideoElement);
    else media.load();
    media.currentTime = position;
    this.set({ lost: false });
    if (this.wanted) void this.play();
  }

  private hear({ credited, reasons, superseded }: BeatAnswer): void {
    this.set({ credited, reasons, ...this.standing() });
    if (!superseded) return;
    this.set({ superseded });
    this.pause();
  }

  // What the person does.

  async play(): Promise<void> {
    const { media } = this;
    if (this.state.get().superseded) return;
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
    this.report.jump();
    if (this.media) this.media.currentTime = at;
    this.set({ position: at });
  }

  setRate(rate: number): void {
    this.look();
    if (this.media) this.media.playbackRate = rate;
    this.set({ rate });
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
    this.set({ mode, waiting: this.wanted, lost: false });
  }

  /** The person leaves the player: the last beat goes out, then the viewing ends. */
  async end(): Promise<void> {
    this.look();
    keepAwake(false);
    clearTimeout(this.retry);
    for (const stop of this.stops.splice(0)) stop();
    await this.report.end();
    if (!this.state.get().superseded) await post(`/viewings/${this.viewing.id}/close`).catch(() => undefined);
  }
}

/** Phones that play HLS by themselves and have no other way need no player library. */
function playsNatively(video: HTMLVideoElement): boolean {
  return typeof MediaSource === "undefined" && video.canPlayType("application/vnd.apple.mpegurl") !== "";
}

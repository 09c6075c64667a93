/** The room's player: plays the recording on the one screen, and has what was played reported as beats. */

import type { GroupReplay, RoomMedia } from "../api/types";
import { followVisibility, keepAwake } from "../player/awake";
import type { Attached } from "../player/hls";
import { Recorder } from "../player/recorder";
import { loadPlayer, openNatively, playsNatively } from "../player/stream";
import { makeStore } from "../store";
import { listen, outbox } from "../waiting";

export interface RoomState {
  playing: boolean;
  /** Playing is wanted, and the link has not brought enough of it yet. */
  waiting: boolean;
  position: number;
}

const RETRY_MS = 4_000;
const LOOK_MS = 250;

export class RoomPlayer {
  readonly state;
  private readonly recorder: Recorder;
  private readonly path: `/group-replays/${string}/beats`;
  private readonly stops: (() => void)[] = [];
  private media: HTMLMediaElement | null = null;
  private stream: Attached | null = null;
  private lastBeat = performance.now();
  private wanted = false;
  private retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    room: GroupReplay,
    readonly film: RoomMedia,
    private readonly note: string,
    onAnswer: (room: GroupReplay) => void,
  ) {
    const started = performance.now();
    // A page that is loaded anew goes on by the server's clock: spans of one room never overlap.
    this.recorder = new Recorder(() => room.elapsed_seconds + (performance.now() - started) / 1000);
    this.recorder.take();
    this.path = `/group-replays/${room.id}/beats`;
    this.state = makeStore<RoomState>({ playing: false, waiting: false, position: film.resume_at_seconds });
    this.stops.push(
      listen(this.path, (answer) => onAnswer(answer as GroupReplay)),
      followVisibility(),
    );
    const timer = setInterval(() => this.look(), LOOK_MS);
    this.stops.push(() => clearInterval(timer));
  }

  get isVideo(): boolean {
    return this.film.video !== null;
  }

  attach(media: HTMLMediaElement): () => void {
    this.media = media;
    const set = () => {
      media.currentTime = this.state.get().position;
    };
    const events: Record<string, () => void> = {
      loadedmetadata: set,
      playing: () => this.set({ waiting: false }),
      waiting: () => this.set({ waiting: this.wanted }),
      error: () => this.lose(),
      ended: () => this.pause(),
    };
    for (const [event, call] of Object.entries(events)) media.addEventListener(event, call);
    void this.open();
    return () => {
      this.look();
      for (const [event, call] of Object.entries(events)) media.removeEventListener(event, call);
      this.stream?.detach();
      this.media = null;
    };
  }

  /** Begins to read where the room is. */
  async open(): Promise<void> {
    const { media, film } = this;
    if (!film.video || !media) return media?.load();
    const video = media as HTMLVideoElement;
    const wish = { url: film.video.url, rung: null, onLost: () => this.lose() };
    if (playsNatively(video)) return openNatively(video, wish);
    const attach = await loadPlayer();
    if (attach && this.media === media) this.stream = attach(video, this.state.get().position, wish);
    else if (this.media === media) this.lose();
  }

  /** Reads no further ahead: a room that has ended is given nothing more. */
  close(): void {
    clearTimeout(this.retry);
    this.stream?.detach();
    this.stream = null;
  }

  /** What stopped arriving is tried again from where the room was. */
  private lose(): void {
    clearTimeout(this.retry);
    this.set({ waiting: true });
    this.retry = setTimeout(() => {
      this.close();
      void this.open().then(() => (this.wanted ? this.play() : undefined));
    }, RETRY_MS);
  }

  private set(next: Partial<RoomState>): void {
    this.state.set({ ...this.state.get(), ...next });
  }

  private look(): void {
    const { media } = this;
    if (!media || media.seeking) return;
    const playing = !media.paused && !media.ended;
    this.recorder.look({
      at: media.currentTime,
      rate: media.playbackRate,
      playing,
      hidden: document.hidden,
      muted: media.muted || media.volume === 0,
    });
    if (playing || !this.wanted) this.set({ playing, position: media.currentTime || this.state.get().position });
    if (performance.now() - this.lastBeat >= this.film.beat_seconds * 1000) void this.beat();
  }

  /** What was played since the last time goes out; what cannot yet is kept on this device until it can. */
  async beat(): Promise<void> {
    this.lastBeat = performance.now();
    const beat = this.recorder.take();
    if (beat) {
      await outbox.add("beat", this.path, { ...beat, seq: this.film.next_seq + beat.seq }, this.note);
    }
    await outbox.deliver();
  }

  async play(): Promise<void> {
    // The span begins with playing: who checks in before that gets all of it.
    if (!this.wanted) void this.beat();
    this.wanted = true;
    keepAwake(true);
    this.set({ playing: true });
    try {
      await this.media?.play();
    } catch (error) {
      // The browser wants a tap first; anything else is a stream that was changed while it started.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.pause();
    }
  }

  pause(): void {
    this.wanted = false;
    keepAwake(false);
    this.media?.pause();
    this.set({ playing: false, waiting: false });
  }

  seek(seconds: number): void {
    this.look();
    this.recorder.jump();
    const at = Math.max(0, Math.min(seconds, this.film.duration_seconds - 0.25));
    if (this.media) this.media.currentTime = at;
    this.set({ position: at });
  }

  /** Leaves the room's screen; the last beat is on its way. */
  async end(): Promise<void> {
    this.look();
    this.pause();
    clearTimeout(this.retry);
    await this.beat();
    for (const stop of this.stops.splice(0)) stop();
  }
}

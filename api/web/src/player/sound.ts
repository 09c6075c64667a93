/**
 * The speech of a replay, fed to its element in pieces of our own asking.
 *
 * Left to itself, Chromium hands on nothing before 32 KiB are there: four seconds of silence on a link of 64 kbit/s. It
 * also reads ahead for as long as it likes. Here sound begins with its first bytes, and a minute and a half is fetched
 * ahead. Where the browser takes no such feed, the element loads the same file by itself.
 */

import type { Viewing } from "../api/types";
import { last } from "../last";
import { type Cue, cuesIn } from "./webm";

type Source = Viewing["speech"][number];

export interface Fed {
  detach(): void;
}

/** Three quarters of a minute of speech; to learn where everything lies takes less. */
const PIECE_BYTES = 65_536;
const HEAD_BYTES = 16_384;
const AHEAD_SECONDS = 90;
/** What was heard so long ago makes room where the browser holds no more. */
const BEHIND_SECONDS = 60;
/** Stretches of sound nearer than this follow each other. */
const GAP_SECONDS = 0.2;
const RETRY_MS = 1_000;
/** A link can die without a word. */
const SILENCE_MS = 20_000;

export function canFeed({ media_type }: Source): boolean {
  if (!media_type.startsWith("audio/webm") || typeof MediaSource !== "function") return false;
  return MediaSource.isTypeSupported(media_type);
}

/** Plays a file. It tries again by itself; `onLost` is called when the sound stands still meanwhile. */
export function feed(audio: HTMLMediaElement, source: Source, onLost: () => void): Fed {
  const feeding = new Feeding(audio, source.url, onLost);
  feeding.begin(source.media_type);
  return { detach: () => feeding.end() };
}

class Feeding {
  private readonly source = new MediaSource();
  private buffer: SourceBuffer | null = null;
  /** The file's first bytes, kept until they say where each stretch of sound lies. */
  private head = new Uint8Array();
  private cues: Cue[] | null = null;
  /** The next byte to fetch, the second up to which the sound before it goes, and how many bytes there are. */
  private at = 0;
  private tail = 0;
  private size = Number.POSITIVE_INFINITY;
  private request: AbortController | null = null;
  /** The request on its way was broken off since something else is wanted. */
  private isElsewhere = false;
  private isOver = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly audio: HTMLMediaElement,
    private readonly url: string,
    private readonly onLost: () => void,
  ) {}

  begin(type: string): void {
    const address = URL.createObjectURL(this.source);
    const open = () => {
      URL.revokeObjectURL(address);
      this.buffer = this.source.addSourceBuffer(type);
      void this.run(this.buffer);
    };
    this.source.addEventListener("sourceopen", open, { once: true });
    this.audio.addEventListener("seeking", this.look);
    this.audio.addEventListener("timeupdate", this.look);
    this.audio.src = address;
  }

  end(): void {
    this.isOver = true;
    this.audio.removeEventListener("seeking", this.look);
    this.audio.removeEventListener("timeupdate", this.look);
    this.request?.abort();
    this.wake();
    this.audio.removeAttribute("src");
  }

  private readonly look = () => {
    if (this.request && this.jump()) {
      this.isElsewhere = true;
      this.request.abort();
    }
    this.wake();
  };

  private async run(buffer: SourceBuffer): Promise<void> {
    while (!this.isOver) {
      try {
        await this.step(buffer);
      } catch {
        if (this.isOver) return;
        const isMere = this.isElsewhere;
        this.isElsewhere = false;
        if (isMere) continue;
        // Nothing may be lost yet: what is there goes on playing while this is tried again.
        if (this.audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) this.onLost();
        await this.pause(RETRY_MS);
      }
    }
  }

  private async step(buffer: SourceBuffer): Promise<void> {
    const cue = this.jump();
    if (cue) {
      buffer.abort();
      this.at = cue.offset;
      this.tail = cue.seconds;
    }
    if (this.at < this.size && this.front() - this.audio.currentTime < AHEAD_SECONDS) return this.fetchPiece(buffer);
    if (this.at >= this.size && this.source.readyState === "open") this.source.endOfStream();
    return this.pause();
  }

  /** Where to go on instead, when what would come next is not what the current position needs next. */
  private jump(): Cue | null {
    const wanted = this.cueOf(this.front());
    return wanted && wanted !== this.cueOf(this.tail) ? wanted : null;
  }

  /** The second up to which there is sound without a gap from the current position on. */
  private front(): number {
    return this.endOfHeld(this.audio.currentTime);
  }

  private endOfHeld(seconds: number): number {
    const held = this.buffer?.buffered;
    for (let n = 0; held && n < held.length; n++)
      if (held.start(n) <= seconds + GAP_SECONDS && seconds <= held.end(n)) return held.end(n);
    return seconds;
  }

  private cueOf(seconds: number): Cue | undefined {
    return last((this.cues ?? []).filter((cue) => cue.seconds <= seconds + GAP_SECONDS));
  }

  private async fetchPiece(buffer: SourceBuffer): Promise<void> {
    const request = new AbortController();
    this.request = request;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    listen();
    const most = this.cues || this.audio.currentTime === 0 ? PIECE_BYTES : HEAD_BYTES;
    try {
      const headers = { Range: `bytes=${this.at}-${this.at + most - 1}` };
      const response = await fetch(this.url, { headers, signal: request.signal });
      if (response.status !== 206 || !response.body) throw new Error(`a piece of the sound: ${response.status}`);
      this.size = Number(response.headers.get("Content-Range")?.split("/")[1]);
      const reader = response.body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        listen();
        await this.append(buffer, read.value);
      }
    } finally {
      clearTimeout(silence);
      this.request = null;
    }
  }

  private async append(buffer: SourceBuffer, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      buffer.appendBuffer(bytes);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "QuotaExceededError") throw error;
      buffer.remove(0, Math.max(GAP_SECONDS, this.audio.currentTime - BEHIND_SECONDS));
      await updated(buffer);
      buffer.appendBuffer(bytes);
    }
    await updated(buffer);
    this.at += bytes.length;
    this.tail = Math.max(this.tail, this.endOfHeld(this.tail));
    if (!this.cues) this.learn(bytes);
  }

  private learn(bytes: Uint8Array): void {
    const head = new Uint8Array(this.head.length + bytes.length);
    head.set(this.head);
    head.set(bytes, this.head.length);
    this.head = head;
    this.cues = cuesIn(head);
    if (this.cues) this.look();
  }

  /** Waits until the position moves, or so long. */
  private pause(milliseconds?: number): Promise<void> {
    return new Promise((done) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(done, milliseconds);
      this.wake = () => {
        if (milliseconds !== undefined) return;
        clearTimeout(timer);
        done();
      };
    });
  }
}

function updated(buffer: SourceBuffer): Promise<void> {
  return new Promise((done) => buffer.addEventListener("updateend", () => done(), { once: true }));
}

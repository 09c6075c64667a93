/**
 * The speech of a replay, fed to its element in pieces of our own asking.
 *
 * Left to itself, Chromium hands on nothing before 32 KiB are there: four seconds of silence on a link of 64 kbit/s. It
 * also reads ahead for as long as it likes. Here sound begins with its first bytes, and a minute and a half is fetched
 * ahead. Where the browser takes no such feed, the element loads the same file by itself.
 */

import type { Viewing } from "../api/types";
import { last } from "../last";
import type { Attached } from "./hls";
import { type Cue, cuesIn, hasSound, placeOfCues } from "./webm";

type Source = Viewing["speech"][number];

/** Three quarters of a minute of speech; and what tells how it is coded and where the rest lies, if the file is ours. */
const PIECE_BYTES = 65_536;
const HEAD_BYTES = 512;
const AHEAD_SECONDS = 90;
/** What was heard so long ago makes room where the browser holds no more. */
const BEHIND_SECONDS = 60;
/** Stretches of sound nearer than this follow each other. */
const GAP_SECONDS = 0.2;
const RETRY_MS = 1_000;
const MOST_RETRY_MS = 4_000;
/** A link can die without a word. */
const SILENCE_MS = 20_000;

export function canFeed({ media_type }: Source): boolean {
  if (!media_type.startsWith("audio/webm") || typeof MediaSource !== "function") return false;
  return MediaSource.isTypeSupported(media_type);
}

/** Plays a file. It tries again by itself; `onLost` is called when the sound stands still meanwhile. */
export function feed(audio: HTMLMediaElement, source: Source, onLost: () => void): Attached {
  const feeding = new Feeding(audio, source, onLost);
  feeding.begin(source.media_type);
  return { detach: () => feeding.end() };
}

class Feeding {
  private readonly source = new MediaSource();
  private buffer: SourceBuffer | null = null;
  /** The file's first bytes. For three hours, ten thousand of them are cues, which nobody needs who begins at 0:00. */
  private head = new Uint8Array();
  private place: { from: number; end: number } | null = null;
  /** Where each stretch of sound lies; null until that is needed, or there is time to ask. */
  private cues: Cue[] | null = null;
  /** The next byte to fetch, the second up to which the sound before it goes, and how many bytes there are. */
  private at = 0;
  private tail = 0;
  private size = Number.POSITIVE_INFINITY;
  private request: AbortController | null = null;
  private isFetchingSound = false;
  /** The request on its way was broken off since something else is wanted. */
  private isElsewhere = false;
  private isOver = false;
  private failures = 0;
  private wake: () => void = () => undefined;

  constructor(
    private readonly audio: HTMLMediaElement,
    private readonly speech: Source,
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
    if (this.isFetchingSound && (this.isAstray() || this.jump())) {
      this.isElsewhere = true;
      this.request?.abort();
    }
    this.wake();
  };

  private async run(buffer: SourceBuffer): Promise<void> {
    while (!this.isOver) {
      try {
        await this.step(buffer);
        this.failures = 0;
      } catch {
        if (this.isOver) return;
        const isMere = this.isElsewhere;
        this.isElsewhere = false;
        if (isMere) continue;
        // Nothing may be lost yet: what is there goes on playing while this is tried again.
        if (this.audio.readyState < HTMLMediaElement.HAVE_FUTURE_DATA) this.onLost();
        const wait = Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** this.failures++);
        await new Promise((done) => setTimeout(done, wait));
      }
    }
  }

  private async step(buffer: SourceBuffer): Promise<void> {
    if (this.at === 0) return this.open(buffer);
    if (this.isAstray()) return this.fetchCues();
    const cue = this.jump();
    if (cue) {
      buffer.abort();
      this.at = cue.offset;
      this.tail = cue.seconds;
    }
    const isAhead = this.front() - this.audio.currentTime >= AHEAD_SECONDS;
    if (this.at < this.size && !isAhead) return this.fetchPiece(buffer);
    if (!this.cues) return this.fetchCues();
    if (this.at >= this.size && this.source.readyState === "open") this.source.endOfStream();
    return this.move();
  }

  /** Learns how the sound is coded, and where it begins. */
  private async open(buffer: SourceBuffer): Promise<void> {
    const { head, sound_at } = this.speech;
    if (head && sound_at) {
      this.head = Uint8Array.from(atob(head), (letter) => letter.charCodeAt(0));
      this.place = { from: this.head.length, end: sound_at };
    } else {
      await this.fetchBytes(this.head.length, this.head.length + HEAD_BYTES, (bytes) => this.keep(bytes));
      this.place = placeOfCues(this.head);
    }
    if (this.place) {
      await this.append(buffer, this.head.slice(0, this.place.from));
      this.at = this.place.end;
    } else if (hasSound(this.head) || this.head.length >= this.size) {
      // Nobody told where anything lies, so it comes from the beginning on.
      this.cues = [];
      await this.append(buffer, this.head);
    }
  }

  private async fetchCues(): Promise<void> {
    if (!this.place) return;
    this.head = this.head.slice(0, this.place.from);
    await this.fetchBytes(this.place.from, this.place.end, (bytes) => this.keep(bytes));
    this.cues = cuesIn(this.head);
  }

  private keep(bytes: Uint8Array): void {
    const head = new Uint8Array(this.head.length + bytes.length);
    head.set(this.head);
    head.set(bytes, this.head.length);
    this.head = head;
  }

  /** Whether the position is where nobody knows the way to yet. */
  private isAstray(): boolean {
    return !this.cues && Math.abs(this.front() - this.tail) > GAP_SECONDS;
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
    this.isFetchingSound = true;
    try {
      await this.fetchBytes(this.at, this.at + PIECE_BYTES, (bytes) => this.append(buffer, bytes));
    } finally {
      this.isFetchingSound = false;
    }
  }

  /** Hands on the bytes from one place to before another as they come. */
  private async fetchBytes(
    from: number,
    end: number,
    take: (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>,
  ): Promise<void> {
    const request = new AbortController();
    this.request = request;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE_MS);
    };
    listen();
    try {
      const headers = { Range: `bytes=${from}-${end - 1}` };
      const response = await fetch(this.speech.url, { headers, signal: request.signal });
      if (response.status !== 206 || !response.body) throw new Error(`a piece of the sound: ${response.status}`);
      this.size = Number(response.headers.get("Content-Range")?.split("/")[1]);
      const reader = response.body.getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        listen();
        await take(read.value);
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
  }

  /** Waits until the position moves. */
  private move(): Promise<void> {
    return new Promise((done) => {
      this.wake = done;
    });
  }
}

function updated(buffer: SourceBuffer): Promise<void> {
  return new Promise((done) => buffer.addEventListener("updateend", () => done(), { once: true }));
}

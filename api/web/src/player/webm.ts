/** Where the sound of a WebM file lies, read from its first bytes (RFC 9559): what a player needs in order to jump. */

/** A stretch of sound: when it begins, in seconds, and its first byte. */
export interface Cue {
  seconds: number;
  offset: number;
}

/** Numbers of elements, as they are written. */
const SEGMENT = 0x18538067;
const CUES = 0x1c53bb6b;
const POINT = 0xbb;
const TIME = 0xb3;
const PLACES = 0xb7;
const POSITION = 0xf1;
const CLUSTER = 0x1f43b675;
/** Files of ours count in milliseconds. */
const TICKS_PER_SECOND = 1_000;

interface Element {
  id: number;
  start: number;
  end: number;
}

/** The cues of a file whose first bytes these are; null until all of what stands before its sound is here. */
export function cuesIn(bytes: Uint8Array): Cue[] | null {
  const segment = find(bytes, 0, bytes.length, SEGMENT)[0];
  if (!segment) return null;
  const cues: Cue[] = [];
  for (const element of elements(bytes, segment.start, segment.end)) {
    if (element.id === CLUSTER) return cues;
    if (element.end > bytes.length) return null;
    if (element.id !== CUES) continue;
    for (const point of find(bytes, element.start, element.end, POINT)) {
      const [time] = find(bytes, point.start, point.end, TIME);
      const [places] = find(bytes, point.start, point.end, PLACES);
      const position = places && find(bytes, places.start, places.end, POSITION)[0];
      if (!time || !position) continue;
      const seconds = numberIn(bytes, time.start, time.end) / TICKS_PER_SECOND;
      cues.push({ seconds, offset: segment.start + numberIn(bytes, position.start, position.end) });
    }
  }
  return null;
}

function find(bytes: Uint8Array, start: number, end: number, id: number): Element[] {
  return [...elements(bytes, start, end)].filter((element) => element.id === id);
}

/** The elements between two places, as far as their heads are here. */
function* elements(bytes: Uint8Array, start: number, end: number): Generator<Element> {
  let at = start;
  while (at < Math.min(end, bytes.length)) {
    const idLength = lengthAt(bytes, at);
    const sizeLength = lengthAt(bytes, at + idLength);
    const data = at + idLength + sizeLength;
    if (data > bytes.length) return;
    // The first bit that is set tells how long a size is, and is no part of it.
    const size = numberIn(bytes, at + idLength, data) - 2 ** (7 * sizeLength);
    const isOpen = size === 2 ** (7 * sizeLength) - 1;
    const element = { id: numberIn(bytes, at, at + idLength), start: data, end: isOpen ? end : data + size };
    yield element;
    at = element.end;
  }
}

/** How many bytes a number takes that begins here. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return Math.clz32(bytes[at] ?? 0xff) - 23;
}

function numberIn(bytes: Uint8Array, start: number, end: number): number {
  return bytes.slice(start, end).reduce((sum, byte) => sum * 256 + byte, 0);
}

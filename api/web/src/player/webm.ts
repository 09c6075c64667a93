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
  /** Its first byte, the first of what it holds, and the first after it. */
  from: number;
  start: number;
  end: number;
}

/** Where the cues of a file stand whose first bytes these are; null until it is known, or where they follow the sound. */
export function placeOfCues(bytes: Uint8Array): { from: number; end: number } | null {
  return beforeSound(bytes).find((element) => element.id === CUES) ?? null;
}

/** The cues of a file whose first bytes these are, up to the end of its cues. */
export function cuesIn(bytes: Uint8Array): Cue[] {
  const [segment] = find(bytes, 0, bytes.length, SEGMENT);
  const all = beforeSound(bytes).find((element) => element.id === CUES);
  if (!segment || !all) return [];
  return find(bytes, all.start, all.end, POINT).flatMap((point) => {
    const [time] = find(bytes, point.start, point.end, TIME);
    const [places] = find(bytes, point.start, point.end, PLACES);
    const [position] = places ? find(bytes, places.start, places.end, POSITION) : [];
    if (!time || !position) return [];
    const seconds = numberIn(bytes, time.start, time.end) / TICKS_PER_SECOND;
    return [{ seconds, offset: segment.start + numberIn(bytes, position.start, position.end) }];
  });
}

/** Whether a file's sound begins within these first bytes. */
export function hasSound(bytes: Uint8Array): boolean {
  const [segment] = find(bytes, 0, bytes.length, SEGMENT);
  return segment !== undefined && find(bytes, segment.start, segment.end, CLUSTER).length > 0;
}

function beforeSound(bytes: Uint8Array): Element[] {
  const [segment] = find(bytes, 0, bytes.length, SEGMENT);
  const all = segment ? [...elements(bytes, segment.start, segment.end)] : [];
  const sound = all.findIndex((element) => element.id === CLUSTER);
  return sound < 0 ? all : all.slice(0, sound);
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
    const element = { id: numberIn(bytes, at, at + idLength), from: at, start: data, end: isOpen ? end : data + size };
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

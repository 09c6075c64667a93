/**
 * The recordings kept on this device: slides and speech, fetched in pieces that are each checked against their hash.
 *
 * The pieces of a package lie in a cache of its own, under the addresses from which the service worker puts the files
 * together again; removing the package is deleting that cache. What the package is of lies in the database.
 */

import { API, get, NoLink, post, remove as removeAt } from "../api/client";
import type { KeptLease, Package, PackageSpeech, PieceFile, Recording, Viewing } from "../api/types";
import { recall, remember } from "../device";
import { account } from "../login";
import type { Watched } from "../player/report";
import { makeStore } from "../store";
import { forget, keep, readAll, readOne } from "./database";
import { beginLog, Journal, logPath } from "./journal";
import { deviceKey, sha256, sign } from "./keys";

export interface Kept {
  /** The lease. */
  id: string;
  account: string;
  recording_id: string;
  package: Package;
  /** The one form of speech that this browser plays. */
  speech: PackageSpeech;
  /** What the replay's page showed of it, for when there is no link. */
  row: Recording;
  expires_at: string;
  /** By how many milliseconds the server's clock is ahead of this device's. */
  ahead: number;
  /** Bytes of the whole, and of what is there. */
  bytes: number;
  have: number;
  /** The person stopped fetching it; it waits for them. */
  paused: boolean;
}

/** Not enough room on the device for what was to be kept; both in bytes. */
export class NoRoom extends Error {
  constructor(
    readonly needed: number,
    readonly free: number,
  ) {
    super("There is not enough room on this device.");
  }
}

/** All of this account's packages, as far as `load` has read them. */
export const packages = makeStore<Kept[]>([]);

/** Browsers keep nothing for pages without HTTPS, nor in some private windows. */
export function isPossible(): boolean {
  return isSecureContext && "serviceWorker" in navigator && "caches" in self && Boolean(crypto.subtle);
}

export const isWhole = (kept: Kept) => kept.have >= kept.bytes;
export const isExpired = (kept: Kept) => Date.now() + kept.ahead > new Date(kept.expires_at).getTime();
export const find = (recording: string) => packages.get().find((kept) => kept.recording_id === recording);

export async function load(): Promise<void> {
  const all = await readAll<Kept>("packages").catch(() => []);
  packages.set(all.filter((kept) => kept.account === account()));
  // Told apart at the next start without reading the database: most people keep nothing.
  remember("kept", all.length > 0 ? "1" : null);
}

export const keepsAny = () => recall("kept") !== null;

/** Changes what is noted of a package. One that was taken off the device meanwhile does not come back by it. */
async function change(kept: Kept, next: Partial<Kept>): Promise<Kept> {
  const known = await readOne<Kept>("packages", kept.id);
  if (known) await keep("packages", { ...known, ...next });
  await load();
  return { ...kept, ...next };
}

// Keeping.

const playable = (speech: PackageSpeech[]) => {
  const audio = document.createElement("audio");
  return speech.find((one) => audio.canPlayType(one.media_type)) ?? speech[0];
};

const filesOf = (kept: Pick<Kept, "speech" | "package">): PieceFile[] => [kept.speech, ...kept.package.pages];

/** Borrows a recording: the size is known, the room is there, and the lease is this device's. Nothing is fetched yet. */
export async function begin(row: Recording): Promise<Kept> {
  const owner = account();
  if (!owner) throw new NoLink();
  const described = await get(`/recordings/${row.id}/package`);
  const speech = playable(described.speech);
  if (!speech) throw new NoLink();
  const bytes = filesOf({ speech, package: described }).reduce((sum, file) => sum + file.bytes, 0);
  await demandRoom(bytes);
  const key = await deviceKey(owner);
  const proof = await sign(owner, ["diemcau-lease-1", row.id, owner].join("\n"));
  const lease = await post(`/recordings/${row.id}/leases`, { public_key: key.public_key, proof });
  await beginLog(lease.id, lease.next_number, lease.head_sha256);
  const kept: Kept = {
    id: lease.id,
    account: owner,
    recording_id: row.id,
    package: described,
    speech,
    row,
    expires_at: lease.expires_at,
    ahead: aheadOf(lease),
    bytes,
    have: 0,
    paused: false,
  };
  await keep("packages", kept);
  await load();
  return kept;
}

export const setPaused = (kept: Kept, paused: boolean) => change(kept, { paused });

const aheadOf = (lease: KeptLease) => new Date(lease.server_time).getTime() - Date.now();

/** Room for the database and the cache's own books beside the bytes themselves. */
const MARGIN_BYTES = 5_000_000;

async function demandRoom(bytes: number): Promise<void> {
  // Asked before it is needed: what is not persistent may be cleared when the phone runs short of room.
  await navigator.storage?.persist?.().catch(() => false);
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota === undefined || usage === undefined) return;
  if (quota - usage < bytes + MARGIN_BYTES) throw new NoRoom(bytes, Math.max(0, quota - usage));
}

const cacheName = (lease: string) => `kept-${lease}`;

/** Fetches what is missing, one piece after the other. Throws `NoLink` at a cut; calling it again goes on from there. */
export async function fetchRest(begun: Kept, signal: AbortSignal, onBytes: (have: number) => void): Promise<Kept> {
  let kept = begun;
  const cache = await caches.open(cacheName(kept.id));
  const files = Object.fromEntries(
    filesOf(kept).map(({ path, media_type, bytes }) => [path, { media_type, bytes }] as const),
  );
  const listing = { piece_bytes: kept.package.piece_bytes, files };
  await cache.put(`/kept/${kept.id}/listing`, new Response(JSON.stringify(listing)));
  let have = 0;
  for (const file of filesOf(kept)) {
    for (const piece of piecesOf(file, kept.package.piece_bytes)) {
      if (!(await isThere(cache, kept.id, piece))) {
        const soFar = have;
        const bytes = await fetchPiece(kept.id, piece, signal, (some) => onBytes(soFar + some));
        const headers = { "X-Piece": piece.sha256 };
        await cache.put(pieceAddress(kept.id, piece), new Response(bytes, { headers }));
      }
      have += piece.size;
      onBytes(have);
    }
    kept = await change(kept, { have });
  }
  return kept;
}

interface Piece {
  path: string;
  number: number;
  start: number;
  size: number;
  sha256: string;
}

function piecesOf(file: PieceFile, pieceBytes: number): Piece[] {
  return file.pieces.map((sha256, number) => {
    const start = number * pieceBytes;
    return { path: file.path, number, start, size: Math.min(pieceBytes, file.bytes - start), sha256 };
  });
}

const pieceAddress = (lease: string, { path, number }: Piece) => `/kept/${lease}/${encodeURI(path)}?piece=${number}`;

/** A piece is put away only after its hash was right, and under that hash: one of an older make is not taken for it. */
async function isThere(cache: Cache, lease: string, piece: Piece): Promise<boolean> {
  return (await cache.match(pieceAddress(lease, piece)))?.headers.get("X-Piece") === piece.sha256;
}

/** The server's copy of a piece is not what it said it would be: the recording was made anew meanwhile. */
export class PieceWrong extends Error {}

async function fetchPiece(
  lease: string,
  piece: Piece,
  signal: AbortSignal,
  onBytes: (some: number) => void,
): Promise<ArrayBuffer> {
  const headers = { Range: `bytes=${piece.start}-${piece.start + piece.size - 1}` };
  const url = `${API}/leases/${lease}/media/${encodeURI(piece.path)}`;
  const answer = await fetch(url, { headers, signal }).catch(lost);
  if (answer.status >= 500) throw new NoLink();
  if (!answer.ok) throw new PieceWrong(`The server answered ${answer.status} for ${piece.path}.`);
  const bytes = await read(answer, onBytes).catch(lost);
  if ((await sha256(bytes)) !== piece.sha256) throw new PieceWrong(`${piece.path} is not what was announced.`);
  return bytes;
}

function lost(error: unknown): never {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  throw new NoLink();
}

/** A piece takes a minute on the weakest link, so its own progress shows too. */
async function read(answer: Response, onBytes: (some: number) => void): Promise<ArrayBuffer> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = answer.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    parts.push(next.value);
    size += next.value.length;
    onBytes(size);
  }
  return new Blob(parts).arrayBuffer();
}

// Letting go.

/** Takes a package off this device and gives it back. Without a link the server hears of it when the lease runs out. */
export async function drop(kept: Kept): Promise<void> {
  await caches.delete(cacheName(kept.id));
  await forget("packages", kept.id);
  await load();
  await removeAt(`/leases/${kept.id}`).catch(() => undefined);
}

/** On signing out, and on signing in as somebody else: what others kept here does not stay. */
export async function dropAllBut(owner: string | null): Promise<void> {
  const all = await readAll<Kept>("packages").catch(() => []);
  await Promise.all(all.filter((kept) => kept.account !== owner).map(drop));
}

/** How long before its end a lease is renewed by itself. */
const RENEW_MS = 7 * 24 * 3_600_000;

/** Asks the server how every lease stands: what was withdrawn is emptied, what runs out soon is renewed. */
export async function contact(): Promise<void> {
  await load();
  for (const kept of packages.get()) {
    const lease = await get(`/leases/${kept.id}`).catch((error: unknown) => {
      if (error instanceof NoLink) return null;
      throw error;
    });
    if (!lease) return;
    const endsSoon = new Date(lease.expires_at).getTime() - Date.now() < RENEW_MS;
    if (!lease.live) await drop(kept);
    else {
      const { expires_at } = endsSoon ? await post(`/leases/${kept.id}/renew`) : lease;
      await change(kept, { expires_at, ahead: aheadOf(lease) });
    }
  }
}

// Watching.

const addressOf = (kept: Kept, path: string) => `/kept/${kept.id}/${encodeURI(path)}`;

/** The same viewing with its speech and pages from this device, so that they cost nothing again. */
export function playedFrom<V extends Viewing>(kept: Kept, viewing: V): V {
  return { ...viewing, speech: speechOf(kept), slides: slidesOf(kept) };
}

/** What a player needs to go on from `position` without a link. */
export function viewingOf(
  kept: Kept,
  from: Pick<Viewing, "resume_at_seconds" | "covered" | "waiting">,
  note: string,
): Watched {
  const { package: pack } = kept;
  const journal = new Journal(kept.id, note, kept.ahead);
  return {
    ...from,
    id: kept.id,
    log: { path: logPath(kept.id), write: (beat) => journal.write(beat) },
    recording_id: kept.recording_id,
    title: pack.title,
    duration_seconds: pack.duration_seconds,
    beat_seconds: pack.beat_seconds,
    max_rate: pack.max_rate,
    coverage_required: pack.coverage_required,
    // No question comes without a link; those about this stretch come once its log was delivered.
    prompts: true,
    hidden_counts: true,
    speech: speechOf(kept),
    video: null,
    download: null,
    moving: [],
    slides: slidesOf(kept),
    agenda: pack.agenda,
  };
}

function speechOf(kept: Kept): Viewing["speech"] {
  const { path, media_type, bytes, bit_rate } = kept.speech;
  return [{ url: addressOf(kept, path), media_type, bytes, bit_rate }];
}

function slidesOf(kept: Kept): Viewing["slides"] {
  return kept.package.slides.map(({ path, ...slide }) => ({
    ...slide,
    url: addressOf(kept, path),
    thumb_url: addressOf(kept, path),
  }));
}

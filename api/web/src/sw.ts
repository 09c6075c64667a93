/// <reference lib="webworker" />
/**
 * Keeps the shell of the application on the device, so that it opens without a link: the page, its styles, its code
 * and the drawings. Answers of the server are never kept here: who may see what is the server's to say each time.
 *
 * It also plays what a person chose to keep on this device. The page fetches a package in pieces, checks each against
 * its hash and puts it into a cache of the package's own (`kept/packages.ts`); below /kept/ those pieces are answered
 * as the files that they make up, in ranges where a player asks for some.
 */

import { type Asked, readRange, sharesOf } from "./kept/ranges";

declare const self: ServiceWorkerGlobalScope;

/** Filled in by the build: the version of the shell, and the files it consists of. */
declare const __SHELL_VERSION__: string;
declare const __SHELL_FILES__: string[];

const SHELL = `shell-${__SHELL_VERSION__}`;

/** A file of a package: the lease, and the path below it. */
const KEPT = /^\/kept\/([0-9a-f-]{36})\/(.+)$/;

/** What the page writes beside the pieces once a package is begun. */
interface Listing {
  piece_bytes: number;
  files: Record<string, { media_type: string; bytes: number }>;
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      .then((cache) => cache.addAll(__SHELL_FILES__))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOldShells().then(() => self.clients.claim()));
});

/** The shell before this one stays as well: a page opened under it may still ask for its pieces. */
async function forgetOldShells(): Promise<void> {
  const shells = (await caches.keys()).filter((name) => name.startsWith("shell-") && name !== SHELL);
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (isServers(url.pathname)) return;
  const kept = KEPT.exec(url.pathname);
  if (kept?.[1] && kept[2]) {
    event.respondWith(fromKept(event.request, kept[1], kept[2]));
    return;
  }
  event.respondWith(event.request.mode === "navigate" ? openPage(event.request) : fromShell(event.request));
});

/** Paths that the server alone answers. */
function isServers(path: string): boolean {
  return /^\/(api|healthz|readyz|metrics|docs|openapi\.json)(\/|$)/.test(path);
}

/** The newest page when there is a link, the kept one when there is none or it takes longer than a person waits. */
async function openPage(request: Request): Promise<Response> {
  const kept = await (await caches.open(SHELL)).match("/index.html");
  if (!kept) return fetch(request);
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(kept), 3000));
  return Promise.race([fetch(request).then((answer) => (answer.ok ? answer : kept)), late]).catch(() => kept);
}

/** Files carry the hash of their content in their name, so a kept one is never stale; the older shell is asked last. */
async function fromShell(request: Request): Promise<Response> {
  const current = await caches.open(SHELL);
  return (await current.match(request)) ?? (await caches.match(request)) ?? fetch(request);
}

/** A file of a package from its pieces, in the range that was asked for. */
async function fromKept(request: Request, lease: string, path: string): Promise<Response> {
  const name = `kept-${lease}`;
  // Opening a cache that is not there would make an empty one.
  const cache = (await caches.has(name)) ? await caches.open(name) : null;
  const listing = (await (await cache?.match(`/kept/${lease}/listing`))?.json()) as Listing | undefined;
  const file = listing?.files[decodeURI(path)];
  if (!cache || !listing || !file) return new Response(null, { status: 404 });
  const asked = readRange(request.headers.get("Range"), file.bytes);
  if (asked.kind === "none") {
    return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${file.bytes}` } });
  }
  const [start, end] = asked.kind === "part" ? [asked.start, asked.end] : [0, file.bytes - 1];
  const read = async (piece: number) => {
    const kept = await cache.match(`/kept/${lease}/${path}?piece=${piece}`);
    if (!kept) throw new Error(`Piece ${piece} of ${path} is gone.`);
    return new Uint8Array(await kept.arrayBuffer());
  };
  return new Response(joined(start, end, listing.piece_bytes, read), headOf(asked, file));
}

function headOf(asked: Asked, { media_type, bytes }: { media_type: string; bytes: number }): ResponseInit {
  const headers = { "Content-Type": media_type, "Accept-Ranges": "bytes", "Cache-Control": "no-store" };
  if (asked.kind !== "part") return { status: 200, headers: { ...headers, "Content-Length": String(bytes) } };
  const { start, end } = asked;
  return {
    status: 206,
    headers: {
      ...headers,
      "Content-Length": String(end - start + 1),
      "Content-Range": `bytes ${start}-${end}/${bytes}`,
    },
  };
}

/** The bytes as they are wanted: a player that asks for all of three hours and then jumps has read little of it. */
function joined(
  start: number,
  end: number,
  pieceBytes: number,
  read: (piece: number) => Promise<Uint8Array>,
): ReadableStream<Uint8Array> {
  const shares = sharesOf(start, end, pieceBytes)[Symbol.iterator]();
  return new ReadableStream({
    async pull(controller) {
      const { value: share } = shares.next();
      if (!share) return controller.close();
      controller.enqueue((await read(share.piece)).subarray(share.from, share.to));
    },
  });
}

/// <reference lib="webworker" />
/**
 * Keeps the shell of the application on the device, so that it opens without a link: the page, its styles, its code
 * and the drawings. Answers of the server are never kept here: who may see what is the server's to say each time.
 */

export type {};

declare const self: ServiceWorkerGlobalScope;

/** Filled in by the build: the version of the shell, and the files it consists of. */
declare const __SHELL_VERSION__: string;
declare const __SHELL_FILES__: string[];

const SHELL = `shell-${__SHELL_VERSION__}`;

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

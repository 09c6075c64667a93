/** A small router: the address decides the page, links change the address without loading the document again. */

import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { makeStore, useStore } from "./store";

const here = makeStore(readAddress());

function readAddress(): { path: string; query: URLSearchParams } {
  return typeof location === "undefined"
    ? { path: "/", query: new URLSearchParams() }
    : { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const useAddress = () => useStore(here);
export const currentPath = () => here.get().path;

let mayLeave = () => true;

/** Has every way out of the page ask first, until the call that is given back. */
export function askBeforeLeaving(ask: () => boolean): () => void {
  mayLeave = ask;
  return () => {
    mayLeave = () => true;
  };
}

export function go(to: string, replace = false): void {
  if (!mayLeave()) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  arrive();
  if (!to.includes("#")) scrollTo(0, 0);
}

function arrive(): void {
  here.set(readAddress());
}

/** The browser's own back and forward. It has changed the address already: whoever stays gets theirs back. */
function onHistory(): void {
  const { path, query } = here.get();
  if (mayLeave()) arrive();
  else history.pushState(null, "", withQuery(path, query));
}

/** Changes one part of the query and keeps the page, the rest of the query and the place on it. */
export function setQuery(name: string, value: string | null): void {
  const query = new URLSearchParams(location.search);
  if (value) query.set(name, value);
  else query.delete(name);
  history.pushState(null, "", withQuery(location.pathname, query));
  arrive();
}

function withQuery(path: string, query: URLSearchParams): string {
  const asked = query.toString();
  return asked ? `${path}?${asked}` : path;
}

/** "/hoi-nghi/:id" against "/hoi-nghi/7" gives {id: "7"}; null when it does not fit. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/\/+$/, "").split("/");
  if (wanted.length !== given.length) return null;
  const found: Record<string, string> = {};
  for (const [i, piece] of wanted.entries()) {
    const actual = given[i] ?? "";
    if (piece.startsWith(":")) found[piece.slice(1)] = decodeURIComponent(actual);
    else if (piece !== actual) return null;
  }
  return found;
}

/** Lets ordinary clicks on our own links stay in the page; anything with a modifier or a target is the browser's. */
export function useLinks(): void {
  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      const link = (event.target as Element | null)?.closest?.("a");
      if (!link || event.defaultPrevented || event.button !== 0 || hasModifier(event)) return;
      const url = new URL(link.href, location.href);
      const ours = url.origin === location.origin && !url.pathname.startsWith("/api/");
      if (!ours || link.target || link.hasAttribute("download") || link.getAttribute("href")?.startsWith("#")) return;
      event.preventDefault();
      go(url.pathname + url.search + url.hash);
    };
    document.addEventListener("click", onClick);
    addEventListener("popstate", onHistory);
    return () => {
      document.removeEventListener("click", onClick);
      removeEventListener("popstate", onHistory);
    };
  }, []);
}

const hasModifier = (event: MouseEvent) => event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;

/** A link to a page of ours; the one being read says so to screen readers. */
export function NavLink({ to, exact, children }: { to: string; exact?: boolean; children: ComponentChildren }) {
  const { path } = useAddress();
  const current = exact ? path === to : path === to || path.startsWith(`${to}/`);
  return (
    <a href={to} aria-current={current ? "page" : undefined}>
      {children}
    </a>
  );
}

/** The one outbox of this page, delivered whenever there is reason to hope: a new entry, a link, a return to the page. */

import { postKept } from "./api/client";
import { account } from "./login";
import { makeOutbox } from "./outbox";

type Listener = (answer: unknown) => void;
const listeners = new Map<string, Listener>();

export const outbox = makeOutbox({
  send: (path, body) => postKept(path, body),
  account,
  onAnswer: (path, answer) => listeners.get(path)?.(answer),
});

/** Hear the server's answers to entries of one path, as long as the returned function is not called. */
export function listen(path: string, listener: Listener): () => void {
  listeners.set(path, listener);
  return () => listeners.delete(path);
}

export function startDelivering(): void {
  void outbox.load().then(() => outbox.deliver());
  addEventListener("online", () => void outbox.deliver());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void outbox.load().then(() => outbox.deliver());
  });
}

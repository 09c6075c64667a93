/** The one outbox of this page, delivered whenever there is reason to hope: a new entry, a link, a return to the page. */

import { logSurprise, postKept } from "./api/client";
import { recall } from "./device";
import { account } from "./login";
import { isWatching, makeOutbox } from "./outbox";

const counts = () => import("./counts/door");

type Listener = (answer: unknown) => void;
const listeners = new Map<string, Listener>();

export const outbox = makeOutbox({
  send: (path, body, kind) => (kind === "photo" ? counts().then((m) => m.send(path, body)) : postKept(path, body)),
  prepare: async (entry) => (isWatching(entry) ? entry.body : (await counts()).stamped(entry)),
  account,
  seal: (...piece) => import("./kept/door").then((m) => m.seal(...piece)),
  onAnswer: (path, answer) => listeners.get(path)?.(answer),
});

/** Hear the server's answers to entries of one path, as long as the returned function is not called. */
export function listen(path: string, listener: Listener): () => void {
  listeners.set(path, listener);
  return () => listeners.delete(path);
}

/** What is kept on this device needs a look whenever there may be a link; who keeps nothing never loads the code for it. */
export function lookAfterKept(): void {
  if (account() && recall("kept")) void import("./kept/door").then((m) => m.lookAfter()).catch(logSurprise);
}

export function startDelivering(): void {
  void outbox.load().then(() => outbox.deliver());
  lookAfterKept();
  addEventListener("online", () => {
    void outbox.deliver();
    lookAfterKept();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void outbox.load().then(() => outbox.deliver());
  });
}

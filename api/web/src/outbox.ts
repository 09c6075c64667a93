/**
 * What this device still has to tell the server: headcounts, their pictures, check-ins and beats, kept until it has them.
 *
 * Entries belong to an account and are sent in the order they were made, each lane by itself, so that a long viewing or
 * a picture never holds up a headcount. The server takes an entry once however often it comes (client_key, or viewing
 * and seq), so sending again after a lost answer is always right. A refusal, or a question that the server has, is kept
 * with its sentence until a person has seen it; what comes behind goes on.
 *
 * Here entries are kept; `delivery` brings them to the server, in code that is fetched when there is something to bring.
 */

import type { Delivery } from "./delivery";
import { makeKey } from "./device";
import { forget, keep, readAll } from "./kept/database";
import type { Signable } from "./kept/seal";
import { makeStore, type Store } from "./store";

/** A "log" entry is a beat that was watched without a link: it is signed with its neighbours as it is sent. */
export type EntryKind = "headcount" | "photo" | "check-in" | "answer" | "check" | "trouble" | "beat" | "log";

export interface Entry {
  id: string;
  account: string;
  kind: EntryKind;
  path: string;
  body: unknown;
  /** What the person did, in words, for the list of what waits. */
  note: string;
  made_at: string;
  /** Place in the queue; grows by one. */
  order: number;
  /** Why the server will not have it; null while it waits. */
  refusal: string | null;
  /** Which refusal it is, and what it is about; "headcount-doubtful" is a question to be answered. */
  code?: string;
  facts?: Record<string, unknown>;
}

export interface OutboxParts {
  send: (path: string, body: unknown, kind: EntryKind) => Promise<unknown>;
  /** Settles, before a first delivery, what every later one must say as well; gives the body as it goes. */
  prepare?: (entry: Entry) => Promise<unknown>;
  account: () => string | null;
  /** Signs log entries of one path into the body that the server takes. */
  seal?: (account: string, path: string, bodies: Signable[]) => Promise<unknown>;
  /** Told about each answer, so that an open player can show what the server now counts. */
  onAnswer?: (path: string, answer: unknown) => void;
  /** Waits before the next try in milliseconds; replaced in tests. */
  waits?: number[];
}

export interface Outbox {
  /** This account's entries, oldest first. */
  entries: Store<Entry[]>;
  /** False after a try that found no link; true after one that did. */
  linked: Store<boolean>;
  load(): Promise<void>;
  add(kind: EntryKind, path: string, body: unknown, note: string): Promise<Entry>;
  deliver(): Promise<void>;
  dismiss(id: string): Promise<void>;
  /** Lets a refused entry wait again in its place, with another body and perhaps other words for it. */
  revise(id: string, body: unknown, note?: string): Promise<void>;
}

export const isWatching = (entry: Entry) => entry.kind === "beat" || entry.kind === "log";

/** What the delivery may do with what is kept. */
export interface Kept extends OutboxParts {
  linked: Store<boolean>;
  /** This account's entries, oldest first. */
  mine(): Entry[];
  change(entry: Entry, next: Partial<Entry>): Promise<Entry>;
  remove(gone: Entry[]): Promise<void>;
}

export function makeOutbox(parts: OutboxParts): Outbox {
  const { account } = parts;
  /** Every account's entries; the database on the device is its mirror. */
  let all: Entry[] = [];
  let delivery: Promise<Delivery> | null = null;
  const entries = makeStore<Entry[]>([]);
  const linked = makeStore(true);

  const mine = () => all.filter((entry) => entry.account === account()).sort((a, b) => a.order - b.order);
  const show = () => entries.set(mine());

  async function load(): Promise<void> {
    const kept = await readAll<Entry>("outbox").catch(() => []);
    const known = new Set(all.map((entry) => entry.id));
    all = [...all, ...kept.filter((entry) => !known.has(entry.id))];
    show();
  }

  async function add(kind: EntryKind, path: string, body: unknown, note: string): Promise<Entry> {
    const owner = account();
    if (!owner) throw new Error("Nobody is signed in, so nobody could have made this entry.");
    const order = all.reduce((highest, entry) => Math.max(highest, entry.order), 0) + 1;
    const made_at = new Date().toISOString();
    const entry: Entry = { id: makeKey(), account: owner, kind, path, body, note, made_at, order, refusal: null };
    all = [...all, entry];
    // A player draws what it has just noted at once. A person is told that something waits once it is kept, since who
    // reads that may close the page.
    if (isWatching(entry)) show();
    // A browser that refuses storage still sends from memory; only a reload would lose the entry.
    await keep("outbox", entry).catch(() => undefined);
    show();
    return entry;
  }

  async function remove(gone: Entry[]): Promise<void> {
    const ids = new Set(gone.map((entry) => entry.id));
    all = all.filter((entry) => !ids.has(entry.id));
    show();
    await Promise.all(gone.map((entry) => forget("outbox", entry.id).catch(() => undefined)));
  }

  async function change(entry: Entry, next: Partial<Entry>): Promise<Entry> {
    const changed = { ...entry, ...next };
    all = all.map((other) => (other.id === entry.id ? changed : other));
    show();
    await keep("outbox", changed).catch(() => undefined);
    return changed;
  }

  async function deliver(): Promise<void> {
    // Who keeps nothing never loads the code for it.
    if (mine().length === 0) return linked.set(true);
    delivery ??= import("./delivery").then((m) => m.makeDelivery({ ...parts, linked, mine, change, remove }));
    try {
      await (await delivery).deliver();
    } catch {
      // Its code did not come: there is no link, and the next reason to hope tries again.
      delivery = null;
      linked.set(false);
    }
  }

  async function dismiss(id: string): Promise<void> {
    await remove(all.filter((entry) => entry.id === id));
  }

  async function revise(id: string, body: unknown, note?: string): Promise<void> {
    const entry = all.find((one) => one.id === id);
    if (entry) {
      const answered = { refusal: null, code: undefined, facts: undefined };
      await change(entry, { ...answered, body, note: note ?? entry.note });
    }
    await deliver();
  }

  return { entries, linked, load, add, deliver, dismiss, revise };
}

/**
 * What this device still has to tell the server: headcounts, check-ins and beats, kept until the server has them.
 *
 * Entries belong to an account and are sent in the order they were made, each lane by itself, so that a long viewing
 * never holds up a headcount. The server takes an entry once however often it comes (client_key, or viewing and seq),
 * so sending again after a lost answer is always right. A refusal is kept with its sentence until a person has seen it.
 */

import { NoLink, Problem } from "./api/client";
import { makeKey } from "./device";
import { forget, keep, readAll } from "./kept/database";
import type { LogBody } from "./kept/seal";
import { makeStore, type Store } from "./store";

/** A "log" entry is a beat that was watched without a link: it is signed with its neighbours as it is sent. */
export type EntryKind = "headcount" | "check-in" | "beat" | "log";

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
}

export interface OutboxParts {
  send: (path: string, body: unknown) => Promise<unknown>;
  account: () => string | null;
  /** Signs log entries of one path into the body that the server takes. */
  seal?: (account: string, path: string, bodies: LogBody[]) => Promise<unknown>;
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
}

/** One request carries at most this many beats: an hour of watching goes in a few requests, each still small. */
const BEATS_A_REQUEST = 40;
const WAITS = [2_000, 5_000, 15_000, 30_000, 60_000];

export const isWatching = (entry: Entry) => entry.kind === "beat" || entry.kind === "log";
const laneOf = (entry: Entry) => (isWatching(entry) ? "watching" : "counting");

export function makeOutbox({ send, account, seal, onAnswer, waits = WAITS }: OutboxParts): Outbox {
  /** Every account's entries; the database on the device is its mirror. */
  let all: Entry[] = [];
  let running: Promise<void> | null = null;
  let again = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
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
    show();
    // A browser that refuses storage still sends from memory; only a reload would lose the entry.
    await keep("outbox", entry).catch(() => undefined);
    return entry;
  }

  async function remove(gone: Entry[]): Promise<void> {
    const ids = new Set(gone.map((entry) => entry.id));
    all = all.filter((entry) => !ids.has(entry.id));
    show();
    await Promise.all(gone.map((entry) => forget("outbox", entry.id).catch(() => undefined)));
  }

  async function refuse(entry: Entry, refusal: string): Promise<void> {
    const refused = { ...entry, refusal };
    all = all.map((other) => (other.id === entry.id ? refused : other));
    show();
    await keep("outbox", refused).catch(() => undefined);
  }

  const bodyOf = (first: Entry, bodies: unknown[]) =>
    first.kind === "beat"
      ? { beats: bodies }
      : first.kind === "log"
        ? seal?.(first.account, first.path, bodies as LogBody[])
        : first.body;

  /** The oldest waiting entry of a lane, with the beats of the same viewing right behind it. */
  function nextOf(lane: string, most: number): Entry[] {
    const waiting = mine().filter((entry) => laneOf(entry) === lane && entry.refusal === null);
    const [first] = waiting;
    if (!first || !isWatching(first)) return first ? [first] : [];
    const end = waiting.findIndex((entry) => entry.path !== first.path);
    return waiting.slice(0, Math.min(end < 0 ? waiting.length : end, most));
  }

  /** Sends a lane until it is empty. Throws when trying later is the only thing left to do. */
  async function drain(lane: string): Promise<void> {
    let most = BEATS_A_REQUEST;
    for (let batch = nextOf(lane, most); batch[0]; batch = nextOf(lane, most)) {
      const [first] = batch;
      try {
        const answer = await send(
          first.path,
          await bodyOf(
            first,
            batch.map(({ body }) => body),
          ),
        );
        await remove(batch);
        onAnswer?.(first.path, answer);
        most = BEATS_A_REQUEST;
      } catch (error) {
        if (!isFinal(error)) throw error;
        // One bad beat refuses the whole request: go on one by one, so that only the bad one stays behind.
        if (first.kind === "beat" && batch.length > 1) most = 1;
        // A log that is broken stays broken: what comes behind hangs on what was refused.
        else
          for (const entry of nextOf(lane, first.kind === "log" ? all.length : 1)) await refuse(entry, error.message);
      }
    }
  }

  async function deliverOnce(): Promise<void> {
    clearTimeout(timer);
    const outcomes = await Promise.allSettled(["counting", "watching"].map(drain));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    linked.set(!(failed && failed.reason instanceof NoLink));
    if (!failed) {
      failures = 0;
      return;
    }
    // A sign-in that has ended needs a person, not another try.
    if (failed.reason instanceof Problem && failed.reason.status === 401) return;
    timer = setTimeout(() => void deliver(), waits[Math.min(failures++, waits.length - 1)]);
  }

  /** Two calls never overlap; a call during a delivery makes it look once more at the end. */
  function deliver(): Promise<void> {
    if (running) {
      again = true;
      return running;
    }
    running = deliverOnce().finally(() => {
      running = null;
      if (!again) return;
      again = false;
      void deliver();
    });
    return running;
  }

  async function dismiss(id: string): Promise<void> {
    await remove(all.filter((entry) => entry.id === id));
  }

  return { entries, linked, load, add, deliver, dismiss };
}

/** Whether the server has looked at it and said no: the same entry will be refused again tomorrow. */
function isFinal(error: unknown): error is Problem {
  return error instanceof Problem && error.status < 500 && ![401, 408, 425, 429].includes(error.status);
}

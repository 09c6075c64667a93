/** Brings what the outbox keeps to the server: each lane in its order, again and again until the server has it. */

import { NoLink, Problem } from "./api/client";
import type { Signable } from "./kept/seal";
import { type Entry, isWatching, type Kept } from "./outbox";

export interface Delivery {
  /** Two calls never overlap; a call during a delivery makes it look once more at the end. */
  deliver(): Promise<void>;
}

/** One request carries at most this many beats: an hour of watching goes in a few requests, each still small. */
const BEATS_A_REQUEST = 40;
const WAITS = [2_000, 5_000, 15_000, 30_000, 60_000];

const laneOf = (entry: Entry) => (isWatching(entry) ? "watching" : entry.kind === "photo" ? "photos" : "counting");

export function makeDelivery(kept: Kept): Delivery {
  const { send, prepare, seal, onAnswer, waits = WAITS, linked, mine, change, remove } = kept;
  let running: Promise<void> | null = null;
  let picturesGo = false;
  let again = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const refuse = (entry: Entry, { message, code, facts }: Problem) => change(entry, { refusal: message, code, facts });

  async function prepared(entry: Entry): Promise<Entry> {
    const body = prepare ? await prepare(entry) : entry.body;
    return body === entry.body ? entry : change(entry, { body });
  }

  const bodyOf = (first: Entry, bodies: unknown[]) =>
    first.kind === "beat"
      ? { beats: bodies }
      : first.kind === "log"
        ? seal?.(first.account, first.path, bodies as Signable[])
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
      const first = await prepared(batch[0]);
      try {
        const answer = await send(
          first.path,
          await bodyOf(
            first,
            batch.map(({ body }) => body),
          ),
          first.kind,
        );
        await remove(batch);
        onAnswer?.(first.path, answer);
        most = BEATS_A_REQUEST;
      } catch (error) {
        if (!isFinal(error)) throw error;
        // One bad beat refuses the whole request: go on one by one, so that only the bad one stays behind.
        if (first.kind === "beat" && batch.length > 1) most = 1;
        // A log that is broken stays broken: what comes behind hangs on what was refused.
        else for (const entry of nextOf(lane, first.kind === "log" ? Infinity : 1)) await refuse(entry, error);
      }
    }
  }

  async function deliverOnce(): Promise<void> {
    clearTimeout(timer);
    const outcomes = await Promise.allSettled(["counting", "watching"].map(drain));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) return tryLater(failed.reason);
    linked.set(true);
    failures = 0;
    // A picture takes minutes on a weak link: numbers that are entered meanwhile pass it.
    if (picturesGo) return;
    picturesGo = true;
    void drain("photos")
      .catch(tryLater)
      .finally(() => {
        picturesGo = false;
      });
  }

  function tryLater(reason: unknown): void {
    linked.set(!(reason instanceof NoLink));
    // A sign-in that has ended needs a person, not another try.
    if (reason instanceof Problem && reason.status === 401) return;
    clearTimeout(timer);
    timer = setTimeout(() => void deliver(), waits[Math.min(failures++, waits.length - 1)]);
  }

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

  return { deliver };
}

/** Whether the server has looked at it and said no: the same entry will be refused again tomorrow. */
function isFinal(error: unknown): error is Problem {
  return error instanceof Problem && error.status < 500 && ![401, 408, 425, 429].includes(error.status);
}

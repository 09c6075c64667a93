/**
 * The log of what is watched without a link: one entry a beat, each naming the hash of the one before, kept in the
 * outbox until the server has it (`seal.ts` signs it then). The server reads an entry as `archive/offline.py` says.
 */

import type { Beat } from "../api/types";
import { makeKey } from "../device";
import { last } from "../last";
import { outbox } from "../waiting";
import { keep, readOne } from "./database";
import { sha256 } from "./keys";
import type { LogBody, Signable } from "./seal";

/** Where a lease's log stands: the next entry's number, and the hash of the one before it. */
interface Head {
  /** The lease. */
  id: string;
  number: number;
  head: string;
  /** The second of the recording at which the newest entry ends. */
  at: number | null;
}

export const logPath = (lease: string) => `/leases/${lease}/log`;

/** Remembers where the server says that a lease's log goes on, unless this device knows better. */
export async function beginLog(lease: string, number: number, head: string): Promise<void> {
  if (!(await readOne<Head>("logs", lease))) await keep("logs", { id: lease, number, head, at: null } as Head);
}

/** Where watching without a link stopped last, in seconds of the recording; null where there was none. */
export const stoppedAt = async (lease: string) => (await readOne<Head>("logs", lease))?.at ?? null;

export class Journal {
  private readonly run = makeKey();
  private readonly began: number;
  /** Entries join one by one: each needs the hash of the one before. */
  private turn: Promise<unknown> = Promise.resolve();

  /** `ahead`: by how many milliseconds the server's clock is ahead of this device's. */
  constructor(
    private readonly lease: string,
    private readonly note: string,
    ahead: number,
  ) {
    this.began = Math.max(0, Math.round(Date.now() + ahead));
  }

  write(beat: Beat): Promise<unknown> {
    const written = this.turn.then(() => alone(this.lease, () => this.join(beat)));
    this.turn = written.catch(() => undefined);
    return written;
  }

  private async join(beat: Beat): Promise<void> {
    const { seq: _, ...told } = beat;
    const { text, next } = await link(this.lease, logPath(this.lease), (place) => ({
      lease: this.lease,
      ...place,
      run: this.run,
      began: this.began,
      ...told,
    }));
    const at = last(beat.played)?.[1] ?? next.at;
    await outbox.add("log", logPath(this.lease), { text, beat } satisfies LogBody, this.note);
    const after: Head = { ...next, at };
    await keep("logs", after);
  }
}

interface Place {
  number: number;
  previous: string;
}

/** The text of the next entry of a log, and where the log stands after it. */
async function link(log: string, path: string, make: (place: Place) => object) {
  const head = await headOf(log, path);
  const text = JSON.stringify(make({ number: head.number, previous: head.head }));
  const next: Head = { id: log, number: head.number + 1, head: await sha256(text), at: head.at };
  return { text, next };
}

/** Adds one entry of any kind to a log: it waits in the outbox until the server has it. */
export function append(log: string, path: string, note: string, make: (place: Place) => object): Promise<void> {
  return alone(log, async () => {
    const { text, next } = await link(log, path, make);
    await outbox.add("log", path, { text } satisfies Signable, note);
    await keep("logs", next);
  });
}

/** The end of the chain. A page that was killed between the two writes above has left an entry that is further on. */
async function headOf(lease: string, path: string): Promise<Head> {
  const head = await readOne<Head>("logs", lease);
  if (!head) throw new Error("The log was never begun.");
  const newest = last(outbox.entries.get().filter((entry) => entry.path === path));
  if (!newest) return head;
  const { text } = newest.body as Signable;
  const { number } = JSON.parse(text) as { number: number };
  return number < head.number ? head : { ...head, number: number + 1, head: await sha256(text) };
}

/** Two tabs must not write the same number. Browsers without locks have one tab on a phone anyway. */
function alone<T>(lease: string, work: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return work();
  return navigator.locks.request(`log-${lease}`, work) as Promise<T>;
}

/** Signs entries of a log piece by piece, as they are sent. Loaded only when there are any. */

import type { Beat } from "../api/types";
import { sha256, sign } from "./keys";

/** What an entry of a log is in the outbox: its text as it will be signed. */
export interface Signable {
  text: string;
}

/** An entry about watching has the beat in it, too, for the page to draw. */
export interface LogBody extends Signable {
  beat: Beat;
}

/** What is sent for some entries of one log: their texts, and the signature over the hash of each. */
export async function seal(account: string, path: string, bodies: readonly Signable[]): Promise<unknown> {
  const entries = bodies.map(({ text }) => text);
  const hashes = await Promise.all(entries.map((text) => sha256(text)));
  const log = path.split("/")[2] ?? "";
  return { entries, signature: await sign(account, ["diemcau-log-1", log, ...hashes].join("\n")) };
}

/** Signs entries of a log piece by piece, as they are sent. Loaded only when there are any. */

import type { Beat } from "../api/types";
import { sha256, sign } from "./keys";

/** What an entry is in the outbox: its text as it will be signed, and the beat in it for the page to draw. */
export interface LogBody {
  text: string;
  beat: Beat;
}

/** What is sent for some entries of one lease: their texts, and the signature over the hash of each. */
export async function seal(account: string, path: string, bodies: readonly LogBody[]): Promise<unknown> {
  const entries = bodies.map(({ text }) => text);
  const hashes = await Promise.all(entries.map((text) => sha256(text)));
  const lease = path.split("/")[2] ?? "";
  return { entries, signature: await sign(account, ["diemcau-log-1", lease, ...hashes].join("\n")) };
}

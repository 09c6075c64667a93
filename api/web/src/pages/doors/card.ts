/** A person's own code, which changes by itself on their phone, and what a point's device reads of it. */

import type { MyCard } from "../../api/types";

export interface KeptCard extends MyCard {
  /** By how many milliseconds the server's clock is ahead of this phone's. */
  ahead: number;
}

/** From how old on a scanned code is a picture, or the sign of a wrong clock (`sessions.cards`). */
export const OLD_MS = 120_000;

export async function cardText(card: KeptCard, now: number): Promise<string> {
  const step = Math.floor((now + card.ahead) / 1000 / card.step_seconds);
  const bytes = new TextEncoder();
  const how = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes.encode(card.secret), how, false, ["sign"]);
  const hash = new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes.encode(`mark/${step}`)));
  const mark = Array.from(hash.slice(0, 6), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `diemcau:${card.session_id}.${card.code}.${step}.${mark}`;
}

export interface ReadCard {
  session: string;
  code: string;
  /** When the phone showed it, in milliseconds since 1970 by its own clock. */
  shown: number;
}

/** What a scanned text says; null when it is nobody's own code. */
export function readCard(text: string): ReadCard | null {
  const found = /^diemcau:([0-9a-f-]{36})\.([0-9A-Z]{8})\.(\d{1,12})\.[0-9a-f]{12}$/.exec(text.trim());
  return found ? { session: found[1] ?? "", code: found[2] ?? "", shown: Number(found[3]) * 15_000 } : null;
}

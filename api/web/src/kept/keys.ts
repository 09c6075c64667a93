/**
 * The key of this device for one account. The browser makes it and never lets it out: it signs what is watched
 * without a link, so that the server knows which phone a log comes from.
 */

import { keep, readOne } from "./database";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };

interface DeviceKey {
  /** The account. */
  id: string;
  pair: CryptoKeyPair;
  /** SubjectPublicKeyInfo in base64url. */
  public_key: string;
}

export async function deviceKey(account: string): Promise<DeviceKey> {
  const known = await readOne<DeviceKey>("keys", account);
  if (known) return known;
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  const spki = await crypto.subtle.exportKey("spki", pair.publicKey);
  const made = { id: account, pair, public_key: base64url(new Uint8Array(spki)) };
  await keep("keys", made);
  return made;
}

/** The account's signature over a text, r and s in base64url. */
export async function sign(account: string, text: string): Promise<string> {
  const { pair } = await deviceKey(account);
  const raw = await crypto.subtle.sign(SIGNING, pair.privateKey, new TextEncoder().encode(text));
  return base64url(new Uint8Array(raw));
}

export async function sha256(data: string | ArrayBuffer): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** The last answer to a few questions, kept per account, so that a hall without a link still finds its point and its roster. */

import { account } from "../login";
import { forget, keep, readAll, readOne } from "./database";

interface Seen<T> {
  id: string;
  account: string;
  at: string;
  answer: T;
}

const keyOf = (url: string) => `${account()} ${url}`;

export async function keepSeen<T>(url: string, answer: T): Promise<void> {
  const owner = account();
  if (!owner) return;
  const seen: Seen<T> = { id: keyOf(url), account: owner, at: new Date().toISOString(), answer };
  await keep("seen", seen).catch(() => undefined);
}

export async function recallSeen<T>(url: string): Promise<{ at: string; answer: T } | null> {
  return (await readOne<Seen<T>>("seen", keyOf(url)).catch(() => undefined)) ?? null;
}

/** On signing out: nothing about people stays readable on a shared machine. What waits to be sent stays. */
export async function wipeSeen(): Promise<void> {
  const all = await readAll<Seen<unknown>>("seen").catch(() => []);
  await Promise.all(all.map((seen) => forget("seen", seen.id).catch(() => undefined)));
}

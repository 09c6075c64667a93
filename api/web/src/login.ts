/** Who is signed in on this device. Remembered, so that the shell opens at once and also without a link. */

import { get, post, whenSignedOut } from "./api/client";
import type { Me, Role } from "./api/types";
import { recall, remember } from "./device";
import { makeStore, useStore } from "./store";

export type Desk = Exclude<Role, "security"> | "member";

const me = makeStore<Me | null>(recallMe());
/** The desk the person chose on this device; until they do, the first of theirs. */
const desk = makeStore<Desk | null>(recall("desk") as Desk | null);

function recallMe(): Me | null {
  try {
    return JSON.parse(recall("me") ?? "null") as Me | null;
  } catch {
    return null;
  }
}

export function setMe(next: Me | null): void {
  remember("me", next && JSON.stringify(next));
  me.set(next);
}

export const currentMe = () => me.get();
export const useMe = () => useStore(me);

/** The account that things kept on this device belong to. */
export const account = () => me.get()?.person.id ?? null;

export async function signIn(username: string, password: string): Promise<Me> {
  const signed = await post("/login", { username, password });
  setMe(signed);
  return signed;
}

/** Ends the sign-in here even when the server cannot be told: the person asked to leave this device. */
export async function signOut(): Promise<void> {
  await post("/logout").catch(() => undefined);
  chooseDesk(null);
  setMe(null);
}

/** Asks the server again who this is: roles may have changed since the last visit. */
export async function refreshMe(): Promise<void> {
  if (me.get()) setMe(await get("/me"));
}

whenSignedOut(() => setMe(null));

/** The desks a person may sit at, the most hands-on first; everyone is also a member. */
export function desksOf(someone: Me): Desk[] {
  const roles = new Set(someone.roles.map((held) => held.role));
  const order: Exclude<Desk, "member">[] = ["staff", "technician", "administrator"];
  return [...order.filter((role) => roles.has(role)), "member"];
}

export function useDesk(): Desk {
  const chosen = useStore(desk);
  const someone = useMe();
  const desks = someone ? desksOf(someone) : [];
  return chosen && desks.includes(chosen) ? chosen : (desks[0] ?? "member");
}

export function chooseDesk(next: Desk | null): void {
  remember("desk", next);
  desk.set(next);
}

export const homeOf: Record<Desk, string> = {
  technician: "/ky-thuat",
  member: "/xem-lai",
  staff: "/can-bo",
  administrator: "/quan-tri",
};

/** The units a person serves in a role: where their forms start. */
export function unitsOf(someone: Me | null, ...roles: Role[]) {
  return (someone?.roles ?? []).filter((held) => roles.includes(held.role)).map((held) => held.unit);
}

/**
 * Words in the reader's language. Vietnamese is in the code of the pages that use it: the common words come with the
 * first load, a desk's own group with its pages. English comes as one piece when it is chosen, and is remembered.
 */

import { recall, remember } from "../device";
import { makeStore, useStore } from "../store";
import type { English } from "./en";
import type { Group } from "./group";
import { common } from "./vi/common";

export type Language = "vi" | "en";
type Common = (typeof common)["words"];
/** The words of a group, on top of the common ones. */
export type Words<G = Common> = G extends Group<infer W> ? Common & W : Common;

const chosen = makeStore<{ language: Language; english: English | null }>({ language: "vi", english: null });

export const language = (): Language => chosen.get().language;

function inChosen<W extends object>(group: Group<W>): W {
  return (chosen.get().english?.[group.name] as W | undefined) ?? group.words;
}

/** The common words and those of the groups given, for code that is not a component. */
export function words(): Common;
export function words<A extends object>(a: Group<A>): Common & A;
export function words<A extends object, B extends object>(a: Group<A>, b: Group<B>): Common & A & B;
export function words(...groups: Group<object>[]): object {
  const basis = inChosen(common);
  return groups.length === 0 ? basis : Object.assign({}, basis, ...groups.map(inChosen));
}

/** The same for a component, which is drawn again when the language changes. */
export function useWords(): Common;
export function useWords<A extends object>(a: Group<A>): Common & A;
export function useWords<A extends object, B extends object>(a: Group<A>, b: Group<B>): Common & A & B;
export function useWords(...groups: [] | [Group<object>] | [Group<object>, Group<object>]): object {
  useStore(chosen);
  return words(...(groups as [Group<object>]));
}

export async function choose(next: Language): Promise<void> {
  const english = next === "en" ? (await import("./en")).english : null;
  chosen.set({ language: next, english });
  remember("language", next);
  if (typeof document !== "undefined") document.documentElement.lang = next;
}

/** At start: the remembered language. Where the English words cannot be fetched, Vietnamese stays. */
export async function chooseRemembered(): Promise<void> {
  if (recall("language") === "en") await choose("en").catch(() => undefined);
}

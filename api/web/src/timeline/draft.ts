/** A timeline being corrected: its marks, what a person may do to them, and the way back from everything they did. */

import type { TimelineCue, TimelinePage, TimelineView, WrittenCue } from "../api/types";
import { last } from "../last";

/** From `at` (seconds) on, this page of this deck. The key stays with a mark through all edits. */
export interface Mark {
  key: number;
  at: number;
  deck: string;
  page: number;
  confidence: number;
  byHand: boolean;
}

/** `asFound`: nothing is corrected, and what the machine finds later is shown by itself. */
export interface Draft {
  marks: readonly Mark[];
  asFound: boolean;
}

export type PageRef = Pick<TimelinePage, "deck_id" | "page">;

/** Seconds between two marks at the least, and how far one key press moves a mark. */
export const STEP = 0.1;

let keys = 0;

const marksOf = (cues: readonly TimelineCue[]): Mark[] =>
  cues.map((cue) => ({
    key: ++keys,
    at: cue.at_seconds,
    deck: cue.deck_id,
    page: cue.page,
    confidence: cue.confidence,
    byHand: cue.by_hand,
  }));

/** The timeline as the server has it. */
export const draftOf = (view: TimelineView): Draft => ({ marks: marksOf(view.cues), asFound: !view.correction });

/** What the machine found, in place of all corrections. */
export const foundDraft = (view: TimelineView): Draft => ({ marks: marksOf(view.found), asFound: true });

/** What is sent to be kept: nothing when only the machine's own result is wanted. */
export function written({ marks, asFound }: Draft): WrittenCue[] | null {
  if (asFound) return null;
  return marks.map((mark) => ({ at_seconds: mark.at, deck_id: mark.deck, page: mark.page, by_hand: mark.byHand }));
}

export const same = (a: Draft, b: Draft) => JSON.stringify(written(a)) === JSON.stringify(written(b));

export const isDoubtful = (mark: Mark, below: number) => !mark.byHand && mark.confidence < below;

/** The mark whose page is on the screen at a moment. */
export const markAt = (marks: readonly Mark[], at: number) => last(marks.filter((mark) => mark.at <= at + STEP / 2));

const tidy = (seconds: number) => Math.round(seconds * 1000) / 1000;

/** Where a mark may go: between its neighbours, so that the order of pages never changes by accident. */
function room(marks: readonly Mark[], key: number, length: number): [number, number] {
  const i = marks.findIndex((mark) => mark.key === key);
  const before = marks[i - 1];
  const after = marks[i + 1];
  return [before ? before.at + STEP : 0, after ? after.at - STEP : length];
}

function change(draft: Draft, key: number, next: Partial<Mark>): Draft {
  const marks = draft.marks.map((mark) =>
    mark.key === key ? { ...mark, ...next, byHand: true, confidence: 1 } : mark,
  );
  return { marks, asFound: false };
}

/** Moves a mark towards a moment, as far as its neighbours leave room. */
export function move(draft: Draft, key: number, to: number, length: number): Draft {
  const mark = draft.marks.find((one) => one.key === key);
  if (!mark) return draft;
  const [least, most] = room(draft.marks, key, length);
  const at = tidy(Math.max(least, Math.min(to, most)));
  return least > most || at === mark.at ? draft : change(draft, key, { at });
}

/** One step of a tenth of a second, onto whole tenths. */
export function nudge(draft: Draft, key: number, steps: number, length: number): Draft {
  const mark = draft.marks.find((one) => one.key === key);
  return mark ? move(draft, key, (Math.round(mark.at / STEP) + steps) * STEP, length) : draft;
}

export const turnTo = (draft: Draft, key: number, page: PageRef): Draft =>
  change(draft, key, { deck: page.deck_id, page: page.page });

/** A person has looked at what the machine was unsure of, and it is right. */
export const confirmMark = (draft: Draft, key: number): Draft => change(draft, key, {});

export const drop = (draft: Draft, key: number): Draft => ({
  marks: draft.marks.filter((mark) => mark.key !== key),
  asFound: false,
});

/** Shows a page from a moment on. A mark that stands there already is given the page instead. */
export function add(draft: Draft, page: PageRef, to: number, length: number): { draft: Draft; key: number } {
  const at = tidy(Math.max(0, Math.min(to, length)));
  const there = draft.marks.find((mark) => Math.abs(mark.at - at) < STEP);
  if (there) return { draft: turnTo(draft, there.key, page), key: there.key };
  const made = { key: ++keys, at, deck: page.deck_id, page: page.page, confidence: 1, byHand: true };
  const marks = [...draft.marks, made].sort((a, b) => a.at - b.at);
  return { draft: { marks, asFound: false }, key: made.key };
}

/** The next doubtful mark after a moment; after the last one, the first again. */
export function nextDoubtful(marks: readonly Mark[], after: number, below: number): Mark | undefined {
  const doubtful = marks.filter((mark) => isDoubtful(mark, below));
  return doubtful.find((mark) => mark.at > after + STEP / 2) ?? doubtful[0];
}

/** Every state there was, so that nothing a person does is final. */
export interface History {
  past: readonly Draft[];
  now: Draft;
  future: readonly Draft[];
  /** Steps under one name, such as many presses of one key, are taken back as one. */
  name: string | null;
}

const MOST_STEPS = 500;

export const begin = (now: Draft): History => ({ past: [], now, future: [], name: null });

export function record(history: History, now: Draft, name: string | null = null): History {
  if (now === history.now) return history;
  const goesOn = name !== null && name === history.name;
  const past = goesOn ? history.past : [...history.past, history.now].slice(-MOST_STEPS);
  return { past, now, future: [], name };
}

export function undo(history: History): History {
  const now = last(history.past);
  if (!now) return history;
  return { past: history.past.slice(0, -1), now, future: [history.now, ...history.future], name: null };
}

export function redo(history: History): History {
  const [now, ...future] = history.future;
  return now ? { past: [...history.past, history.now], now, future, name: null } : history;
}

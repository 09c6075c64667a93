import assert from "node:assert/strict";
import { test } from "node:test";
import type { TimelineView } from "../src/api/types";
import {
  add,
  begin,
  confirmMark,
  draftOf,
  drop,
  foundDraft,
  isDoubtful,
  markAt,
  move,
  nextDoubtful,
  nudge,
  record,
  redo,
  same,
  turnTo,
  undo,
  written,
} from "../src/timeline/draft";
import { bounded, formatTenths, nextMoment, pulledTo, ticks } from "../src/timeline/scale";

const LENGTH = 60;
const cue = (at_seconds: number, page: number, confidence = 0.95) => ({
  at_seconds,
  page,
  confidence,
  deck_id: "d",
  by_hand: false,
});
const found = [cue(0, 1), cue(10.04, 2, 0.7), cue(20, 3)];
const view = { cues: found, found, correction: null } as unknown as TimelineView;
const page = (number: number) => ({ deck_id: "d", page: number });
const times = (draft: ReturnType<typeof draftOf>) => draft.marks.map((mark) => mark.at);
const key = (draft: ReturnType<typeof draftOf>, i: number) => draft.marks[i]?.key ?? -1;

test("a mark is moved no further than its neighbours leave room, and then counts as set by hand", () => {
  const draft = draftOf(view);
  assert.deepEqual(times(move(draft, key(draft, 1), 12.3, LENGTH)), [0, 12.3, 20]);
  assert.deepEqual(times(move(draft, key(draft, 1), 99, LENGTH)), [0, 19.9, 20]);
  assert.deepEqual(times(move(draft, key(draft, 1), -5, LENGTH)), [0, 0.1, 20]);
  assert.deepEqual(times(move(draft, key(draft, 2), 99, LENGTH)), [0, 10.04, 60]);
  const moved = move(draft, key(draft, 1), 12, LENGTH);
  assert.ok(moved.marks[1]?.byHand && !moved.marks[0]?.byHand);
  assert.equal(move(draft, key(draft, 2), 20, LENGTH), draft);
});

test("where two marks leave no room between them, the one in the middle stays", () => {
  const tight = { marks: draftOf({ ...view, cues: [cue(1, 1), cue(1.05, 2), cue(1.1, 3)] }).marks, asFound: true };
  assert.equal(move(tight, key(tight, 1), 5, LENGTH), tight);
});

test("a key press moves a mark onto whole tenths of a second", () => {
  const draft = draftOf(view);
  assert.equal(times(nudge(draft, key(draft, 1), 1, LENGTH))[1], 10.1);
  assert.equal(times(nudge(draft, key(draft, 1), -1, LENGTH))[1], 9.9);
  assert.equal(nudge(draft, key(draft, 0), -1, LENGTH), draft);
});

test("a page is added in its place, and one mark never stands on another", () => {
  const { draft, key: made } = add(draftOf(view), page(4), 15.25, LENGTH);
  assert.deepEqual(times(draft), [0, 10.04, 15.25, 20]);
  assert.equal(draft.marks[2]?.key, made);
  const again = add(draft, page(1), 15.3, LENGTH);
  assert.equal(again.key, made);
  assert.equal(again.draft.marks.length, 4);
  assert.equal(again.draft.marks[2]?.page, 1);
});

test("an untouched timeline is written as the machine's own, a touched one whole", () => {
  const draft = draftOf(view);
  assert.equal(written(draft), null);
  assert.deepEqual(written(drop(draft, key(draft, 1))), [
    { at_seconds: 0, deck_id: "d", page: 1, by_hand: false },
    { at_seconds: 20, deck_id: "d", page: 3, by_hand: false },
  ]);
  assert.equal(written(foundDraft(view)), null);
});

test("doubt ends when a person has looked, and the search for it goes round", () => {
  const draft = draftOf({ ...view, cues: [cue(0, 1, 0.5), cue(10, 2), cue(20, 3, 0.6)] });
  assert.equal(nextDoubtful(draft.marks, 0, 0.8)?.at, 20);
  assert.equal(nextDoubtful(draft.marks, 20, 0.8)?.at, 0);
  const checked = confirmMark(confirmMark(draft, key(draft, 0)), key(draft, 2));
  assert.equal(nextDoubtful(checked.marks, 0, 0.8), undefined);
  assert.ok(draft.marks.some((mark) => isDoubtful(mark, 0.8)));
});

test("tells which mark is up at a moment", () => {
  const { marks } = draftOf({ ...view, cues: [cue(5, 1), cue(10, 2)] });
  assert.equal(markAt(marks, 4), undefined);
  assert.equal(markAt(marks, 5)?.page, 1);
  assert.equal(markAt(marks, 9.96)?.page, 2);
});

test("everything is undone and done again, and something new ends what was undone", () => {
  const first = draftOf(view);
  let history = begin(first);
  const second = drop(first, key(first, 1));
  history = record(history, second);
  history = record(history, turnTo(second, key(second, 0), page(5)));
  const third = history.now;
  history = undo(undo(history));
  assert.ok(same(history.now, first));
  assert.equal(undo(history), history);
  history = redo(redo(history));
  assert.equal(history.now, third);
  assert.equal(redo(history), history);
  history = record(undo(history), drop(second, key(second, 1)));
  assert.equal(redo(history), history);
});

test("many presses of one key are one step back", () => {
  const first = draftOf(view);
  const mark = key(first, 1);
  let history = begin(first);
  for (let press = 0; press < 5; press++) history = record(history, nudge(history.now, mark, 1, LENGTH), "nudge");
  assert.equal(times(history.now)[1], 10.5);
  assert.equal(undo(history).now, first);
  // After a step back, the next press begins a new step.
  const again = record(undo(history), nudge(first, mark, -1, LENGTH), "nudge");
  assert.equal(undo(again).now, first);
});

test("a mark is drawn in by the nearest moment within reach, and by none beyond", () => {
  const moments = [3, 3.4, 9];
  assert.equal(pulledTo(3.3, moments, 0.5), 3.4);
  assert.equal(pulledTo(5, moments, 0.5), null);
  assert.equal(nextMoment(3, moments, 1), 3.4);
  assert.equal(nextMoment(3, moments, -1), null);
  assert.equal(nextMoment(9, moments, -1), 3.4);
});

test("three hours fit into the frame, and can be opened up to a tenth of a second", () => {
  const hours = 3 * 3600;
  assert.equal(bounded(0.001, hours, 1080), 0.1);
  assert.equal(bounded(1e6, hours, 1080), 100);
  assert.deepEqual(ticks(0, hours, 0.1), [0, 900, 1800, 2700, 3600, 4500, 5400, 6300, 7200, 8100, 9000, 9900, 10800]);
  assert.deepEqual(ticks(61.5, 63.2, 100), [61, 62, 63]);
});

test("times are read to the tenth, the Vietnamese way", () => {
  assert.equal(formatTenths(247.46), "4:07,5");
  assert.equal(formatTenths(59.96), "1:00,0");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { clockSeconds, lookOf, marks, overlap, playedBars, recordingBars, steps } from "../src/pages/staff/reviewLanes";

const viewing = {
  length_seconds: 200,
  played: [
    { start: 0, end: 50, at: 0, to: 50, rate: 1 },
    { start: 60, end: 100, at: 100, to: 160, rate: 1.5 },
  ],
  hidden: [{ start: 10, end: 25, seconds: 9 }],
  muted: [],
  asked: [
    {
      kind: "picture" as const,
      at_seconds: 40,
      asked_after: 55,
      state: "answered" as const,
      answer_seconds: 8,
    },
    { kind: "code" as const, at_seconds: 90, asked_after: null, state: "planned" as const, answer_seconds: null },
  ],
  covered: [[0, 50] as [number, number]],
};

test("bars lie along the clock where things were played, and look by their rate", () => {
  assert.equal(clockSeconds(viewing), 100);
  assert.deepEqual(playedBars(viewing, 100), [
    { look: "natural", left: 0, width: 50 },
    { look: "faster", left: 60, width: 40 },
  ]);
  assert.equal(lookOf(0.75), "slower");
});

test("a viewing of a few seconds is not drawn as if it were hours", () => {
  assert.equal(clockSeconds({ played: [], hidden: [], muted: [], asked: [] }), 60);
});

test("along the recording, what counts and what was merely played are told apart", () => {
  assert.deepEqual(recordingBars(viewing), [
    { look: "played", left: 50, width: 30 },
    { look: "counted", left: 0, width: 25 },
  ]);
  assert.deepEqual(overlap([[0, 10]], [[4, 6]]), [[4, 6]]);
});

test("only questions that were asked have a place on the clock", () => {
  assert.deepEqual(marks(viewing, 100), [{ left: 55, state: "answered" }]);
});

test("what happened is told in its order", () => {
  assert.deepEqual(
    steps(viewing).map((step) => [step.kind, step.after]),
    [
      ["played", 0],
      ["asked", 0],
      ["hidden", 10],
      ["asked", 55],
      ["played", 60],
    ],
  );
});

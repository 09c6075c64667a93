import assert from "node:assert/strict";
import { test } from "node:test";
import type { Span } from "../src/api/types";
import { gaps, noticeable, startingPoint, stripes, total, union } from "../src/player/covered";

test("counts nothing twice, whatever order it came in", () => {
  const spans: Span[] = [
    [500, 600],
    [0, 200],
    [150, 300],
    [0, 200],
  ];
  assert.deepEqual(union(spans), [
    [0, 300],
    [500, 600],
  ]);
  assert.equal(total(spans), 400);
});

test("leaves the spans it was given as they were", () => {
  const spans: Span[] = [
    [0, 10],
    [5, 20],
  ];
  union(spans);
  assert.deepEqual(spans, [
    [0, 10],
    [5, 20],
  ]);
});

test("finds what is missing, up to the end of the recording", () => {
  assert.deepEqual(gaps([], 100), [[0, 100]]);
  assert.deepEqual(gaps([[0, 100]], 100), []);
  assert.deepEqual(
    gaps(
      [
        [10, 20],
        [50, 120],
      ],
      100,
    ),
    [
      [0, 10],
      [20, 50],
    ],
  );
});

test("names no gap that a person could not find", () => {
  assert.deepEqual(
    noticeable([
      [0, 0.05],
      [30, 95],
    ]),
    [[30, 95]],
  );
});

test("goes on where the person stopped, and at what is missing once they were at the end", () => {
  assert.equal(startingPoint(42, [[0, 42]], 100), 42);
  assert.equal(
    startingPoint(
      100,
      [
        [0, 30],
        [60, 100],
      ],
      100,
    ),
    30,
  );
  assert.equal(startingPoint(100, [[0, 100]], 100), 0);
});

test("draws stripes inside the bar, and slivers wide enough to see", () => {
  assert.deepEqual(stripes([[25, 75]], 100), [{ left: 25, width: 50 }]);
  assert.equal(stripes([[10, 10.1]], 3600)[0]?.width, 0.3);
  assert.deepEqual(stripes([[90, 130]], 100), [{ left: 90, width: 10 }]);
  assert.deepEqual(stripes([[0, 10]], 0), []);
});

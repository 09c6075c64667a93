import assert from "node:assert/strict";
import { test } from "node:test";
import { readRange, sharesOf } from "../src/kept/ranges";

const SIZE = 1000;

const CASES: [header: string | null, asked: ReturnType<typeof readRange>][] = [
  [null, { kind: "whole" }],
  ["bytes=0-", { kind: "part", start: 0, end: 999 }],
  ["bytes=0-0", { kind: "part", start: 0, end: 0 }],
  ["bytes=200-299", { kind: "part", start: 200, end: 299 }],
  ["bytes=900-5000", { kind: "part", start: 900, end: 999 }],
  ["bytes=-1", { kind: "part", start: 999, end: 999 }],
  ["bytes=-5000", { kind: "part", start: 0, end: 999 }],
  ["Bytes = 5 - 6", { kind: "part", start: 5, end: 6 }],
  ["bytes=1000-", { kind: "none" }],
  ["bytes=1000-1001", { kind: "none" }],
  ["bytes=-0", { kind: "none" }],
  ["bytes=9-3", { kind: "whole" }],
  ["bytes=-", { kind: "whole" }],
  ["bytes=0-9,20-29", { kind: "whole" }],
  ["pages=1-2", { kind: "whole" }],
  ["bytes=one-two", { kind: "whole" }],
];

for (const [header, asked] of CASES) {
  test(`${header} of ${SIZE} bytes`, () => assert.deepEqual(readRange(header, SIZE), asked));
}

test("an empty file has no byte to give", () => assert.deepEqual(readRange("bytes=0-", 0), { kind: "none" }));

test("every byte of a range is taken once, in order, from the piece that holds it", () => {
  const pieceBytes = 7;
  for (let start = 0; start < 30; start++) {
    for (let end = start; end < 30; end++) {
      const bytes = sharesOf(start, end, pieceBytes).flatMap(({ piece, from, to }) =>
        Array.from({ length: to - from }, (_, n) => piece * pieceBytes + from + n),
      );
      assert.deepEqual(
        bytes,
        Array.from({ length: end - start + 1 }, (_, n) => start + n),
      );
    }
  }
});

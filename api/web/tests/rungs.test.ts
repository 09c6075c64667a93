import assert from "node:assert/strict";
import { test } from "node:test";
import type { Rung } from "../src/api/types";
import { bytesOf, linesOf, offered } from "../src/player/rungs";

const rung = (name: string, codecs: string | null, width: number | null = 640, height: number | null = 360): Rung => ({
  name,
  codecs,
  width,
  height,
  frame_rate: 5,
  bytes: 1,
  bit_rate: 40_000,
});

test("offers only what the browser can decode, and what is from before codecs were kept", () => {
  const rungs = [rung("a360", "av01.0.01M.08,opus"), rung("v360", "avc1.42c01e,mp4a.40.2"), rung("old", null)];
  const asked: string[] = [];
  const withoutAv1 = (type: string) => {
    asked.push(type);
    return !type.includes("av01");
  };
  assert.deepEqual(
    offered(rungs, withoutAv1).map((one) => one.name),
    ["v360", "old"],
  );
  assert.deepEqual(asked, ['video/mp4; codecs="av01.0.01M.08,opus"', 'video/mp4; codecs="avc1.42c01e,mp4a.40.2"']);
});

test("counts lines across the short side, where the size is known", () => {
  assert.equal(linesOf(rung("v480", null, 854, 480)), 480);
  assert.equal(linesOf(rung("v480", null, 480, 854)), 480);
  assert.equal(linesOf(rung("old", null, null, null)), null);
});

test("says what a stretch costs", () => {
  assert.equal(bytesOf(rung("a360", null), 60), 300_000);
});

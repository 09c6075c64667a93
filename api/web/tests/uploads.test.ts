import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import type { UnfinishedUpload } from "../src/api/types";
import { findStarted, isSame } from "../src/uploads/same";
import { Sha256 } from "../src/uploads/sha256";

const expected = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test("hashes files of every length around the block's", () => {
  for (let length = 0; length <= 200; length++) {
    const bytes = randomBytes(length);
    assert.equal(new Sha256().update(bytes).hex(), expected(bytes), `${length} bytes`);
  }
});

test("hashes the same whatever pieces the bytes come in", () => {
  const bytes = randomBytes(100_003);
  for (const piece of [1, 63, 64, 65, 1000, 99_999]) {
    const digest = new Sha256();
    for (let at = 0; at < bytes.length; at += piece) digest.update(bytes.subarray(at, at + piece));
    assert.equal(digest.hex(), expected(bytes), `pieces of ${piece} bytes`);
  }
});

const content = randomBytes(200_000);
const started = (changed: Partial<UnfinishedUpload> = {}): UnfinishedUpload => ({
  id: "1",
  kind: "recording",
  filename: "hội nghị.mp4",
  length: content.length,
  offset: 150_000,
  head_bytes: 65_536,
  head_sha256: expected(content.subarray(0, 65_536)),
  created_at: "2026-11-22T07:05:00Z",
  finished_at: null,
  ...changed,
});

test("knows a file again by its length and beginning, though it has another name now", async () => {
  assert.equal(await isSame(new File([content], "video-1.mp4"), started()), true);
  assert.equal(await isSame(new File([content.subarray(1)], "hội nghị.mp4"), started()), false);
  const other = Buffer.from(content);
  other[60_000] = (other[60_000] ?? 0) ^ 1;
  assert.equal(await isSame(new File([other], "hội nghị.mp4"), started()), false);
});

test("goes by the name where no byte has arrived, in whatever form a Mac gives it", async () => {
  const untouched = started({ offset: 0, head_bytes: 0, head_sha256: expected(new Uint8Array()) });
  assert.equal(await isSame(new File([content], "hội nghị.mp4".normalize("NFD")), untouched), true);
  assert.equal(await isSame(new File([content], "khác.mp4"), untouched), false);
});

test("finds among several the one that a file belongs to, and none that has arrived whole", async () => {
  const file = new File([content], "video.mp4");
  const done = started({ id: "2", finished_at: "2026-11-22T08:00:00Z" });
  assert.equal((await findStarted(file, [started({ id: "3", length: 5 }), done, started()]))?.id, "1");
  assert.equal(await findStarted(file, [done]), null);
});

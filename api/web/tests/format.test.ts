import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as format from "../src/format";
import { choose } from "../src/i18n";

beforeEach(() => choose("vi"));

test("groups thousands with a dot in Vietnamese and a comma in English", async () => {
  assert.equal(format.formatNumber(11873), "11.873");
  assert.equal(format.formatNumber(1930000), "1.930.000");
  assert.equal(format.formatNumber(999), "999");
  await choose("en");
  assert.equal(format.formatNumber(11873), "11,873");
});

test("rounds a rate down, so that nobody reads 100 % while someone is missing", () => {
  assert.equal(format.formatPercent(0.97), "97 %");
  assert.equal(format.formatPercent(0.9744), "97,4 %");
  assert.equal(format.formatPercent(0.99999), "99,9 %");
  assert.equal(format.formatPercent(1), "100 %");
});

test("says sizes in what people buy data by", () => {
  assert.equal(format.formatBytes(12_345_678), "12 MB");
  assert.equal(format.formatBytes(1_250_000), "1,3 MB");
  assert.equal(format.formatBytes(8_000), "8 KB");
  assert.equal(format.formatBytes(2_147_483_648), "2,1 GB");
});

test("shows the hour on the wall in Ha Noi whatever the zone of the moment or of the machine", () => {
  assert.equal(format.formatMoment("2026-11-22T07:05:00Z"), "22/11/2026 14:05");
  assert.equal(format.formatMoment("2026-11-22T20:00:00+00:00"), "23/11/2026 03:00");
  assert.equal(format.formatWeekday("2026-11-22T14:05:00+07:00"), "Chủ nhật, 22/11/2026");
});

test("reads back what it writes", () => {
  assert.equal(format.parseMoment("22/11/2026", "14:05"), "2026-11-22T14:05:00+07:00");
  assert.equal(format.parseMoment("1/3/2021", "8h30"), "2021-03-01T08:30:00+07:00");
  assert.equal(format.parseMoment("1/3/2021", "8"), "2021-03-01T08:00:00+07:00");
  assert.equal(format.parseDay("22/11/2026"), "2026-11-22");
  assert.equal(format.formatDay("2026-11-22"), "22/11/2026");
});

test("takes no day or hour that does not exist", () => {
  for (const day of ["31/02/2026", "29/02/2026", "00/01/2026", "1/13/2026", "22-11-26", "hôm nay", ""]) {
    assert.equal(format.parseDay(day), null, day);
  }
  for (const time of ["24:00", "12:60", "", "ba giờ"]) assert.equal(format.parseMoment("22/11/2026", time), null, time);
});

test("counts minutes from one, as a listener does, and names each once", () => {
  assert.deepEqual(format.formatMinutes([[0, 30]]), ["1"]);
  assert.deepEqual(format.formatMinutes([[2400, 3780]]), ["41-63"]);
  assert.deepEqual(
    format.formatMinutes([
      [0, 61],
      [65, 70],
      [600, 601],
    ]),
    ["1-2", "11"],
  );
});

test("says positions and lengths", () => {
  assert.equal(format.formatPosition(247), "4:07");
  assert.equal(format.formatPosition(3847.9), "1:04:07");
  assert.equal(format.formatDuration(45), "45 giây");
  assert.equal(format.formatDuration(3900), "1 giờ 5 phút");
  assert.equal(format.formatDuration(7200), "2 giờ");
});

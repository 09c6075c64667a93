import assert from "node:assert/strict";
import { test } from "node:test";
import type { Part } from "../src/api/types";
import { fold, matches } from "../src/fold";
import { deviceOf } from "../src/pages/staff/deviceOf";
import { likelyMoment } from "../src/pages/technician/likelyMoment";
import { match } from "../src/router";
import { Pace } from "../src/uploads/pace";

const at = (time: string) => new Date(`2026-11-22T${time}:00+07:00`);

test("guesses which part and moment is being counted", () => {
  const parts = [
    { id: "am", starts_at: "2026-11-22T08:00:00+07:00", ends_at: "2026-11-22T11:00:00+07:00" },
    { id: "pm", starts_at: "2026-11-22T13:30:00+07:00", ends_at: "2026-11-22T16:30:00+07:00" },
  ] as Part[];
  const guess = (time: string) => Object.values(likelyMoment(parts, at(time))).join(" ");
  assert.equal(guess("07:30"), "am start");
  assert.equal(guess("09:30"), "am middle");
  assert.equal(guess("10:50"), "am end");
  assert.equal(guess("13:00"), "pm start");
  assert.equal(guess("17:00"), "pm end");
  assert.deepEqual(likelyMoment([], at("08:00")), { partId: "", moment: "start" });
});

test("finds people typed without accents, composed or decomposed, in any order", () => {
  assert.equal(fold("Đặng  Thị Hoà"), "dang thi hoa");
  assert.equal(fold("Hòa".normalize("NFD")), fold("Hòa".normalize("NFC")));
  assert.ok(matches("Nguyễn Văn Đức", "duc nguyen"));
  assert.ok(matches("Nguyễn Văn Đức", ""));
  assert.ok(!matches("Nguyễn Văn Đức", "duc tran"));
});

test("matches addresses to pages", () => {
  assert.deepEqual(match("/hoi-nghi/:id", "/hoi-nghi/7"), { id: "7" });
  assert.deepEqual(match("/hoi-nghi/:id", "/hoi-nghi/7/"), { id: "7" });
  assert.deepEqual(match("/can-bo/:id/nguoi/:person", "/can-bo/1/nguoi/2"), { id: "1", person: "2" });
  assert.equal(match("/hoi-nghi/:id", "/hoi-nghi"), null);
  assert.equal(match("/hoi-nghi", "/hoi-nghi-khac"), null);
});

test("tells the speed and the time left from the last while only", () => {
  const pace = new Pace();
  assert.equal(pace.secondsLeft(1000), null);
  pace.add(0, 0);
  pace.add(10_000, 1_000);
  assert.equal(pace.speed(), null);
  pace.add(40_000, 4_000);
  assert.equal(pace.speed(), 10_000);
  assert.equal(pace.secondsLeft(140_000), 10);
  pace.restart();
  pace.add(40_000, 600_000);
  pace.add(60_000, 610_000);
  assert.equal(pace.speed(), 2_000);
});

test("forgets the pace when a resumed upload begins further back", () => {
  const pace = new Pace();
  pace.add(0, 0);
  pace.add(50_000, 5_000);
  pace.add(30_000, 6_000);
  assert.equal(pace.speed(), null);
});

test("says a device in words", () => {
  const phone = "Mozilla/5.0 (Linux; Android 9; SM-J600G) AppleWebKit/537.36 Chrome/100.0 Mobile Safari/537.36";
  assert.equal(deviceOf(phone, "?"), "Chrome, Android");
  assert.equal(deviceOf("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120", "?"), "Edge, Windows");
  assert.equal(deviceOf("", "?"), "?");
});

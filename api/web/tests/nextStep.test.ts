import assert from "node:assert/strict";
import { test } from "node:test";
import type { PointState, SessionRow } from "../src/api/types";
import type { Entry } from "../src/outbox";
import { hurry, nextStep, withWaiting } from "../src/pages/technician/nextStep";

const STARTS = Date.parse("2026-11-23T01:00:00Z");
const MINUTE = 60_000;
const at = (minutes: number) => new Date(STARTS + minutes * MINUTE);
const counted = (minutes: number) => ({ counted_at: at(minutes).toISOString() });

/** A conference of three hours with a point in this state. */
const row = (state: PointState | null, latest: object | null = null, closed_at: string | null = null) =>
  ({
    starts_at: at(0).toISOString(),
    ends_at: at(180).toISOString(),
    closed_at,
    my_point: state && { id: "p", state, latest },
  }) as SessionRow;

const entry = (path: string, body: unknown, refusal: string | null = null) =>
  ({ path: `/session-points/p/${path}`, body, refusal }) as Entry;

test("leads from confirming over the check and the counts to the upload", () => {
  assert.equal(nextStep(row(null), at(-600)), "join");
  assert.equal(nextStep(row("invited"), at(-600)), "confirm");
  assert.equal(nextStep(row("declined"), at(-600)), "declined");
  assert.equal(nextStep(row("confirmed"), at(-61)), "wait");
  assert.equal(nextStep(row("confirmed"), at(-60)), "check");
  assert.equal(nextStep(row("ready"), at(-40)), "wait");
  assert.equal(nextStep(row("ready"), at(-30)), "count");
  // Who never checked can still count once it has begun.
  assert.equal(nextStep(row("confirmed"), at(0)), "count");
  assert.equal(nextStep(row("connected", counted(10)), at(30)), "trouble");
  assert.equal(nextStep(row("connected", counted(10)), at(60)), "count");
  assert.equal(nextStep(row("trouble", counted(10)), at(30)), "fixed");
  assert.equal(nextStep(row("connected", counted(170)), at(180)), "upload");
  assert.equal(nextStep(row("closed", null, at(200).toISOString()), at(300)), "done");
});

test("hurries whoever is silent in the last hour, and nobody else", () => {
  assert.equal(hurry(row("invited"), at(-61)), null);
  assert.equal(hurry(row("invited"), at(-44.5)), 45);
  assert.equal(hurry(row("confirmed"), at(-30)), 30);
  assert.equal(hurry(row("ready"), at(-30)), null);
  assert.equal(hurry(row("invited"), at(1)), null);
});

test("takes what waits on this device for done, and nothing that was refused or is of another point", () => {
  const point = row("invited").my_point;
  assert.ok(point);
  const coming = entry("answers", { coming: true });
  const eight = { items: Array.from({ length: 8 }, () => ({ works: true })) };
  const seven = { items: eight.items.slice(1) };
  assert.equal(withWaiting(point, []).state, "invited");
  assert.equal(withWaiting(point, [coming]).state, "confirmed");
  assert.equal(withWaiting(point, [entry("answers", { coming: false })]).state, "declined");
  assert.equal(withWaiting(point, [coming, entry("checks", seven)]).state, "confirmed");
  assert.equal(withWaiting(point, [coming, entry("checks", eight)]).state, "ready");
  assert.equal(withWaiting(point, [entry("troubles", { id: "t" })]).state, "trouble");
  assert.equal(withWaiting(point, [entry("troubles", { id: "t" }), entry("troubles/t/end", {})]).state, "connected");
  assert.equal(withWaiting(point, [entry("headcounts", { present: 41, ...counted(5) })]).latest?.present, 41);
  assert.equal(withWaiting(point, [entry("answers", { coming: true }, "no")]).state, "invited");
  assert.equal(withWaiting({ ...point, id: "q" }, [coming]).state, "invited");
});

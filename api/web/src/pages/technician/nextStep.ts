/** The one thing a technician should do next for a conference, by the hour and by the state of their point. */

import type { NewAnswer, NewCheck, NewHeadcount, SessionPoint, SessionRow } from "../../api/types";
import type { Entry } from "../../outbox";

export type NextStep =
  | "join"
  | "confirm"
  | "declined"
  | "wait"
  | "check"
  | "fixed"
  | "count"
  | "trouble"
  | "upload"
  | "done";

const MINUTE_MS = 60_000;
/** From here on the line is what it will be, and silence is worth a reminder. */
const CHECK_BEFORE_MS = 60 * MINUTE_MS;
/** People arrive half an hour early, and the first count may begin. */
const COUNT_BEFORE_MS = 30 * MINUTE_MS;
/** So long after a count nothing is left to count: what may come up is trouble. */
const COUNTED_FOR_MS = 45 * MINUTE_MS;
const ALL_THINGS = 8;

type Row = Pick<SessionRow, "starts_at" | "ends_at" | "closed_at" | "my_point">;
const minutes = (from: string, to: Date) => new Date(from).getTime() - to.getTime();

export function nextStep(row: Row, now: Date): NextStep {
  const point = row.my_point;
  const toStart = minutes(row.starts_at, now);
  if (minutes(row.ends_at, now) <= 0) return row.closed_at && point?.state === "closed" ? "done" : "upload";
  if (!point) return "join";
  if (point.state === "invited") return "confirm";
  if (point.state === "declined") return "declined";
  if (point.state === "trouble") return "fixed";
  if (toStart > CHECK_BEFORE_MS) return "wait";
  if (point.state === "confirmed" && toStart > 0) return "check";
  if (toStart > COUNT_BEFORE_MS) return "wait";
  return point.latest && -minutes(point.latest.counted_at, now) < COUNTED_FOR_MS ? "trouble" : "count";
}

/** Minutes to the start when the point has still to answer or to be checked, and an hour or less is left. */
export function hurry(row: Row, now: Date): number | null {
  const toStart = minutes(row.starts_at, now);
  const silent = row.my_point?.state === "invited" || row.my_point?.state === "confirmed";
  return silent && toStart > 0 && toStart <= CHECK_BEFORE_MS ? Math.ceil(toStart / MINUTE_MS) : null;
}

/** The point as it will be once the server has what waits on this device, so that nobody is asked twice. */
export function withWaiting<P extends Pick<SessionPoint, "id" | "state" | "latest">>(point: P, entries: Entry[]): P {
  const base = `/session-points/${point.id}/`;
  return entries
    .filter((entry) => entry.refusal === null && entry.path.startsWith(base))
    .reduce((known, entry) => after(known, entry, entry.path.slice(base.length)), point);
}

function after<P extends Pick<SessionPoint, "state" | "latest">>(point: P, entry: Entry, what: string): P {
  if (what === "answers") return { ...point, state: (entry.body as NewAnswer).coming ? "confirmed" : "declined" };
  if (what === "checks") {
    const { items } = entry.body as NewCheck;
    return items.length === ALL_THINGS && items.every((one) => one.works) ? { ...point, state: "ready" } : point;
  }
  if (what === "troubles") return { ...point, state: "trouble" };
  if (what.endsWith("/end")) return { ...point, state: "connected" };
  return what === "headcounts" ? { ...point, latest: { ...point.latest, ...(entry.body as NewHeadcount) } } : point;
}

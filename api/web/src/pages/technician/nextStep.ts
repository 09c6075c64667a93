/** The one thing a technician should do next for a conference, by the hour and by the state of their point. */

import type { SessionRow } from "../../api/types";

export type NextStep = "join" | "confirm" | "wait" | "ready" | "fixed" | "count" | "upload" | "done";

const HOUR_MS = 3_600_000;
/** The readiness check is worth doing on the day itself, when the line is what it will be. */
const READY_BEFORE_MS = 24 * HOUR_MS;
/** People arrive half an hour early, and the first count may begin. */
const COUNT_BEFORE_MS = HOUR_MS / 2;

export function nextStep(
  row: Pick<SessionRow, "starts_at" | "ends_at" | "closed_at" | "my_point">,
  now: Date,
): NextStep {
  const point = row.my_point;
  const toStart = new Date(row.starts_at).getTime() - now.getTime();
  const over = new Date(row.ends_at).getTime() <= now.getTime();
  if (over) return row.closed_at && point?.state === "closed" ? "done" : "upload";
  if (!point) return "join";
  if (point.state === "invited") return "confirm";
  if (point.state === "trouble") return "fixed";
  if (toStart <= COUNT_BEFORE_MS) return "count";
  if (point.state === "confirmed") return toStart <= READY_BEFORE_MS ? "ready" : "wait";
  return "wait";
}

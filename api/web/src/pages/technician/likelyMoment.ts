import type { Moment, Part } from "../../api/types";
import { last } from "../../last";

const MINUTE_MS = 60_000;
/** From this long before its end, a part is counted as at its end. */
const NEAR_END_MS = 20 * MINUTE_MS;
/** Up to this long after its beginning, a part is counted as at its start. */
const NEAR_START_MS = 40 * MINUTE_MS;

/** The part and moment that someone counting now most likely means; they may still choose another. */
export function likelyMoment(parts: Part[], now: Date): { partId: string; moment: Moment } {
  const time = now.getTime();
  const begun = parts.filter((part) => new Date(part.starts_at).getTime() - NEAR_START_MS <= time);
  const part = last(begun) ?? parts[0];
  if (!part) return { partId: "", moment: "start" };
  if (time >= new Date(part.ends_at).getTime() - NEAR_END_MS) return { partId: part.id, moment: "end" };
  if (time <= new Date(part.starts_at).getTime() + NEAR_START_MS) return { partId: part.id, moment: "start" };
  return { partId: part.id, moment: "middle" };
}

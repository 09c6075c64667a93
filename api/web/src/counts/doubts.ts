/** Numbers that cannot well be right, asked about where they are entered. The server holds the same, and has the last word. */

import type { Headcount, HeadcountDoubt, Moment } from "../api/types";

export interface Numbers {
  present: number;
  excused: number;
  absent: number;
  late: number;
}

const BEFORE: Record<Moment, Moment[]> = { start: [], middle: ["start"], end: ["middle", "start"] };

/** What is to be asked of these numbers, with the figure that each question needs. */
export function doubtsOf(
  numbers: Numbers,
  moment: Moment,
  { seats, expected, counted }: { seats: number | null; expected: number | null; counted: Map<Moment, number> },
): Map<HeadcountDoubt, number> {
  const { present, excused, absent, late } = numbers;
  const total = present + excused + absent;
  const earlier = BEFORE[moment].map((each) => counted.get(each)).find((each) => each !== undefined);
  const found = new Map<HeadcountDoubt, number>();
  if (seats && present > seats) found.set("above-seats", seats);
  if (earlier !== undefined && isLeap(earlier, present)) found.set("leap", earlier);
  if (expected && total > expected * 1.5 && total - expected >= 10) found.set("above-expected", expected);
  if (late > present) found.set("late-above-present", late);
  return found;
}

export const isLeap = (earlier: number, present: number) =>
  (present > earlier * 1.5 || present < earlier * 0.5) && Math.abs(present - earlier) >= 5;

/** What holds at each moment of a part, as far as this device knows. */
export function countedIn(headcounts: Headcount[], partId: string): Map<Moment, number> {
  const standing = headcounts.filter((count) => count.part_id === partId && count.superseded_by === null);
  return new Map(standing.map((count) => [count.moment, count.present]));
}

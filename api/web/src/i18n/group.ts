/** A set of words in Vietnamese under the name by which its English counterpart is found. */
export interface Group<W extends object> {
  name: GroupName;
  words: W;
}

export type GroupName =
  | "common"
  | "technician"
  | "uploads"
  | "member"
  | "player"
  | "staff"
  | "review"
  | "jobs"
  | "gate"
  | "timeline"
  | "offline"
  | "room"
  | "administration";

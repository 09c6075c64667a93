/** A set of words in Vietnamese under the name by which its English counterpart is found. */
export interface Group<W extends object> {
  name: GroupName;
  words: W;
}

export type GroupName =
  | "common"
  | "board"
  | "technician"
  | "uploads"
  | "member"
  | "player"
  | "pointLists"
  | "register"
  | "counts"
  | "staff"
  | "review"
  | "jobs"
  | "meetings"
  | "gate"
  | "timeline"
  | "unitTree"
  | "offline"
  | "room"
  | "people"
  | "administration"
  | "before"
  | "doors"
  | "documents"
  | "calledOff"
  | "turnout"
  | "exemptions";

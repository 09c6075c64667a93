/** The shapes the server speaks, by the names the pages use. */

export type Span = [number, number];
export type Role = "technician" | "staff" | "administrator";
export type UnitKind = "centre" | "province" | "district" | "commune" | "agency";
export type PointState = "invited" | "confirmed" | "ready" | "connected" | "trouble" | "closed";
export type Moment = "start" | "middle" | "end";
export type Basis = "live" | "replay" | "group" | "mixed";
export type UploadKind = "recording" | "deck";
export type JobState =
  | "received"
  | "scanning"
  | "refused"
  | "held"
  | "admitted"
  | "encoding"
  | "ready"
  | "released"
  | "published"
  | "failed"
  | "cancelled"
  | "retracted";

export interface Page<T> {
  items: T[];
  total: number;
}
export interface UnitRef {
  id: string;
  name: string;
  kind: UnitKind;
}
export interface PersonRef {
  id: string;
  full_name: string;
  member_number: string | null;
  unit: UnitRef;
}
export interface PersonName {
  id: string;
  full_name: string;
}
export interface RoleRef {
  id: string;
  role: Role;
  unit: UnitRef;
}
export interface Me {
  person: PersonRef;
  username: string;
  roles: RoleRef[];
}
export interface Unit extends UnitRef {
  code: string | null;
  parent_id: string | null;
  depth: number;
  valid_from: string;
  valid_to: string | null;
  children: number;
  path_names: string[];
}
export interface UnitWithHistory extends Unit {
  predecessors: UnitRef[];
  successors: UnitRef[];
}
export interface PersonRow extends PersonRef {
  username: string | null;
  roles: RoleRef[];
}
export interface Part {
  id: string;
  position: number;
  title: string;
  speaker: string | null;
  starts_at: string;
  ends_at: string;
}
export interface Headcount {
  id: string;
  part_id: string;
  moment: Moment;
  present: number;
  excused: number;
  absent: number;
  late: number;
  reason: string | null;
  recorded_by: PersonName;
  counted_at: string;
  received_at: string;
  client_key: string;
}
export interface ConnectionPoint {
  id: string;
  unit: UnitRef;
  name: string;
  address: string;
  seats: number | null;
  equipment: string;
  line: string;
  technician: PersonName | null;
}
export interface SessionPoint {
  id: string;
  session_id: string;
  point: ConnectionPoint;
  unit: UnitRef;
  relay_id: string | null;
  expected_count: number | null;
  state: PointState;
  state_at: string;
  technician: PersonName | null;
  latest: Headcount | null;
}
export interface SessionPointDetail extends SessionPoint {
  headcounts: Headcount[];
  can_count: boolean;
}
export interface SessionRow {
  id: string;
  title: string;
  unit: UnitRef;
  starts_at: string;
  ends_at: string;
  closed_at: string | null;
  parts: number;
  points: number;
  present: number;
  expected: number;
  my_point: SessionPoint | null;
}
export interface Policy {
  version: number;
  coverage_required: number;
  prompts_required: number;
  max_rate: number;
  replay_until: string | null;
  reflection_required: boolean;
}
export interface Session {
  id: string;
  title: string;
  unit: UnitRef;
  starts_at: string;
  ends_at: string;
  tree_date: string;
  closed_at: string | null;
  created_by: PersonRef;
  parts: Part[];
  policy: Policy;
  counts: { points: number; summoned: number; expected: number; present: number };
  can: { edit: boolean; count: boolean; upload: boolean; release: boolean; report: boolean };
}
export interface RosterLine {
  person: PersonRef;
  checked_at: string | null;
}
export interface CheckIns {
  items: { person: PersonRef; checked_at: string }[];
  roster: RosterLine[];
}
export interface SummonsLine {
  person: PersonRef;
  exempt_reason: string | null;
}
export interface UnfinishedUpload {
  id: string;
  kind: UploadKind;
  filename: string;
  length: number;
  offset: number;
  created_at: string;
  finished_at: string | null;
}
export interface JobStep {
  kind: "scan" | "speech" | "chunk" | "package" | "pages" | "timeline";
  number: number;
  state: "waiting" | "running" | "done" | "failed";
  progress: number;
  attempts: number;
}
export interface Job {
  id: string;
  session_id: string;
  session_title: string;
  kind: UploadKind;
  filename: string;
  bytes: number;
  uploaded_by: PersonName;
  state: JobState;
  progress: number;
  steps: JobStep[];
  problem: { code: string; detail: string } | null;
  released_by: PersonName | null;
  released_at: string | null;
  recording_id: string | null;
  created_at: string;
  updated_at: string;
  can_release: boolean;
  can_retry: boolean;
  can_cancel: boolean;
  can_retract: boolean;
}
export interface Reason {
  code: string;
  detail: string;
}
export interface Mode {
  mode: "slides" | "video";
  bytes: number;
  bit_rate: number;
}
export interface RecordingRow {
  id: string;
  session: { id: string; title: string; starts_at: string };
  part: { id: string; title: string } | null;
  title: string;
  duration_seconds: number;
  published_at: string;
  replay_until: string | null;
  covered_ratio: number;
  missed: boolean;
  credited: boolean;
  modes: Mode[];
}
export interface Recording extends RecordingRow {
  covered: Span[];
  missing: Span[];
  pages: number;
  reasons: Reason[];
}
export interface Speech {
  url: string;
  media_type: string;
  bytes: number;
  bit_rate: number;
}
export interface Slide {
  page: number;
  at_seconds: number | null;
  url: string;
  thumb_url: string;
  width: number;
  height: number;
  bytes: number;
  text: string;
}
export interface Viewing {
  id: string;
  recording_id: string;
  title: string;
  duration_seconds: number;
  beat_seconds: number;
  max_rate: number;
  resume_at_seconds: number;
  covered: Span[];
  coverage_required: number;
  speech: Speech[];
  video: { url: string; bytes: number; bit_rate: number } | null;
  slides: Slide[];
  agenda: { title: string; at_seconds: number | null }[];
}
export interface Beat {
  seq: number;
  span_start: number;
  span_end: number;
  /** Stretches of the recording that were really played: from, to, rate. */
  played: [number, number, number][];
  hidden_seconds: number;
  muted_seconds: number;
}
export interface BeatAnswer {
  accepted: number[];
  covered: Span[];
  covered_ratio: number;
  missing: Span[];
  credited: boolean;
  reasons: Reason[];
  superseded: boolean;
}
export interface PartCredit {
  part: { id: string; title: string };
  attended: boolean;
  basis: Basis | null;
  reasons: Reason[];
}
export interface MyCredit {
  session: { id: string; title: string; starts_at: string };
  credited: boolean;
  basis: Basis | null;
  granted_at: string | null;
  parts: PartCredit[];
  reasons: Reason[];
}
export interface Tally {
  expected: number;
  exempt: number;
  live: number;
  replay: number;
  group: number;
  mixed: number;
  credited: number;
  rate: number;
}
export interface ParticipationRow extends Tally {
  unit: UnitRef;
  has_children: boolean;
}
export interface Participation {
  session: { id: string; title: string; starts_at: string };
  unit: UnitRef;
  target: number;
  rows: ParticipationRow[];
  total: Tally;
}
export interface CreditLine {
  person: PersonRef;
  credited: boolean;
  basis: Basis | null;
  granted_at: string | null;
  credit_id: string | null;
}
export interface Evidence {
  recording_id: string;
  length_seconds: number;
  covered_seconds: number;
  missing: Span[];
  prompts_asked: number;
  prompts_answered: number;
  first_watched_at: string | null;
  last_watched_at: string | null;
  viewings: number;
}
export interface ViewingLine {
  id: string;
  opened_at: string;
  ended_at: string | null;
  user_agent: string;
  beats: number;
  covered: Span[];
}
export interface CreditDetail {
  person: PersonRef;
  session: { id: string; title: string; starts_at: string };
  credited: boolean;
  basis: Basis | null;
  granted_at: string | null;
  rule_version: string | null;
  policy: Policy;
  parts: (PartCredit & { evidence: Evidence[] })[];
  viewings: ViewingLine[];
  reasons: Reason[];
}
export interface AuditEntry {
  id: string;
  at: string;
  actor: PersonName | null;
  action: string;
  subject_kind: string;
  subject_id: string;
  detail: Record<string, unknown>;
  sealed: boolean;
}
export interface SystemState {
  version: string;
  queue: { waiting: number; running: number; failed: number };
  storage: { free_bytes: number; used_bytes: number };
  audit: { entries: number; sealed: number };
}

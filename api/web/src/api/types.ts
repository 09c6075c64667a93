/** The contract's shapes by the names the pages use. Nothing is described here: `npm run types` generates openapi.ts. */

import type { components } from "./openapi";

type Schemas = components["schemas"];

export type Span = [number, number];

export type Me = Schemas["Me"];
export type Role = Schemas["Role"];
export type RoleRef = Schemas["RoleHeld"];
export type PersonRef = Schemas["PersonRef"];
export type PersonRow = Schemas["PersonRow"];
export type Exemption = Schemas["ExemptionView"];
export type ExemptPerson = Schemas["ExemptPerson"];
export type ExemptionKind = Schemas["ExemptionKind"];
export type Slip = Schemas["SlipView"];
export type SlipOwner = Schemas["SlipOwner"];
export type Roster = Schemas["RosterView"];
export type Unit = Schemas["UnitView"];
export type UnitRef = Schemas["UnitRef"];
export type UnitKind = Schemas["UnitKind"];
export type UnitStep = Schemas["UnitStep"];

export type SessionRow = Schemas["SessionRow"];
export type Session = Schemas["SessionView"];
export type Part = Schemas["PartView"];
export type ConnectionPoint = Schemas["ConnectionPointView"];
export type ConnectionPointDetail = Schemas["ConnectionPointDetail"];
export type NewConnectionPoint = Schemas["NewConnectionPoint"];
export type Named = Schemas["Named"];
export type SessionPoint = Schemas["SessionPointView"];
export type SessionPointDetail = Schemas["PointDetail"];
export type PointPlan = Schemas["PointsPlan"];
export type PointFate = Schemas["Fate"];
export type PointState = Schemas["PointState"];
export type Headcount = Schemas["HeadcountView"];
export type NewHeadcount = Schemas["NewHeadcount"];
export type NewCheckIns = Schemas["NewCheckIns"];
export type NewWithdrawal = Schemas["NewWithdrawal"];
export type Withdrawal = Schemas["WithdrawalView"];
export type Moment = Schemas["Moment"];
export type RosterLine = Schemas["RosterRow"];

export type NewAnswer = Schemas["NewAnswer"];
export type Readiness = Schemas["ReadinessView"];
export type CheckItem = Schemas["CheckItem"];
export type FoundItem = Schemas["FoundItem"];
export type NewCheck = Schemas["NewCheck"];
export type LineMeasured = Schemas["LineMeasured"];
export type Trouble = Schemas["TroubleView"];
export type TroubleKind = Schemas["TroubleKind"];
export type NewTrouble = Schemas["NewTrouble"];
export type TroubleEnd = Schemas["TroubleEnd"];
export type Stage = Schemas["Stage"];
export type SessionChange = Schemas["ChangeView"];
export type Preparation = Schemas["PreparationView"];
export type PreparationRow = Schemas["PreparationRow"];
export type Board = Schemas["BoardView"];
export type BoardGroup = Schemas["BoardGroup"];
export type BoardTile = Schemas["BoardTile"];
export type PointHistoryView = Schemas["PointHistory"];
export type PointEvent = Schemas["PointEvent"];

export type Job = Schemas["JobView"];
export type JobState = Schemas["JobState"];
export type JobRung = Schemas["RungStateView"];
export type Inspection = Schemas["InspectionView"];
export type RecordingFindings = Schemas["FindingsView"];
export type Finding = Schemas["FindingView"];
export type GateHit = Schemas["HitView"];
export type SheetPicture = Schemas["SheetPicture"];
export type Incident = Schemas["IncidentView"];
export type GateRules = Schemas["RulesView"];
export type QueueItem = Schemas["QueueItem"];
export type UploadKind = Schemas["UploadKind"];
export type UnfinishedUpload = Schemas["UploadView"];

export type RecordingRow = Schemas["RecordingRow"];
export type Recording = Schemas["RecordingView"];
export type Viewing = Schemas["ViewingView"];
export type Rung = Schemas["RungView"];
export type Slide = Schemas["SlideView"];
export type Agenda = Schemas["AgendaView"];
export type Beat = Schemas["BeatIn"];
export type BeatAnswer = Schemas["ProgressView"];
export type Prompt = Schemas["PromptView"];
export type PromptOutcome = Schemas["AnsweredView"];
export type Reason = Schemas["ReasonView"];

export type Package = Schemas["PackageView"];
export type PackageSpeech = Schemas["PackageSpeech"];
export type PieceFile = Schemas["PieceFile"];
export type KeptLease = Schemas["LeaseView"];

export type TimelineView = Schemas["TimelineView"];
export type TimelineCue = Schemas["CueView"];
export type TimelinePage = Schemas["TimelinePage"];
export type WrittenCue = Schemas["CueIn"];

export type Basis = Schemas["Basis"];
export type MyCredit = Schemas["Standing"];
export type Participation = Schemas["Participation"];
export type ParticipationRow = Schemas["UnitFigures"];
export type Tally = Schemas["Figures"];
export type CreditDetail = Schemas["CreditView"];
export type Evidence = Schemas["EvidenceView"];
export type ViewingLine = Schemas["ViewingEvidence"];
export type ReviewCase = Schemas["CaseRow"];
export type ReviewDetail = Schemas["CaseView"];
export type Trace = Schemas["TraceView"];
export type RoomTrace = Schemas["RoomTraceView"];
export type MeetingLog = Schemas["MeetingLogView"];
export type MeetingLogBrief = Schemas["MeetingLogBrief"];
export type MeetingRow = Schemas["MeetingRowView"];
export type MeetingWhich = Schemas["WhichRows"];
export type MeetingAccepted = Schemas["RowsAccepted"];
export type ReconciledRow = Schemas["ReconciledRow"];
export type Decision = Schemas["DecisionView"];
export type DecisionKind = Schemas["DecisionKind"];
export type AuditEntry = Schemas["EntryView"];
export type ProblemBody = Schemas["Problem"];
export type FieldProblem = Schemas["FieldProblem"];

export type DocumentRow = Schemas["DocumentRow"];
export type DocumentView = Schemas["DocumentView"];
export type DocumentSheet = Schemas["DocumentPage"];

export type MyCard = Schemas["MyCard"];
export type PointLogTaken = Schemas["PointLogTaken"];
export type Door = Schemas["DoorView"];
export type PresenceClaim = Schemas["ClaimView"];
export type ClaimReason = Schemas["ClaimReason"];
export type MyPart = Schemas["MyPart"];
export type CodeBrought = Schemas["CodeBrought"];
export type Arrived = Schemas["Arrived"];

export type GroupReplay = Schemas["GroupReplayView"];
export type GroupReplayRow = Schemas["GroupReplayRow"];
export type RoomMedia = Schemas["RoomPlayerView"];
export type RoomLine = Schemas["RoomRosterRow"];
export type RoomShare = Schemas["ShareView"];
export type MyPlace = Schemas["MyPlace"];

export type HeadcountDoubt = Schemas["Doubt"];
export type NewPhoto = Schemas["NewPhoto"];
export type CountPhoto = Schemas["PhotoView"];
export type Turnout = Schemas["TurnoutView"];
export type MomentTotal = Schemas["MomentTotalView"];

"""The register's tables. Verbs live in the module named for the noun; these only say what is kept and what it means."""

from sessions.models.activation import AccountNotice, ActivationSlip, DeviceUse, NoticeKind
from sessions.models.attendance import Attendance, AttendanceCredit, Basis, CreditPolicy, CreditState, Evidence
from sessions.models.audit import AuditEntry
from sessions.models.cards import PersonalCode, PointLog, PointLogEntry
from sessions.models.changes import CalendarFeed, ChangeKind, SessionChange
from sessions.models.conference import (
    CheckIn,
    CheckInMethod,
    ConferenceSession,
    ConnectionPoint,
    Expected,
    Headcount,
    Moment,
    PointState,
    SessionPart,
    SessionPoint,
)
from sessions.models.counting import CountPhoto, HandoverTry, PointHandover
from sessions.models.decisions import LONGEST_REASON, SHORTEST_REASON, CreditDecision, DecisionKind, DecisionState
from sessions.models.devices import DeviceKey
from sessions.models.doors import ClaimReason, Door, DoorArrival, DoorKeeper, PresenceClaim, WrongCode
from sessions.models.meetings import MatchedBy, MeetingImport, MeetingPresence, MeetingRow, Platform, RowKind, RowState
from sessions.models.people import Account, Login, LoginAttempt, Person, Role, RoleGrant
from sessions.models.readiness import (
    CheckItem,
    PointAnswer,
    PointContact,
    ReadinessCheck,
    ReadinessItem,
    Trouble,
    TroubleKind,
)
from sessions.models.rolls import Exemption, ExemptionKind, PersonMove, RosterImport
from sessions.models.tallies import ParticipationTally
from sessions.models.units import CONTINUING, Change, Unit, UnitKind, UnitSuccession
from sessions.models.withdrawals import CheckInWithdrawal

__all__ = [
    "CONTINUING",
    "LONGEST_REASON",
    "SHORTEST_REASON",
    "Account",
    "AccountNotice",
    "ActivationSlip",
    "Attendance",
    "AttendanceCredit",
    "AuditEntry",
    "Basis",
    "CalendarFeed",
    "Change",
    "ChangeKind",
    "CheckIn",
    "CheckInMethod",
    "CheckInWithdrawal",
    "CheckItem",
    "ClaimReason",
    "ConferenceSession",
    "ConnectionPoint",
    "CountPhoto",
    "CreditDecision",
    "CreditPolicy",
    "CreditState",
    "DecisionKind",
    "DecisionState",
    "DeviceKey",
    "DeviceUse",
    "Door",
    "DoorArrival",
    "DoorKeeper",
    "Evidence",
    "Exemption",
    "ExemptionKind",
    "Expected",
    "HandoverTry",
    "Headcount",
    "Login",
    "LoginAttempt",
    "MatchedBy",
    "MeetingImport",
    "MeetingPresence",
    "MeetingRow",
    "Moment",
    "NoticeKind",
    "ParticipationTally",
    "Person",
    "PersonMove",
    "PersonalCode",
    "Platform",
    "PointAnswer",
    "PointContact",
    "PointHandover",
    "PointLog",
    "PointLogEntry",
    "PointState",
    "PresenceClaim",
    "ReadinessCheck",
    "ReadinessItem",
    "Role",
    "RoleGrant",
    "RosterImport",
    "RowKind",
    "RowState",
    "SessionChange",
    "SessionPart",
    "SessionPoint",
    "Trouble",
    "TroubleKind",
    "Unit",
    "UnitKind",
    "UnitSuccession",
    "WrongCode",
]

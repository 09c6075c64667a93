"""The register's tables. Verbs live in the module named for the noun; these only say what is kept and what it means."""

from sessions.models.attendance import Attendance, AttendanceCredit, Basis, CreditPolicy, CreditState, Evidence
from sessions.models.audit import AuditEntry
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
from sessions.models.decisions import LONGEST_REASON, SHORTEST_REASON, CreditDecision, DecisionKind, DecisionState
from sessions.models.people import Account, Login, LoginAttempt, Person, Role, RoleGrant
from sessions.models.units import Unit, UnitKind, UnitSuccession

__all__ = [
    "LONGEST_REASON",
    "SHORTEST_REASON",
    "Account",
    "Attendance",
    "AttendanceCredit",
    "AuditEntry",
    "Basis",
    "CheckIn",
    "CheckInMethod",
    "ConferenceSession",
    "ConnectionPoint",
    "CreditDecision",
    "CreditPolicy",
    "CreditState",
    "DecisionKind",
    "DecisionState",
    "Evidence",
    "Expected",
    "Headcount",
    "Login",
    "LoginAttempt",
    "Moment",
    "Person",
    "PointState",
    "Role",
    "RoleGrant",
    "SessionPart",
    "SessionPoint",
    "Unit",
    "UnitKind",
    "UnitSuccession",
]

"""The vocabulary of our statements, and the frame that all of them share.

Verbs and extensions are those of the xAPI video profile 1.0.3 (https://w3id.org/xapi/video/v1.0.3) and of cmi5.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid5

VIDEO: Final = "https://w3id.org/xapi/video"
_IN_VIDEO: Final = f"{VIDEO}/extensions/"
_CMI5_SESSION: Final = "https://w3id.org/xapi/cmi5/context/extensions/sessionid"
#: Why a person need not have watched what they are credited for.
CMI5_REASON: Final = "https://w3id.org/xapi/cmi5/result/extensions/reason"
#: On what a credit rests: "replay", "group" or "mixed". Our own extension, the same in every installation.
BASIS: Final = "urn:diemcau:xapi:basis"
#: What registrations are named in; it must never change, or everything would be told anew.
_OURS: Final = UUID("5b0d7a1e-6c1f-4f0e-9d3e-2f3c8a4b7d10")

#: Every verb that is told, by the last word of its address.
VERBS: Final[Mapping[str, str]] = {
    "initialized": "http://adlnet.gov/expapi/verbs/initialized",
    "played": f"{VIDEO}/verbs/played",
    "paused": f"{VIDEO}/verbs/paused",
    "seeked": f"{VIDEO}/verbs/seeked",
    "completed": "http://adlnet.gov/expapi/verbs/completed",
    "terminated": "http://adlnet.gov/expapi/verbs/terminated",
    "passed": "http://adlnet.gov/expapi/verbs/passed",
    "satisfied": "https://w3id.org/xapi/adl/verbs/satisfied",
    "waived": "https://w3id.org/xapi/adl/verbs/waived",
    "voided": "http://adlnet.gov/expapi/verbs/voided",
}

Extensions = dict[str, str | float]
Json = dict[str, Any]


@dataclass(frozen=True)
class Speaker:
    """Whom statements speak of, and within which conference. `home` is the site's address, without a slash."""

    home: str
    person_id: UUID
    conference_id: UUID
    conference_title: str

    @property
    def registration(self) -> UUID:
        """One per person and conference."""
        return uuid5(_OURS, f"registration/{self.person_id}/{self.conference_id}")

    @property
    def actor(self) -> Json:
        """An account here under a name that means nothing elsewhere: no name, no number, no address of a person."""
        return {"objectType": "Agent", "account": {"homePage": self.home, "name": str(self.person_id)}}

    @property
    def conference(self) -> Json:
        """The conference, which is what cmi5 calls a course."""
        return {
            "objectType": "Activity",
            "id": f"{self.home}/api/v1/sessions/{self.conference_id}",
            "definition": {
                "type": "https://w3id.org/xapi/cmi5/activitytype/course",
                "name": {"vi": self.conference_title},
            },
        }

    def recording(self, recording_id: UUID, title: str) -> Json:
        """A recording of the conference, by the address at which it is found here."""
        return {
            "objectType": "Activity",
            "id": f"{self.home}/api/v1/recordings/{recording_id}",
            "definition": {"type": f"{VIDEO}/activity-type/video", "name": {"vi": title}},
        }

    def context(self, session_id: UUID, extensions: Extensions | None = None, *, video: bool = False) -> Json:
        """The frame of a statement; `video` says that it follows the profile."""
        activities = {"grouping": [self.conference]}
        if video:
            profile = {"id": VIDEO, "definition": {"type": "http://adlnet.gov/expapi/activities/profile"}}
            activities["category"] = [profile]
        return {
            "registration": str(self.registration),
            "platform": "Diem Cau",
            "language": "vi",
            "contextActivities": activities,
            "extensions": {_CMI5_SESSION: str(session_id)} | (extensions or {}),
        }


@dataclass(frozen=True)
class Statement:
    """A statement (`body`, as JSON) beside what it is found by."""

    id: UUID
    verb: str
    at: datetime
    body: Json


def speak(
    speaker: Speaker, verb: str, number: UUID, at: datetime, thing: Json, result: Json, context: Json
) -> Statement:
    """A whole statement; what is empty is left out, as xAPI demands."""
    body = {
        "id": str(number),
        "actor": speaker.actor,
        "verb": {"id": VERBS[verb], "display": {"en-US": verb}},
        "object": thing,
        "result": result,
        "context": context,
        "timestamp": said_at(at),
    }
    return Statement(number, verb, at, {name: value for name, value in body.items() if value})


def in_video(extensions: Extensions) -> Extensions:
    """The profile's extensions under their full addresses."""
    return {f"{_IN_VIDEO}{name}": value for name, value in extensions.items()}


def said_at(moment: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def duration(seconds: float) -> str:
    """ISO 8601, no finer than the hundredth of a second that xAPI compares."""
    return f"PT{max(0.0, seconds):.2f}S"

"""What a credit says: pure, from the credit to statements about the conference.

`satisfied` is the word of cmi5 for a course whose demands are met, and `waived` the one for a person who need not have
met them, because somebody in charge decided so. A credit that is taken back voids what was said of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from archive.xapi.words import BASIS, CMI5_REASON, Json, Speaker, Statement, said_at, speak


@dataclass(frozen=True)
class Granted:
    """A credit that rests on a replay, wholly or in part, or on somebody's decision.

    `session_id` is that of the viewing during which it was given, if it was. `recordings` are those of the conference
    that the person did not complete, as (id, title); they are waived when somebody decided.
    """

    id: UUID
    granted_at: datetime
    basis: str
    by_hand: bool
    session_id: UUID | None
    recordings: tuple[tuple[UUID, str], ...] = ()


def tell(speaker: Speaker, credit: Granted) -> list[Statement]:
    """The statements that a credit leads to."""
    name = f"{credit.id}/{said_at(credit.granted_at)}"
    waived = _waive(speaker, credit, name) if credit.by_hand else []
    session = credit.session_id or _own_session(speaker, name)
    result: Json = {"extensions": {BASIS: credit.basis}}
    number = satisfied_id(credit.id, credit.granted_at)
    context = speaker.context(session)
    satisfied = speak(speaker, "satisfied", number, credit.granted_at, speaker.conference, result, context)
    return [*waived, satisfied]


def take_back(speaker: Speaker, satisfied: UUID, at: datetime) -> Statement:
    """The statement that another one, told earlier, no longer holds."""
    actor = speaker.actor | {"account": {"homePage": speaker.home, "name": "diem-cau"}}
    thing: Json = {"objectType": "StatementRef", "id": str(satisfied)}
    spoken = speak(speaker, "voided", uuid5(satisfied, "voided"), at, thing, {}, {})
    return Statement(spoken.id, spoken.verb, spoken.at, spoken.body | {"actor": actor})


def satisfied_id(credit_id: UUID, granted_at: datetime) -> UUID:
    """The id of the statement that a credit was given; given again later, it is another one."""
    return uuid5(credit_id, f"satisfied/{said_at(granted_at)}")


def _waive(speaker: Speaker, credit: Granted, name: str) -> Iterable[Statement]:
    """One statement for each recording, each in a session of its own, as cmi5 demands (9.3.7)."""
    # The reason is cmi5's own word; what the person in charge wrote stays here.
    result: Json = {"success": True, "completion": True, "extensions": {CMI5_REASON: "Administrative"}}
    for recording_id, title in credit.recordings:
        number = uuid5(credit.id, f"waived/{recording_id}/{said_at(credit.granted_at)}")
        context = speaker.context(_own_session(speaker, f"{name}/{recording_id}"))
        thing = speaker.recording(recording_id, title)
        yield speak(speaker, "waived", number, credit.granted_at, thing, result, context)


def _own_session(speaker: Speaker, name: str) -> UUID:
    return UUID(bytes=uuid5(speaker.registration, name).bytes, version=4)

"""The cast that tests play with, and the conference they play in.

Sìn Hồ and Phong Thổ are communes of Lai Châu; Điện Biên is a neighbour. The technician and the member belong to
Sìn Hồ; staff and the releaser look after all of Lai Châu; the stranger has no business there.
"""

import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from fastapi.testclient import TestClient

from api import login
from sessions import clock
from sessions.db import Db
from sessions.models import (
    Account,
    ConferenceSession,
    CreditPolicy,
    Expected,
    Login,
    Person,
    Role,
    RoleGrant,
    SessionPart,
    Unit,
    UnitKind,
)
from sessions.names import person_sort_key, search_key, sort_key

PASSWORD = "mat-khau-thu-9"


@lru_cache
def _hash() -> str:
    return login.hash_password(PASSWORD)


@dataclass
class Cast:
    province: Unit
    commune: Unit
    other_commune: Unit
    neighbour: Unit
    technician: Person
    member: Person
    staff: Person
    releaser: Person
    administrator: Person
    stranger: Person

    @classmethod
    def enter(cls, db: Db) -> "Cast":
        province = _unit(db, "Lai Châu", UnitKind.PROVINCE)
        commune = _unit(db, "Sìn Hồ", UnitKind.COMMUNE, province)
        cast = cls(
            province,
            commune,
            _unit(db, "Phong Thổ", UnitKind.COMMUNE, province),
            _unit(db, "Điện Biên", UnitKind.PROVINCE),
            technician=_person(db, "Lò Văn Kỹ", commune, "ky"),
            member=_person(db, "Nguyễn Thị Mai", commune, "mai"),
            staff=_person(db, "Trần Văn Bộ", province, "bo"),
            releaser=_person(db, "Phạm Thị Duyệt", province, "duyet"),
            administrator=_person(db, "Vàng A Trị", province, "tri"),
            stranger=_person(db, "Hoàng Người Lạ", province, "la"),
        )
        cast.stranger.unit_id = cast.neighbour.id
        _grant(db, cast.technician, Role.TECHNICIAN, commune)
        _grant(db, cast.staff, Role.STAFF, province)
        _grant(db, cast.releaser, Role.STAFF, province)
        _grant(db, cast.administrator, Role.ADMINISTRATOR, province)
        db.commit()
        return cast


def conference(
    db: Db, cast: Cast, *, parts: int = 1, summon: bool = True, days_ago: float = 1.0, prompts: float = 0.0
) -> ConferenceSession:
    """A conference of the province, with the member summoned to every part; committed.

    Its replays ask no presence questions unless a share of them is required.
    """
    starts = clock.now() - timedelta(days=days_ago)
    session = ConferenceSession(
        title="Hội nghị học tập nghị quyết",
        unit_id=cast.province.id,
        starts_at=starts,
        ends_at=starts + timedelta(hours=parts),
        tree_date=starts.date(),
        created_by=cast.staff.id,
        created_at=starts,
    )
    db.add(session)
    db.flush()
    for position in range(1, parts + 1):
        begins = starts + timedelta(hours=position - 1)
        part = SessionPart(
            session_id=session.id,
            position=position,
            title=f"Phần {position}",
            starts_at=begins,
            ends_at=begins + timedelta(hours=1),
        )
        db.add(part)
        db.flush()
        if summon:
            db.add(
                Expected(
                    part_id=part.id,
                    person_id=cast.member.id,
                    session_id=session.id,
                    unit_id=cast.member.unit_id,
                    added_at=starts,
                )
            )
    db.add(
        CreditPolicy(
            session_id=session.id,
            version=1,
            coverage_required=0.9,
            prompts_required=prompts,
            max_rate=1.5,
            replay_until=starts + timedelta(days=30),
            reflection_required=False,
            set_by=cast.staff.id,
            set_at=starts,
        )
    )
    db.commit()
    return session


def sign_in(db: Db, client: TestClient, person: Person) -> TestClient:
    """The client as this person from now on, without the half second that a password costs."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.add(
        Login(
            person_id=person.id,
            token_sha256=login.digest(token),
            created_at=now,
            expires_at=now + timedelta(days=1),
            user_agent="tests",
        )
    )
    db.commit()
    client.cookies.set(login.COOKIE, token)
    return client


def _unit(db: Db, name: str, kind: UnitKind, parent: Unit | None = None) -> Unit:
    unit = Unit(
        kind=kind,
        name=name,
        parent_id=parent.id if parent else None,
        path="",
        depth=parent.depth + 1 if parent else 0,
        valid_from=date(2000, 1, 1),
        sort_key=sort_key(name),
        search_key=search_key(name),
    )
    db.add(unit)
    db.flush()
    unit.path = f"{parent.path if parent else ''}{unit.id}/"
    db.flush()
    return unit


def _person(db: Db, full_name: str, unit: Unit, username: str) -> Person:
    person = Person(
        member_number=f"TV-{username}",
        full_name=full_name,
        unit_id=unit.id,
        sort_key=person_sort_key(full_name),
        search_key=search_key(full_name),
        created_at=clock.now(),
    )
    db.add(person)
    db.flush()
    db.add(Account(person_id=person.id, username=username, password_hash=_hash(), created_at=clock.now()))
    return person


def _grant(db: Db, person: Person, role: Role, unit: Unit) -> None:
    db.add(RoleGrant(person_id=person.id, role=role, unit_id=unit.id, granted_at=clock.now()))

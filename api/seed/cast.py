"""The people of the demo: about two hundred on the rolls, and five who can sign in."""

from dataclasses import dataclass
from datetime import date
from random import Random

from sqlalchemy import select

from api import login
from api.seed import names, tree
from sessions import people, roles
from sessions.db import Db
from sessions.models import Account, Person, Role, Unit, UnitKind

#: Easy to type on a phone, and printed on the screen: why a demo listens on this machine only.
PASSPHRASE = "diemcau2026"  # noqa: S105 - meant to be known.
#: The member numbers of the demo begin with this; no real card's does.
NUMBERS = "DEMO-"

HOME_COMMUNE = "Xã Bình Lư"
PEOPLE_PER_COMMUNE = 5
PEOPLE_AT_PROVINCE = 10


@dataclass(frozen=True)
class Login:
    """One account of the demo, to be shown to whoever tries it. `what` says in both languages what it is for."""

    role: str
    username: str
    password: str
    what: str


@dataclass(frozen=True)
class Played:
    """One who can sign in; `role` is empty for a plain member, `at_province` says where they belong."""

    number: str
    full_name: str
    username: str
    role: Role | None
    at_province: bool
    what: str

    @property
    def login(self) -> Login:
        return Login(self.role or "member", self.username, PASSPHRASE, self.what)


TECHNICIAN = Played(
    f"{NUMBERS}0001",
    "Lò Văn Thắng",
    "kythuat",
    Role.TECHNICIAN,
    False,
    "kỹ thuật viên xã Bình Lư / technician of Bình Lư commune",
)
MEMBER = Played(
    f"{NUMBERS}0002",
    "Tẩn Thị Mẩy",
    "dangvien",
    None,
    False,
    "đảng viên xã Bình Lư, vắng buổi tập huấn / member who missed the training",
)
STAFF = Played(
    f"{NUMBERS}0003",
    "Nguyễn Thu Hà",
    "canbo",
    Role.STAFF,
    True,
    "cán bộ theo dõi của tỉnh / staff of the province",
)
RELEASER = Played(
    f"{NUMBERS}0004",
    "Phạm Quốc Huy",
    "phathanh",
    Role.STAFF,
    True,
    "cán bộ duyệt phát hành, xem sự việc / staff who releases recordings and sees what was turned away",
)
ADMINISTRATOR = Played(
    f"{NUMBERS}0005",
    "Trần Đức Long",
    "quantri",
    Role.ADMINISTRATOR,
    True,
    "quản trị viên / administrator",
)
CAST = (TECHNICIAN, MEMBER, STAFF, RELEASER, ADMINISTRATOR)


def logins() -> list[Login]:
    """The accounts that the demo makes, in the order in which one would try them."""
    return [played.login for played in CAST]


def is_demo(db: Db) -> bool:
    """Whether an account of the demo, whose password is no secret, can sign in to this database."""
    open_accounts = select(Account.person_id).join(Person, Person.id == Account.person_id)
    ours = open_accounts.where(Account.disabled_at.is_(None), Person.member_number.startswith(NUMBERS))
    return db.scalar(ours.limit(1)) is not None


def find(db: Db, played: Played) -> Person | None:
    """The person who plays this part, once enrolled."""
    return db.scalar(select(Person).where(Person.member_number == played.number))


def get(db: Db, played: Played) -> Person:
    """The person who plays this part."""
    person = find(db, played)
    assert person is not None, f"{played.username} is enrolled before anything that needs them"
    return person


def enrol_office(db: Db, province: Unit) -> None:
    """Enrol those of the province's office who can sign in; the administrator entrusts the others with their roles."""
    administrator = enrol(db, ADMINISTRATOR, province)
    roles.grant(db, None, administrator, Role.ADMINISTRATOR, province)
    for played in (STAFF, RELEASER):
        roles.grant(db, administrator, enrol(db, played, province), Role.STAFF, province)
    roles.grant(db, administrator, get(db, RELEASER), Role.SECURITY, province)


def enrol_everybody(db: Db, province: Unit, day: date) -> None:
    """Enrol the people of all communes that stand on `day`, a technician in each, and the rest of the office."""
    administrator, staff = get(db, ADMINISTRATOR), get(db, STAFF)
    taken = frozenset(played.full_name for played in CAST)
    drawn = iter(names.draw_many(Random(38), 200, apart_from=taken))
    number = len(CAST)
    for unit in (province, *tree.standing(db, UnitKind.COMMUNE, day)):
        here = [enrol(db, played, unit) for played in (TECHNICIAN, MEMBER) if unit.name == HOME_COMMUNE]
        size = PEOPLE_AT_PROVINCE - 3 if unit is province else PEOPLE_PER_COMMUNE
        while len(here) < size:
            number += 1
            here.append(people.enrol(db, staff, next(drawn), unit, f"{NUMBERS}{number:04}"))
        if unit is not province:
            roles.grant(db, administrator, here[0], Role.TECHNICIAN, unit)


def technician_of(db: Db, unit: Unit) -> Person:
    """Who looks after the rooms of a commune."""
    statement = select(Person).where(Person.unit_id == unit.id).order_by(Person.member_number)
    return db.scalars(statement.limit(1)).one()


def enrol(db: Db, played: Played, unit: Unit) -> Person:
    person = people.enrol(db, None, played.full_name, unit, played.number)
    login.open_account(db, None, person, played.username, PASSPHRASE)
    return person

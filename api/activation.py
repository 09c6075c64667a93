"""How people get in for the first time, and again: a printed slip with a code, and then a PIN or password of their own.

The slip's code opens nothing but the choice of a secret, once. Whoever holds a role gets a slip only from an
administrator above that role: staff of a commune must not become their province's administrator by printing paper.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, exists, func, select, update

from api import devices, login
from sessions import audit, clock, roles
from sessions.db import Db
from sessions.errors import DomainError, Invalid
from sessions.models import (
    Account,
    AccountNotice,
    ActivationSlip,
    Login,
    NoticeKind,
    Person,
    Role,
    RoleGrant,
    Unit,
)
from sessions.people import KEEPERS

#: Long enough to be carried to the last hamlet, short enough that a lost one soon opens nothing.
LASTS = timedelta(days=30)
#: Two A4 pages of paper take this many at a time; a larger unit prints several times.
MOST_AT_ONCE = 200
#: Without 0/O, 1/I/L and U: read off paper by anybody. Twelve of 30 letters are 58 bits.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 12
LEAST_DIGITS = 6


class SlipWrong(DomainError):
    status = 401
    code = "slip-wrong"
    vi = "Mã trên phiếu không đúng, đã dùng, đã hết hạn hoặc đã được thay bằng phiếu mới. Hãy hỏi cán bộ đơn vị bạn."
    en = "The code is wrong, was used, has expired or was replaced by a newer slip. Ask the staff of your unit."


class PinTooEasy(Invalid):
    code = "pin-too-easy"
    vi = "Mã PIN này quá dễ đoán. Hãy chọn mã ít nhất {least} chữ số, không lặp một số hay đếm lần lượt."
    en = "This PIN is too easy to guess. Choose at least {least} digits, not one repeated or counting up or down."


@dataclass(frozen=True)
class Printed:
    """What one slip of paper says. Nobody can ask for its code again."""

    person: Person
    unit: Unit
    username: str
    code: str
    expires_at: datetime


def issue_for_unit(db: Db, by: Person, unit: Unit) -> tuple[list[Printed], int]:
    """Slips for people of a unit and below who have no account and no role; the next 200, and how many lack one in all.

    Those who hold no slip that is still good come first, so that printing again goes on where it stopped.
    """
    roles.demand(db, by.id, KEEPERS, unit)
    waiting = (
        select(Person, Unit)
        .join(Unit, Unit.id == Person.unit_id)
        .where(Unit.path.startswith(unit.path, autoescape=True), Person.left_at.is_(None))
        .where(~exists().where(Account.person_id == Person.id))
        .where(~exists().where(RoleGrant.person_id == Person.id, RoleGrant.revoked_at.is_(None)))
    )
    total = db.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    held = exists().where(ActivationSlip.person_id == Person.id, _good())
    page = waiting.order_by(held, Unit.sort_key, Person.sort_key, Person.id).limit(MOST_AT_ONCE)
    chosen = [(person, at) for person, at in db.execute(page)]
    printed = _print(db, by, chosen)
    audit.note(db, by, "slips.issued", "unit", unit.id, count=len(printed))
    return printed, total


def issue_for_person(db: Db, by: Person, person: Person) -> Printed:
    """A slip for one person, also when they have an account already and forgot how to get in; they are told of it."""
    unit = db.get_one(Unit, person.unit_id)
    roles.demand(db, by.id, KEEPERS, unit)
    for _, over in roles.grants_of(db, person.id):
        roles.demand(db, by.id, {Role.ADMINISTRATOR}, over)
    (printed,) = _print(db, by, [(person, unit)])
    audit.note(db, by, "slip.issued", "person", person.id)
    if db.get(Account, person.id):
        db.add(AccountNotice(person_id=person.id, kind=NoticeKind.SLIP_ISSUED, at=clock.now(), by_id=by.id))
    return printed


def _print(db: Db, by: Person, chosen: Sequence[tuple[Person, Unit]]) -> list[Printed]:
    now = clock.now()
    ids = [person.id for person, _ in chosen]
    # Two officers who print for one person at once wait for one another here: the later slip is the good one.
    db.execute(select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update(key_share=True))
    open_ones = ActivationSlip.used_at.is_(None) & ActivationSlip.voided_at.is_(None)
    db.execute(update(ActivationSlip).where(ActivationSlip.person_id.in_(ids), open_ones).values(voided_at=now))
    names = _usernames(db, [person for person, _ in chosen])
    printed = [
        Printed(person, unit, name, "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)), now + LASTS)
        for (person, unit), name in zip(chosen, names, strict=True)
    ]
    db.add_all(
        ActivationSlip(
            person_id=slip.person.id,
            code_sha256=login.digest(slip.code),
            username=slip.username,
            issued_by=by.id,
            issued_at=now,
            expires_at=slip.expires_at,
        )
        for slip in printed
    )
    db.flush()
    return printed


def _usernames(db: Db, people: Sequence[Person]) -> list[str]:
    """The name they have, or else their member number; one made here for those who have neither."""
    ids = [person.id for person in people]
    had = dict(db.execute(select(Account.person_id, Account.username).where(Account.person_id.in_(ids))).all())
    wanted = {person.id: login.username_key(person.member_number or "") for person in people}
    taken = set(db.scalars(select(Account.username).where(Account.username.in_(wanted.values()))))
    return [
        had.get(person.id)
        or (wanted[person.id] if login.is_fit(wanted[person.id]) and wanted[person.id] not in taken else _made_up())
        for person in people
    ]


def _made_up() -> str:
    return f"dv{secrets.randbelow(10**9):09}"


def look(db: Db, code: str, *, address: str) -> tuple[Person, Unit, ActivationSlip]:
    """Whose slip this is; raises `SlipWrong`, and `TooMany` when an address has tried too many codes."""
    code = re.sub(r"[^0-9A-Z]", "", code.upper())
    name = f"slip:{code[:20]}"
    login.demand_patience(db, name, address)
    row = db.execute(
        select(Person, Unit, ActivationSlip)
        .join(ActivationSlip, ActivationSlip.person_id == Person.id)
        .join(Unit, Unit.id == Person.unit_id)
        .where(ActivationSlip.code_sha256 == login.digest(code), _good(), Person.left_at.is_(None))
        .with_for_update(of=ActivationSlip)
    ).one_or_none()
    if row is None:
        login.remember_failure(name, address)
        raise SlipWrong
    return row[0], row[1], row[2]


def activate(db: Db, code: str, secret: str, *, address: str, user_agent: str, device: str) -> tuple[Person, str]:
    """Give the slip's owner this PIN or password and sign them in; whoever was signed in as them is signed out.

    Raises `SlipWrong`, `TooMany`, `PinTooEasy` or `PasswordTooShort`.
    """
    person, _, slip = look(db, code, address=address)
    hashed = hash_secret(secret)
    now = clock.now()
    slip.used_at = now
    account = db.get(Account, person.id)
    if account:
        account.password_hash, account.disabled_at = hashed, None
        logins = update(Login).where(Login.person_id == person.id, Login.ended_at.is_(None))
        db.execute(logins.values(ended_at=now))
        db.add(AccountNotice(person_id=person.id, kind=NoticeKind.PASSWORD_RESET, at=now, by_id=slip.issued_by))
    else:
        free = not db.scalar(select(exists().where(Account.username == slip.username)))
        name = slip.username if free else _made_up()
        account = Account(person_id=person.id, username=name, password_hash=hashed, created_at=now)
        db.add(account)
    db.flush()
    audit.note(db, person, "account.activated", "person", person.id, username=account.username)
    devices.note(db, device, person)
    return login.open_login(db, account, user_agent)


def hash_secret(secret: str) -> str:
    """The hash of a PIN of six digits that is not the first to be guessed, or of a password of eight characters."""
    if not secret.isdecimal():
        return login.hash_password(secret)
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(secret)}
    if len(secret) < LEAST_DIGITS or (len(steps) == 1 and steps <= {0, 1, 9}):
        raise PinTooEasy(least=LEAST_DIGITS)
    return login.hash_checked(secret)


def notices_of(db: Db, person: Person) -> Sequence[tuple[AccountNotice, Person]]:
    """What was done to one's own account, the latest first, and by whom."""
    told = select(AccountNotice, Person).join(Person, Person.id == AccountNotice.by_id)
    mine = told.where(AccountNotice.person_id == person.id).order_by(AccountNotice.at.desc()).limit(10)
    return [(notice, by) for notice, by in db.execute(mine)]


def _good() -> ColumnElement[bool]:
    return (
        ActivationSlip.used_at.is_(None)
        & ActivationSlip.voided_at.is_(None)
        & (ActivationSlip.expires_at > clock.now())
    )

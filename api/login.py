"""Identity at the door: passwords, sign-ins, and the cookie that carries one."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from math import ceil
from threading import BoundedSemaphore
from typing import TypeVar
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Select, bindparam, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from api.settings import api_settings
from sessions import audit, clock, roles
from sessions.db import Db, among_given, transaction
from sessions.errors import Conflict, DomainError, Invalid, TooMany
from sessions.models import Account, Login, LoginAttempt, Person, Role, Unit
from sessions.names import clean

COOKIE = "diemcau_login"

T = TypeVar("T")

# Every request asks one of these: they are put together once.
_is_open = (
    among_given(Login.token_sha256, "digests"),
    Login.ended_at.is_(None),
    Login.expires_at > bindparam("now"),
    Account.disabled_at.is_(None),
)
_of_accounts = (Account, Account.person_id == Login.person_id)
_PEOPLE = (
    select(Login.token_sha256, Person).join(Person, Person.id == Login.person_id).join(*_of_accounts).where(*_is_open)
)
_IDS = select(Login.token_sha256, Login.person_id).join(*_of_accounts).where(*_is_open)

#: Failed tries that one name, or one address, may make within the window before it has to wait.
#: An office shares one address, hence the wider second figure.
TRIES_PER_NAME = 8
TRIES_PER_ADDRESS = 60
WINDOW = timedelta(minutes=15)

_USERNAME = re.compile(r"[\w.@-]{3,64}")

#: Argon2id with 19 MiB, 2 passes and 1 lane (OWASP, Password Storage Cheat Sheet). Before a conference a whole province
#: signs in at once: the library's own choice of 64 MiB and 3 passes takes seven times as long, a quarter of an hour of
#: both cores for 11,873 people.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Each keeps a core and its memory to itself for a moment, so a crowd at the door waits in line.
_hashing = BoundedSemaphore(2)


class WrongLogin(DomainError):
    status = 401
    code = "wrong-login"
    vi = "Tên đăng nhập hoặc mật khẩu không đúng."
    en = "The user name or the password is wrong."


class UsernameTaken(Conflict):
    code = "username-taken"
    vi = "Tên đăng nhập “{username}” đã có người dùng."
    en = "The user name “{username}” is already taken."


class UsernameUnfit(Invalid):
    code = "username-unfit"
    vi = "Tên đăng nhập gồm 3 đến 64 chữ cái, chữ số hoặc các dấu . _ - @, không có dấu cách."
    en = "A user name is 3 to 64 letters, digits or the marks . _ - @, without spaces."


class AccountHeldAlready(Conflict):
    code = "account-held-already"
    vi = "Người này đã có tài khoản đăng nhập."
    en = "This person already has an account."


class PasswordTooShort(Invalid):
    code = "password-too-short"
    vi = "Mật khẩu phải có ít nhất {least} ký tự."
    en = "A password needs at least {least} characters."


def hash_password(password: str) -> str:
    """Argon2id hash of a password of at least 8 characters (NIST SP 800-63B's least)."""
    if len(password) < 8:
        raise PasswordTooShort(least=8)
    return hash_checked(password)


def hash_checked(secret: str) -> str:
    """Argon2id hash of a secret whose strength somebody else has looked at."""
    with _hashing:
        return _hasher.hash(secret)


def is_fit(username: str) -> bool:
    """Whether an account may have this name."""
    return _USERNAME.fullmatch(username) is not None


def username_key(typed: str) -> str:
    """The one form of a user name, however its letters were typed: NFC, lower case."""
    return clean(typed.lower())


def open_account(db: Db, by: Person | None, person: Person, username: str, password: str) -> Account:
    """Let a person sign in; an administrator of their unit may give them an account (or the system, without `by`)."""
    if by:
        roles.demand(db, by.id, {Role.ADMINISTRATOR}, db.get_one(Unit, person.unit_id))
    name = username_key(username)
    if not is_fit(name):
        raise UsernameUnfit
    if db.get(Account, person.id):
        raise AccountHeldAlready
    row = insert(Account).values(
        person_id=person.id, username=name, password_hash=hash_password(password), created_at=clock.now()
    )
    # The database decides between two people who ask for one name at the same moment.
    account: Account | None = db.scalar(row.on_conflict_do_nothing().returning(Account))
    if account is None:
        raise UsernameTaken(username=name)
    audit.note(db, by, "account.opened", "person", person.id, username=name)
    return account


@lru_cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))


def sign_in(db: Db, username: str, password: str, *, address: str, user_agent: str) -> tuple[Person, str]:
    """The person behind a name and a password, and a new token for their cookie.

    Raises `TooMany` after too many failures, `WrongLogin` otherwise; an unknown name costs as much time as a wrong
    password, so that names can't be told apart by the clock.
    """
    name = username_key(username)
    demand_patience(db, name, address)
    account = db.scalar(select(Account).where(Account.username == name, Account.disabled_at.is_(None)))
    try:
        known = account.password_hash if account else _nobodys_hash()
        with _hashing:
            _hasher.verify(known, password)
    except VerifyMismatchError:
        account = None
    if account is None:
        remember_failure(name, address)
        raise WrongLogin
    if _hasher.check_needs_rehash(known):
        account.password_hash = hash_checked(password)
    return open_login(db, account, user_agent)


def open_login(db: Db, account: Account, user_agent: str) -> tuple[Person, str]:
    """Open a sign-in for who has proved who they are: the person, and a new token for their cookie."""
    person = db.get_one(Person, account.person_id)
    token, now = secrets.token_urlsafe(32), clock.now()
    login = Login(
        person_id=person.id,
        token_sha256=digest(token),
        created_at=now,
        expires_at=now + timedelta(days=api_settings().login_days),
        user_agent=user_agent[:300],
    )
    db.add(login)
    db.flush()
    audit.note(db, person, "login.opened", "login", login.id)
    return person, token


def person_of(db: Db, token: str | None) -> Person | None:
    """The person whose open sign-in this token is; nobody when it is absent, ended or expired."""
    return people_of(db, [token]).get(token) if token else None


def people_of(db: Db, tokens: Iterable[str]) -> dict[str, Person]:
    """The same for many tokens at once; one that is nobody's is missing."""
    return _open_logins(db, _PEOPLE, tokens)


def ids_of(db: Db, tokens: Iterable[str]) -> dict[str, UUID]:
    """The keys of the same people."""
    return _open_logins(db, _IDS, tokens)


def _open_logins(db: Db, statement: Select[bytes, T], tokens: Iterable[str]) -> dict[str, T]:
    by_digest = {digest(token): token for token in tokens}
    rows = db.execute(statement, {"digests": list(by_digest), "now": clock.now()})
    return {by_digest[token_sha256]: whose for token_sha256, whose in rows}


def sign_out(db: Db, token: str | None) -> None:
    """End the sign-in of this token; signing out twice is no error."""
    login = db.scalar(select(Login).where(Login.token_sha256 == digest(token or ""), Login.ended_at.is_(None)))
    if login:
        login.ended_at = clock.now()


def change_password(db: Db, person: Person, current: str, new: str, *, keep_token: str | None, address: str) -> None:
    """Set a new password after showing the old one, and end every other sign-in of the person.

    Wrong tries count as they do at the door: a borrowed phone must not become a place to guess the password.
    """
    account = db.get_one(Account, person.id)
    demand_patience(db, account.username, address)
    try:
        with _hashing:
            _hasher.verify(account.password_hash, current)
    except VerifyMismatchError:
        remember_failure(account.username, address)
        raise WrongLogin from None
    account.password_hash = hash_password(new)
    others = select(Login).where(
        Login.person_id == person.id, Login.ended_at.is_(None), Login.token_sha256 != digest(keep_token or "")
    )
    for login in db.scalars(others):
        login.ended_at = clock.now()
    audit.note(db, person, "password.changed", "person", person.id)


def demand_patience(db: Db, name: str, address: str) -> None:
    """Raise `TooMany` while this name, or this address, has failed too often of late."""
    since = clock.now() - WINDOW
    by_name, by_address = LoginAttempt.username == name, LoginAttempt.address == address
    tries, oldest, tries_here, oldest_here = db.execute(
        select(
            func.count().filter(by_name),
            func.min(LoginAttempt.at).filter(by_name),
            func.count().filter(by_address),
            func.min(LoginAttempt.at).filter(by_address),
        ).where(LoginAttempt.at > since, or_(by_name, by_address))
    ).one()
    full = [(TRIES_PER_NAME, tries, oldest), (TRIES_PER_ADDRESS, tries_here, oldest_here)]
    # The next try is free as soon as the oldest failure of the full row has left the window.
    waits = [(first - since).total_seconds() for most, count, first in full if count >= most]
    if waits:
        raise TooMany(wait_seconds=max(1, ceil(max(waits))))


def remember_failure(name: str, address: str) -> None:
    """Count a failure against a name and an address."""
    # In a transaction of its own: the request's own one is rolled back by the refusal.
    with transaction() as db:
        db.execute(delete(LoginAttempt).where(LoginAttempt.at < clock.now() - 4 * WINDOW))
        db.add(LoginAttempt(username=name[:200], address=address, at=clock.now()))


def digest(token: str) -> bytes:
    """What is kept of a token: a thief of the database gets no sign-ins."""
    return hashlib.sha256(token.encode()).digest()

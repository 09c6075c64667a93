"""The door: signing in and out, who I am, and a new password."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api import devices, login
from api.deps import DbDep, Signed
from api.schemas import PROBLEMS, PersonRef, Problem, RoleHeld
from api.settings import api_settings
from sessions import people, roles
from sessions.db import Db
from sessions.models import Account, Person

router = APIRouter(tags=["login"], responses=PROBLEMS)

#: What people type, before it is cleaned; a length that no hash has to work on for long.
Typed = Annotated[str, Field(min_length=1, max_length=200)]
_LONGEST_DEVICE = 100


class Credentials(BaseModel):
    username: Typed
    password: Typed


class NewPassword(BaseModel):
    current: Typed
    new: Typed


class Me(BaseModel):
    """The signed-in person and what they may do where."""

    person: PersonRef
    username: str
    roles: list[RoleHeld]


@router.post("/login", responses={429: {"model": Problem, "description": "Too many tries"}})
def sign_in(db: DbDep, request: Request, response: Response, typed: Credentials) -> Me:
    """Sign in; the answer sets the cookie that carries the sign-in from then on."""
    agent = request.headers.get("user-agent", "")
    person, token = login.sign_in(db, typed.username, typed.password, address=address_of(request), user_agent=agent)
    devices.note(db, device_of(request, response), person)
    remember(response, token)
    return me_of(db, person)


@router.post("/logout", status_code=204)
def sign_out(db: DbDep, request: Request, response: Response) -> None:
    """End this sign-in and forget its cookie. Signing out twice is no error."""
    login.sign_out(db, request.cookies.get(login.COOKIE))
    secure = api_settings().sends_secure_cookies
    response.delete_cookie(login.COOKIE, path="/", httponly=True, samesite="lax", secure=secure)


@router.get("/me")
def readme_of(db: DbDep, person: Signed) -> Me:
    """Who is signed in here."""
    return me_of(db, person)


@router.post("/me/password", status_code=204, responses={429: {"model": Problem, "description": "Too many tries"}})
def change_password(db: DbDep, request: Request, person: Signed, typed: NewPassword) -> None:
    """Choose a new password; every other device of this person is signed out."""
    token = request.cookies.get(login.COOKIE)
    login.change_password(db, person, typed.current, typed.new, keep_token=token, address=address_of(request))


def remember(response: Response, token: str) -> None:
    """Let the answer set the cookie that carries a sign-in."""
    _set_cookie(response, login.COOKIE, token, api_settings().login_days * 24 * 3600)


def device_of(request: Request, response: Response) -> str:
    """What this browser is known by; one that is new gets a cookie of its own."""
    known = request.cookies.get(devices.COOKIE)
    device = known if known and len(known) < _LONGEST_DEVICE else devices.new()
    _set_cookie(response, devices.COOKIE, device, devices.COOKIE_SECONDS)
    return device


def _set_cookie(response: Response, name: str, value: str, seconds: int) -> None:
    secure = api_settings().sends_secure_cookies
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)


def me_of(db: Db, person: Person) -> Me:
    """Who somebody is here, as their pages show it."""
    return Me(
        person=PersonRef.of(*people.with_unit(db, person)),
        username=db.get_one(Account, person.id).username,
        roles=[RoleHeld.of(grant, unit) for grant, unit in roles.grants_of(db, person.id)],
    )


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""

"""The HTTP contract: committed, and no route without a word on who may call it."""

from collections.abc import Iterator
from pathlib import Path

from fastapi.routing import APIRoute

from api import contract, deps
from api.app import create_app

#: Who is not signed in may knock, come with a slip, ask whether the house stands, and fetch the pages; and a calendar
#: program, which cannot sign in, may read a calendar under its secret address.
PUBLIC = {
    "POST /login",
    "POST /logout",
    "POST /activation",
    "POST /activation/slip",
    "GET /healthz",
    "GET /readyz",
    "GET /metrics",
    "GET /calendars/{feed_id}/{token}.ics",
    "GET /{path:path}",
    "HEAD /{path:path}",
}


def test_the_committed_contract_is_what_the_code_serves():
    committed = (Path(__file__).parent / "openapi.json").read_text("utf-8")
    assert contract.document() == committed, "routes or shapes changed: run `make openapi` and commit what it writes"


def test_every_route_says_who_may_call_it():
    routes = list(_routes())
    assert len(routes) > 40
    unguarded = {
        f"{method} {route.path}"
        for route in routes
        for method in route.methods
        if not _asks_for_a_person(route.dependant)
    }
    assert unguarded == PUBLIC


def _routes() -> Iterator[APIRoute]:
    # FastAPI keeps an included router whole, so the walk goes into it.
    for outer in create_app().routes:
        router = getattr(outer, "original_router", None)
        for route in router.routes if router else [outer]:
            if isinstance(route, APIRoute):
                yield route


def _asks_for_a_person(dependant) -> bool:
    return any(
        isinstance(each.call, deps.Require)
        or each.call in (deps.get_person, deps.get_token)
        or _asks_for_a_person(each)
        for each in dependant.dependencies
    )

"""The HTTP application: every route, the shape of every refusal, the web UI, and what watches over all of them."""

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api import webui
from api.errors import speak_problems
from api.guard import Guard
from api.limits import Limits
from api.routes import (
    activation,
    agenda,
    audit,
    calendars,
    cards,
    credits,
    documents,
    doors,
    exemptions,
    findings,
    gate,
    group,
    handovers,
    headcount_totals,
    health,
    jobs,
    leases,
    line,
    live,
    login,
    meetings,
    people,
    photos,
    point_changes,
    point_lists,
    points,
    preparation,
    recordings,
    reports,
    reviews,
    rosters,
    sessions,
    system,
    timelines,
    units,
    unlocking,
    uploads,
    viewings,
)
from api.shortcut import Shortcut

log = logging.getLogger("api")

PREFIX = "/api/v1"


def create_app() -> FastAPI:
    """The whole front desk, ready to serve."""
    app = FastAPI(
        title="Diem Cau",
        version=version("diemcau"),
        description="Conferences with their connection points, replay over weak links, and credit for watching.",
        generate_unique_id_function=_operation_id,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
    )
    speak_problems(app)
    app.add_middleware(Shortcut, api=PREFIX)
    app.add_middleware(Guard, api=PREFIX)
    app.add_middleware(Limits)
    for each in (
        # First, for routes are tried in turn, and nothing is asked for as often as beats are brought.
        viewings,
        login,
        activation,
        units,
        people,
        exemptions,
        rosters,
        sessions,
        point_lists,
        agenda,
        calendars,
        handovers,
        headcount_totals,
        photos,
        points,
        point_changes,
        meetings,
        preparation,
        line,
        live,
        doors,
        cards,
        documents,
        uploads,
        jobs,
        findings,
        unlocking,
        gate,
        recordings,
        leases,
        group,
        timelines,
        credits,
        reviews,
        reports,
        audit,
        system,
    ):
        app.include_router(each.router, prefix=PREFIX)
    app.include_router(health.router)
    _describe_problems(app)
    webui.serve(app, Path(__file__).parent / "web" / "dist")
    return app


def _describe_problems(app: FastAPI) -> None:
    """Let the contract name the media type that refusals really have; FastAPI knows only that of the route."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, answer in operation.get("responses", {}).items():
                    if status >= "400" and "application/json" in answer.get("content", {}):
                        answer["content"]["application/problem+json"] = answer["content"].pop("application/json")
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # The way FastAPI documents for extending it.


def _operation_id(route: APIRoute) -> str:
    return route.name

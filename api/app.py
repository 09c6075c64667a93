"""The HTTP application: every route, the shape of every refusal, the web UI, and what watches over all of them."""

import logging
import time
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from prometheus_client import Counter, Histogram

from api import webui
from api.errors import CrossSite, problem, speak_problems
from api.limits import Limits
from api.routes import (
    audit,
    credits,
    gate,
    group,
    health,
    jobs,
    leases,
    login,
    people,
    points,
    recordings,
    reports,
    reviews,
    sessions,
    system,
    timelines,
    units,
    unlocking,
    uploads,
    viewings,
)

log = logging.getLogger("api")

PREFIX = "/api/v1"

#: Where a browser may say that a changing request comes from: our own pages, or a person's own hand.
_OWN_SITE = {"same-origin", "none"}

_requests = Counter("diemcau_http_requests", "Answered requests", ["method", "route", "status"])
_seconds = Histogram("diemcau_http_seconds", "Time to answer", ["method", "route"])


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
    app.middleware("http")(_guard)
    app.add_middleware(Limits)
    for each in (
        login,
        units,
        people,
        sessions,
        points,
        uploads,
        jobs,
        unlocking,
        gate,
        recordings,
        viewings,
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


async def _guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Turn away requests that another site makes in a person's name; count and time the rest; harden the answer."""
    started = time.perf_counter()
    if (
        request.method not in {"GET", "HEAD", "OPTIONS"}
        and request.headers.get("sec-fetch-site", "none") not in _OWN_SITE
    ):
        return problem(request, CrossSite())
    response = await answer(request)
    route = getattr(request.scope.get("route"), "path", "other")
    _requests.labels(request.method, route, response.status_code).inc()
    _seconds.labels(request.method, route).observe(time.perf_counter() - started)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Content-Security-Policy", webui.CONTENT_POLICY)
    if request.url.path.startswith(PREFIX):
        response.headers.setdefault("Cache-Control", "no-store")
    return response

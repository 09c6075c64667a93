"""What stands before every route: no requests of other sites in a person's name, figures of all, hardened answers."""

import time

from fastapi import Request
from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import webui
from api.errors import CrossSite, problem

#: Where a browser may say that a changing request comes from: our own pages, or a person's own hand.
_OWN_SITE = {"same-origin", "none"}
_READING = {"GET", "HEAD", "OPTIONS"}

_requests = Counter("diemcau_http_requests", "Answered requests", ["method", "route", "status"])
_seconds = Histogram("diemcau_http_seconds", "Time to answer", ["method", "route"])


class Guard:
    """An ASGI layer; a layer of the framework's own kind would cost each beat as much as its route does."""

    def __init__(self, app: ASGIApp, api: str) -> None:
        """`api` is where the addresses begin that are no pages."""
        self._app, self._api = app, api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        method = scope["method"]
        if method not in _READING and Headers(scope=scope).get("sec-fetch-site", "none") not in _OWN_SITE:
            await problem(Request(scope), CrossSite())(scope, receive, send)
            return

        async def harden(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                _requests.labels(method, route, message["status"]).inc()
                _seconds.labels(method, route).observe(time.perf_counter() - started)
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "same-origin")
                headers.setdefault("Content-Security-Policy", webui.CONTENT_POLICY)
                if scope["path"].startswith(self._api):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, harden)

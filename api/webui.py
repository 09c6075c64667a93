"""The built web UI, served from beside this file: hashed files for ever, the shell anew each time."""

import mimetypes
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Header
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

# Not every machine's own table knows these.
mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("application/manifest+json", ".webmanifest")

#: Everything from this site only; blobs are what a player plays and a worker keeps.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)


def serve(app: FastAPI, folder: Path) -> None:
    """Answer every address that no route has: with a file of the UI, or with its shell for the UI's own pages.

    What is there is listed once, so that an address is only ever looked up, never followed into the file system. A file
    that was pressed at build time (`name.gz`) goes out pressed.
    """
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}

    @app.api_route("/{path:path}", methods=["GET", "HEAD"], include_in_schema=False)
    def web_ui(path: str, accept_encoding: Annotated[str, Header()] = "") -> Response:
        is_file = "." in path.rsplit("/", 1)[-1] or path.startswith("api/")
        name = path if path in files or is_file else "index.html"
        if name not in files or name.endswith(".gz"):
            raise HTTPException(404)
        headers = {"Cache-Control": _keeping(name)}
        pressed = files.get(f"{name}.gz")
        if pressed is None:
            return FileResponse(files[name], headers=headers)
        headers["Vary"] = "Accept-Encoding"
        if "gzip" not in accept_encoding:
            return FileResponse(files[name], headers=headers)
        kind = mimetypes.guess_type(name)[0]
        return FileResponse(pressed, media_type=kind, headers=headers | {"Content-Encoding": "gzip"})


def _keeping(path: str) -> str:
    # Vite puts a hash of the content into every name below assets/; the rest may change under its name.
    return "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"

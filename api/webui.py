"""The built web UI, served from beside this file: hashed files for ever, the shell anew each time."""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, Response
from starlette.exceptions import HTTPException

#: Everything from this site only; blobs are what a player plays and a worker keeps.
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)


def serve(app: FastAPI, folder: Path) -> None:
    """Answer every address that no route has: with a file of the UI, or with its shell for the UI's own pages."""

    @app.get("/{path:path}", include_in_schema=False)
    def web_ui(path: str) -> Response:
        file = (folder / path).resolve()
        if path and file.is_file() and file.is_relative_to(folder.resolve()):
            return FileResponse(file, headers={"Cache-Control": _keeping(path)})
        if path.startswith("api/") or "." in path.rsplit("/", 1)[-1] or not (folder / "index.html").is_file():
            raise HTTPException(404)
        return FileResponse(folder / "index.html", headers={"Cache-Control": "no-cache"})


def _keeping(path: str) -> str:
    # Vite puts a hash of the content into every name below assets/; the rest may change under its name.
    return "public, max-age=31536000, immutable" if path.startswith("assets/") else "no-cache"

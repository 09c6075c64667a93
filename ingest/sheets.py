"""Contact sheets: small pictures of a file that waits for its release, for the person who may release it.

They lie beside the quarantine, not in the storage: like it they are neither served by name, nor versioned, nor backed
up, and are destroyed once nothing is to be decided any more.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from archive.disk import make_folder
from ingest.inspection import Picture, shrink
from sessions.errors import NotFound
from sessions.settings import register_settings


class PictureGone(NotFound):
    code = "picture-gone"
    vi = "Không có hình này; có thể tệp đã được quyết định xong nên bảng hình đã bị huỷ."
    en = "There is no such picture; perhaps the file was decided on and its contact sheet destroyed."


def keep(job_id: UUID, pictures: Sequence[Picture]) -> list[dict[str, object]]:
    """Keep these pictures as the job's sheet, in place of an older one; gives for each where it is from and its size.

    A step that is done twice writes the same files.
    """
    drop(job_id)
    folder = _folder() / str(job_id)
    make_folder(folder)
    kept: list[dict[str, object]] = []
    for position, picture in enumerate(pictures, 1):
        width, height = shrink(picture, folder / _name(position))
        kept.append({"page": picture.page, "at_seconds": picture.at_seconds, "width": width, "height": height})
    return kept


def is_kept(job_id: UUID) -> bool:
    """Whether the job still has its sheet."""
    return (_folder() / str(job_id)).is_dir()


def read(job_id: UUID, position: int) -> bytes:
    """One picture of a job's sheet, 1 for the first, as WebP; raises `PictureGone`."""
    try:
        return (_folder() / str(job_id) / _name(position)).read_bytes()
    except FileNotFoundError:
        raise PictureGone from None


def drop(job_id: UUID) -> None:
    """Destroy a job's sheet; no error when there is none."""
    shutil.rmtree(_folder() / str(job_id), ignore_errors=True)


def ids() -> Iterator[UUID]:
    """The jobs that have a sheet here."""
    with suppress(FileNotFoundError):
        yield from (UUID(path.name) for path in _folder().iterdir())


def _folder() -> Path:
    return register_settings().data_dir / "sheets"


def _name(position: int) -> str:
    return f"{position:04}.webp"

"""How soon a replay is heard on a weak link, and whether it halts afterwards, in Chromium with the application kept.

The link is shaped by `shaped.py`: 64 kbit/s and 300 ms each way for the start; 48 kbit/s for slides + speech and 150
kbit/s for video afterwards, a minute each. `STALL_SECONDS=1800` runs the half hour of each.
"""

import io
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from PIL import Image, ImageDraw
from playwright.sync_api import Page
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session as Db
from sqlalchemy.pool import NullPool

from archive import catalogue
from archive.catalogue import Cue
from archive.localstorage import LocalStorage
from archive.models import Deck, Recording, RenditionKind, SlidePage
from archive.playlists import Stream, StreamKind
from ingest import ladder, speech
from sessions import clock
from sessions.models import CreditPolicy
from tests import media
from tests.benchmarks import inputs
from tests.benchmarks.row import Row
from tests.benchmarks.shaped import Link, link_to
from tests.browser import chromium
from tests.journeys.site import Site, site
from tests.journeys.walk import Walk

SECONDS = 3 * 3600.0
PAGES = 100
#: Bytes a second and seconds each way (PLATFORM.md, section 8).
RATE, DELAY = 8_000, 0.3
MOST_SECONDS = 6.0
STALL_SECONDS = float(os.environ.get("STALL_SECONDS", "60"))
#: 48 kbit/s for slides + speech, 150 kbit/s for video.
STALL_RATES = {"slides": 6_000, "video": 18_750}
#: Syllables put together from these press as badly as real text does.
_ONSETS = "b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x"
_RIMES = "ạn ảo ành ất ây ẩm ê ến ệt ia iếu in iền ịnh o ố ộng ơi ới ợp u uân uộc ùng ư ương ửa ưởng y yết"

_LISTEN = """() => {
  window.heard = { tapped: 0, sounded: 0, halted: 0 };
  document.addEventListener("click", () => { heard.tapped ||= performance.now(); }, true);
  setInterval(() => {
    const media = document.querySelector("audio, video");
    if (!media) return;
    if (!heard.sounded && media.currentTime > (heard.from ??= media.currentTime)) heard.sounded = performance.now();
    if (heard.sounded && media.readyState < 3 && !media.ended) heard.halted += 0.02;
  }, 20);
}"""


def measure() -> Row:
    with tempfile.TemporaryDirectory(prefix="diemcau-start-") as folder, site() as running:
        walk = Walk(running.address)
        walk.set_up()
        walk.register()
        recording = _three_hours(running, UUID(walk.session["id"]), Path(folder))
        needed = _bytes_needed(walk, recording)
        with link_to(running.port) as link, _phone(link, recording) as page:
            begun = _start(page, link)
            stalled = {"slides": _play(page, link, "slides")}
            _switch(page, link)
            stalled["video"] = _play(page, link, "video")
        walk.close()
    return Row(
        name="start-64k",
        what="tap to first sound at 64 kbit/s and 300 ms each way, of three hours",
        ours=begun["seconds"],
        bound=needed / RATE + 2 * 2 * DELAY,
        unit="s",
        side="<=",
        goal=1.3,
        details={
            "bytes_before_sound": begun["bytes"],
            "bytes_needed": needed,
            "within_6_s": begun["seconds"] <= MOST_SECONDS,
            "played_seconds": STALL_SECONDS,
            "halted_seconds_slides_48k": round(stalled["slides"], 2),
            "halted_seconds_video_150k": round(stalled["video"], 2),
        },
    )


def _bytes_needed(walk: Walk, recording: UUID) -> int:
    """What must come before a sound can: the answer that opens the viewing, and the speech up to its first second."""
    opening = {"json": {"texts": False}, "headers": {"Accept-Encoding": "gzip"}}
    opened = walk.member.http.post(f"/recordings/{recording}/viewings", **opening)
    source = opened.json()["speech"][0]
    head = walk.member.http.get(source["url"].removeprefix("/api/v1"), headers={"Range": "bytes=0-32767"}).content
    answer = int(opened.headers["content-length"])
    return answer + head.index(b"\x1f\x43\xb6\x75") + source["bit_rate"] // 8


@contextmanager
def _phone(link: Link, recording: UUID) -> Iterator[Page]:
    """A phone whose person is signed in and stands before the button, with the application kept on it."""
    with chromium.launched() as browser:
        context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{link.port}/")
        page.get_by_label("Tên đăng nhập").fill("thanhvien")
        page.get_by_label("Mật khẩu", exact=True).fill("thanhvien-2026")
        page.get_by_role("button", name="Đăng nhập").click()
        page.get_by_role("navigation").wait_for()
        page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
        page.goto(f"http://127.0.0.1:{link.port}/xem-lai/{recording}")
        page.get_by_role("button", name="Bắt đầu xem").wait_for()
        page.wait_for_load_state("networkidle")
        yield page


def _start(page: Page, link: Link) -> dict[str, Any]:
    """Seconds from the tap to the first sound, and the bytes that had come down by then."""
    page.evaluate(_LISTEN)
    link.bytes_a_second, link.delay, link.received = RATE, DELAY, 0
    page.get_by_role("button", name="Bắt đầu xem").tap()
    page.wait_for_function("() => heard.sounded", polling=20, timeout=120_000)
    received = link.received
    heard = page.evaluate("heard")
    return {"seconds": (heard["sounded"] - heard["tapped"]) / 1000, "bytes": received}


def _switch(page: Page, link: Link) -> None:
    """Go over to video in place, and wait until it runs: its player is fetched only now."""
    link.bytes_a_second = STALL_RATES["video"]
    page.get_by_role("button", name="Chuyển sang video").tap()
    at = page.evaluate("document.querySelector('video').currentTime")
    runs = "(at) => { const v = document.querySelector('video'); return v.readyState > 2 && v.currentTime > at + 0.5; }"
    page.wait_for_function(runs, arg=at, timeout=120_000)


def _play(page: Page, link: Link, way: str) -> float:
    """Play on at the rate of this way to watch; the seconds for which it halted."""
    link.bytes_a_second = STALL_RATES[way]
    page.evaluate("heard.halted = 0")
    page.wait_for_timeout(STALL_SECONDS * 1000)
    halted: float = page.evaluate("heard.halted")
    return halted


def _three_hours(running: Site, session: UUID, folder: Path) -> UUID:
    """A published recording with speech, a hundred pages with text, and a light rung of video; nobody is questioned."""
    storage, now = LocalStorage(running.home / "storage"), clock.now()
    with Db(create_engine(running.database_url, poolclass=NullPool)) as db:
        db.execute(update(CreditPolicy).where(CreditPolicy.session_id == session).values(prompts_required=0.0))
        common = {"session_id": session, "source_sha256": "0" * 64, "source_key": "none", "created_at": now}
        kept = Recording(
            id=uuid4(), title="Ba giờ", duration_seconds=SECONDS, source_bytes=1, facts={}, content={}, **common
        )
        deck = Deck(id=uuid4(), title="Báo cáo", **common)
        kept.published_at = deck.published_at = now
        db.add_all([kept, deck])
        db.flush()
        sound = _speech(folder)
        storage.put(f"recordings/{kept.id}/{sound.name}", sound)
        _keep(db, kept, RenditionKind.SPEECH, "opus", sound.name, ladder.OPUS.media_type, sound.stat().st_size)
        for stream, files in _video(folder):
            entry = f"video/{stream.name}/index.m3u8"
            for file in files:
                storage.put(f"recordings/{kept.id}/video/{stream.name}/{file.name}", file)
            size, kind = sum(file.stat().st_size for file in files), RenditionKind(stream.kind.value)
            _keep(db, kept, kind, stream.name, entry, "application/vnd.apple.mpegurl", size, stream)
        catalogue.keep_pages(db, deck, [_page(storage, deck, number) for number in range(1, PAGES + 1)])
        cues = [Cue(number + 1, number * SECONDS / PAGES, 0.9) for number in range(PAGES)]
        catalogue.keep_timeline(db, kept.id, deck.id, cues)
        db.commit()
        return kept.id


def _keep(
    db: Db,
    kept: Recording,
    kind: RenditionKind,
    name: str,
    entry: str,
    media_type: str,
    size: int,
    stream: Stream | None = None,
) -> None:
    catalogue.keep_rendition(
        db,
        id=uuid4(),
        recording_id=kept.id,
        kind=kind,
        name=name,
        ladder_version="bench",
        entry=entry,
        media_type=media_type,
        bytes=size,
        bit_rate=round(8 * size / SECONDS),
        stream=stream.to_json() if stream else None,
    )


def _page(storage: LocalStorage, deck: Deck, number: int) -> SlidePage:
    """A page of about 14 KB with three hundred letters on it, as decks have (MEDIA.md)."""
    words = random.Random(number)
    lines = [" ".join(words.choice(_ONSETS.split()) + words.choice(_RIMES.split()) for _ in range(9)) for _ in range(7)]
    picture = Image.new("RGB", (960, 540), "white")
    for place, line in enumerate(lines):
        ImageDraw.Draw(picture).text((40, 40 + 68 * place), line, fill="black", font_size=30)
    for name, width in ((f"{number:04}.webp", 960), (f"{number:04}-thumb.webp", 160)):
        pressed = io.BytesIO()
        picture.resize((width, width * 9 // 16)).save(pressed, "WEBP", quality=50)
        storage.put_bytes(f"decks/{deck.id}/{name}", pressed.getvalue())
    return SlidePage(
        deck_id=deck.id, position=number, picture=f"{number:04}.webp", thumbnail=f"{number:04}-thumb.webp",
        width=960, height=540, bytes=14_000, text="\n".join(lines), search_key="",
    )  # fmt: skip


def _source(folder: Path) -> tuple[Path, float]:
    """The shared talk, or a clip of our own making, and its seconds."""
    shared = inputs.REAL / "bench" / "m5.mp4"
    if shared.exists():
        return shared, 300.0
    return media.clip(folder / "own.mp4", seconds=60, size=(640, 360), fps=5), 60.0


def _speech(folder: Path) -> Path:
    """Encoded once, and repeated into the container that speech has."""
    source, seconds = _source(folder)
    rung, piece = ladder.OPUS, folder / "piece.webm"
    options = [word for key, value in dict(rung.options).items() for word in (f"-{key}", value)]
    media.ffmpeg("-i", source, "-vn", "-c:a", rung.codec, "-b:a", rung.bit_rate, *options, piece)
    container = [w for key, v in speech.CONTAINERS["opus"].items() for w in ("-f" if key == "format" else f"-{key}", v)]
    times = round(SECONDS / seconds) - 1
    media.ffmpeg("-stream_loop", times, "-i", piece, "-c", "copy", *container, folder / rung.file_name)
    return folder / rung.file_name


def _video(folder: Path) -> Iterator[tuple[Stream, list[Path]]]:
    """The lightest H.264 rung and its sound, for as long as the run plays; the file names are those of the ladder."""
    source, seconds = _source(folder)
    length = STALL_SECONDS + 120
    looped = ("-stream_loop", int(length / seconds), "-i", source, "-t", length)
    hls = ("-f", "hls", "-hls_time", "6", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4")
    picture = ("-an", "-r", 5, "-s", "640x360", "-c:v", "libx264", "-preset", "veryfast", "-crf", 31)
    capped = ("-maxrate", "40k", "-bufsize", "160k", "-g", 30, "-keyint_min", 30, "-sc_threshold", 0)
    sound = ("-vn", "-c:a", "aac", "-ac", 1, "-ar", 24_000, "-b:a", "24k")
    streams = {
        "v360": (StreamKind.VIDEO, "avc1.64001e", (*picture, *capped), 40_000, 640, 360, 5.0, "hls-aac"),
        "hls-aac": (StreamKind.SOUND, "mp4a.40.2", sound, 24_000),
    }
    for name, (kind, codecs, coding, rate, *more) in streams.items():
        (folder / name).mkdir()
        media.ffmpeg(
            *looped, *coding, *hls, "-hls_segment_filename", folder / name / "%d.m4s", folder / name / "index.m3u8"
        )
        yield Stream(name, kind, codecs, rate, rate * 3 // 2, 6, 1, (), *more), sorted((folder / name).iterdir())

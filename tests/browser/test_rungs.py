"""A member chooses what the video may cost, in place, and the queue says when a file will be there."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from archive.models import Recording, Rendition, RenditionKind
from archive.playlists import Stream, StreamKind
from archive.storage import storage
from ingest.models import IngestJob, JobState, JobStep, StepKind, StepState, Upload, UploadKind
from sessions import clock
from tests import media
from tests.browser.screen import SHAPES
from tests.cast import conference

pytestmark = pytest.mark.browser

SECONDS = 60
PICTURES = {
    "a360": ("av01.0.00M.08", "hls-opus", ("-c:v", "libsvtav1", "-preset", "12", "-crf", "55"), (320, 180)),
    "v360": ("avc1.64000c", "hls-aac", ("-c:v", "libx264", "-preset", "ultrafast"), (320, 180)),
    "v480": ("avc1.64000d", "hls-aac", ("-c:v", "libx264", "-preset", "ultrafast"), (480, 270)),
}
SOUNDS = {"hls-opus": ("opus", ("-c:a", "libopus")), "hls-aac": ("mp4a.40.2", ("-c:a", "aac"))}
WHY = {"code": "rendition-defective", "vi": "Hình và tiếng lệch nhau 0,4 giây.", "en": "Sound is 0.4 s late."}


@pytest.fixture
def recording(db, cast, tmp_path):
    """A published recording with speech and three rungs, whose second half moves."""
    session = conference(db, cast)
    half = 15.0
    still = {"start_seconds": 0.0, "end_seconds": half, "motion": "still"}
    moving = {"start_seconds": half, "end_seconds": float(SECONDS), "motion": "moving"}
    kept = Recording(
        id=uuid4(),
        session_id=session.id,
        title=session.title,
        duration_seconds=float(SECONDS),
        source_sha256="0" * 64,
        source_key="originals/none",
        source_bytes=1,
        facts={},
        content={"sections": [still, moving], "cuts": [], "noise": 0.0},
        created_at=clock.now(),
        published_at=clock.now(),
    )
    db.add(kept)
    db.flush()
    source = media.clip(tmp_path / "source.mp4", seconds=SECONDS, size=(480, 270), fps=5)
    media.ffmpeg("-i", source, "-vn", "-c:a", "libopus", tmp_path / "speech.webm")
    put(db, kept, RenditionKind.SPEECH, "opus", tmp_path / "speech.webm", "speech.webm", "audio/webm", 16_000)
    for name, (codecs, coding) in SOUNDS.items():
        files = cut(source, tmp_path / name, "-vn", *coding)
        stream = Stream(name, StreamKind.SOUND, codecs, 24_000, 30_000, 4, 1, ())
        put_stream(db, kept, RenditionKind.SOUND, stream, files)
    for weight, (name, (codecs, sound, coding, (width, height))) in enumerate(PICTURES.items(), 1):
        every = ("-an", "-s", f"{width}x{height}", "-g", "20", "-keyint_min", "20", *coding)
        files = cut(source, tmp_path / name, *every)
        rate = 20_000 * weight
        stream = Stream(name, StreamKind.VIDEO, codecs, rate, rate, 4, 1, (), width, height, 5.0, sound)
        put_stream(db, kept, RenditionKind.VIDEO, stream, files)
    put(db, kept, RenditionKind.DOWNLOAD, "v360-mp4", source, "download.mp4", "video/mp4", 64_000)
    db.commit()
    return kept


def cut(source, folder, *coding):
    folder.mkdir()
    hls = ("-f", "hls", "-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4")
    media.ffmpeg("-i", source, *coding, *hls, "-hls_segment_filename", folder / "%d.m4s", folder / "index.m3u8")
    return sorted(folder.iterdir())


def put(db, recording, kind, name, file, entry, media_type, rate, stream=None):
    size = file.stat().st_size if stream is None else rate * SECONDS // 8
    if stream is None:
        storage().put_bytes(f"recordings/{recording.id}/{entry}", file.read_bytes())
    db.add(
        Rendition(
            recording_id=recording.id,
            kind=kind,
            name=name,
            ladder_version="test",
            entry=entry,
            media_type=media_type,
            bytes=size,
            bit_rate=rate,
            stream=stream.to_json() if stream else None,
            created_at=clock.now(),
        )
    )


def put_stream(db, recording, kind, stream, files):
    for file in files:
        storage().put_bytes(f"recordings/{recording.id}/video/{stream.name}/{file.name}", file.read_bytes())
    entry = f"video/{stream.name}/index.m3u8"
    put(db, recording, kind, stream.name, None, entry, "application/vnd.apple.mpegurl", stream.bit_rate, stream)


def test_the_picture_is_chosen_by_hand_in_place_and_changes_codec_without_losing_the_position(seat, cast, recording):
    screen = seat("mai", 360)
    page = screen.page
    fetched = []
    page.on("response", lambda response: fetched.append(response.url) if ".m4s" in response.url else None)
    screen.visit(f"/xem-lai/{recording.id}")
    assert "Rất nhẹ 180 dòng · " in page.get_by_role("radio", name="Video").locator("xpath=..").inner_text()
    screen.picture("rungs-before")
    page.get_by_role("radio", name="Video").check()
    page.get_by_role("button", name="Bắt đầu xem").tap()
    page.wait_for_function("() => document.querySelector('video')?.currentTime > 1")
    picture = page.get_by_label("Mức hình")
    for name, lines in (("v480", 270), ("a360", 180), ("v360", 180)):
        before = page.evaluate("document.querySelector('video').currentTime")
        picture.select_option(name)
        page.wait_for_function(
            "([at, lines]) => { const v = document.querySelector('video');"
            " return v.videoHeight === lines && v.currentTime > at + 0.5 && !v.paused; }",
            arg=[before, lines],
        )
        assert before < page.evaluate("document.querySelector('video').currentTime") < before + 15
        assert any(f"/{name}/" in url for url in fetched)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    screen.picture("rungs-video")


def test_a_moving_stretch_hints_at_the_video_with_its_cost_and_leads_there_in_place(seat, cast, recording):
    screen = seat("mai", 360)
    page = screen.page
    screen.visit(f"/xem-lai/{recording.id}")
    page.get_by_role("button", name="Bắt đầu xem").tap()
    page.wait_for_function("() => document.querySelector('audio')?.currentTime > 0.2")
    hint = page.get_by_text("Đoạn này có hình chuyển động")
    assert hint.count() == 0
    assert page.get_by_role("link", name="Tải về máy").is_visible()
    page.get_by_role("slider").press("PageUp")
    page.get_by_role("slider").press("Home")
    for _ in range(2):
        page.get_by_role("button", name="Tới 10 giây").tap()
    hint.wait_for()
    screen.picture("rungs-moving")
    at = page.evaluate("document.querySelector('audio').currentTime")
    page.get_by_role("button", name="Xem đoạn này bằng video").tap()
    page.wait_for_function("(at) => document.querySelector('video')?.currentTime >= at", arg=at)
    assert hint.count() == 0


@pytest.mark.parametrize("width", SHAPES)
def test_the_queue_says_when_each_file_will_be_there_and_why_one_form_failed(db, seat, cast, recording, width):
    screen = seat("duyet", width)
    screen.visit("/hang-doi")
    assert screen.page.get_by_text("Không có tệp nào đang chờ").is_visible()
    enter_queue(db, cast, recording)
    card = screen.page.get_by_role("listitem").filter(has_text="hoi-nghi-sang.mp4")
    card.get_by_text("Video nhẹ: đang làm").wait_for(timeout=10_000)
    text = screen.page.locator("main").inner_text()
    assert re.search(r"nhanh gấp \d(,\d)? lần thời gian thật", text)
    assert "Video rõ: lỗi" in text
    assert "Hình và tiếng lệch nhau 0,4 giây." in text
    assert "đủ các mức: " in text
    assert "bản nghe + trang chiếu: " in text
    screen.picture("queue")


def enter_queue(db, cast, recording):
    """One file that can be heard already and is being encoded, and one that only waits."""
    now = clock.now()
    waiting, running, done, failed = StepState
    begun = {"started_at": now - timedelta(seconds=10), "progress": 0.5}
    past = {"started_at": now - timedelta(seconds=60), "finished_at": now - timedelta(seconds=20)}
    recording.duration_seconds = 480.0
    encoding = [
        (StepKind.SPEECH, 0, 40.0, done, past),
        (StepKind.TIMELINE, 0, 40.0, done, past),
        *((StepKind.CHUNK, n, 20.0, running if n == 0 else waiting, begun if n == 0 else {}) for n in range(4)),
        (StepKind.PACKAGE, 0, 8.0, waiting, {"rung": "v360"}),
        (StepKind.PACKAGE, 1, 8.0, failed, {"rung": "v480", "problem": WHY}),
    ]
    arrived = [(StepKind.SPEECH, 0, 600.0, waiting, {}), (StepKind.LOOK, 0, 90.0, waiting, {})]
    files = [("hoi-nghi-sang.mp4", JobState.READY, encoding), ("hoi-nghi-chieu.mp4", JobState.ENCODING, arrived)]
    for name, state, steps in files:
        upload = Upload(
            id=uuid4(),
            session_id=recording.session_id,
            kind=UploadKind.RECORDING,
            filename=name,
            length=700_000_000,
            uploaded_by=cast.staff.id,
            created_at=now,
            expires_at=now,
        )
        db.add(upload)
        db.flush()
        job = IngestJob(
            id=uuid4(),
            upload_id=upload.id,
            session_id=recording.session_id,
            state=state,
            recording_id=recording.id if state is JobState.READY else None,
            created_at=now,
            updated_at=now,
        )
        db.add(job)
        db.flush()
        for kind, number, weight, of_step, more in steps:
            columns = {"progress": 0.0, "attempts": 1, **more}
            db.add(JobStep(job_id=job.id, kind=kind, number=number, weight=weight, state=of_step, **columns))
    db.commit()

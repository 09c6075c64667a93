"""Recording folders of other systems: what is found in them, what is said to be missing, what is not even opened."""

import json
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from archive import attachments, catalogue, replay
from archive.models import AttachmentKind, Deck, Recording
from ingest import intake, pipeline, uploads
from ingest.importing import bringing, markup, unpacking
from ingest.importing.package import Chapter, NothingToImport, Package, Shown
from ingest.importing.recognising import FolderUnknown, recognised
from ingest.models import Classification, Incident, IngestJob, JobStep, StepKind, StepState, UploadKind
from tests import media
from tests.cast import conference

NAMESPACE = 'xmlns="http://mediapackage.opencastproject.org"'


def read(path: Path, **how: bool) -> Package:
    with recognised(path, **how) as package:
        assert package is not None
        return package


def event(at: int, called: str, /, **inner: object) -> str:
    children = "".join(f"<{tag}>{text}</{tag}>" for tag, text in inner.items())
    return f'<event timestamp="{at}" module="X" eventname="{called}">{children}</event>'


def raw_meeting(folder: Path, *, sound: bytes = b"RIFF", pdf: bytes = b"%PDF-") -> Path:
    """A raw folder of BigBlueButton's: some seconds of sound from second 1 on, a deck of which two pages were shown."""
    events = [
        event(1_000, "StartRecordingEvent", filename="/var/spool/meeting-1.wav"),
        event(1_500, "ParticipantJoinEvent", userId="u1", name="Lò Văn Kỹ"),
        event(2_000, "ConversionCompletedEvent", presentationName="p-1", originalFilename="Bài 1.pptx"),
        event(3_000, "SharePresentationEvent", presentationName="p-1", share="true"),
        event(5_500, "GotoSlideEvent", slide="1", presentationName="p-1"),
        event(6_000, "PublicChatEvent", sender="Lò Văn Kỹ", message="xin chào"),
        event(7_000, "ParticipantLeftEvent", userId="u1"),
        event(9_000, "DeskshareStartedEvent", file="/var/desk-2.flv"),
    ]
    (folder / "audio").mkdir(parents=True)
    (folder / "presentation" / "p-1").mkdir(parents=True)
    (folder / "audio" / "meeting-1.wav").write_bytes(sound)
    (folder / "presentation" / "p-1" / "p-1.pdf").write_bytes(pdf)
    head = '<recording meeting_id="m"><meeting name="Hội nghị tháng 3"/>'
    (folder / "events.xml").write_text(f"{head}{''.join(events)}</recording>", "utf-8")
    return folder


def published_meeting(folder: Path) -> Path:
    pages = folder / "presentation" / "p1"
    pages.mkdir(parents=True)
    (pages / "thumbnails").mkdir()
    for page in (1, 2, 10):
        Image.new("RGB", (320, 180), (page * 20, 90, 160)).save(pages / f"slide-{page}.png")
        (pages / "thumbnails" / f"slide-{page}.png").write_bytes(b"x")
    image = '<image class="slide" in="{}" out="9" xlink:href="presentation/p1/slide-{}.png"/>'
    images = image.format("0.0 6.5", 1) + image.format("2.5", 10)
    (folder / "shapes.svg").write_text(f'<svg xmlns:xlink="http://www.w3.org/1999/xlink"><g>{images}</g></svg>')
    (folder / "metadata.xml").write_text(
        "<recording><meta><bbb-recording-name>Hội nghị</bbb-recording-name></meta><playback/></recording>", "utf-8"
    )
    (folder / "video").mkdir()
    (folder / "video" / "webcams.webm").write_bytes(b"webm")
    (folder / "slides_new.xml").write_text("<popcorn/>")
    (folder / "learning_dashboard_data.json").write_text(json.dumps({"users": {}}))
    return folder


def mediapackage(folder: Path, tracks: str, rest: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.xml").write_text(
        f'<mediapackage {NAMESPACE} id="m"><title>Hội nghị</title><media>{tracks}</media>{rest}</mediapackage>', "utf-8"
    )
    return folder


def track(url: str, flavour: str = "presenter/source") -> str:
    return f'<track type="{flavour}"><url>{url}</url></track>'


def said(package: Package) -> str:
    return " ".join(remark.en for remark in package.remarks)


def test_a_raw_meeting_gives_sound_slides_their_times_and_who_was_there(tmp_path):
    package = read(raw_meeting(tmp_path / "m"))
    (recorded,) = package.recordings
    assert package.title == "Hội nghị tháng 3"
    assert recorded.path.name == "meeting-1.wav"
    assert recorded.shown == (Shown(2.0, "p-1", 1), Shown(4.5, "p-1", 2))
    assert recorded.chapters == (Chapter(2.0, "Bài 1"),)
    assert [(deck.name, deck.is_document) for deck in package.decks] == [("Bài 1.pdf", True)]
    (people,) = package.attached
    assert people.kind is AttachmentKind.ATTENDANCE
    assert people.content.decode().splitlines()[1] == "Lò Văn Kỹ,1500,7000"
    assert "“desk-2” is missing" in said(package)
    assert "Chat is left out" in said(package)


def test_chat_is_kept_when_asked_for(tmp_path):
    package = read(raw_meeting(tmp_path / "m"), with_chat=True)
    chat = next(each for each in package.attached if each.kind is AttachmentKind.CHAT)
    assert "xin chào" in chat.content.decode()


def test_a_published_meeting_gives_its_pages_in_their_order(tmp_path):
    package = read(published_meeting(tmp_path / "m"))
    (deck,) = package.decks
    assert [path.name for path in deck.files] == ["slide-1.png", "slide-2.png", "slide-10.png"]
    assert [path.parent.name for path in deck.files] == ["p1"] * 3
    assert deck.name == "Hội nghị.pdf"
    (recorded,) = package.recordings
    assert recorded.shown == (Shown(0.0, "p1", 1), Shown(2.5, "p1", 10), Shown(6.5, "p1", 1))
    assert [each.kind for each in package.attached] == [AttachmentKind.ATTENDANCE]


def test_zoom_gives_each_part_once_and_leaves_chat_out(tmp_path):
    folder = tmp_path / "2021-03-21 07.26.30 Họp chi bộ 90000000001"
    folder.mkdir()
    for name in ("zoom_0.mp4", "audio_only.m4a", "audio_only_1.m4a", "chat.txt", "participants_1.csv"):
        (folder / name).write_bytes(b"x")
    (folder / "playback.m3u").write_text("#EXTM3U\nzoom_0.mp4\nzoom_1.mp4\n")
    package = read(folder)
    assert package.title == "Họp chi bộ"
    assert [each.path.name for each in package.recordings] == ["zoom_0.mp4", "audio_only_1.m4a"]
    assert [each.name for each in package.attached] == ["participants_1.csv"]
    assert "“zoom_1.mp4” is missing" in said(package)
    assert "“chat.txt”, chat is left out" in said(package)


def test_zoom_of_the_cloud_gives_one_view_of_each_moment(tmp_path):
    begin = "GMT20210321-072630_Recording"
    for ending in ("_1920x1080.mp4", "_gallery_1280x720.mp4", ".m4a", ".transcript.vtt"):
        (tmp_path / f"{begin}{ending}").write_bytes(b"x")
    package = read(tmp_path)
    assert [each.path.name for each in package.recordings] == [f"{begin}_1920x1080.mp4"]
    assert [each.kind for each in package.attached] == [AttachmentKind.TRANSCRIPT]


def test_a_mediapackage_gives_what_was_recorded_with_chapters_of_its_segments(tmp_path):
    segment = "<VideoSegment><MediaTime><MediaRelTimePoint>{}</MediaRelTimePoint></MediaTime>{}</VideoSegment>"
    text = "<TextAnnotation><FreeTextAnnotation>Khai mạc</FreeTextAnnotation></TextAnnotation>"
    segments = segment.format("T00:00:00:0F1000", text) + segment.format("T00:01:02:500F1000", "")
    (tmp_path / "seg.xml").write_text(f"<Mpeg7><Video>{segments}</Video></Mpeg7>", "utf-8")
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "notes.pdf").write_bytes(b"%PDF-")
    rest = '<metadata><catalog type="mpeg-7/segments"><url>seg.xml</url></catalog></metadata>'
    rest += '<attachments><attachment type="attachment/slides"><url>notes.pdf</url></attachment></attachments>'
    tracks = track("a.mp4") + track("made.mp4", "presenter/delivery") + track("b.mp4") + track("../../etc/passwd")
    package = read(mediapackage(tmp_path, tracks, rest))
    (recorded,) = package.recordings
    assert recorded.chapters == (Chapter(0.0, "Khai mạc"), Chapter(62.5, "Đoạn 2"))
    assert [deck.name for deck in package.decks] == ["notes.pdf"]
    assert "“b.mp4” is missing" in said(package)
    assert "“../../etc/passwd” is left out" in said(package)
    assert "made.mp4" not in said(package)


def test_a_package_without_any_file_of_its_own_is_refused_with_their_names(tmp_path):
    mediapackage(tmp_path / "m", track("gone.mp4"))
    with pytest.raises(NothingToImport, match=r"“gone\.mp4” is missing"):
        read(tmp_path / "m").demand_something()


def test_a_zip_with_one_folder_in_it_is_looked_into(tmp_path):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("data/a.mp4", b"x")
        opened.writestr(
            "data/manifest.xml", f'<mediapackage {NAMESPACE} id="1"><media>{track("a.mp4")}</media></mediapackage>'
        )
    assert [each.path.name for each in read(archive).recordings] == ["a.mp4"]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        pytest.param('<!DOCTYPE a [<!ENTITY e "x">]><mediapackage>&e;</mediapackage>', "document type", id="entity"),
        pytest.param("<mediapackage><media></mediapackage>", "damaged", id="broken"),
        pytest.param("<mediapackage>" + "<a>" * 200, "too deeply", id="deep"),
        pytest.param('<?xml version="1.0" encoding="klingon"?><mediapackage/>', "damaged", id="unknown encoding"),
        pytest.param("", "damaged", id="empty"),
    ],
)
def test_xml_that_could_do_harm_is_not_read(tmp_path, document, why):
    (tmp_path / "manifest.xml").write_text(document)
    with pytest.raises(markup.MarkupRefused, match=why):
        read(tmp_path)


def test_entities_are_refused_in_any_encoding(tmp_path):
    document = '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><mediapackage>&e;</mediapackage>'
    (tmp_path / "manifest.xml").write_bytes(document.encode("utf-16"))
    with pytest.raises(markup.MarkupRefused, match="document type"):
        read(tmp_path)


@pytest.mark.parametrize("name", ["../evil.xml", "/evil.xml", "a/../../evil.xml", "..\\evil.xml", "C:/evil.xml"])
def test_a_zip_that_leads_out_of_its_folder_is_not_opened(tmp_path, name):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(name, b"x")
    with pytest.raises(unpacking.ZipRefused, match="leads out"):
        read(archive)


def test_a_zip_bomb_is_not_opened(tmp_path):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened, opened.open("manifest.xml", "w") as file:
        for _ in range(80):
            file.write(bytes(2**20))
    with pytest.raises(unpacking.ZipRefused, match="beyond all measure"):
        read(archive)


def test_a_zip_that_holds_more_than_it_says_is_not_believed(tmp_path):
    archive = tmp_path / "x.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("a.bin", b"abcdefgh" * 64)
    raw = bytearray(archive.read_bytes())
    entry = raw.index(b"PK\x01\x02")
    raw[entry + 24 : entry + 28] = (8).to_bytes(4, "little")
    archive.write_bytes(raw)
    with pytest.raises(unpacking.ZipRefused):
        read(archive)


def test_any_other_folder_is_named_as_such(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"x")
    (tmp_path / "b.mp4").write_bytes(b"x")
    with pytest.raises(FolderUnknown):
        read(tmp_path)


# --- Through the gate, on a real database, storage and ffmpeg.


def bring(cast, session, path, by=None, **how):
    purpose = intake.Purpose(session.id, None, how.pop("classification", Classification.NOT_CLASSIFIED))
    return list(bringing.bring(by or cast.staff, purpose, path, **how))


def do_steps(db, *kinds):
    """Do what waits of these kinds; the sound need not be encoded to see where slides were placed."""
    waiting = select(JobStep.id).where(JobStep.state == StepState.WAITING, JobStep.kind.in_(kinds))
    while (step_id := db.scalars(waiting).first()) is not None:
        db.rollback()
        pipeline.run("test", step_id)
        db.expire_all()


@pytest.fixture(scope="module")
def meeting_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("meeting")
    sound = folder / "sound.wav"
    media.ffmpeg("-f", "lavfi", "-t", "6", "-i", "sine=300:r=16000", sound)
    return sound.read_bytes(), media.deck(folder / "deck.pdf", media.SENTENCES[:2]).read_bytes()


def test_an_imported_meeting_is_heard_with_its_slides_at_their_times(db, cast, tmp_path, meeting_files):
    session = conference(db, cast)
    sound, pdf = meeting_files
    folder = raw_meeting(tmp_path / "m", sound=sound, pdf=pdf)
    results = bring(cast, session, folder)
    assert [(each.kind, each.refusal) for each in results] == [
        ("deck", None),
        ("recording", None),
        ("attendance", None),
    ]
    do_steps(db, StepKind.SCAN, StepKind.PAGES)
    recording, deck = db.scalars(select(Recording)).one(), db.scalars(select(Deck)).one()
    assert recording.chapters == [{"at_seconds": 2.0, "title": "Bài 1"}]
    assert replay.agenda_of(db, recording) == [("Bài 1", 2.0)]
    cues = catalogue.cues_of(db, recording.id, deck.id)
    assert [(cue.at_seconds, cue.page, cue.confidence) for cue in cues] == [(2.0, 1, 1.0), (4.5, 2, 1.0)]
    assert [each.kind for each in attachments.of_session(db, session.id)] == [AttachmentKind.ATTENDANCE]
    again = bring(cast, session, folder)
    assert [each.is_held_already for each in again] == [True, True, False]
    assert len(attachments.of_session(db, session.id)) == 1


def test_pictures_of_pages_become_one_deck_that_is_always_the_same(db, cast, tmp_path):
    session = conference(db, cast)
    folder = published_meeting(tmp_path / "m")
    deck, recording, _ = bring(cast, session, folder)
    assert deck.refusal is None
    assert recording.job_id  # That it is no film is found by the probe, behind the gate.
    (folder / "presentation" / "p1" / "slide-2.png").touch()
    assert bring(cast, session, folder)[0].is_held_already
    (folder / "presentation" / "p1" / "slide-2.png").write_bytes(b"no picture")
    assert isinstance(bring(cast, session, folder)[0].refusal, bringing.PagesUnreadable)


def test_an_attendance_list_that_bears_a_marking_is_refused_and_leaves_an_incident(db, cast, tmp_path):
    session = conference(db, cast)
    (tmp_path / "zoom_0.mp4").write_bytes(b"x")
    (tmp_path / "participants_1.csv").write_text("TUYỆT MẬT\nname\nLò Văn Kỹ\n", "utf-8")
    results = bring(cast, session, tmp_path)
    assert isinstance(results[-1].refusal, bringing.TextRefused)
    assert attachments.of_session(db, session.id) == []
    assert db.scalars(select(Incident)).one().rule.startswith("marking:")


def test_nobody_brings_in_what_they_may_not_upload(db, cast, tmp_path):
    session = conference(db, cast)
    (tmp_path / "a.mp4").write_bytes(b"x")
    with pytest.raises(uploads.UploadNotAllowed):
        bring(cast, session, tmp_path / "a.mp4", by=cast.member)
    assert db.scalars(select(IngestJob)).all() == []


def test_a_file_is_resumed_where_it_was_cut_short(db, cast, tmp_path, monkeypatch):
    session = conference(db, cast)
    path = tmp_path / "a.mp4"
    path.write_bytes(bytes(range(256)) * 4096)
    monkeypatch.setattr(intake, "_PIECE_BYTES", 2**18)

    def cut(_done, _of):
        raise KeyboardInterrupt

    purpose = intake.Purpose(session.id, None, Classification.NOT_CLASSIFIED)
    with pytest.raises(KeyboardInterrupt):
        intake.take(cast.staff, purpose, path, on_progress=cut)
    seen: list[int] = []
    job_id = intake.take(cast.staff, purpose, path, on_progress=lambda done, _of: seen.append(done))
    assert seen == [2**19, 3 * 2**18, 2**20]
    assert db.get_one(IngestJob, job_id)
    assert len(uploads.unfinished_of(db, cast.staff)) == 0


def test_what_is_declared_classified_is_not_even_read(db, cast, tmp_path):
    session = conference(db, cast)
    path = tmp_path / "a.pdf"
    path.write_bytes(b"x")
    with pytest.raises(intake.gate.ClassifiedDeclared):
        bring(cast, session, path, classification=Classification.SECRET)
    assert [each.rule for each in db.scalars(select(Incident))] == ["declared:toi-mat"]
    assert intake.kind_of(path.name) is UploadKind.DECK

"""The gate in the pipeline: what bears a marking is refused and destroyed, or held until a second person decides."""

import hashlib
import json
from pathlib import Path

import pypdfium2
import pytest
from sqlalchemy import func, select

from archive import catalogue
from archive.models import Deck, SlidePage
from archive.storage import storage
from ingest import destruction, gate, jobs, ocr, pipeline, quarantine, rescan, rulebook, sheets, uploads, verdicts
from ingest.models import Classification, Incident, InspectionResult, JobState, Ruling, Upload, UploadKind
from ingest.uploads import Declared
from sessions.models import AuditEntry
from tests import media
from tests.ingest.test_pipeline import workshop  # noqa: F401 - A fixture.

CLEAN = "Hội nghị trực tuyến quán triệt nghị quyết"
#: Alone on its line, as a stamp is.
MARKED = "TUYỆT MẬT"
#: In small letters it may be a marking, and may be not.
DOUBTFUL = "tuyệt mật"


@pytest.fixture
def marked_deck(tmp_path):
    return media.deck(tmp_path / "tai lieu hop kin.pdf", [CLEAN, MARKED])


@pytest.fixture
def stamped_deck(tmp_path):
    """Pages that are nothing but pictures: what they say is only to be seen."""
    written = pypdfium2.PdfDocument(media.deck(tmp_path / "written.pdf", [CLEAN, MARKED]))
    pages = [page.render(scale=3).to_pil().convert("RGB") for page in written]
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:])
    return tmp_path / "scan.pdf"


@pytest.fixture
def doubtful_deck(tmp_path):
    return media.deck(tmp_path / "bai.pdf", [CLEAN, DOUBTFUL])


@pytest.fixture
def no_tesseract(monkeypatch, tmp_path):
    """A machine whose PATH has no Tesseract on it; what we run otherwise comes from the wheels. It also saves time."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not ocr.is_available()


@pytest.fixture(autouse=True)
def _nothing_left_waiting():
    """Other tests count the files in quarantine; what is held here at the end stays there by design."""
    yield
    for upload_id in list(quarantine.ids()):
        quarantine.drop(Upload(id=upload_id))


needs_tesseract = pytest.mark.skipif(not ocr.is_available(), reason="There is no Tesseract on this machine.")


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def files_of(db, job) -> list[object]:
    """Everything on disk that was ever made of a job's file."""
    upload = db.get_one(Upload, job.upload_id)
    arrived = [quarantine.path_of(upload)] if quarantine.path_of(upload).exists() else []
    sheet = [job_id for job_id in sheets.ids() if job_id == job.id]
    names = [upload.sha256, *(str(made) for made in (job.recording_id, job.deck_id) if made)]
    places = ("originals", "recordings", "decks", "work")
    return arrived + sheet + [key for place in places for key in storage().list(place) if key.split("/")[1] in names]


def audited(db) -> str:
    return json.dumps([entry.detail for entry in db.scalars(select(AuditEntry))], ensure_ascii=False).lower()


def test_refuses_a_deck_marked_in_its_text_and_keeps_its_hash_alone(db, workshop, marked_deck):  # noqa: F811
    job = workshop.take(marked_deck, UploadKind.DECK)
    workshop.work()
    assert (job.state, job.problem["code"]) == (JobState.REFUSED, "classified-mark")
    assert files_of(db, job) == []
    incident = db.scalars(select(Incident)).one()
    assert (incident.rule, incident.sha256) == ("marking:tuyet-mat", sha256_of(marked_deck))
    assert db.get_one(Upload, job.upload_id).filename == ""
    assert "hop kin" not in audited(db)
    assert MARKED.lower() not in audited(db)
    assert MARKED not in json.dumps(job.problem, ensure_ascii=False)
    found = verdicts.latest(db, job.id)
    assert (found.result, found.pictures) == (InspectionResult.REFUSED, [])
    assert {hit["page"] for hit in found.hits} == {2}
    assert not any("text" in hit for hit in found.hits)


def test_refuses_the_same_bytes_the_next_time_whatever_they_are_called(db, workshop, marked_deck, tmp_path):  # noqa: F811
    workshop.take(marked_deck, UploadKind.DECK)
    workshop.work()
    again = marked_deck.rename(tmp_path / "bai giang.pdf")
    job = workshop.take(again, UploadKind.DECK)
    workshop.work()
    assert (job.state, job.problem["code"]) == (JobState.REFUSED, "refused-before")
    assert files_of(db, job) == []


@needs_tesseract
def test_seals_what_only_ocr_has_seen_until_a_second_person_destroys_it(db, cast, workshop, stamped_deck):  # noqa: F811
    job = workshop.take(stamped_deck, UploadKind.DECK)
    workshop.release(job, cast.releaser)
    workshop.work()
    assert (job.state, job.problem["code"]) == (JobState.HELD, "sealed")
    assert job.released_by is None  # A word given before anybody knew does not count.
    (hit,) = verdicts.latest(db, job.id).hits
    assert (hit["rule"], hit["source"], hit["page"]) == ("tuyet-mat", "picture", 2)
    left, top, width, height = hit["box"]
    assert 0 <= left < left + width <= 1
    assert 0 <= top < top + height <= 1
    assert sheets.read(job.id, 2).startswith(b"RIFF")
    with pytest.raises(jobs.HeldByTheGate):
        jobs.cancel(db, cast.technician, jobs.lock_job(db, job.id))
    with pytest.raises(verdicts.OwnDecision):
        verdicts.turn_away(db, cast.technician, job, "Tôi tự huỷ tệp của mình.")
    db.rollback()
    verdicts.turn_away(db, cast.releaser, jobs.lock_job(db, job.id), "Đúng là dấu mật trên trang 2.")
    db.commit()
    assert job.state is JobState.REFUSED
    assert files_of(db, job) == []
    incident = db.scalars(select(Incident)).one()
    assert (incident.rule, incident.sha256) == ("marking:tuyet-mat", sha256_of(stamped_deck))
    assert incident.person_id == cast.releaser.id


@needs_tesseract
def test_seals_a_recording_for_what_is_seen_on_its_screen_and_says_when(db, workshop, tmp_path, marked_deck):  # noqa: F811
    media.talk(tmp_path / "talk.mp4", marked_deck, [(1, 4), (2, 4)])
    job = workshop.take(tmp_path / "talk.mp4")
    workshop.work()
    assert (job.state, job.problem["code"]) == (JobState.HELD, "sealed")
    hits = verdicts.latest(db, job.id).hits
    assert {hit["rule"] for hit in hits} == {"tuyet-mat"}
    assert all(4 <= hit["at_seconds"] < 8 for hit in hits)


@pytest.mark.usefixtures("no_tesseract")
def test_holds_a_doubtful_deck_until_somebody_else_clears_it_for_a_reason(db, cast, workshop, doubtful_deck):  # noqa: F811
    job = workshop.take(doubtful_deck, UploadKind.DECK)
    workshop.work()
    assert (job.state, job.problem["code"]) == (JobState.HELD, "doubtful")
    assert not storage().exists(f"originals/{sha256_of(doubtful_deck)}")
    with pytest.raises(jobs.JobEnded):
        workshop.release(job, cast.releaser)
    with pytest.raises(verdicts.OwnDecision):
        pipeline.clear(db, cast.technician, jobs.lock_job(db, job.id), "Tôi thấy không sao.")
    db.rollback()
    pipeline.clear(db, cast.releaser, jobs.lock_job(db, job.id), "Chữ trong một câu chuyện, không phải dấu.")
    db.commit()
    workshop.work()
    assert job.state is JobState.READY
    found = verdicts.latest(db, job.id)
    assert (found.ruling, found.decided_by) == (Ruling.CLEARED, cast.releaser.id)
    assert "gate.cleared" in set(db.scalars(select(AuditEntry.action)))
    with pytest.raises(verdicts.NotHeld):
        pipeline.clear(db, cast.releaser, jobs.lock_job(db, job.id), "Thêm một lần nữa.")
    db.rollback()
    pipeline.release(db, cast.staff, jobs.lock_job(db, job.id), [1, 2])
    assert job.state is JobState.PUBLISHED


def test_without_tesseract_pictures_are_unread_and_a_release_needs_a_look_at_each(
    db,
    cast,
    workshop,  # noqa: F811
    stamped_deck,
    no_tesseract,
):
    job = workshop.take(stamped_deck, UploadKind.DECK)
    workshop.release(job, cast.releaser)  # Before anybody could know what there is to look at.
    workshop.work()
    assert (job.state, job.released_by) == (JobState.READY, None)
    assert verdicts.latest(db, job.id).unread == 2
    for looked in ([], [1], [1, 3]):
        with pytest.raises(verdicts.LookFirst):
            pipeline.release(db, cast.releaser, jobs.lock_job(db, job.id), looked)
        db.rollback()
    pipeline.release(db, cast.releaser, jobs.lock_job(db, job.id), [1, 2])
    db.commit()
    assert job.state is JobState.PUBLISHED
    assert verdicts.latest(db, job.id).looked_by == cast.releaser.id
    assert job.id not in set(sheets.ids())


@pytest.mark.usefixtures("no_tesseract")
def test_a_person_may_hold_back_what_no_rule_found_for_another_to_decide(db, cast, workshop, tmp_path):  # noqa: F811
    job = workshop.take(media.deck(tmp_path / "bai.pdf", [CLEAN]), UploadKind.DECK)
    workshop.work()
    verdicts.hold_back(db, cast.releaser, jobs.lock_job(db, job.id), "Trang 1 nên có người xem thêm.")
    db.commit()
    assert (job.state, job.problem["code"]) == (JobState.HELD, "held-by-hand")
    verdicts.turn_away(db, cast.staff, jobs.lock_job(db, job.id), "Đúng là tài liệu không được phổ biến.")
    db.commit()
    assert job.state is JobState.REFUSED
    assert db.scalars(select(Incident.rule)).one() == "marking:by-hand"
    assert files_of(db, job) == []


@pytest.mark.usefixtures("no_tesseract")
def test_what_a_killed_process_left_of_a_refused_file_is_swept_away(db, workshop, marked_deck):  # noqa: F811
    job = workshop.take(marked_deck, UploadKind.DECK)
    workshop.work()
    upload = db.get_one(Upload, job.upload_id)
    quarantine.path_of(upload).write_bytes(b"left")
    storage().put_bytes(f"originals/{upload.sha256}", b"left")
    sheets.keep(job.id, [])
    destruction.sweep()
    assert files_of(db, job) == []


def test_of_a_cancelled_file_nothing_stays_in_quarantine(db, cast, workshop, tmp_path):  # noqa: F811
    job = workshop.take(media.deck(tmp_path / "bai.pdf", [CLEAN]), UploadKind.DECK)
    jobs.cancel(db, cast.technician, jobs.lock_job(db, job.id))
    db.commit()
    destruction.sweep()
    assert files_of(db, job) == []


def test_a_file_is_not_even_taken_under_a_marked_name(db, cast, workshop):  # noqa: F811
    def declare(name):
        declared = Declared(
            workshop.session.id, None, UploadKind.DECK, name, 100, Classification.NOT_CLASSIFIED, sha256="f" * 64
        )
        return uploads.begin(db, cast.staff, declared)

    with pytest.raises(gate.MarkedName):
        declare("TUYET MAT - ke hoach.pdf")
    db.rollback()
    assert db.scalar(select(func.count()).select_from(Upload)) == 0
    assert db.scalars(select(Incident.rule)).one() == "marking:tuyet-mat"
    assert "ke hoach" not in audited(db)
    with pytest.raises(gate.RefusedBefore):
        declare("bai giang.pdf")


@pytest.mark.usefixtures("no_tesseract")
def test_what_is_out_is_taken_back_when_the_rules_change(db, cast, workshop, tmp_path):  # noqa: F811
    job = workshop.take(media.deck(tmp_path / "bai.pdf", [CLEAN, "BẢN SỐ MỘT"]), UploadKind.DECK)
    spared = workshop.take(media.deck(tmp_path / "khac.pdf", [CLEAN]), UploadKind.DECK)
    workshop.work()
    for each in (job, spared):
        pictures = verdicts.latest(db, each.id).pictures
        pipeline.release(db, cast.releaser, jobs.lock_job(db, each.id), range(1, len(pictures) + 1))
    db.commit()
    assert rescan.rescan() == []
    rulebook.add(db, cast.administrator, "bản số một", certain=True)
    db.commit()
    done = {each.job_id: each.result for each in rescan.rescan()}
    assert done == {job.id: InspectionResult.REFUSED, spared.id: InspectionResult.CLEAN}
    db.expire_all()
    assert (job.state, spared.state) == (JobState.REFUSED, JobState.PUBLISHED)
    deck = db.get_one(Deck, job.deck_id)
    assert deck.retracted_at is not None
    assert deck.title == ""
    assert db.scalar(select(func.count()).where(SlidePage.deck_id == deck.id)) == 0
    assert files_of(db, job) == []
    assert len(files_of(db, spared)) == 4  # Its original, its page and the page's thumbnail; a sheet until the sweep.
    destruction.sweep()
    assert len(files_of(db, spared)) == 3
    assert rescan.rescan() == []


@pytest.mark.usefixtures("no_tesseract")
def test_what_a_person_cleared_stays_cleared_when_other_rules_change(db, cast, workshop, doubtful_deck):  # noqa: F811
    job = workshop.take(doubtful_deck, UploadKind.DECK)
    workshop.work()
    pipeline.clear(db, cast.releaser, jobs.lock_job(db, job.id), "Chữ trong một câu chuyện, không phải dấu.")
    db.commit()
    workshop.work()
    for phrase in ("bản số hai", "bản số ba"):
        rulebook.add(db, cast.administrator, phrase, certain=False)
        db.commit()
        (done,) = rescan.rescan()
        assert done.result is InspectionResult.CLEAN
        db.expire_all()
        assert job.state is JobState.READY


@pytest.mark.usefixtures("no_tesseract")
def test_a_file_that_is_missing_does_not_keep_others_from_being_searched(db, cast, workshop, tmp_path):  # noqa: F811
    decks = [media.deck(tmp_path / f"{number}.pdf", [f"{CLEAN} {number}"]) for number in (1, 2)]
    lost, sound = [workshop.take(deck, UploadKind.DECK) for deck in decks]
    workshop.work()
    storage().delete(f"originals/{sha256_of(decks[0])}")
    rulebook.add(db, cast.administrator, "bản số hai", certain=False)
    db.commit()
    assert {each.job_id: each.result for each in rescan.rescan()} == {lost.id: None, sound.id: InspectionResult.CLEAN}
    assert [each.job_id for each in rescan.rescan()] == [lost.id]


def test_members_see_nothing_of_what_is_held_after_it_was_out(db, cast, workshop, tmp_path):  # noqa: F811
    job = workshop.take(media.clip(tmp_path / "clip.m4a", video=False, seconds=2))
    workshop.work()
    workshop.release(job, cast.releaser)
    assert len(db.scalars(catalogue.visible_to(db, cast.member)).all()) == 1
    verdicts.hold(db, jobs.lock_job(db, job.id), verdicts.Doubtful())
    db.commit()
    assert db.scalars(catalogue.visible_to(db, cast.member)).all() == []
    pipeline.clear(db, cast.staff, jobs.lock_job(db, job.id), "Đã nghe lại, không có gì.")
    db.commit()
    assert job.state is JobState.READY
    workshop.release(job, cast.releaser)
    assert len(db.scalars(catalogue.visible_to(db, cast.member)).all()) == 1

"""The whole demo, through the real pipeline: cut off, gone on with, and found whole."""

import pytest
from sqlalchemy import func, select

from api import login, seed
from api.seed import cast, coming, conferences, training
from archive import catalogue
from archive.models import Deck, Recording, Rendition, SlideCue, SlidePage
from ingest.models import IngestJob, JobState, Upload, UploadKind
from ingest.settings import workshop_settings
from ingest.uploads import UploadTooLarge
from sessions import attendance, reports, summons
from sessions.db import Base
from sessions.models import Person, PointState, SessionPoint, Unit, UnitKind

pytestmark = pytest.mark.slow


def row_counts(db):
    return {table.name: db.scalar(select(func.count()).select_from(table)) for table in Base.metadata.sorted_tables}


@pytest.fixture
def small_uploads(database, monkeypatch):
    """While it holds, the deck is taken and the recording is not."""
    with monkeypatch.context() as patched:
        patched.setenv("DIEMCAU_UPLOAD_MAX_BYTES", "1000000")
        workshop_settings.cache_clear()
        yield patched
    workshop_settings.cache_clear()


def test_the_demo_goes_on_where_it_was_cut_off_is_whole_and_a_further_run_adds_nothing(db, small_uploads, capsys):
    with pytest.raises(UploadTooLarge):
        seed.run("demo")
    deck = db.scalars(select(Upload)).one()
    assert deck.kind == UploadKind.DECK
    db.rollback()
    small_uploads.undo()
    small_uploads.setenv("DIEMCAU_READ_PICTURES", "false")
    workshop_settings.cache_clear()
    capsys.readouterr()

    seed.run("demo")
    said = capsys.readouterr().out
    assert (said.count("đã có"), said.count("xong / done")) == (5, 1)
    uploads = {upload.kind: upload.id for upload in db.scalars(select(Upload))}
    assert uploads.keys() == {UploadKind.DECK, UploadKind.RECORDING}
    assert uploads[UploadKind.DECK] == deck.id

    before = row_counts(db)
    db.rollback()
    seed.run("demo")
    assert capsys.readouterr().out.count("đã có") == 6
    assert row_counts(db) == before

    _the_cast_can_sign_in(db)
    _the_training_waits_for_its_member(db)
    _the_replay_came_through_the_pipeline(db)
    _the_coming_conference_is_half_confirmed(db)


def _the_cast_can_sign_in(db):
    assert seed.is_demo(db)
    logins = seed.logins()
    assert [each.role for each in logins] == ["technician", "member", "staff", "staff", "administrator"]
    for each in logins:
        person, _ = login.sign_in(db, each.username, each.password, address="127.0.0.1", user_agent="tests")
        assert person.member_number.startswith(cast.NUMBERS)
    assert db.scalar(select(func.count()).select_from(Person)) == 200


def _the_training_waits_for_its_member(db):
    session = conferences.find(db, training.TITLE)
    member = cast.get(db, cast.MEMBER)
    assert db.scalars(catalogue.visible_to(db, member)).one().session_id == session.id
    assert not attendance.standing(db, member.id, session.id).credited
    assert summons.size(db, session) == 200
    province = db.scalars(select(Unit).where(Unit.kind == UnitKind.PROVINCE)).one()
    rows, total = reports.participation(db, session, province)
    assert len(rows) == 39
    assert total.expected == 200
    assert total.exempt == 3
    assert 150 < total.live == total.credited < 185


def _the_replay_came_through_the_pipeline(db):
    jobs = dict(db.execute(select(Upload.kind, IngestJob).join(Upload, Upload.id == IngestJob.upload_id)).all())
    assert jobs.keys() == {UploadKind.DECK, UploadKind.RECORDING}
    for job in jobs.values():
        assert job.state == JobState.PUBLISHED
        assert job.released_by == cast.get(db, cast.RELEASER).id
        assert db.get(Upload, job.upload_id).uploaded_by == cast.get(db, cast.TECHNICIAN).id
    recording = db.scalars(select(Recording)).one()
    # Beside what was uploaded there may be pages that were cut from the picture itself.
    deck = db.scalars(select(Deck).where(Deck.recording_id.is_(None))).one()
    assert 90 <= recording.duration_seconds <= 120
    # Slides + speech are out; the video follows while people look around already.
    assert "speech" in set(db.scalars(select(Rendition.kind)))
    pages = db.scalars(select(SlidePage).where(SlidePage.deck_id == deck.id).order_by(SlidePage.position)).all()
    assert "Điểm cầu là gì?" in pages[1].text
    cues = db.scalars(select(SlideCue).where(SlideCue.deck_id == deck.id).order_by(SlideCue.at_seconds)).all()
    assert [cue.page for cue in cues] == list(range(1, len(pages) + 1))


def _the_coming_conference_is_half_confirmed(db):
    session = conferences.find(db, coming.TITLE)
    points = db.scalars(select(SessionPoint).where(SessionPoint.session_id == session.id)).all()
    assert len(points) == 39
    assert {point.state for point in points} == {PointState.INVITED, PointState.CONFIRMED}
    assert sum(point.expected_count for point in points) == coming.EXPECTED
    own = cast.get(db, cast.TECHNICIAN).id
    assert [point.state for point in points if point.technician_id == own] == [PointState.INVITED]


def test_an_unknown_scale_is_refused_in_words():
    with pytest.raises(seed.ScaleUnknown, match="planet"):
        seed.run("planet")

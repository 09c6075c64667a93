"""Timelines put right by hand, beside what the machine finds, on a real database."""

from dataclasses import astuple
from threading import Barrier, Thread
from uuid import uuid4

import pytest
from sqlalchemy import select

from archive import catalogue, replay, timelines
from archive.catalogue import Cue
from archive.models import Deck, SlidePage, TimelineCorrection
from archive.timelines import CueOutside, CuesOutOfOrder, NoPages, PageUnknown, Placing, TimelineChanged
from sessions import clock
from sessions.db import transaction
from sessions.models import AuditEntry
from tests.archive.test_watchlog import keep_recording
from tests.cast import conference


def keep_deck(db, session, pages=3, *, cut_from=None, published=True):
    """A deck of some pages; `cut_from` a recording whose own pictures they are."""
    deck = Deck(
        id=uuid4(),
        session_id=session.id,
        recording_id=cut_from.id if cut_from else None,
        title="Báo cáo",
        source_sha256="0" * 64,
        source_key="originals/none",
        created_at=clock.now(),
        published_at=clock.now() if published else None,
    )
    db.add(deck)
    db.flush()
    catalogue.keep_pages(
        db,
        deck,
        [
            SlidePage(
                deck_id=deck.id,
                position=number,
                picture=f"{number:04}.webp",
                thumbnail=f"{number:04}-thumb.webp",
                width=320,
                height=180,
                bytes=1000,
                text=f"Trang số {number}",
                search_key=f"trang so {number}",
            )
            for number in range(1, pages + 1)
        ],
    )
    db.commit()
    return deck


@pytest.fixture
def session(db, cast):
    return conference(db, cast)


@pytest.fixture
def recording(db, session):
    return keep_recording(db, session)


@pytest.fixture
def deck(db, session, recording):
    """A deck of which two pages were found, the second one with little confidence."""
    kept = keep_deck(db, session)
    catalogue.keep_timeline(db, recording.id, kept.id, [Cue(1, 0.0, 0.95), Cue(2, 20.5, 0.7)])
    db.commit()
    return kept


def shown(db, recording):
    """What a member sees: (second, folder, page)."""
    return [(slide.at_seconds, slide.folder, slide.page.position) for slide in replay.slides_of(db, recording)]


def test_what_the_machine_found_is_shown_until_somebody_corrects_it(db, recording, deck):
    timeline = timelines.read(db, recording)
    assert timeline.correction is None
    assert [(cue.at_seconds, cue.page, cue.confidence, cue.by_hand) for cue in timeline.cues] == [
        (0.0, 1, 0.95, False),
        (20.5, 2, 0.7, False),
    ]


def test_a_correction_is_what_members_see_and_the_trail_tells_of_it(db, cast, recording, deck):
    placed = [Placing(0.0, deck.id, 1, by_hand=False), Placing(18.25, deck.id, 2), Placing(40.0, deck.id, 3)]
    made = timelines.correct(db, cast.staff, recording, placed, version=None)
    assert shown(db, recording) == [(0.0, "slides", 1), (18.25, "slides", 2), (40.0, "slides", 3)]
    confidence = [(cue.confidence, cue.by_hand) for cue in timelines.read(db, recording).cues]
    assert confidence == [(0.95, False), (1.0, True), (1.0, True)]
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "timeline.corrected")).one()
    assert (entry.actor_id, entry.subject_id) == (cast.staff.id, recording.id)
    assert entry.detail == {"cues": 3, "by_hand": 2, "before": 2}
    assert made.corrected_by == cast.staff.id


def test_a_cue_that_only_claims_to_be_the_machines_counts_as_set_by_hand(db, cast, recording, deck):
    timelines.correct(db, cast.staff, recording, [Placing(5.0, deck.id, 2, by_hand=False)], version=None)
    assert [cue.by_hand for cue in timelines.read(db, recording).cues] == [True]


def test_a_timeline_emptied_by_hand_stays_empty_and_the_deck_is_shown_in_its_own_order(db, cast, recording, deck):
    timelines.correct(db, cast.staff, recording, [], version=None)
    assert timelines.read(db, recording).cues == []
    assert shown(db, recording) == [(None, "slides", 1), (None, "slides", 2), (None, "slides", 3)]


def test_what_the_machine_finds_later_changes_no_correction_and_is_there_to_go_back_to(db, cast, recording, deck):
    made = timelines.correct(db, cast.staff, recording, [Placing(3.0, deck.id, 3)], version=None)
    catalogue.keep_timeline(db, recording.id, deck.id, [Cue(1, 0.0, 0.9), Cue(3, 3.0, 0.9), Cue(2, 19.9, 0.99)])
    assert shown(db, recording) == [(3.0, "slides", 3)]
    timelines.go_back(db, cast.releaser, recording, version=made.id)
    assert [at for at, _, _ in shown(db, recording)] == [0.0, 3.0, 19.9]
    entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "timeline.uncorrected")).one()
    assert entry.detail == {"cues": 3, "before": 1}


def test_going_back_where_nothing_was_corrected_changes_nothing(db, cast, recording, deck):
    timelines.go_back(db, cast.staff, recording, version=None)
    assert db.scalars(select(AuditEntry).where(AuditEntry.action.startswith("timeline."))).all() == []


def test_pages_cut_from_the_picture_stand_between_those_of_the_deck(db, cast, session, recording, deck):
    cut = keep_deck(db, session, 1, cut_from=recording, published=False)
    catalogue.keep_timeline(db, recording.id, cut.id, [Cue(1, 10.0, 1.0), Cue(1, 20.5, 0.5)])
    # At 20.5 s the deck's page was the surer one.
    assert shown(db, recording) == [(0.0, "slides", 1), (10.0, "cut", 1), (20.5, "slides", 2)]
    timelines.correct(db, cast.staff, recording, [Placing(1.0, cut.id, 1), Placing(2.0, deck.id, 1)], version=None)
    assert shown(db, recording) == [(1.0, "cut", 1), (2.0, "slides", 1)]
    assert replay.file_key(db, recording, "cut/0001.webp") == f"decks/{cut.id}/0001.webp"
    assert replay.file_key(db, recording, "slides/0001.webp") == f"decks/{deck.id}/0001.webp"


def test_a_recording_without_a_deck_shows_the_pages_cut_from_it_and_no_other_does(db, cast, session, recording):
    other = keep_recording(db, session)
    cut = keep_deck(db, session, 2, cut_from=recording)
    catalogue.keep_timeline(db, recording.id, cut.id, [Cue(2, 4.0, 1.0)])
    assert shown(db, recording) == [(4.0, "cut", 2)]
    assert shown(db, other) == []
    with pytest.raises(NoPages):
        timelines.correct(db, cast.staff, other, [], version=None)
    timelines.correct(db, cast.staff, recording, [Placing(1.0, cut.id, 1)], version=None)
    assert shown(db, recording) == [(1.0, "cut", 1)]


def test_a_newer_deck_has_its_own_times_and_the_older_ones_correction_waits_for_it(db, cast, session, recording, deck):
    timelines.correct(db, cast.staff, recording, [Placing(7.0, deck.id, 3)], version=None)
    newer = keep_deck(db, session, published=False)
    catalogue.keep_timeline(db, recording.id, newer.id, [Cue(1, 2.0, 0.9)])
    assert shown(db, recording) == [(7.0, "slides", 3)]
    assert [cue.at_seconds for cue in timelines.read(db, recording, published=False).cues] == [2.0]
    timelines.correct(db, cast.staff, recording, [Placing(2.5, newer.id, 1)], version=None)
    assert shown(db, recording) == [(7.0, "slides", 3)]
    catalogue.publish(db, newer, cast.staff)
    assert shown(db, recording) == [(2.5, "slides", 1)]


@pytest.mark.parametrize(
    ("seconds", "page", "refusal"),
    [
        ([-0.5], 1, CueOutside),
        ([60.1], 1, CueOutside),
        ([5.0, 5.0], 1, CuesOutOfOrder),
        ([5.0, 5.0004], 1, CuesOutOfOrder),
        ([5.0, 4.0], 1, CuesOutOfOrder),
        ([5.0], 4, PageUnknown),
        ([5.0], 0, PageUnknown),
    ],
)
def test_a_timeline_that_cannot_be_is_refused_whole(db, cast, recording, deck, seconds, page, refusal):
    placed = [Placing(at, deck.id, page) for at in seconds]
    with pytest.raises(refusal) as refused:
        timelines.correct(db, cast.staff, recording, placed, version=None)
    assert refused.value.sentence("vi")
    assert refused.value.sentence("en")
    assert timelines.read(db, recording).correction is None


def test_the_first_and_the_last_moment_may_be_used(db, cast, recording, deck):
    timelines.correct(db, cast.staff, recording, [Placing(0.0, deck.id, 1), Placing(60.0, deck.id, 2)], version=None)
    assert [at for at, _, _ in shown(db, recording)] == [0.0, 60.0]


def test_a_page_of_another_recordings_deck_is_refused(db, cast, recording, deck):
    elsewhere = keep_deck(db, conference(db, cast))
    with pytest.raises(PageUnknown):
        timelines.correct(db, cast.staff, recording, [Placing(5.0, elsewhere.id, 1)], version=None)


def test_whoever_started_from_an_older_state_is_told_and_the_newer_one_stays(db, cast, recording, deck):
    first = timelines.correct(db, cast.staff, recording, [Placing(1.0, deck.id, 1)], version=None)
    for stale in (None, uuid4()):
        with pytest.raises(TimelineChanged):
            timelines.correct(db, cast.releaser, recording, [Placing(9.0, deck.id, 2)], version=stale)
        with pytest.raises(TimelineChanged):
            timelines.go_back(db, cast.releaser, recording, version=stale)
    assert timelines.read(db, recording).correction.id == first.id
    second = timelines.correct(db, cast.releaser, recording, [Placing(9.0, deck.id, 2)], version=first.id)
    assert [row.id for row in db.scalars(select(TimelineCorrection))] == [second.id]


def test_of_two_who_save_at_the_same_moment_one_is_told(db, cast, recording, deck):
    together, outcomes = Barrier(2), []

    def save(person, at):
        together.wait()
        try:
            with transaction() as mine:
                kept = timelines.find_correctable(mine, person, recording.id)
                timelines.correct(mine, person, kept, [Placing(at, deck.id, 1)], version=None)
            outcomes.append(at)
        except TimelineChanged:
            outcomes.append(None)

    threads = [Thread(target=save, args=each) for each in ((cast.staff, 1.0), (cast.releaser, 2.0))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    (won,) = [at for at in outcomes if at is not None]
    assert outcomes.count(None) == 1
    db.expire_all()
    assert [astuple(cue)[0] for cue in timelines.read(db, recording).cues] == [won]


def test_only_those_who_may_release_a_recording_find_it_out_or_not(db, cast, recording):
    recording.published_at = None
    db.flush()
    for person in (cast.staff, cast.releaser, cast.administrator):
        assert timelines.find_correctable(db, person, recording.id) is recording
    for person in (cast.technician, cast.member, cast.stranger):
        with pytest.raises(catalogue.RecordingNotFound):
            timelines.find_correctable(db, person, recording.id)
    recording.retracted_at = clock.now()
    db.flush()
    with pytest.raises(catalogue.RecordingNotFound):
        timelines.find_correctable(db, cast.staff, recording.id)

"""Correcting a timeline over HTTP: for those who may release the recording, before and after it is out."""

from uuid import uuid4

import pytest

from archive import catalogue
from archive.catalogue import Cue
from archive.models import Recording
from archive.storage import storage
from ingest.models import JobState
from sessions.models import ConferenceSession, Role
from tests.api.test_replay import SOUND, recording, session  # noqa: F401 - Fixtures.
from tests.archive.test_timelines import keep_deck
from tests.archive.test_watchlog import keep_recording
from tests.cast import sign_in
from tests.factories import entrust, problem
from tests.ingest.test_jobs import job  # noqa: F401 - A fixture: one upload of the technician.

API = "/api/v1"
PICTURE = b"RIFF....WEBP of page 1"


@pytest.fixture
def unpublished(db, recording):  # noqa: F811
    """A recording that waits for its release, looked at already: a film from 8 to 12 s, a change of picture at 6."""
    kept = db.get_one(Recording, recording.id)
    kept.published_at = None
    sections = [(0.0, 8.0, "still"), (8.0, 12.0, "moving"), (12.0, 15.0, "inset")]
    names = ("start_seconds", "end_seconds", "motion")
    sections = [dict(zip(names, section, strict=True)) for section in sections]
    kept.content = {"sections": sections, "cuts": [6.0, 12.0], "noise": 0.1}
    db.commit()
    return kept


@pytest.fixture
def deck(db, session, unpublished):  # noqa: F811
    kept = keep_deck(db, session, published=False)
    catalogue.keep_timeline(db, unpublished.id, kept.id, [Cue(1, 0.0, 0.95), Cue(2, 6.0, 0.3)])
    db.commit()
    storage().put_bytes(f"decks/{kept.id}/0001.webp", PICTURE)
    return kept


@pytest.fixture
def address(unpublished, deck):
    return f"{API}/recordings/{unpublished.id}/timeline"


@pytest.fixture
def staff(db, client, cast):
    return sign_in(db, client, cast.staff)


def cue(deck, at, page, by_hand=True):
    return {"at_seconds": at, "deck_id": str(deck.id), "page": page, "by_hand": by_hand}


def test_staff_see_what_was_found_and_what_helps_to_judge_it(staff, address, unpublished, deck):
    seen = staff.get(address).json()
    assert seen["correction"] is None
    assert [(each["at_seconds"], each["page"], each["confidence"]) for each in seen["cues"]] == [
        (0.0, 1, 0.95),
        (6.0, 2, 0.3),
    ]
    assert seen["found"] == seen["cues"]
    assert seen["snap_seconds"] == [0.0, 6.0, 12.0]
    assert seen["moving"] == [[8.0, 12.0]]
    assert 0.3 < seen["doubtful_below"] < 0.95
    assert seen["duration_seconds"] == 15.0
    assert seen["pages"][0] == {
        "deck_id": str(deck.id),
        "page": 1,
        "cut": False,
        "url": f"{API}/recordings/{unpublished.id}/preview/slides/0001.webp",
        "thumb_url": f"{API}/recordings/{unpublished.id}/preview/slides/0001-thumb.webp",
        "width": 320,
        "height": 180,
        "text": "Trang số 1",
    }
    assert len(seen["pages"]) == 3


def test_a_recording_that_nobody_looked_at_yet_has_fewer_moments_and_no_stretches(db, staff, address, unpublished):
    unpublished.content = None
    db.commit()
    seen = staff.get(address).json()
    assert (seen["snap_seconds"], seen["moving"]) == ([0.0, 6.0], [])


def test_a_cut_beside_the_page_that_came_up_with_it_is_the_same_moment(db, staff, address, unpublished):
    unpublished.content = {"sections": [], "cuts": [0.1, 5.9, 6.1, 6.3, 12.0]}
    db.commit()
    assert staff.get(address).json()["snap_seconds"] == [0.0, 6.0, 6.3, 12.0]


def test_a_corrected_timeline_is_kept_under_its_authors_name_and_shown_to_members(
    db, client, cast, staff, address, unpublished, deck
):
    cues = [cue(deck, 0.0, 1, by_hand=False), cue(deck, 7.3, 3)]
    saved = staff.put(address, json={"version": None, "cues": cues})
    assert saved.status_code == 200
    kept = staff.get(address).json()
    assert kept == saved.json()
    assert kept["correction"]["by"]["full_name"] == "Trần Văn Bộ"
    assert [{name: each[name] for name in cues[0]} for each in kept["cues"]] == cues
    assert [each["confidence"] for each in kept["cues"]] == [0.95, 1.0]
    assert [each["at_seconds"] for each in kept["found"]] == [0.0, 6.0]
    for each in (unpublished, deck):
        catalogue.publish(db, each, cast.staff)
    db.commit()
    sign_in(db, client, cast.member)
    viewing = client.post(f"{API}/recordings/{unpublished.id}/viewings").json()
    assert [(slide["page"], slide["at_seconds"]) for slide in viewing["slides"]] == [(1, 0.0), (3, 7.3)]


def test_after_publishing_it_can_be_corrected_still_and_taken_back(db, cast, staff, address, unpublished, deck):
    for each in (unpublished, deck):
        catalogue.publish(db, each, cast.staff)
    db.commit()
    saved = staff.put(address, json={"version": None, "cues": [cue(deck, 1.0, 2)]}).json()
    back = staff.put(address, json={"version": saved["correction"]["version"], "cues": None}).json()
    assert back["correction"] is None
    assert back["cues"] == back["found"]


def test_the_second_of_two_people_gets_a_sentence_and_the_first_ones_work_stays(db, client, cast, address, deck):
    sign_in(db, client, cast.releaser)
    first = client.put(address, json={"version": None, "cues": [cue(deck, 1.0, 1)]}).json()
    sign_in(db, client, cast.staff)
    late = client.put(address, json={"version": None, "cues": [cue(deck, 2.0, 2)]})
    assert "người khác đã lưu" in problem(late, 409, "timeline-changed")["detail"]
    english = client.put(address, json={"version": None, "cues": None}, headers={"Accept-Language": "en"})
    assert "someone else saved" in problem(english, 409, "timeline-changed")["detail"]
    assert client.get(address).json() == first
    over = client.put(address, json={"version": first["correction"]["version"], "cues": [cue(deck, 2.0, 2)]})
    assert over.status_code == 200


@pytest.mark.parametrize(
    ("cues", "code"),
    [
        ([(15.5, 1)], "cue-outside"),
        ([(5.0, 1), (4.0, 2)], "cues-out-of-order"),
        ([(5.0, 9)], "page-unknown"),
        ([(-1.0, 1)], "malformed"),
        ([("NaN", 1)], "malformed"),
        ([(5.0, 0)], "malformed"),
    ],
)
def test_a_timeline_that_cannot_be_is_a_clear_problem_and_changes_nothing(staff, address, deck, cues, code):
    before = staff.get(address).json()
    body = {"version": None, "cues": [cue(deck, at, page) for at, page in cues]}
    problem(staff.put(address, json=body), 422, code)
    assert staff.get(address).json() == before


def test_the_preview_plays_and_shows_pages_before_anything_is_out(staff, address, unpublished):
    seen = staff.get(address).json()
    (speech,) = seen["speech"]
    part = staff.get(speech["url"], headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.content, part.headers["content-type"]) == (206, SOUND[100:200], "audio/webm")
    page = staff.get(seen["pages"][0]["url"])
    assert (page.content, page.headers["content-type"]) == (PICTURE, "image/webp")


@pytest.mark.parametrize(
    "path", ["../../../secrets/secret-key", "..%2f..%2fx", "speech.mp3", "slides/0009.webp", "cut/0001.webp"]
)
def test_preview_paths_that_lead_elsewhere_find_nothing(staff, unpublished, deck, path):
    response = staff.get(f"{API}/recordings/{unpublished.id}/preview/{path}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("who", "status", "code"),
    [
        ("technician", 403, "not-allowed"),
        ("member", 403, "not-allowed"),
        ("stranger", 403, "not-allowed"),
        ("neighbour", 404, "recording-not-found"),
        (None, 401, "not-signed-in"),
    ],
)
@pytest.mark.parametrize("published", [False, True])
def test_nobody_else_reads_corrects_or_previews_it(
    db, client, cast, address, unpublished, deck, published, who, status, code
):
    if published:
        catalogue.publish(db, unpublished, cast.staff)
        db.commit()
    if who == "neighbour":  # Staff, but of another province.
        entrust(db, cast.stranger, Role.STAFF, cast.neighbour)
    if who:
        sign_in(db, client, cast.stranger if who == "neighbour" else getattr(cast, who))
    problem(client.get(address), status, code)
    problem(client.put(address, json={"version": None, "cues": []}), status, code)
    for path in ("speech.webm", "slides/0001.webp"):
        problem(client.get(address.replace("timeline", f"preview/{path}")), status, code)


@pytest.mark.parametrize("who", ["staff", "releaser", "administrator"])
def test_those_who_may_release_it_may_do_all_of_it(db, client, cast, address, deck, who):
    sign_in(db, client, getattr(cast, who))
    assert client.get(address).status_code == 200
    assert client.put(address, json={"version": None, "cues": [cue(deck, 1.0, 1)]}).status_code == 200
    assert client.get(address.replace("timeline", "preview/speech.webm")).status_code == 200


def test_a_recording_that_is_not_there_is_not_found(staff):
    problem(staff.get(f"{API}/recordings/{uuid4()}/timeline"), 404, "recording-not-found")


def test_a_file_says_who_may_correct_its_timeline(db, client, cast, job):  # noqa: F811
    def offered(person):
        return sign_in(db, client, person).get(f"{API}/jobs/{job.id}").json()["can_correct"]

    assert not offered(cast.staff)  # There is no recording yet.
    job.recording_id = keep_recording(db, db.get_one(ConferenceSession, job.session_id)).id
    entrust(db, cast.technician, Role.TECHNICIAN, cast.province)
    db.commit()
    assert [offered(person) for person in (cast.staff, cast.administrator, cast.technician)] == [True, True, False]
    assert client.get(f"{API}/recordings/{job.recording_id}/timeline").status_code == 403
    job.state = JobState.RETRACTED
    db.commit()
    assert not offered(cast.staff)

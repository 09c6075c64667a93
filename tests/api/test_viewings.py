"""What a viewing offers: the video's playlists, a file to carry away, and presence questions."""

from datetime import timedelta

import pytest

from archive import catalogue
from archive.models import Recording, RenditionKind
from archive.storage import storage
from sessions import clock
from sessions.models import CreditPolicy
from tests.api.test_replay import API, beat, open_viewing, recording, session  # noqa: F401 - Fixtures.
from tests.archive import test_ways as ways
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def member(db, client, cast):
    return sign_in(db, client, cast.member)


def keep(db, recording, *made):  # noqa: F811
    """Put renditions on record, each with a word in its first file."""
    for each in made:
        names = ["kind", "name", "ladder_version", "entry", "media_type", "bytes", "bit_rate", "stream"]
        columns = {name: getattr(each, name) for name in names}
        catalogue.keep_rendition(db, recording_id=recording.id, **columns)
        storage().put_bytes(f"recordings/{recording.id}/{each.entry}", each.name.encode())
    db.commit()


@pytest.fixture
def rungs(db, recording):  # noqa: F811
    keep(db, recording, ways.AAC, ways.OPUS, ways.picture("v360", 30_000, "hls-aac"))
    keep(db, recording, ways.picture("a360", 20_000, "hls-opus", "av01.0.01M.08"))


def lines_of(playlist):
    return [line for line in playlist.text.splitlines() if line and not line.startswith("#")]


def test_the_catalogue_names_every_way_with_its_cost(member, recording, rungs):  # noqa: F811
    modes = member.get(f"{API}/recordings/{recording.id}").json()["modes"]
    assert [(each["mode"], each["bit_rate"], (each["rung"] or {}).get("name")) for each in modes] == [
        ("slides", 16_000, None),
        ("video", 32_000, "a360"),
        ("video", 54_000, "v360"),
    ]


def test_the_master_playlist_is_written_from_what_is_complete_and_leads_to_it(db, member, recording, rungs):  # noqa: F811
    video = open_viewing(member, recording)["video"]
    assert [rung["name"] for rung in video["rungs"]] == ["a360", "v360"]
    master = member.get(video["url"])
    assert master.headers["content-type"] == "application/vnd.apple.mpegurl"
    assert sorted(lines_of(master)) == ["a360/index.m3u8", "v360/index.m3u8"]
    beside = video["url"].rsplit("/", 1)[0]
    assert member.get(f"{beside}/v360/index.m3u8").text == "v360"
    keep(db, recording, ways.picture("v480", 60_000, "hls-aac"))
    assert "v480/index.m3u8" in lines_of(member.get(video["url"]))


def test_one_rung_can_be_asked_for_alone(member, recording, rungs):  # noqa: F811
    url = open_viewing(member, recording)["video"]["url"]
    assert lines_of(member.get(url, params={"rung": "a360"})) == ["a360/index.m3u8"]
    problem(member.get(url, params={"rung": "v2160"}), 404, "object-missing")


def test_a_video_from_before_still_plays_from_its_stored_playlist(db, member, recording):  # noqa: F811
    keep(db, recording, ways.rendition(RenditionKind.VIDEO, "v360", 60_000, entry="video/master.m3u8"))
    video = open_viewing(member, recording)["video"]
    assert member.get(video["url"]).text == "v360"
    assert [(rung["name"], rung["height"]) for rung in video["rungs"]] == [("v360", None)]


def test_the_playlist_is_for_the_viewer_alone_and_ends_with_the_viewing_and_the_recording(
    db,
    client,
    cast,
    member,
    recording,  # noqa: F811
    rungs,
):
    first = open_viewing(member, recording)["video"]["url"]
    second = open_viewing(member, recording)["video"]["url"]
    problem(member.get(first), 403, "viewing-ended")
    sign_in(db, client, cast.staff)
    problem(client.get(second), 404, "viewing-not-found")
    sign_in(db, client, cast.member)
    db.get_one(Recording, recording.id).retracted_at = clock.now()
    db.commit()
    problem(client.get(second), 404, "recording-not-found")


def test_the_file_to_carry_away_has_its_size_and_comes_as_one_with_the_recordings_name(db, member, recording):  # noqa: F811
    assert open_viewing(member, recording)["download"] is None
    keep(db, recording, ways.rendition(RenditionKind.DOWNLOAD, "v360-mp4", 60_000, entry="download.mp4"))
    viewing = open_viewing(member, recording)
    assert viewing["download"]["bytes"] == 7_500_000
    file = member.get(viewing["download"]["url"])
    assert file.content == b"v360-mp4"
    name = "H%E1%BB%99i%20ngh%E1%BB%8B%20h%E1%BB%8Dc%20t%E1%BA%ADp%20ngh%E1%BB%8B%20quy%E1%BA%BFt.mp4"
    assert file.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert "content-disposition" not in member.get(viewing["speech"][0]["url"]).headers


def test_a_viewing_says_where_the_picture_moves(db, member, recording):  # noqa: F811
    kept = db.get_one(Recording, recording.id)
    kept.content = {"sections": [{"start_seconds": 3.0, "end_seconds": 15.0, "motion": "moving"}]}
    db.commit()
    assert open_viewing(member, recording)["moving"] == [[3.0, 15.0]]


@pytest.fixture
def asking(db, session):  # noqa: F811
    """The conference asks presence questions."""
    db.get_one(CreditPolicy, (session.id, 1)).prompts_required = 0.75
    db.commit()


@pytest.fixture
def watched(db, member, recording, asking, monkeypatch):  # noqa: F811
    """A viewing that was played to its end, and what its last beats were answered with."""
    viewing = open_viewing(member, recording)
    later = clock.now() + timedelta(seconds=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    progress = member.post(f"{API}/viewings/{viewing['id']}/beats", json={"beats": [beat()]}).json()
    monkeypatch.setattr(clock, "now", lambda: later + timedelta(seconds=4))
    return viewing, progress


DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def test_a_question_comes_with_the_last_beats_and_its_answer_brings_the_credit(member, recording, watched):  # noqa: F811
    viewing, progress = watched
    assert viewing["prompts"]
    assert (progress["covered"], progress["waiting"], progress["credited"]) == ([], [[0.0, 15.0]], False)
    prompt = progress["prompt"]
    assert (prompt["kind"], prompt["question"]) == ("code", "Hãy gõ bốn chữ số trong hình.")
    assert (prompt["seconds_left"], prompt["choices"]) == (90.0, [])
    picture = member.get(prompt["picture_url"])
    assert (picture.headers["content-type"], picture.headers["cache-control"]) == ("image/webp", "private, no-store")
    detail = member.get(f"{API}/recordings/{recording.id}").json()
    assert (detail["covered"], detail["waiting"], detail["missing"]) == ([], [[0.0, 15.0]], [])
    digits = " ".join(str(DIGITS.index(word)) for word in prompt["spoken"].split(", "))
    address = f"{API}/viewings/{viewing['id']}/prompts/{prompt['id']}/answer"
    answered = member.post(address, json={"answer": digits}).json()
    assert (answered["outcome"], answered["message"]) == ("answered", "Đã ghi nhận câu trả lời.")
    assert answered["progress"]["covered"] == [[0.0, 15.0]]
    assert answered["progress"]["credited"]
    assert answered["progress"]["prompt"] is None
    assert member.post(address, json={"answer": "0"}).json() == answered
    problem(member.get(prompt["picture_url"]), 404, "prompt-not-found")


def test_a_wrong_answer_is_said_kindly_and_no_other_try_is_given(member, watched):
    viewing, progress = watched
    address = f"{API}/viewings/{viewing['id']}/prompts/{progress['prompt']['id']}/answer"
    answered = member.post(address, json={"answer": "abc"}, headers={"Accept-Language": "en"}).json()
    assert (answered["outcome"], answered["progress"]["credited"]) == ("wrong", False)
    assert answered["message"] == "That was not it. Another question comes in a few minutes."
    assert answered["progress"]["waiting"] == [[0.0, 15.0]]
    problem(member.post(address, json={"answer": ""}), 422, "malformed")


def test_nobody_else_sees_or_answers_a_question(db, client, cast, member, watched):
    viewing, progress = watched
    prompt = progress["prompt"]
    sign_in(db, client, cast.staff)
    problem(client.get(prompt["picture_url"]), 404, "viewing-not-found")
    address = f"{API}/viewings/{viewing['id']}/prompts/{prompt['id']}/answer"
    problem(client.post(address, json={"answer": "1"}), 404, "viewing-not-found")


def test_a_question_is_taken_back_with_its_viewing_and_comes_again_in_the_next(member, recording, watched):  # noqa: F811
    viewing, progress = watched
    second = open_viewing(member, recording)
    address = f"{API}/viewings/{viewing['id']}/prompts/{progress['prompt']['id']}/answer"
    problem(member.post(address, json={"answer": "1234"}), 404, "prompt-not-found")
    again = member.post(f"{API}/viewings/{second['id']}/beats", json={"beats": []}).json()
    assert again["prompt"]["id"] != progress["prompt"]["id"]
    assert again["waiting"] == [[0.0, 15.0]]

"""Long answers travel pressed where the browser takes it, and read the same as those that don't."""

import pytest

from tests.api.test_replay import API, recording, session  # noqa: F401 - Fixtures.
from tests.archive.test_timelines import keep_deck
from tests.cast import sign_in


@pytest.fixture
def member(db, client, cast, session):  # noqa: F811
    """A member whose recordings have a deck of twenty pages."""
    keep_deck(db, session, pages=20)
    return sign_in(db, client, cast.member)


def test_a_long_answer_is_pressed_where_that_is_taken(member, recording):  # noqa: F811
    pressed, plain = (
        member.post(f"{API}/recordings/{recording.id}/viewings", headers={"Accept-Encoding": coding})
        for coding in ("gzip", "identity")
    )
    assert pressed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == pressed.headers["vary"] == "Accept-Encoding"
    assert int(pressed.headers["content-length"]) < int(plain.headers["content-length"]) / 4
    texts = [[slide["text"] for slide in answer.json()["slides"]] for answer in (pressed, plain)]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 20


def test_the_texts_of_the_slides_may_come_later(member, recording):  # noqa: F811
    whole = member.post(f"{API}/recordings/{recording.id}/viewings").json()["slides"]
    lean = member.post(f"{API}/recordings/{recording.id}/viewings", json={"texts": False}).json()
    assert [slide["text"] for slide in lean["slides"]] == [""] * 20
    texts = member.get(f"{API}/viewings/{lean['id']}/texts").json()
    assert texts == [slide["text"] for slide in whole]
    assert any(texts)


def test_a_short_answer_stays_as_it_is(member, recording):  # noqa: F811
    viewing = member.post(f"{API}/recordings/{recording.id}/viewings").json()
    answer = member.post(f"{API}/viewings/{viewing['id']}/beats", json={"beats": []})
    assert answer.status_code == 200
    assert "content-encoding" not in answer.headers

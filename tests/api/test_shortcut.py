"""The short way of a beat: the same bytes as the route's, and whatever is wrong is the route's to say."""

import pytest

from api import shortcut
from tests.api.test_replay import API, recording, session  # noqa: F401 - Fixtures.
from tests.api.test_viewings import beat
from tests.cast import sign_in

#: A player sends the first; the other goes to the route.
SHORT, LONG = "application/json", "application/json; charset=utf-8"


@pytest.fixture
def member(db, client, cast, session):  # noqa: F811
    return sign_in(db, client, cast.member)


@pytest.fixture
def answers(monkeypatch):
    """What the short way answered, None for what it left to the route."""
    given, answer = [], shortcut._answer

    async def note(*asked):
        given.append(await answer(*asked))
        return given[-1]

    monkeypatch.setattr(shortcut, "_answer", note)
    return given


def send(client, viewing_id, body, content_type=SHORT, **headers):
    return client.post(
        f"{API}/viewings/{viewing_id}/beats", json=body, headers={"Content-Type": content_type, **headers}
    )


def test_both_ways_answer_the_same(member, recording, answers):  # noqa: F811
    viewing = member.post(f"{API}/recordings/{recording.id}/viewings").json()["id"]
    send(member, viewing, {"beats": [beat()]})
    for language in ("vi", "en"):
        short, long = (
            send(member, viewing, {"beats": [beat()]}, kind, **{"Accept-Language": language}) for kind in (SHORT, LONG)
        )
        assert short.status_code == long.status_code == 200
        assert short.content == long.content
        assert short.json()["accepted"] == [0]
        assert dict(short.headers) == dict(long.headers)
    assert [answer is None for answer in answers] == [False, False, True, False, True]


@pytest.mark.parametrize(
    ("viewing", "body", "status", "code"),
    [
        ("00000000-0000-4000-8000-000000000000", {"beats": []}, 404, "viewing-not-found"),
        (None, {"beats": [{"seq": -1}]}, 422, "malformed"),
        (None, {"beats": [{**beat(), "hidden_seconds": 1e6}]}, 422, "beat-impossible"),
    ],
)
def test_what_is_wrong_is_told_by_the_route(member, recording, answers, viewing, body, status, code):  # noqa: F811
    viewing = viewing or member.post(f"{API}/recordings/{recording.id}/viewings").json()["id"]
    refused = send(member, viewing, body)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert answers == [None]


def test_a_stranger_is_told_to_sign_in(client, recording, answers):  # noqa: F811
    refused = send(client, "00000000-0000-4000-8000-000000000000", {"beats": []})
    assert (refused.status_code, refused.json()["code"]) == (401, "not-signed-in")
    assert answers == [None]

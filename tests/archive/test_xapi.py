"""What viewings and credits say in xAPI, held to the templates of the video profile and to cmi5's order."""

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.xapi import viewings
from archive.xapi.spells import spells_of
from archive.xapi.viewings import Chapter, Film, Pass, segments_in
from archive.xapi.words import BASIS, VERBS, Speaker
from sessions.intervals import total, union

OPENED = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
VIEWING = UUID("8b2f7c1e-3b1d-4d5e-9a70-0c6f2f1f9d11")
SPEAKER = Speaker("https://diemcau.example.vn", UUID(int=1), UUID(int=2), "Hội nghị học tập nghị quyết")
FILM = Film(UUID(int=3), "Buổi sáng", 60.0, 0.9)
VIDEO = "https://w3id.org/xapi/video/extensions/"

#: What the templates of the profile (video.jsonld, v1.0.3) demand beside id and timestamp: extensions of the context,
#: then of the result, then further properties of the result.
TEMPLATES = {
    "initialized": ({"length"}, set(), set()),
    "played": (set(), {"time"}, set()),
    "paused": ({"length"}, {"time", "progress", "played-segments"}, set()),
    "seeked": (set(), {"time-from", "time-to"}, set()),
    "completed": ({"length"}, {"time", "progress", "played-segments"}, {"completion", "duration"}),
    "terminated": ({"length"}, {"time", "progress", "played-segments"}, set()),
}
#: A completion threshold that is not 1 must be said with these.
WITH_THRESHOLD = {"initialized", "paused", "completed", "terminated"}
SESSION_ID = re.compile("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[8-9a-bA-B][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$")


def after(seconds):
    return OPENED + timedelta(seconds=seconds)


def tell(*beats, accepted=((0.0, 60.0),), over=70.0, **known):
    """The statements of a whole viewing, from beats `(span_start, span_end, (from, to, rate)…)`."""
    numbered = [(seq, start, end, segments) for seq, (start, end, *segments) in enumerate(beats)]
    spells = tuple(spells_of(OPENED, numbered, accepted))
    known = {"over_at": after(over)} | known
    return viewings.tell(SPEAKER, FILM, Chapter(VIEWING, OPENED, opens=True, spells=spells, **known))


def verbs(statements):
    return " ".join(statement.verb for statement in statements)


def extensions(body, where):
    return {name.removeprefix(VIDEO): value for name, value in body[where]["extensions"].items()}


@pytest.mark.parametrize(
    ("beats", "said"),
    [
        pytest.param([], "initialized terminated", id="opened and left"),
        pytest.param([(0, 15, (0, 15, 1))], "initialized played paused terminated", id="one beat"),
        pytest.param(
            [(0, 15, (0, 15, 1)), (15, 30, (15, 30, 1))], "initialized played paused terminated", id="in one go"
        ),
        pytest.param(
            [(0, 15, (0, 15, 1)), (15.5, 30, (15.4, 29, 1))],
            "initialized played paused terminated",
            id="a hole of half a second is no pause",
        ),
        pytest.param(
            [(0, 15, (0, 15, 1)), (45, 60, (15, 30, 1))],
            "initialized played paused played paused terminated",
            id="stood still for half a minute",
        ),
        pytest.param(
            [(0, 15, (0, 8, 1), (40, 47, 1))],
            "initialized played seeked played paused terminated",
            id="jumped on while it played",
        ),
        pytest.param(
            [(0, 15, (0, 15, 1)), (30, 40, (5, 15, 1))],
            "initialized played paused seeked played paused terminated",
            id="paused, then went back",
        ),
        pytest.param(
            [(0, 15, (0, 15, 1)), (15, 25, (15, 30, 1.5))],
            "initialized played played paused terminated",
            id="went on faster",
        ),
        pytest.param(
            [(0, 55, (0, 55, 1))], "initialized played completed paused terminated", id="nine tenths complete it"
        ),
    ],
)
def test_what_was_done_is_said_in_its_order(beats, said):
    statements = tell(*beats)
    assert verbs(statements) == said
    assert all(before.at <= following.at for before, following in pairwise(statements))


def test_every_statement_holds_what_its_template_demands():
    statements = tell((0, 15, (0, 8, 1), (40, 47, 1)), (40, 95, (0, 55, 1)), over=100)
    assert set(verbs(statements).split()) == set(TEMPLATES)
    for statement in statements:
        body = statement.body
        context, result, further = TEMPLATES[statement.verb]
        assert context <= set(extensions(body, "context"))
        assert result <= (set(extensions(body, "result")) if result else set())
        assert further <= set(body.get("result", {}))
        assert (extensions(body, "context").get("completion-threshold") == 0.9) == (statement.verb in WITH_THRESHOLD)
        assert SESSION_ID.match(extensions(body, "context")["session-id"])
        assert body["verb"]["id"] == VERBS[statement.verb]
        assert body["object"]["definition"]["type"] == "https://w3id.org/xapi/video/activity-type/video"
        assert body["context"]["contextActivities"]["category"][0]["id"] == "https://w3id.org/xapi/video"
        assert body["context"]["contextActivities"]["grouping"][0]["id"].endswith(str(SPEAKER.conference_id))
        assert body["context"]["registration"] == str(SPEAKER.registration)
        assert datetime.fromisoformat(body["timestamp"]) == statement.at
        assert body["timestamp"].endswith("+00:00")


def test_segments_progress_and_times_are_written_as_the_profile_writes_them():
    statements = tell((0, 15, (0, 12, 1)), (40, 47, (14, 21, 1)), over=50)
    last = extensions(statements[-1].body, "result")
    assert last["played-segments"] == "0.000[.]12.000[,]14.000[.]21.000"
    assert last["progress"] == 0.3166
    assert last["time"] == 21.0
    assert statements[-1].body["result"]["duration"] == "PT50.00S"
    (seek,) = (each.body for each in statements if each.verb == "seeked")
    assert extensions(seek, "result") == {"time-from": 12.0, "time-to": 14.0}
    assert extensions(statements[0].body, "context")["speed"] == "1x"


def test_only_what_the_server_accepted_is_told():
    statements = tell((0, 1, (0, 60, 1)), accepted=[(0.0, 9.0)])
    assert "completed" not in verbs(statements)
    assert segments_in(statements[-1].body) == [(0.0, 9.0)]


def test_a_registration_is_completed_once_with_what_was_heard_before():
    first = tell((0, 30, (0, 30, 1)), over=30)
    heard = tuple(segments_in(first[-1].body))
    second = tell((0, 30, (30, 60, 1)), heard=heard, spent=30.0)
    (completed,) = (each.body for each in second if each.verb == "completed")
    assert extensions(completed, "result")["played-segments"] == "0.000[.]60.000"
    assert completed["result"]["duration"] == "PT60.00S"
    assert "completed" not in verbs(tell((0, 30, (30, 60, 1)), heard=heard, completed=True))


def test_a_credit_of_this_viewing_is_passed_with_its_basis_before_the_end():
    passed = Pass(UUID(int=9), after(56), "replay")
    statements = tell((0, 55, (0, 55, 1)), passed=passed)
    assert verbs(statements) == "initialized played completed paused passed terminated"
    assert statements[-2].body["result"] == {"success": True, "duration": "PT55.00S", "extensions": {BASIS: "replay"}}


def test_telling_again_gives_the_same_statements_under_ids_of_their_own():
    beats = [(0, 15, (0, 8, 1), (40, 47, 1)), (40, 95, (0, 55, 1))]
    once, again = tell(*beats, over=100), tell(*beats, over=100)
    assert once == again
    assert len({statement.id for statement in once}) == len(once)


STRETCH = st.tuples(
    st.floats(0, 60, width=32), st.floats(0, 60, width=32), st.sampled_from([0.75, 1.0, 1.25, 1.5])
).map(lambda drawn: (min(drawn[:2]), max(drawn[:2]), drawn[2]))


@given(
    st.lists(st.tuples(st.floats(0, 50, width=32), st.lists(STRETCH, max_size=4)), max_size=12),
    st.lists(STRETCH.map(lambda drawn: drawn[:2]), max_size=4),
    st.floats(0, 400),
)
def test_whatever_players_report_the_session_is_in_order_and_nothing_unproven_is_told(spans, accepted, over):
    beats, at = [], 0.0
    for length, segments in spans:
        beats.append((at, at + length, *segments))
        at += length
    accepted = union(accepted)
    statements = tell(*beats, accepted=accepted, over=over)
    said = verbs(statements).split()
    assert (said[0], said[-1]) == ("initialized", "terminated")
    assert said.count("initialized") == said.count("terminated") == 1
    assert said.count("completed") <= 1
    assert all(before.at <= following.at for before, following in pairwise(statements))
    heard = union(segments_in(statements[-1].body))
    # Holes of up to a second between reported segments are passed over in silence.
    assert total(heard) <= total(accepted) + len(beats) * 5
    assert 0 <= extensions(statements[-1].body, "result")["progress"] <= 1
    assert len({statement.id for statement in statements}) == len(statements)

from datetime import timedelta
from uuid import uuid4

import pytest

from sessions import clock, live, points
from sessions.models import PointState
from tests import factories
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def session(db, cast, monkeypatch):
    """A conference that began three hours ago: the commune's point counted and stays silent since; committed."""
    now = clock.now().replace(second=10)  # No minute shall end while the test runs.
    monkeypatch.setattr(clock, "now", lambda: now)
    made = factories.open_session(db, cast, starts_in=timedelta(hours=-3), parts=1)
    point = factories.join(db, cast, made, cast.commune, name="Hội trường xã")
    points.set_state(db, cast.staff, point, PointState.CONNECTED)
    factories.count_people(db, cast.technician, point, factories.first_part(db, made), 48)
    db.commit()
    return made


@pytest.fixture
def board(client, db, cast, session):
    """Asks for the board as one of the cast, with these queries."""

    def asked(by=cast.staff, headers=None, **query):
        sign_in(db, client, by)
        return client.get(f"/api/v1/sessions/{session.id}/live", params=query, headers=headers)

    return asked


def test_the_board_shows_figures_moments_units_and_points(board, cast, session):
    shown = board().json()
    assert (shown["session"]["id"], shown["unit"]["name"]) == (str(session.id), "Lai Châu")
    assert [unit["name"] for unit in shown["above"]] == ["Lai Châu"]
    states = dict.fromkeys(PointState, 0) | {"connected": 1}
    figures = {"points": 1, "silent": 1, "trouble": 0, "expected": 50, "counted": 1, "present": 48, "states": states}
    assert shown["total"] == figures
    assert [(group["unit"]["name"], group["figures"]) for group in shown["groups"]] == [("Sìn Hồ", figures)]
    assert [(one["moment"], one["counted"], one["present"]) for one in shown["moments"]] == [
        ("start", 1, 48),
        ("middle", 0, 0),
        ("end", 0, 0),
    ]
    (tile,) = shown["points"]
    assert (tile["name"], tile["standing"], tile["missing"]) == ("Hội trường xã", "silent", ["middle", "end"])
    assert (tile["expected"], tile["present"], tile["group_id"]) == (50, 48, str(cast.commune.id))
    assert shown["found"] == 1


def test_an_unchanged_board_costs_no_more_than_the_question(board, db, cast, session):
    first = board()
    assert first.headers["cache-control"] == "private, no-cache"
    again = board(headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    factories.join(db, cast, session, cast.other_commune)
    db.commit()
    changed = board(headers={"If-None-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["total"]["points"]) == (200, 2)
    assert changed.headers["etag"] != first.headers["etag"]


def test_more_points_than_a_wall_shows_are_looked_for_instead_of_listed(board, monkeypatch):
    monkeypatch.setattr(live, "MOST_TILES", 0)
    whole = board().json()
    assert (whole["points"], whole["found"], len(whole["groups"])) == (None, 1, 1)
    assert [tile["name"] for tile in board(q="sin ho").json()["points"]] == ["Hội trường xã"]
    assert (board(q="phong tho").json()["points"], board(q="phong tho").json()["found"]) == ([], 0)
    assert len(board(wanted="silent").json()["points"]) == 1
    assert board(wanted="trouble").json()["points"] == []


def test_everybody_sees_what_is_entrusted_to_them_and_no_more(board, cast):
    below = board(by=cast.technician)
    assert (below.status_code, below.json()["unit"]["name"]) == (200, "Sìn Hồ")
    problem(board(by=cast.technician, unit_id=cast.other_commune.id), 403, "outside-scope")
    problem(board(by=cast.member), 403, "not-allowed")
    problem(board(by=cast.stranger), 403, "not-allowed")
    problem(board(wanted="late"), 422, "malformed")


def test_a_tile_opens_to_what_happened_there_the_newest_first(client, db, cast, session):
    sign_in(db, client, cast.staff)
    point = client.get(f"/api/v1/sessions/{session.id}/live").json()["points"][0]["id"]
    now = clock.now()
    trouble, told = str(uuid4()), f"/api/v1/session-points/{point}"
    answer = {"coming": True, "expected_count": 60, "answered_at": (now - timedelta(days=1)).isoformat()}
    client.post(f"{told}/answers", json=answer | {"client_key": str(uuid4())})
    began = {"kind": "sound", "note": "Loa rè", "began_at": (now - timedelta(minutes=9)).isoformat(), "id": trouble}
    client.post(f"{told}/troubles", json=began)
    ended = {"action": "Thay loa", "ended_at": (now - timedelta(minutes=4)).isoformat()}
    client.post(f"{told}/troubles/{trouble}/end", json=ended)
    shown = client.get(f"{told}/history").json()
    assert [(one["kind"], one["by"]["full_name"]) for one in shown["events"] if one["kind"] != "state"] == [
        ("trouble-over", cast.staff.full_name),
        ("trouble", cast.staff.full_name),
        ("count", cast.technician.full_name),
        ("answer", cast.staff.full_name),
    ]
    over, began, count, answered = (one for one in shown["events"] if one["kind"] != "state")
    assert (over["trouble"], over["words"], began["words"]) == ("sound", "Thay loa", "Loa rè")
    assert (count["headcount"]["present"], answered["expected"]) == (48, 60)
    assert count["at"] < count["told_at"]
    assert [one["state"] for one in shown["events"] if one["kind"] == "state"][-1] == "connected"


def test_the_history_of_a_point_is_for_those_who_watch_its_unit(client, db, cast, session):
    point = factories.join(db, cast, session, cast.other_commune)
    db.commit()
    sign_in(db, client, cast.technician)
    problem(client.get(f"/api/v1/session-points/{point.id}/history"), 403, "outside-scope")
    sign_in(db, client, cast.member)
    problem(client.get(f"/api/v1/session-points/{point.id}/history"), 403, "not-allowed")

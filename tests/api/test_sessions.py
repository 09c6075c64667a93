from datetime import timedelta
from uuid import uuid4

import pytest

from sessions import agenda, clock, register
from tests import factories
from tests.cast import sign_in
from tests.factories import problem


@pytest.fixture
def session(db, cast):
    """A conference of the province with its people summoned and the commune's point counted; committed."""
    made = factories.open_session(db, cast)
    factories.summon(db, cast, made, cast.province)
    point = factories.join(db, cast, made, cast.commune)
    factories.count_people(db, cast.technician, point, factories.first_part(db, made), 48)
    db.commit()
    return made


def asked_for(unit, **changes):
    starts_at = (clock.now() + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    part = {"title": "Nghị quyết", "speaker": "Đồng chí A"}
    return {
        "title": "Hội nghị học tập nghị quyết",
        "unit_id": str(unit.id),
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=3)).isoformat(),
        "parts": [
            {**part, "starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=3)).isoformat()}
        ],
        **changes,
    }


def test_a_technician_registers_a_conference_of_their_unit(client, db, cast):
    sign_in(db, client, cast.technician)
    opened = client.post("/api/v1/sessions", json=asked_for(cast.commune, coverage_required=0.8))
    assert opened.status_code == 201
    session = opened.json()
    assert (session["unit"]["name"], session["created_by"]["full_name"]) == ("Sìn Hồ", "Lò Văn Kỹ")
    assert [(part["position"], part["speaker"]) for part in session["parts"]] == [(1, "Đồng chí A")]
    assert (session["policy"]["version"], session["policy"]["coverage_required"]) == (1, 0.8)
    assert session["counts"] == {"points": 0, "summoned": 0, "expected": 0, "present": 0}
    assert session["can"] == {"edit": True, "count": False, "upload": True, "release": False, "report": False}
    assert client.get(f"/api/v1/sessions/{session['id']}").json() == session


def test_a_conference_of_another_unit_is_not_theirs_to_register(client, db, cast):
    sign_in(db, client, cast.technician)
    problem(client.post("/api/v1/sessions", json=asked_for(cast.province)), 403, "outside-scope")
    sign_in(db, client, cast.member)
    problem(client.post("/api/v1/sessions", json=asked_for(cast.commune)), 403, "not-allowed")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"title": " \n "}, "malformed", id="no title"),
        pytest.param({"parts": []}, "malformed", id="no parts"),
        pytest.param({"starts_at": "2026-12-01T08:00:00"}, "malformed", id="a time without a zone"),
        pytest.param({"ends_at": "0001-01-01T00:00:00+14:00"}, "malformed", id="the beginning of time"),
        pytest.param({"coverage_required": 0}, "malformed", id="nothing need be watched"),
        pytest.param({"coverage_required": "NaN"}, "malformed", id="no number"),
        pytest.param({"ends_at": "2020-01-01T00:00:00+07:00"}, "session-ends-too-early", id="it ends too early"),
        pytest.param({"replay_until": "2020-01-01T00:00:00+07:00"}, "replay-ends-too-early", id="no time to replay"),
    ],
)
def test_a_conference_that_cannot_be_is_refused_in_words(client, db, cast, change, code):
    sign_in(db, client, cast.staff)
    assert problem(client.post("/api/v1/sessions", json=asked_for(cast.province, **change)), 422, code)["detail"]
    assert client.get("/api/v1/sessions").json() == {"items": [], "total": 0}


def test_the_list_shows_each_what_concerns_them(client, db, cast, session):
    sign_in(db, client, cast.technician)
    (row,) = client.get("/api/v1/sessions", params={"when": "all"}).json()["items"]
    assert (row["parts"], row["points"], row["present"], row["expected"]) == (2, 1, 48, 50)
    assert row["my_point"]["unit"]["name"] == "Sìn Hồ"
    assert row["my_point"]["latest"]["present"] == 48
    sign_in(db, client, cast.member)
    assert client.get("/api/v1/sessions").json()["total"] == 1
    assert client.get("/api/v1/sessions", params={"when": "upcoming"}).json()["total"] == 0
    sign_in(db, client, cast.stranger)
    assert client.get("/api/v1/sessions").json() == {"items": [], "total": 0}
    problem(client.get("/api/v1/sessions", params={"when": "never"}), 422, "malformed")


def test_a_conference_tells_each_what_they_may_do_there(client, db, cast, session):
    def can(person):
        return client_as(person).get(f"/api/v1/sessions/{session.id}").json()["can"]

    def client_as(person):
        return sign_in(db, client, person)

    nothing = dict.fromkeys(("edit", "count", "upload", "release", "report"), False)
    assert can(cast.staff) == dict.fromkeys(nothing, True)
    assert can(cast.technician) == {**nothing, "count": True, "upload": True}
    assert can(cast.member) == nothing
    problem(client_as(cast.stranger).get(f"/api/v1/sessions/{session.id}"), 404, "session-not-found")
    problem(client_as(cast.staff).get(f"/api/v1/sessions/{uuid4()}"), 404, "session-not-found")


def test_counts_tell_people_in_rooms_from_people_by_name(client, db, cast, session):
    sign_in(db, client, cast.staff)
    counts = client.get(f"/api/v1/sessions/{session.id}").json()["counts"]
    assert counts == {"points": 1, "summoned": 5, "expected": 50, "present": 48}


def test_staff_close_the_register(client, db, cast, session):
    sign_in(db, client, cast.technician)
    problem(client.post(f"/api/v1/sessions/{session.id}/close"), 403, "not-allowed")
    sign_in(db, client, cast.staff)
    closed_at = client.post(f"/api/v1/sessions/{session.id}/close").json()["closed_at"]
    assert closed_at
    assert client.post(f"/api/v1/sessions/{session.id}/close").json()["closed_at"] == closed_at


def test_staff_summon_units_and_see_whom(client, db, cast):
    session = factories.open_session(db, cast)
    db.commit()
    sign_in(db, client, cast.staff)
    asked = {
        "unit_ids": [str(cast.commune.id)],
        "exempt": [{"person_id": str(cast.member.id), "reason": "Đang điều trị"}],
    }
    address = f"/api/v1/sessions/{session.id}/summons"
    assert client.post(address, json=asked).json() == {"added": 2, "summoned": 2}
    assert client.post(address, json=asked).json() == {"added": 0, "summoned": 2}
    page = client.get(address, params={"unit_id": str(cast.commune.id)}).json()
    assert [(row["person"]["full_name"], row["exempt_reason"]) for row in page["items"]] == [
        ("Lò Văn Kỹ", None),
        ("Nguyễn Thị Mai", "Đang điều trị"),
    ]
    assert page["total"] == 2


def test_a_summons_that_cannot_be_is_refused(client, db, cast, session):
    address = f"/api/v1/sessions/{session.id}/summons"
    sign_in(db, client, cast.technician)
    problem(client.post(address, json={"unit_ids": [str(cast.commune.id)]}), 403, "not-allowed")
    problem(client.get(address), 403, "not-allowed")
    sign_in(db, client, cast.staff)
    problem(client.post(address, json={"unit_ids": [str(cast.neighbour.id)]}), 403, "outside-scope")
    problem(client.post(address, json={"unit_ids": [str(uuid4())]}), 404, "unit-not-found")
    blank = {"unit_ids": [], "exempt": [{"person_id": str(cast.member.id), "reason": "  "}]}
    problem(client.post(address, json=blank), 422, "malformed")
    unknown = {"unit_ids": [], "exempt": [{"person_id": str(cast.stranger.id), "reason": "Ốm"}]}
    problem(client.post(address, json=unknown), 422, "not-summoned")
    register.close(db, cast.staff, session)
    db.commit()
    problem(client.post(address, json={"unit_ids": [str(cast.commune.id)]}), 409, "register-closed")


def test_a_conference_called_off_is_told_with_its_reason_wherever_it_is_listed(client, db, cast):
    session = factories.open_session(db, cast, starts_in=timedelta(days=3))
    factories.summon(db, cast, session)
    agenda.cancel(db, cast.staff, session, "Bão số 9")
    db.commit()
    address = f"/api/v1/sessions/{session.id}"
    sign_in(db, client, cast.member)
    (mine,) = client.get("/api/v1/my/credits").json()
    (row,) = client.get("/api/v1/sessions").json()["items"]
    for told in (mine, row, client.get(address).json()):
        assert (bool(told["cancelled_at"]), told["cancelled_reason"]) == (True, "Bão số 9")
    sign_in(db, client, cast.staff)
    table = client.get(f"{address}/participation").json()
    assert table["total"]["expected"] > 0
    assert {figures["rate"] for figures in (table["total"], *table["rows"])} == {None}
    file = client.get(f"{address}/participation.csv", headers={"Accept-Language": "en"}).text
    assert file.startswith('\ufeff"This conference was called off at ')


def test_the_totals_of_headcounts_say_what_was_counted_and_how_many_points_are_silent(client, db, cast, session):
    factories.join(db, cast, session, cast.other_commune)
    db.commit()
    sign_in(db, client, cast.staff)
    address = f"/api/v1/sessions/{session.id}/turnout"
    (part, whole) = client.get(address).json()
    assert (part["peak"], whole["peak"], whole["part_id"]) == (48, 48, None)
    start, *others = client.get(f"{address}/moments").json()
    assert (start["moment"], start["present"], start["points"], start["uncounted"]) == ("start", 48, 1, 1)
    assert [each["uncounted"] for each in others] == [2, 2, 1, 2, 2, 2, 2]
    sign_in(db, client, cast.stranger)
    problem(client.get(f"{address}/moments"), 404, "session-not-found")

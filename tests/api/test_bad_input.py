"""Whatever is sent where something else was asked for, the answer is a refusal in the one shape, never a breakdown."""

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest

from sessions import clock, exemptions, troubles
from sessions.models import ExemptionKind, TroubleKind
from tests import factories
from tests.cast import sign_in

NOW = clock.now()

NASTY = {
    "nothing": None,
    "a negative number": -1,
    "a number without end": 10**30,
    "no number": float("nan"),
    "a null character": "\x00",
    "half a letter": "\ud800",
    "a book": "ơ" * 100_000,
    "before all time": "0001-01-01T00:00:00+14:00",
    "after all time": "9999-12-31",
    "nobody's id": "00000000-0000-4000-8000-000000000000",
    "an empty list": [],
    "lists in lists": [[[[]]]],
}


@pytest.fixture
def desk(client, db, cast):
    """Every writing route with a body that is right, by its address, and its method where that is not POST."""
    session = factories.open_session(db, cast)
    factories.summon(db, cast, session, cast.province)
    point = factories.join(db, cast, session, cast.commune)
    part = factories.first_part(db, session)
    unit_id, hour = str(cast.commune.id), timedelta(hours=1)
    times = {"starts_at": NOW.isoformat(), "ends_at": (NOW + hour).isoformat()}
    trouble, _ = troubles.report(db, cast.staff, point, TroubleKind.LINK, note="", began_at=NOW, key=uuid4())
    exempt = exemptions.grant(db, cast.staff, cast.technician, ExemptionKind.ATTENDING, "A", date(2026, 1, 1))
    sign_in(db, client, cast.administrator)
    return {
        "/login": {"username": "mai", "password": "sai-mat-khau"},
        "/slips": {"person_id": str(cast.member.id), "unit_id": unit_id},
        "/activation": {"code": "ABCD-EFGH-JKMN", "secret": "480213"},
        "/activation/slip": {"code": "ABCD-EFGH-JKMN"},
        "/me/password": {"current": "sai-mat-khau", "new": "mat-khau-moi-7"},
        "/units": {"name": "A", "kind": "commune", "code": "1", "parent_id": unit_id, "valid_from": "2020-01-01"},
        f"/units/{cast.other_commune.id}/end": {"valid_to": "1990-01-01", "successor_ids": [unit_id]},
        "/people": {"full_name": "A", "member_number": "1", "unit_id": unit_id},
        f"/people/{cast.member.id}/account": {"username": "mai.2", "password": "mat-khau-moi-7"},
        f"/people/{cast.member.id}/exemptions": {
            "kind": "attending",
            "reason": "A",
            "valid_from": "2026-01-01",
            "valid_to": "2026-12-31",
        },
        f"/exemptions/{exempt.id}/end": {"last_day": "2026-06-30"},
        f"/people/{cast.member.id}/roles": {"role": "staff", "unit_id": unit_id},
        "/sessions": {
            "title": "A",
            "unit_id": unit_id,
            **times,
            "parts": [{"title": "B", "speaker": "C", **times}],
            "replay_until": (NOW + 2 * hour).isoformat(),
            "coverage_required": 0.5,
        },
        f"/sessions/{session.id}/summons": {
            "unit_ids": [unit_id],
            "exempt": [{"person_id": str(cast.member.id), "reason": "A"}],
        },
        "/connection-points": {
            "unit_id": unit_id,
            "name": "A",
            "address": "B",
            "seats": 5,
            "equipment": "C",
            "line": "D",
            "technician_id": str(cast.technician.id),
        },
        f"PUT /connection-points/{point.connection_point_id}": {
            "name": "A",
            "address": "B",
            "seats": 5,
            "equipment": "C",
            "line": "D",
            "measured_mbits": 5,
            "backup_line": "E",
            "video_address": "F",
            "phone": "0912345678",
            "technician_id": str(cast.technician.id),
            "version": "0",
        },
        f"/sessions/{session.id}/points": {"points": [{"connection_point_id": str(point.connection_point_id)}]},
        f"/session-points/{point.id}/state": {"state": "ready"},
        f"/session-points/{point.id}/headcounts": {
            "part_id": str(part.id),
            "moment": "start",
            "present": 1,
            "excused": 0,
            "absent": 0,
            "late": 0,
            "reason": "A",
            "counted_at": NOW.isoformat(),
            "client_key": str(uuid4()),
            "confirmed": False,
        },
        f"/session-points/{point.id}/check-ins": {
            "part_id": str(part.id),
            "person_ids": [str(cast.member.id)],
            "checked_at": NOW.isoformat(),
            "client_key": str(uuid4()),
        },
        f"/sessions/{session.id}/meeting-logs": {"file_name": "a.csv", "content": "bmFtZSxqb2luZWQK"},
        f"/session-points/{point.id}/answers": {
            "coming": True,
            "expected_count": 5,
            "reason": "A",
            "phone": "0912345678",
            "answered_at": NOW.isoformat(),
            "client_key": str(uuid4()),
        },
        f"/session-points/{point.id}/checks": {
            "items": [{"item": "link", "works": False, "note": "A"}],
            "line": {"down_kbits": 5, "up_kbits": 5, "round_trip_ms": 5},
            "checked_at": NOW.isoformat(),
            "client_key": str(uuid4()),
        },
        f"/session-points/{point.id}/troubles": {
            "kind": "link",
            "note": "A",
            "began_at": NOW.isoformat(),
            "id": str(trouble.id),
        },
        f"/session-points/{point.id}/troubles/{trouble.id}/end": {"action": "A", "ended_at": NOW.isoformat()},
    }


def send(client, route, body):
    method, _, address = route.rpartition(" ")
    headers = {"Content-Type": "application/json"}
    # Not by `json=`, which would itself refuse some of what follows.
    return client.request(method or "POST", f"/api/v1{address}", content=json.dumps(body), headers=headers)


def test_every_field_is_known_to_its_route_to_begin_with(client, desk):
    malformed = {
        address: answer.text
        for address, body in desk.items()
        if (answer := send(client, address, body)).status_code == 422 and answer.json()["code"] == "malformed"
    }
    assert malformed == {}


@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_no_field_of_any_route_breaks_the_desk(client, desk, nasty):
    broken = {}
    for address, body in desk.items():
        for field in body:
            answer = send(client, address, {**body, field: nasty})
            refused = answer.headers.get("content-type") == "application/problem+json"
            if answer.status_code >= 500 or (answer.status_code >= 400 and not refused):
                broken[f"{address} {field}"] = answer.status_code, answer.text
    assert broken == {}


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("/units", ["parent_id", "q", "as_of"]),
        ("/people", ["unit_id", "q", "offset", "limit"]),
        ("/sessions", ["when", "offset", "limit"]),
        ("/connection-points", ["unit_id", "q", "retired", "offset", "limit"]),
        ("/audit", ["subject_kind", "subject_id", "offset", "limit"]),
    ],
)
def test_no_question_breaks_the_desk(client, desk, address, names):
    answers = {
        (name, value): client.get(f"/api/v1{address}", params={name: value})
        for name in names
        for value in ("", "\x00", "%", "-1", "1e9", str(10**30), "9999-12-31", "ơ" * 1000, str(uuid4()))
    }
    assert {asked: answer.text for asked, answer in answers.items() if answer.status_code >= 500} == {}

from datetime import timedelta
from uuid import uuid4

from sessions import clock, summons, units
from sessions.models import Role
from tests import factories
from tests.cast import sign_in
from tests.factories import problem

API = "/api/v1"


def grant(client, person, **changes):
    asked = {"kind": "attending", "reason": "Tuổi cao", **changes}
    return client.post(f"{API}/people/{person.id}/exemptions", json=asked)


def test_staff_let_somebody_off_see_it_and_end_it(client, db, cast):
    today = units.today()
    sign_in(db, client, cast.staff)
    granted = grant(client, cast.member, valid_to=str(today + timedelta(days=30)))
    assert granted.status_code == 201
    assert (granted.json()["valid_from"], granted.json()["reason"]) == (str(today), "Tuổi cao")
    page = client.get(f"{API}/exemptions", params={"unit_id": str(cast.commune.id)}).json()
    assert [(row["person"]["full_name"], row["kind"]) for row in page["items"]] == [("Nguyễn Thị Mai", "attending")]
    assert client.get(f"{API}/people/{cast.member.id}/exemptions").json() == [granted.json()]
    ended = client.post(f"{API}/exemptions/{granted.json()['id']}/end", json={})
    assert ended.json()["valid_to"] == str(today)


def test_a_summons_made_from_then_on_takes_it_over_and_an_older_one_stays(client, db, cast):
    older, newer = (factories.open_session(db, cast, starts_in=timedelta(days=2)) for _ in range(2))
    factories.summon(db, cast, older)
    db.commit()
    sign_in(db, client, cast.staff)
    grant(client, cast.member)
    factories.summon(db, cast, newer)
    for session, reason in ((older, None), (newer, "Tuổi cao")):
        found, _ = summons.find(db, cast.staff, session, unit=cast.commune)
        assert {row[0]: row[2] for row in found}[cast.member] == reason


def test_what_cannot_be_is_refused_in_words(client, db, cast):
    sign_in(db, client, cast.staff)
    assert grant(client, cast.member).status_code == 201
    told = problem(grant(client, cast.member), 409, "exempt-already")
    assert "Tuổi cao" in told["detail"]
    problem(grant(client, cast.staff), 403, "own-exemption")
    problem(grant(client, cast.stranger), 404, "person-not-found")
    yesterday = str(units.today() - timedelta(days=1))
    problem(grant(client, cast.technician, valid_to=yesterday), 422, "exemption-ends-too-early")
    told = problem(grant(client, cast.technician, reason=" ", valid_from="1.1.2026"), 422, "malformed")
    assert {each["field"] for each in told["errors"]} == {"reason", "valid_from"}
    problem(client.post(f"{API}/exemptions/{uuid4()}/end", json={}), 404, "exemption-not-found")
    (held,) = client.get(f"{API}/people/{cast.member.id}/exemptions").json()
    address = f"{API}/exemptions/{held['id']}/end"
    problem(client.post(address, json={"last_day": yesterday}), 422, "exemption-ends-too-early")
    assert client.post(address, json={"last_day": str(units.today())}).status_code == 200
    later = str((clock.now() + timedelta(days=9)).date())
    problem(client.post(address, json={"last_day": later}), 422, "exemption-ends-too-late")


def test_only_staff_of_the_persons_unit_see_and_change_it(client, db, cast):
    sign_in(db, client, cast.staff)
    held = grant(client, cast.member).json()
    for person in (cast.technician, cast.member):
        sign_in(db, client, person)
        for address in ("/exemptions", f"/people/{cast.member.id}/exemptions"):
            problem(client.get(f"{API}{address}"), 403, "not-allowed")
        problem(grant(client, cast.member), 403, "not-allowed")
        problem(client.post(f"{API}/exemptions/{held['id']}/end", json={}), 403, "not-allowed")
    factories.entrust(db, cast.stranger, Role.STAFF, cast.neighbour)
    sign_in(db, client, cast.stranger)
    assert client.get(f"{API}/exemptions").json() == {"items": [], "total": 0}
    problem(client.get(f"{API}/people/{cast.member.id}/exemptions"), 404, "person-not-found")
    problem(client.post(f"{API}/exemptions/{held['id']}/end", json={}), 403, "outside-scope")

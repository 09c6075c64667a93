from sessions import audit
from tests import factories
from tests.cast import sign_in
from tests.factories import problem


def test_the_trail_tells_who_did_what_and_whether_it_is_sealed(client, db, cast):
    session = factories.open_session(db, cast)
    audit.seal(db)
    factories.join(db, cast, session, cast.commune)
    db.commit()
    sign_in(db, client, cast.staff)
    about = {"subject_kind": "session", "subject_id": str(session.id)}
    page = client.get("/api/v1/audit", params=about).json()
    told = [(entry["action"], entry["actor"]["full_name"], entry["sealed"]) for entry in page["items"]]
    assert told == [("points.joined", "Vàng A Trị", False), ("session.opened", "Vàng A Trị", True)]
    assert page["total"] == 2
    assert client.get("/api/v1/audit", params={**about, "limit": 1}).json()["total"] == 2


def test_the_trail_is_for_staff_of_the_units_it_speaks_of(client, db, cast):
    factories.open_session(db, cast)
    db.commit()
    for person in (cast.technician, cast.member, cast.stranger):
        sign_in(db, client, person)
        problem(client.get("/api/v1/audit"), 403, "not-allowed")
    sign_in(db, client, cast.staff)
    problem(client.get("/api/v1/audit", params={"subject_kind": "x'; --"}), 422, "malformed")

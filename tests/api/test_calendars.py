"""A calendar is read from a secret address by programs that do not sign in."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar

from sessions import agenda, clock, register
from sessions.agenda import PartChange
from sessions.register import PartPlan
from tests import factories
from tests.cast import sign_in
from tests.factories import problem

HOUR = timedelta(hours=1)


@pytest.fixture
def session(db, cast):
    """The day after tomorrow, in two parts, with the commune's hall; the member is summoned."""
    made = factories.open_session(db, cast, parts=2, starts_in=timedelta(days=2))
    made.title = "Hội nghị học tập, quán triệt; nghị quyết " * 3
    factories.summon(db, cast, made, cast.province)
    factories.join(db, cast, made, cast.commune, name="Nhà văn hóa xã")
    db.commit()
    return made


@pytest.fixture
def subscribe(db, client):
    """A calendar program that reads the address again and again, without signing in."""

    def subscribed(person, path="/me/calendar"):
        sign_in(db, client, person)
        return client.post(f"/api/v1{path}").json()["address"]

    return subscribed


def read(client, address):
    client.cookies.clear()
    answer = client.get(urlsplit(address).path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return answer.content


def events(content):
    return {event["summary"].rsplit(": ", 1)[1]: event for event in Calendar.from_ical(content).walk("VEVENT")}


def test_a_member_subscribes_to_the_parts_they_are_summoned_to_with_the_room_of_their_commune(
    client, db, cast, session, subscribe
):
    content = read(client, subscribe(cast.member))
    found = events(content)
    assert list(found) == ["Phần 1", "Phần 2"]
    first = found["Phần 1"]
    part = register.parts_of(db, session.id)[0]
    assert first["dtstart"].dt == part.starts_at.replace(microsecond=0)
    assert first["dtstart"].params["TZID"] == "Asia/Ho_Chi_Minh"
    assert (first["location"], first["sequence"], first["status"]) == (
        "Nhà văn hóa xã, Đường Võ Nguyên Giáp",
        0,
        "CONFIRMED",
    )
    assert first["url"].endswith(f"/hoi-nghi/{session.id}")


def test_what_is_written_is_rfc_5545(client, cast, session, subscribe):
    content = read(client, subscribe(cast.member))
    lines = content.decode().split("\r\n")
    assert all(len(line.encode()) <= 75 and "\n" not in line for line in lines)
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    calendar = Calendar.from_ical(content)
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert {str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")} == {"Asia/Ho_Chi_Minh"}
    for event in calendar.walk("VEVENT"):
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE"} <= event.keys()
        assert event.errors == []
    assert len({event["uid"] for event in calendar.walk("VEVENT")}) == 2


def test_changes_are_told_with_a_higher_sequence_and_what_is_called_off_as_cancelled(
    client, db, cast, session, subscribe
):
    address = subscribe(cast.member)
    _, second = register.parts_of(db, session.id)
    later = PartPlan("Phần 2", second.starts_at + HOUR, second.ends_at + HOUR, "Lê Thị B")
    agenda.change(db, cast.staff, session, "Hội nghị mới", [PartChange(later, second.id)], known_sequence=0)
    db.commit()
    changed = events(read(client, address))
    assert {name: (event["sequence"], event["status"]) for name, event in changed.items()} == {
        "Phần 1": (1, "CANCELLED"),
        "Phần 2": (1, "CONFIRMED"),
    }
    assert "Báo cáo viên: Lê Thị B" in changed["Phần 2"]["description"]
    agenda.cancel(db, cast.staff, session, "Bão")
    db.commit()
    assert {(event["sequence"], event["status"]) for event in events(read(client, address)).values()} == {
        (2, "CANCELLED")
    }


def test_a_unit_has_a_calendar_for_its_staff_and_a_stranger_has_none(client, db, cast, session, subscribe):
    address = subscribe(cast.technician, f"/units/{cast.commune.id}/calendar")
    assert len(events(read(client, address))) == 2
    province = events(read(client, subscribe(cast.staff, f"/units/{cast.province.id}/calendar")))
    assert {event["location"] for event in province.values()} == {"1 điểm cầu"}
    assert events(read(client, subscribe(cast.stranger))) == {}
    sign_in(db, client, cast.member)
    problem(client.post(f"/api/v1/units/{cast.commune.id}/calendar"), 403, "outside-scope")


def test_a_renewed_or_guessed_address_leads_nowhere_nor_does_that_of_somebody_who_left(client, db, cast, subscribe):
    old, new = subscribe(cast.member), subscribe(cast.member)
    sign_in(db, client, cast.member)
    assert client.get("/api/v1/me/calendar").json()["address"] == new
    assert read(client, new)
    problem(client.get(urlsplit(old).path), 404, "calendar-not-found")
    problem(client.get(urlsplit(new).path.replace(".ics", "x.ics")), 404, "calendar-not-found")
    problem(client.get(f"/api/v1/calendars/{cast.member.id}/abc.ics"), 404, "calendar-not-found")
    assert client.get("/api/v1/calendars/nobody/ơ.ics").status_code == 422
    cast.member.left_at = clock.now()
    db.commit()
    problem(client.get(urlsplit(new).path), 404, "calendar-not-found")


def test_the_agenda_is_changed_and_the_conference_called_off_over_http(client, db, cast, session):
    sign_in(db, client, cast.staff)
    address = f"/api/v1/sessions/{session.id}"
    known = client.get(address).json()
    fields = ("id", "title", "speaker", "starts_at", "ends_at")
    parts = [{name: part[name] for name in fields} for part in known["parts"]]
    parts[0]["speaker"] = "Trần Văn C"
    asked = {"title": "Tên mới", "parts": parts, "sequence": known["sequence"]}
    told = client.put(f"{address}/agenda", json=asked).json()
    assert (told["title"], told["sequence"], told["parts"][0]["speaker"]) == ("Tên mới", 1, "Trần Văn C")
    problem(client.put(f"{address}/agenda", json=asked), 409, "agenda-changed-meanwhile")
    assert client.post(f"{address}/cancel", json={"reason": "Bão số 9"}).json()["cancelled_at"]
    cancelled, changed = client.get(f"{address}/changes").json()
    assert (cancelled["kind"], changed["kind"], changed["late"]) == ("cancelled", "agenda", False)
    assert (changed["before"]["parts"][0]["speaker"], changed["after"]["title"]) == (None, "Tên mới")
    (row,) = client.get("/api/v1/sessions", params={"when": "upcoming"}).json()["items"]
    assert row["cancelled_at"]

"""The review desk over HTTP: the queue of one's own units, evidence drawn out, decisions, what the member is told."""

from datetime import timedelta
from uuid import uuid4

import pytest

from archive import doubt_words, doubts, traces, watchlog
from archive.group import seen
from archive.models import Recording, Viewing
from archive.offline_doubts import HOLDING
from archive.traces import MOST_STRETCHES, Lapse, Stretch, compact, stretches_of
from archive.watchlog import Report
from sessions import attendance, clock, register, summons
from sessions.models import Basis, CreditPolicy, Role
from tests.cast import conference, sign_in
from tests.factories import enrol, entrust, problem, statements

API = "/api/v1"
REASON = "Xã xác nhận bằng văn bản có mặt tại hội trường."


@pytest.fixture
def session(db, cast):
    return conference(db, cast)


@pytest.fixture
def recording(db, session):
    kept = Recording(
        id=uuid4(),
        session_id=session.id,
        title=session.title,
        duration_seconds=60.0,
        source_sha256="0" * 64,
        source_key="originals/none",
        source_bytes=1,
        facts={},
        created_at=clock.now(),
        published_at=clock.now(),
    )
    db.add(kept)
    db.commit()
    return kept


@pytest.fixture
def staff(db, client, cast):
    return sign_in(db, client, cast.staff)


@pytest.fixture
def case(cast, session):
    return f"{API}/sessions/{session.id}/reviews/{cast.member.id}"


def hand_down(db, session, person, share=1.0, **changes):
    """Evidence of the first part as the vault hands it down."""
    part = register.parts_of(db, session.id)[0]
    row = {
        "person_id": person.id,
        "part_id": part.id,
        "session_id": session.id,
        "recording_id": uuid4(),
        "basis": Basis.REPLAY,
        "length_seconds": 3600.0,
        "covered_seconds": 3600.0 * share,
        "missing": [] if share == 1 else [[3600.0 * share, 3600.0]],
        "prompts_asked": 4,
        "prompts_answered": 4,
        "doubts": [],
        "first_watched_at": session.starts_at,
        "last_watched_at": session.ends_at,
        "viewings": 1,
    }
    attendance.take_evidence(db, [row | changes])
    db.commit()


def close_replay(db, session, *, days):
    """The deadline lies so many days ahead, or behind."""
    db.get_one(CreditPolicy, (session.id, 1)).replay_until = clock.now() + timedelta(days=days)
    db.commit()


def queue(client, **query):
    found = client.get(f"{API}/reviews", params=query).json()
    assert found["total"] == len(found["items"])
    return {case["person"]["full_name"]: case for case in found["items"]}


def test_the_queue_holds_doubtful_and_just_short_cases_of_ones_own_units(db, client, cast, session, staff):
    people = [enrol(db, unit, name) for unit, name in [(cast.commune, "Sùng A Gần"), (cast.other_commune, "Lý Thị Xa")]]
    for person in people:
        person.created_at = session.starts_at
    summons.expect(db, cast.staff, session, [cast.province])
    near, far = people
    hand_down(db, session, cast.member, doubts=["altered-beats"])
    hand_down(db, session, far, 0.4, doubts=["answered-too-quickly"])
    hand_down(db, session, near, 0.85)
    assert list(queue(staff)) == ["Nguyễn Thị Mai", "Lý Thị Xa"]  # The deadline is a month ahead.
    close_replay(db, session, days=2)
    found = queue(staff)
    # What only waits for a word stands first.
    assert list(found) == ["Nguyễn Thị Mai", "Sùng A Gần", "Lý Thị Xa"]
    assert found["Nguyễn Thị Mai"]["ready"]
    assert found["Nguyễn Thị Mai"]["reasons"] == ["Có nhịp xem được gửi lại với nội dung khác lần đầu."]
    assert found["Sùng A Gần"]["reasons"][0].startswith("Phần 1: đã xem 85%, trả lời 4/4 câu hỏi; xem lần cuối ")
    assert list(queue(staff, which="short")) == ["Sùng A Gần"]
    assert list(queue(staff, which="doubtful", session_id=str(session.id))) == ["Nguyễn Thị Mai", "Lý Thị Xa"]
    assert queue(staff, session_id=str(conference(db, cast).id)) == {}
    assert staff.get(f"{API}/reviews/count").json() == {"cases": 3, "decisions": 0}

    entrust(db, cast.technician, Role.STAFF, cast.commune)
    sign_in(db, client, cast.technician)
    assert sorted(queue(client)) == ["Nguyễn Thị Mai", "Sùng A Gần"]
    assert client.get(f"{API}/reviews/count").json()["cases"] == 2
    sign_in(db, client, cast.member)
    problem(client.get(f"{API}/reviews"), 403, "not-allowed")


def test_a_page_costs_as_many_statements_as_a_line(db, cast, session, staff):
    def count(people):
        for person in people:
            hand_down(db, session, person, doubts=["altered-beats"])
        with statements(db) as sent:
            assert staff.get(f"{API}/reviews").json()["total"] >= len(people)
        return len(sent)

    one = count([cast.member])
    people = [enrol(db, cast.commune, f"Giàng A {number}") for number in range(12)]
    for person in people:
        person.created_at = session.starts_at
    summons.expect(db, cast.staff, session, [cast.commune])
    assert count(people) == one


def test_a_decision_is_told_to_the_member_and_closes_the_case_until_more_is_watched(
    db, client, cast, session, staff, case
):
    hand_down(db, session, cast.member, doubts=["altered-beats"])
    refusing = {"kind": "refuse", "reason": REASON}
    made = staff.post(f"{case}/decisions", json=refusing)
    assert (made.status_code, made.json()["state"]) == (201, "standing")
    assert queue(staff) == {}
    sign_in(db, client, cast.member)
    (mine,) = client.get(f"{API}/my/credits").json()
    assert not mine["credited"]
    told = mine["parts"][0]["reasons"][0]
    assert told["code"] == "refused-by-staff"
    assert told["detail"].startswith("Cán bộ Trần Văn Bộ không công nhận ngày ")
    assert told["detail"].endswith(f": {REASON}")

    hand_down(db, session, cast.member, doubts=["altered-beats"])
    sign_in(db, client, cast.staff)
    assert queue(staff)["Nguyễn Thị Mai"]["decided_before"]
    granting = {"kind": "grant", "reason": "Đã gọi điện hỏi nội dung, trả lời đúng."}
    assert staff.post(f"{case}/decisions", json=granting).status_code == 201
    problem(staff.post(f"{case}/decisions", json=refusing), 409, "credit-given-already")
    shown = staff.get(case).json()
    assert [decision["kind"] for decision in shown["decisions"]] == ["grant", "refuse"]
    assert shown["credited"]
    sign_in(db, client, cast.member)
    (mine,) = client.get(f"{API}/my/credits").json()
    assert (mine["credited"], mine["basis"]) == (True, "decision")
    assert mine["parts"][0]["reasons"][0]["code"] == "granted-by-staff"


def test_refusals_come_in_words(db, client, cast, session, staff, case):
    deciding = {"kind": "grant", "reason": "ngắn"}
    told = problem(staff.post(f"{case}/decisions", json=deciding), 422, "reason-out-of-bounds")
    assert told["detail"] == "Lý do phải dài từ 10 đến 500 ký tự."
    problem(staff.post(f"{case}/decisions", json={"kind": "bless", "reason": REASON}), 422, "malformed")
    problem(staff.get(case.replace(str(cast.member.id), str(cast.stranger.id))), 404, "not-summoned")
    problem(staff.post(f"{API}/decisions/{uuid4()}/confirm"), 404, "decision-not-found")
    entrust(db, cast.member, Role.STAFF, cast.commune)
    sign_in(db, client, cast.member)
    problem(client.post(f"{case}/decisions", json={"kind": "grant", "reason": REASON}), 403, "own-case")
    own = client.get(case).json()
    assert not own["can_decide"]
    assert "chính mình" in own["refusal"]
    entrust(db, cast.stranger, Role.STAFF, cast.neighbour)
    sign_in(db, client, cast.stranger)
    problem(client.get(case), 404, "session-not-found")


def test_a_second_person_confirms_what_is_too_much_for_one(db, client, cast, session, staff, monkeypatch):
    monkeypatch.setattr("sessions.decisions.GRANTS_ALONE", 1)
    other = enrol(db, cast.commune, "Sùng A Gần")
    other.created_at = session.starts_at
    summons.expect(db, cast.staff, session, [cast.commune])
    db.commit()
    granting = {"kind": "grant", "reason": REASON}
    staff.post(f"{API}/sessions/{session.id}/reviews/{cast.member.id}/decisions", json=granting)
    held = staff.post(f"{API}/sessions/{session.id}/reviews/{other.id}/decisions", json=granting).json()
    assert (held["state"], held["can_second"]) == ("waiting", False)
    problem(staff.post(f"{API}/decisions/{held['id']}/confirm"), 403, "own-decision")
    sign_in(db, client, cast.releaser)
    (waits,) = client.get(f"{API}/decisions").json()["items"]
    assert (waits["person"]["full_name"], waits["can_second"]) == ("Sùng A Gần", True)
    assert client.get(f"{API}/reviews/count").json() == {"cases": 0, "decisions": 1}
    done = client.post(f"{API}/decisions/{held['id']}/confirm").json()
    assert (done["state"], done["seconded_by"]) == ("standing", "Phạm Thị Duyệt")
    body = {"reason": "Chưa thấy giấy xác nhận."}
    problem(client.post(f"{API}/decisions/{held['id']}/decline", json=body), 409, "nothing-to-confirm")


def test_evidence_is_drawn_with_its_hidden_and_muted_stretches_and_what_ended_it(
    db, cast, session, recording, staff, case, monkeypatch
):
    start, passed = clock.now(), 0.0
    monkeypatch.setattr(clock, "now", lambda: start + timedelta(seconds=passed))
    first = watchlog.open_viewing(db, cast.member, recording, "Mozilla/5.0 (Linux; Android 9) Chrome/90")
    passed = 30.0
    watchlog.record(
        db,
        first,
        [
            Report(0, 0.0, 10.0, [(0.0, 10.0, 1.0)], 0.0, 0.0),
            Report(1, 10.0, 20.0, [(10.0, 20.0, 1.0)], 4.0, 0.0),
            Report(2, 20.0, 30.0, [(40.0, 54.0, 1.4)], 0.0, 10.0),
        ],
    )
    watchlog.record(db, first, [Report(0, 0.0, 10.0, [(0.0, 9.0, 1.0)], 0.0, 0.0)])
    watchlog.open_viewing(db, cast.member, recording, "laptop")
    db.commit()
    shown = staff.get(case).json()
    assert shown["viewings"]["total"] == 2
    drawn, later = shown["viewings"]["items"]
    assert [(each["start"], each["at"], each["to"], each["rate"]) for each in drawn["played"]] == [
        (0.0, 0.0, 20.0, 1.0),
        (20.0, 40.0, 54.0, 1.4),
    ]
    assert drawn["hidden"] == [{"start": 10.0, "end": 20.0, "seconds": 4.0}]
    assert drawn["muted"] == [{"start": 20.0, "end": 30.0, "seconds": 10.0}]
    assert drawn["covered"] == [[0.0, 20.0]]
    assert (drawn["beats"], drawn["superseded_by"]) == (3, "laptop")
    assert drawn["doubts"] == ["Có nhịp xem được gửi lại với nội dung khác lần đầu. (1 nhịp)"]
    assert (later["superseded_by"], later["played"]) == (None, [])
    english = staff.get(case, headers={"accept-language": "en"}).json()
    assert english["viewings"]["items"][0]["doubts"] == [
        "A report from the player came again with other content. (1 reports)"
    ]


def test_a_very_long_log_is_drawn_within_bounds(db, cast, session, recording):
    viewing = watchlog.open_viewing(db, cast.member, recording, "script")
    for n in range(1200):
        # Back and forth, so that no two neighbours continue one another.
        at = 50.0 if n % 2 else 5.0
        db.add(
            watchlog.Beat(
                viewing_id=viewing.id,
                seq=n,
                span_start=n * 15.0,
                span_end=n * 15.0 + 15,
                played=[[at, at + 3, 1.0], [at + 20, at + 22, 1.25]],
                hidden_seconds=n % 3,
                muted_seconds=0.0,
                received_at=clock.now(),
            )
        )
    db.flush()
    (trace,), total = traces.draw(db, cast.member.id, session.id)
    assert (trace.beats, total) == (1200, 1)
    assert 0 < len(trace.played) <= MOST_STRETCHES
    assert trace.played[0].start == 0.0
    assert max(each.rate for each in trace.played) == 1.25
    assert (len(trace.hidden), trace.muted) == (1, [])
    assert db.get_one(Viewing, viewing.id).covered == []


def test_segments_lie_in_their_order_within_the_span_of_their_beat():
    assert stretches_of(10.0, 25.0, [(0.0, 5.0, 1.0), (30.0, 36.0, 1.5)]) == [
        Stretch(10.0, 15.0, 0.0, 5.0, 1.0),
        Stretch(15.0, 19.0, 30.0, 36.0, 1.5),
    ]
    # What a player claims beyond the time there was is drawn within it.
    assert stretches_of(0.0, 10.0, [(0.0, 100.0, 1.0)]) == [Stretch(0.0, 10.0, 0.0, 100.0, 1.0)]
    assert stretches_of(0.0, 10.0, []) == []


def test_neighbours_are_joined_and_a_change_of_rate_or_place_is_not():
    steady = [Stretch(15.0 * n, 15.0 * n + 15, 15.0 * n, 15.0 * n + 15, 1.0) for n in range(4)]
    faster = Stretch(60.0, 75.0, 60.0, 80.0, 1.33)
    jump = Stretch(75.0, 90.0, 500.0, 520.0, 1.33)
    assert compact([*steady, faster, jump]) == [Stretch(0.0, 60.0, 0.0, 60.0, 1.0), faster, jump]
    assert compact([*steady, faster, jump], most=1) == [Stretch(0.0, 90.0, 0.0, 520.0, 1.33)]
    assert compact([Lapse(0.0, 15.0, 3.0), Lapse(15.0, 30.0, 4.0)]) == [Lapse(0.0, 30.0, 7.0)]


def test_there_is_a_sentence_for_every_doubt():
    known = {*doubts.Doubt, *seen.Doubt, *HOLDING, "offline-questions-failed"}
    assert known <= doubt_words.codes()
    for code in doubt_words.codes():
        vi, en = doubt_words.sentence(code, "vi"), doubt_words.sentence(code, "en")
        assert code not in vi
        assert vi != en
    assert doubt_words.sentence("of-tomorrow", "vi") == "Có điểm cần xem xét (of-tomorrow)."
    assert doubt_words.sentence("longer-than-elapsed", "vi", {"seconds": 12.5}).endswith("(12,5 giây)")

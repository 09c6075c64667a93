"""A training held a few days ago on the new tree. Some missed it: its replay waits for them."""

from datetime import timedelta
from random import Random
from uuid import uuid4

from sqlalchemy import select, update

from api.seed import cast, conferences, turnout
from api.seed.conferences import at
from api.seed.rooms import POINTS, Taking, take_part
from sessions import checkins, points, register, summons, units
from sessions.db import Db
from sessions.models import ConferenceSession, Expected, Person, PointState, SessionPart, Unit
from sessions.register import PartPlan

TITLE = "Tập huấn sử dụng Diem Cau cho các điểm cầu"
DAYS_AGO = 4
SUMMONED_DAYS_BEFORE = 10
ATTENDEES = 906

_EXCUSES = ("Nghỉ ốm có xác nhận", "Đi công tác theo quyết định", "Nghỉ thai sản")


def record(db: Db, staff: Person, province: Unit) -> ConferenceSession:
    """Open the training, summon everybody, let every commune count and check its people in."""
    random = Random(2026)
    session = _open(db, staff, province)
    absent = _excuse_some(db, random, staff, session, province)
    openings = turnout.share_out(ATTENDEES, [random.uniform(14, 34) for _ in range(POINTS)])
    counted = [turnout.draw(random, opening) for opening in openings]
    takings = take_part(db, staff, session, province, [room.expected for room in counted])
    part = register.parts_of(db, session.id)[0]
    for taking, room in zip(takings, counted, strict=True):
        conferences.count(db, taking.technician, taking.point, part, room)
        _check_in(db, random, taking, part, absent, cast.get(db, cast.RELEASER))
        points.set_state(db, taking.technician, taking.point, PointState.CLOSED)
    return session


def _open(db: Db, staff: Person, province: Unit) -> ConferenceSession:
    day = units.today() - timedelta(days=DAYS_AGO)
    starts_at, ends_at = at(day, 8, 0), at(day, 9, 30)
    part = PartPlan("Sử dụng Diem Cau, từ đăng ký đến xem lại", starts_at, ends_at, speaker=cast.STAFF.full_name)
    return register.open_session(db, staff, TITLE, province, starts_at, ends_at, [part])


def _excuse_some(db: Db, random: Random, staff: Person, session: ConferenceSession, province: Unit) -> set[Person]:
    """Summon everybody and exempt a few; gives those who did not come, the demo's member among them."""
    everybody = db.scalars(select(Person).where(Person.left_at.is_(None)).order_by(Person.member_number)).all()
    played = {cast.get(db, one) for one in cast.CAST}
    others = [person for person in everybody if person not in played]
    excused = random.sample(others, len(_EXCUSES))
    reasons = {person.id: reason for person, reason in zip(excused, _EXCUSES, strict=True)}
    summons.expect(db, staff, session, [province], reasons)
    # They were summoned in good time: nobody was added late.
    in_time = update(Expected).where(Expected.session_id == session.id)
    db.execute(in_time.values(added_at=session.starts_at - timedelta(days=SUMMONED_DAYS_BEFORE)))
    return {cast.get(db, cast.MEMBER), *excused, *random.sample(others, len(others) // 7)}


def _check_in(db: Db, random: Random, taking: Taking, part: SessionPart, absent: set[Person], other: Person) -> None:
    """Tick off who came, as read from the roster of the point; nobody ticks themselves, so an `other` does."""
    roster = checkins.roster_of(db, taking.point, part)
    present = [person.id for person, _, _ in roster if person not in absent]
    checked_at = part.starts_at - timedelta(minutes=random.randint(1, 15))
    others = [person_id for person_id in present if person_id != taking.technician.id]
    checkins.tick(db, taking.technician, taking.point, part, others, checked_at, uuid4())
    if len(others) < len(present):
        checkins.tick(db, other, taking.point, part, [taking.technician.id], checked_at, uuid4())

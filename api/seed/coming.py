"""A conference a week ahead on the new tree: every commune is invited, some have confirmed."""

from datetime import timedelta
from random import Random

from api.seed import cast, turnout
from api.seed.conferences import at
from api.seed.rooms import POINTS, take_part
from sessions import points, register, summons, units
from sessions.db import Db
from sessions.models import ConferenceSession, Person, PointState, Unit
from sessions.register import PartPlan

TITLE = "Hội nghị học tập chuyên đề: Chuyển đổi số ở cơ sở"
DAYS_AHEAD = 7
EXPECTED = 1_180
CONFIRMED = 0.6


def prepare(db: Db, staff: Person, province: Unit) -> ConferenceSession:
    """Open the conference, summon everybody, invite all rooms, and let some of them confirm.

    The demo's own technician has not confirmed yet: that is the first thing there is to do for whoever signs in.
    """
    random = Random(7)
    day = units.today() + timedelta(days=DAYS_AHEAD)
    parts = [
        PartPlan("Buổi sáng: Nghị quyết và chương trình hành động", at(day, 7, 30), at(day, 11, 0)),
        PartPlan("Buổi chiều: Thực hành tại điểm cầu", at(day, 14, 0), at(day, 16, 30)),
    ]
    session = register.open_session(db, staff, TITLE, province, parts[0].starts_at, parts[-1].ends_at, parts)
    summons.expect(db, staff, session, [province])
    own = cast.get(db, cast.TECHNICIAN)
    expected = turnout.share_out(EXPECTED, [random.uniform(20, 40) for _ in range(POINTS)])
    for taking in take_part(db, staff, session, province, expected):
        if taking.technician != own and random.random() < CONFIRMED:
            points.set_state(db, taking.technician, taking.point, PointState.CONFIRMED)
    return session

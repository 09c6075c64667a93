"""Those of the large samples who can sign in, at the top, in Lai Châu, and in its first commune."""

from sqlalchemy import select

from api.seed import cast
from api.seed.cast import NUMBERS, Played
from sessions import roles
from sessions.db import Db
from sessions.models import Person, Role, Unit

TECHNICIAN = Played(
    f"{NUMBERS}N001",
    "Lò Văn Thắng",
    "kythuat",
    Role.TECHNICIAN,
    False,
    "kỹ thuật viên xã / technician of a commune",
)
MEMBER = Played(f"{NUMBERS}N002", "Tẩn Thị Mẩy", "dangvien", None, False, "đảng viên của xã ấy / member there")
STAFF = Played(
    f"{NUMBERS}N003", "Nguyễn Thu Hà", "canbo", Role.STAFF, True, "cán bộ theo dõi toàn hệ thống / staff for all units"
)
ADMINISTRATOR = Played(
    f"{NUMBERS}N004", "Trần Đức Long", "quantri", Role.ADMINISTRATOR, True, "quản trị viên / administrator"
)
PROVINCE = Played(
    f"{NUMBERS}N005", "Phạm Quốc Huy", "canbotinh", Role.STAFF, False, "cán bộ theo dõi một tỉnh / staff of a province"
)
CAST = (TECHNICIAN, MEMBER, STAFF, PROVINCE, ADMINISTRATOR)


def enrol(db: Db, top: Unit, province: Unit, commune: Unit) -> None:
    """Enrol them all; the administrator entrusts the others with their roles."""
    administrator = cast.enrol(db, ADMINISTRATOR, top)
    roles.grant(db, None, administrator, Role.ADMINISTRATOR, top)
    for played, unit in ((TECHNICIAN, commune), (MEMBER, commune), (STAFF, top), (PROVINCE, province)):
        person = cast.enrol(db, played, unit)
        if played.role:
            roles.grant(db, administrator, person, played.role, unit)


def staff(db: Db) -> Person:
    """Who holds the conference."""
    return db.scalars(select(Person).where(Person.member_number == STAFF.number)).one()

"""Whose name is it: the proposal, what it rests on, and how sure it is. Nobody is chosen silently between two."""

from uuid import UUID, uuid4

import pytest

from sessions.meetings.matching import Roster, Summoned
from sessions.meetings.names import take_apart
from sessions.meetings.rooms import Place, Places
from sessions.models import MatchedBy
from sessions.names import search_key


def summoned(full_name: str, unit: str = "Sìn Hồ", number: str | None = None, username: str | None = None) -> Summoned:
    return Summoned(uuid4(), full_name, search_key(full_name), number, username, f"{unit}/", unit)


PEOPLE = [
    summoned("Lò Thị Én", number="LC-0417", username="en"),
    summoned("Nguyễn Văn Tài"),
    summoned("Nguyễn Văn Tại"),
    summoned("Nguyễn Thị Mai", "Sìn Hồ"),
    summoned("Nguyễn Thị Mai", "Phong Thổ"),
    summoned("Bùi Hồng Minh"),
    summoned("Phương Thanh Hà"),
]
ROSTER = Roster(PEOPLE)


def match(written: str, email: str | None = None):
    found = ROSTER.match(take_apart(written), email)
    name = next((person.full_name for person in PEOPLE if person.id == found.id), None)
    return name, found.by, found


@pytest.mark.parametrize(
    ("written", "email", "name", "by", "least"),
    [
        ("Lò Thị Én", None, "Lò Thị Én", MatchedBy.NAME, 0.95),
        ("lo thi en", None, "Lò Thị Én", MatchedBy.UNACCENTED, 0.9),
        ("Én Lò Thị", None, "Lò Thị Én", MatchedBy.ORDER, 0.9),
        ("UBND xã 01 - Lò Thị Én", None, "Lò Thị Én", MatchedBy.NAME, 0.95),
        ("015_Én (Lò Thị Én)", None, "Lò Thị Én", MatchedBy.NAME, 0.95),
        ("12. Đ/c Lò Thị Én - Bí thư", None, "Lò Thị Én", MatchedBy.NAME, 0.95),
        ("Lò, Thị Én", None, "Lò Thị Én", MatchedBy.NAME, 0.95),
        ("LC-0417 Én", None, "Lò Thị Én", MatchedBy.NUMBER, 0.99),
        ("Én", "lc-0417@xa.example.vn", "Lò Thị Én", MatchedBy.NUMBER, 0.99),
        ("Én", "en@xa.example.vn", "Lò Thị Én", MatchedBy.EMAIL, 0.97),
        ("Minh", "buihongminh@xa.example.vn", "Bùi Hồng Minh", MatchedBy.EMAIL, 0.8),
        ("Nguyễn Văn Tài", None, "Nguyễn Văn Tài", MatchedBy.NAME, 0.95),
        ("Xã Phong Thổ - Nguyễn Thị Mai", None, "Nguyễn Thị Mai", MatchedBy.NAME, 0.9),
        ("Phương Thanh Hà", None, "Phương Thanh Hà", MatchedBy.NAME, 0.95),
        ("phuong thanh ha", None, "Phương Thanh Hà", MatchedBy.UNACCENTED, 0.9),
    ],
)
def test_a_name_a_number_or_an_address_that_nobody_shares_is_sure(written, email, name, by, least):
    found, rests_on, whole = match(written, email)
    assert (found, rests_on) == (name, by)
    assert whole.confidence >= least


@pytest.mark.parametrize("written", ["Bui Hong Mihn", "Bùi Hồng Ming", "Bùi Minh", "Hồng Minh"])
def test_another_spelling_or_half_a_name_is_proposed_and_wants_a_look(written):
    found, by, whole = match(written)
    assert (found, by) == ("Bùi Hồng Minh", MatchedBy.LIKENESS)
    assert whole.confidence < 0.9


@pytest.mark.parametrize("written", ["Nguyễn Thị Mai", "nguyen thi mai", "nguyen van tai", "Mai"])
def test_namesakes_are_shown_and_none_is_chosen(written):
    found, by, whole = match(written)
    assert (found, by) == (None, MatchedBy.HOMONYM)
    assert len(whole.candidates) == 2


def test_the_unit_tells_namesakes_apart_and_the_other_one_stays_in_view():
    _, _, whole = match("Xã Phong Thổ - Nguyễn Thị Mai")
    assert whole.id == PEOPLE[4].id
    assert [other for other, _ in whole.candidates] == [PEOPLE[3].id]


@pytest.mark.parametrize("written", ["Hoàng Người Lạ", "iPhone của Duy", "Zoom user", "???", "Điểm cầu xã 01"])
def test_whoever_is_not_on_the_summons_is_nobody(written):
    assert match(written)[0] is None


def test_a_number_under_a_wholly_other_name_wants_a_look():
    found, by, whole = match("LC-0417 Hoàng Xuân Đạt")
    assert (found, by) == ("Lò Thị Én", MatchedBy.NUMBER)
    assert whole.confidence < 0.6


@pytest.mark.parametrize(
    ("written", "is_room", "said"),
    [
        ("Điểm cầu xã Nà Ui", True, None),
        ("UBND xã 01", True, None),
        ("Phòng họp số 2 - Huyện ủy", True, None),
        ("xa Na Ui - 35 dai bieu", True, 35),
        ("Hội trường tỉnh (120 người)", True, 120),
        ("Phường Bến Nghé", True, None),
        ("UBND xã 01 - Lò Thị Én", False, None),
        ("Phương Thanh Hà", False, None),
        ("Bàn Thị Phượng", False, None),
        ("Xa Thị Bình", True, None),  # A family name that is a word for a commune: staff turn it into a person.
    ],
)
def test_rooms_are_told_from_people_by_what_their_names_begin_with(written, is_room, said):
    told = take_apart(written)
    assert (told.is_room, told.said_count) == (is_room, said)


PROVINCE, NA_UI, XA_1, XA_2 = uuid4(), uuid4(), uuid4(), uuid4()
PLACES = Places(
    [
        Place(PROVINCE, "t/", "Hội trường tỉnh", "Tỉnh Lai Châu"),
        Place(NA_UI, "t/a/", "Hội trường UBND", "Xã Nà Ui"),
        Place(XA_1, "t/b/", "Phòng họp tầng 2", "Xã 1"),
        Place(XA_2, "t/c/", "Phòng họp tầng 2", "Xã 2"),
    ]
)


@pytest.mark.parametrize(
    ("written", "point"),
    [
        ("Điểm cầu xã Nà Ui", NA_UI),
        ("UBND xã Nà Ui - phòng họp", NA_UI),
        ("UBND xã 01", XA_1),
        ("XA 2", XA_2),
        ("Hội trường tỉnh", PROVINCE),
        ("Điểm cầu Lai Châu", PROVINCE),
        ("DC xa Na Uii", NA_UI),
        ("Phòng họp tầng 2", None),
        ("Xã Mường Tè", None),
    ],
)
def test_a_room_is_the_point_of_the_place_in_its_name(written, point: UUID | None):
    assert PLACES.match(take_apart(written), written).id == point


def test_people_belong_to_the_nearest_point_above_their_unit():
    assert PLACES.nearest("t/a/chi-bo/") == NA_UI
    assert PLACES.nearest("t/z/") == PROVINCE
    assert PLACES.nearest("x/") is None

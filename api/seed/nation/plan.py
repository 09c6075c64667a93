"""How large a sample is, and what that makes of every unit in it: its people, its rooms, and who was present.

Always the same draw: a seed that was cut off finds the plan it began with.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from api.seed.nation.facts import COMMUNE_NAMES, LAI_CHAU, PROVINCES, Province
from api.seed.turnout import share_out
from sessions.models import UnitKind

#: The share of people who need not come.
_EXEMPT = 0.015
#: Words before a commune's name, by how a province counts them.
_KINDS = ("Xã", "Phường", "Đặc khu")


@dataclass(frozen=True)
class Size:
    """How many of everything; with several provinces there is a centre above them."""

    provinces: Sequence[Province]
    points: int
    people: int
    #: Who was present by name; at most the people, less one technician a point and 1.5 % exempt.
    check_ins: int
    title: str = "Hội nghị toàn quốc học tập, quán triệt Nghị quyết Đại hội XIV của Đảng"


SIZES = {
    # The conference of 7 February 2026: 31,000 points, 1.93 million attendees, of about 5.6 million members.
    "nation": Size(PROVINCES, points=31_000, people=5_600_000, check_ins=1_930_000),
    # A mountain province of 46,540 members of whom 44,560 took part (DESIGN.md, section 1).
    "province": Size((LAI_CHAU,), points=150, people=46_540, check_ins=44_560, title="Hội nghị toàn tỉnh"),
}


@dataclass(frozen=True)
class Place:
    """One unit of the sample. Of its people the first `points` are technicians, the next `present` were present."""

    number: int
    parent: int | None
    kind: UnitKind
    code: str | None
    name: str
    #: Key and path in hexadecimal, as `units.add` writes them.
    id: str
    path: str
    depth: int
    people: int = 0
    points: int = 1
    present: int = 0
    #: The last so many of its people need not come.
    exempt: int = 0


def draw_ids(what: str, count: int) -> list[str]:
    """So many keys, in hexadecimal; the same ones whenever they are drawn for the same purpose."""
    drawn = Random(what).randbytes(16 * count).hex()
    return [drawn[at : at + 32] for at in range(0, 32 * count, 32)]


def places(size: Size) -> list[Place]:
    """Every unit, each after the one above it."""
    random, tree = Random(2026), list(_tree(size.provinces))
    weights = [1.2 if each.kind != UnitKind.COMMUNE else random.uniform(0.45, 1.55) for each in tree]
    people = share_out(size.people, weights)
    points = [1 + more for more in share_out(size.points - len(tree), weights)]
    exempt = [int(_EXEMPT * each) for each in people]
    room = [all_ - busy - away for all_, busy, away in zip(people, points, exempt, strict=True)]
    present = _fill(size.check_ins, [each * random.uniform(0.7, 1.3) for each in room], room)
    return [
        replace(place, people=people[at], points=points[at], present=present[at], exempt=exempt[at])
        for at, place in enumerate(tree)
    ]


def _tree(provinces: Sequence[Province]) -> Iterator[Place]:
    random, number = Random(34), 0
    centre = None
    if len(provinces) > 1:
        yield (centre := _place(0, None, UnitKind.CENTRE, None, "Trung ương"))
    for province in provinces:
        number += centre is not None or province is not provinces[0]
        top = _place(number, centre, UnitKind.PROVINCE, province.code, province.name)
        yield top
        words = zip(_KINDS, (province.communes, province.wards, province.zones), strict=True)
        kinds = [word for word, count in words for _ in range(count)]
        names = random.sample(COMMUNE_NAMES, len(kinds))
        for place, (word, name) in enumerate(zip(kinds, names, strict=True), start=1):
            number += 1
            yield _place(number, top, UnitKind.COMMUNE, f"{province.code}{place:03}", f"{word} {name}")


def _place(number: int, parent: Place | None, kind: UnitKind, code: str | None, name: str) -> Place:
    (own_id,) = draw_ids(f"unit {number}", 1)
    above, depth = (parent.path, parent.depth + 1) if parent else ("", 0)
    return Place(number, parent.number if parent else None, kind, code, name, own_id, f"{above}{own_id}/", depth)


def _fill(total: int, weights: Sequence[float], most: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights`, with no share above its `most`; what is cut off goes to the others."""
    shares = [min(pair) for pair in zip(share_out(total, weights), most, strict=True)]
    for at, limit in enumerate(most):
        shares[at] += min(limit - shares[at], total - sum(shares)) if sum(shares) < total else 0
    assert sum(shares) == total, "more people were present than there are"
    return shares


def rooms_of(place: Place) -> list[int]:
    """How many of its people were present in each room of a place."""
    random = Random(f"rooms {place.number}")
    return share_out(place.present, [random.uniform(0.6, 1.4) for _ in range(place.points)])

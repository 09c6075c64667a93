"""Where in a report the participants stand, and which column holds what: by the headings, or by what is in them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sessions.meetings import headings, lengths, moments
from sessions.tables import Row

#: What a report writes where there is nothing to say.
_NOTHING = frozenset({"", "-", "--", "---", "—", "–", "n/a", "na", "null"})
_SAYS_WHO = frozenset({"name", "given", "family"})
_SAYS_HOW_LONG = frozenset({"joined", "minutes", "timestamp"})
_SECTION_TITLE = re.compile(r"\d{1,2}[.)]\s")
#: So many rows are looked at to learn what a column holds.
_SAMPLE = 50


@dataclass(frozen=True)
class Section:
    """One list of participants: its header, in which column each field stands, and its rows."""

    header: Row
    fields: dict[str, int]
    rows: list[Row]

    def text(self, row: Row, field: str) -> str:
        """What a row says in this field; empty when it says nothing, or the field is not there."""
        place = self.fields.get(field)
        said = row.cells[place].strip() if place is not None else ""
        return "" if said.lower() in _NOTHING else said

    def heading(self, field: str) -> str:
        return self.header.cells[self.fields[field]] if field in self.fields else ""


def sections(rows: Sequence[Row]) -> list[Section]:
    """All lists of participants in a report; none when it holds nothing of the kind."""
    begins = [(place, fields) for place, row in enumerate(rows) if (fields := _fields_of_header(row))]
    ends = [place for place, _ in begins[1:]] + [len(rows)]
    known = [
        Section(rows[place], fields, _list_of(rows[place:end], is_last=end == len(rows)))
        for (place, fields), end in zip(begins, ends, strict=False)
    ]
    return known or [found for found in [_by_content(rows)] if found]


def _fields_of_header(row: Row) -> dict[str, int] | None:
    fields: dict[str, int] = {}
    for place, cell in enumerate(row.cells):
        field = headings.field_of(cell) if cell and len(cell) < 80 else None
        if field and field not in fields:
            fields[field] = place
    if "name" in fields and "family" in fields and "given" not in fields:
        # "Họ, Tên": the word for a name is also that for a given name.
        fields["given"] = fields.pop("name")
    return fields if _SAYS_WHO & fields.keys() and _SAYS_HOW_LONG & fields.keys() else None


def _list_of(rows: Sequence[Row], *, is_last: bool) -> list[Row]:
    """What stands below a header, up to the title of the next section.

    A title stands alone in its row: numbered, or behind an empty row, or right above the next header. A name alone in
    the last row is a report that was cut off, and stays, so that it is told of.
    """
    below = list(rows[1:])
    for place, (before, row) in enumerate(pairwise(rows)):
        alone = sum(map(bool, row.cells)) == 1
        if alone and (_SECTION_TITLE.match(row.cells[0]) or row.number > before.number + 1):
            return below[:place]
    while below and not is_last and sum(map(bool, below[-1].cells)) == 1:
        below.pop()
    return below


def _by_content(rows: Sequence[Row]) -> Section | None:
    """A list under headings in a language nobody taught us: its cells tell times, addresses and lengths apart."""
    first = next((place for place, row in enumerate(rows) if sum(map(moments.is_moment, row.cells)) >= 1), None)
    if first is None or first == 0:
        return None
    body = [row for row in rows[first:] if any(map(moments.is_moment, row.cells))]
    fields = _fields_by_content(body[:_SAMPLE])
    return Section(rows[first - 1], fields, body) if fields else None


def _fields_by_content(sample: Sequence[Row]) -> dict[str, int] | None:
    columns = [[row.cells[place] for row in sample] for place in range(len(sample[0].cells))]
    times = _places(columns, moments.is_moment)
    emails = _places(columns, lambda cell: "@" in cell)
    stays = [place for place in _places(columns, _is_length_in_words) if place not in times]
    taken = {*times, *emails, *stays}
    texts = [place for place in _places(columns, _is_word) if place not in taken]
    if not texts:
        return None
    fields = {"name": texts[0]}
    if len(times) >= 2:
        fields |= {"joined": times[0], "left": times[1]}
    elif len(times) == 1 and len(texts) == 2 and len(set(columns[texts[1]])) <= 3:
        fields |= {"action": texts[1], "timestamp": times[0]}
    else:
        return None
    return fields | ({"email": emails[0]} if emails else {}) | ({"minutes": stays[0]} if stays else {})


def _places(columns: Sequence[Sequence[str]], fits: Callable[[str], bool]) -> list[int]:
    """The columns most of whose cells that say anything are of one kind."""
    places = []
    for place, cells in enumerate(columns):
        said = [cell for cell in cells if cell.lower() not in _NOTHING]
        if len(said) * 2 >= len(cells) and sum(map(fits, said)) >= 0.8 * len(said) > 0:
            places.append(place)
    return places


def _is_length_in_words(cell: str) -> bool:
    return not cell.isdigit() and lengths.read(cell) is not None


def _is_word(cell: str) -> bool:
    return any(char.isalpha() for char in cell)

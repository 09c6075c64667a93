"""Which of several headcounts of one moment holds: a pure function of the set of entries, whatever way they came.

A correction stands above what it corrects, whatever the clocks say. Between entries that know nothing of each other
the technicians' clocks decide, and at one instant the keys that their devices made. When an entry arrived decides
nothing: two servers that got the same entries in any order, twice or in pieces, keep the same record.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sessions.models import Headcount

Rank = tuple[datetime, int, datetime, UUID]


def newest_first(entries: Sequence[Headcount]) -> list[Headcount]:
    """These entries of one moment in their one order; the first holds."""
    known = {entry.client_key: entry for entry in entries}
    return sorted(entries, key=lambda entry: _rank(entry, known), reverse=True)


def _rank(entry: Headcount, known: Mapping[UUID, Headcount]) -> Rank:
    """The later, the higher; never below what it corrects, which has both an earlier reach and less behind it."""
    behind = _behind(entry, known)
    reach = max(known[key].counted_at for key in {entry.client_key, *behind})
    return reach, len(behind), entry.counted_at, entry.client_key


def _behind(entry: Headcount, known: Mapping[UUID, Headcount]) -> set[UUID]:
    """Everything that this entry corrects, directly or through others. Entries that name one another end nowhere."""
    behind: set[UUID] = set()
    waiting = list(entry.corrects)
    while waiting:
        key = waiting.pop()
        if key in known and key not in behind:
            behind.add(key)
            waiting += known[key].corrects
    return behind


def superseded(entries: Sequence[Headcount]) -> dict[UUID, Headcount]:
    """For every entry of a moment that does not hold, by its key, what stands in its place.

    That is the newest correction which names it, or else the entry that holds.
    """
    holds, *others = ordered = newest_first(entries)
    by: dict[UUID, Headcount] = {}
    for entry in others:
        naming = (each for each in ordered if entry.client_key in each.corrects and each is not entry)
        by[entry.client_key] = next(naming, holds)
    return by


def disagreeing(entries: Sequence[Headcount]) -> list[Headcount]:
    """The entry that holds and those that say otherwise: by other people, never corrected, unknown to the first.

    Empty where nothing contradicts. A correction that names all of them ends it.
    """
    holds, *others = newest_first(entries)
    known = {entry.client_key: entry for entry in entries}
    named = {key for entry in entries for key in entry.corrects if key != entry.client_key}
    settled = _behind(holds, known) | named
    contrary = [each for each in others if each.client_key not in settled and _contradicts(each, holds)]
    return [holds, *contrary] if contrary else []


def _contradicts(one: Headcount, other: Headcount) -> bool:
    said, heard = ((each.present, each.excused, each.absent, each.late) for each in (one, other))
    return one.recorded_by != other.recorded_by and said != heard

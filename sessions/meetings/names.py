"""Names as people type them into a meeting: taken apart into who, from where, and whether it is a room at all.

"UBND xã 01 - Võ Ngọc Ngọc" is a person of a commune, "Điểm cầu xã 01 - 35 người" is a room, "015_Loki (Loki Laufeyson)"
gives two names and a number. What a piece of a name is taken for is only a proposal; staff see the whole of it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sessions.names import clean, search_key

#: What begins the name of a room or an office. Those in the second list are told by their accents, for without
#: them they are names of people as well (Phương, Ban, Tỉnh).
_ROOM_WORDS = (
    "diem cau|diemcau|phong hop|hoi truong|phong hoc|phong giao ban|hop truc tuyen|ubnd|ub nd|uy ban|hdnd|hoi dong"
    "|dang uy|huyen uy|tinh uy|thanh uy|quan uy|dang bo|chi bo|ban chi huy|van phong|trung tam|truong hoc|truong thpt"
    "|truong thcs|truong tieu hoc|truong mam non|benh vien|tram y te|cong an|bo chi huy|ban tuyen giao|ban to chuc"
    "|ban dan van|ban noi chinh|mat tran|mttq|ubmttq|lien doan|hoi nong dan|hoi phu nu|doan thanh nien|so noi vu"
    "|so giao duc|so y te|toa an|vien kiem sat|kho bac|chi cuc|cuc thue|thi tran|thi xa|dac khu|to dan pho|khu pho"
    "|meeting room|conference room|phong so|room|hall|xa|tp|t p|thanh pho|dc (?=xa |ubnd|tinh|huyen|phuong )"
)
_ROOM_WORDS_BY_ACCENT = "phường|tỉnh|huyện|quận|thôn|bản|ấp|buôn|sở|ban|khối|tổ"
_ROOM = re.compile(rf"(?:{_ROOM_WORDS})(?:(?<= )|(?![a-z]))")
_ROOM_BY_ACCENT = re.compile(rf"(?:{_ROOM_WORDS_BY_ACCENT})(?!\w)")
#: Names that devices give themselves.
_DEVICE = re.compile(
    r"(?:iphone|ipad|samsung|galaxy|oppo|vivo|xiaomi|redmi|huawei|android|zoom user|guest|khach|user|nguoi dung|admin"
    r"|host|desktop|laptop|pc|may tinh|sm-\w+)\b.*"
)
#: Ways of addressing somebody, and what they are, before a name.
_ADDRESS = re.compile(r"(?:dong chi|dc|ong|ba|anh|chi|co|thay|mr|mrs|ms|dr|ts|ths|pgs|gs)(?:\.\s*|\s+)(?=\w)")
_COMRADE = re.compile(r"(?<!\w)đ/\s?c\.?\s*", re.IGNORECASE)
_PIECES = re.compile(r"\s+[-–—]\s*|\s*[-–—]\s+|[_|/;:•()\[\]{}]+")
_NUMBERED = re.compile(r"^\s*(?:stt\s*)?\d{1,4}\s*[.)_:-]?\s+|^\s*\d{1,4}\s*[._)-]\s*(?=\D)")
_MEMBER_NUMBER = re.compile(r"[a-z0-9]+(?:[-./][a-z0-9]+)*\d[a-z0-9]*", re.IGNORECASE)
_SAID_COUNT = re.compile(
    r"(\d{1,4})\s*(?:nguoi|dai bieu|db|dong chi|d/c|dc|dang vien|can bo|hoc vien|people|participants|pax)(?![a-z])"
)


#: What every room and office may be called, whichever place it belongs to.
_COMMON = re.compile(
    r"\b(?:diem cau|diemcau|diem|phong hop|hoi truong|phong giao ban|truc tuyen|hop|ubnd|ub nd|uy ban nhan dan|uy ban"
    r"|hdnd|hoi dong nhan dan|dang uy|huyen uy|tinh uy|thanh uy|dang bo|van phong|tru so|thi tran|thi xa|thanh pho|tp"
    r"|tinh|huyen|quan|xa|phuong|dac khu|dc|so|chinh|meeting room|conference room|room|hall)\b"
)


@dataclass(frozen=True)
class Told:
    """What a written name may tell."""

    #: Possible names of a person, the likeliest first, as written.
    names: list[str]
    #: What it says of a room or an office.
    rooms: list[str]
    #: Words that may be a member's number, in small letters.
    numbers: list[str]
    #: People in the room, by its own name.
    said_count: int | None
    #: The name of a device, and of nobody.
    is_device: bool

    @property
    def is_room(self) -> bool:
        """A room or an office and no person beside it."""
        return bool(self.rooms) and not self.names


def take_apart(written: str) -> Told:
    """The pieces of a written name, each taken for what it looks like."""
    written = _COMRADE.sub("", clean(written))
    counted = _SAID_COUNT.search(search_key(written))
    pieces = [piece for raw in _PIECES.split(written) if (piece := raw.strip(" .,-–—*#"))]
    rooms = [piece for piece in pieces if is_room(piece)]
    is_device = bool(_DEVICE.fullmatch(search_key(written)))
    names = [name for piece in pieces if piece not in rooms and not is_device and (name := _bare(piece))]
    return Told(
        names=list(dict.fromkeys(names)),
        rooms=rooms,
        numbers=[found.lower() for found in _MEMBER_NUMBER.findall(written) if len(found) >= 3],
        said_count=int(counted[1]) if counted and rooms else None,
        is_device=is_device,
    )


def is_room(piece: str) -> bool:
    """Whether a piece of a name begins as rooms, offices and places do."""
    folded = search_key(piece)
    folded = re.sub(r"^\d+\s*[.)]?\s*", "", folded)
    if _ROOM.match(folded):
        return True
    # Written without any accents, "phuong" and "ban" stay what they mostly are: somebody's name.
    return bool(_ROOM_BY_ACCENT.match(re.sub(r"^\d+\s*[.)]?\s*", "", piece.lower())))


def _bare(piece: str) -> str:
    """A piece without numbering, address, numbers and counts; empty when no name is left."""
    if _SAID_COUNT.fullmatch(search_key(piece)):
        return ""
    piece = _NUMBERED.sub("", piece)
    folded = search_key(piece)
    if (found := _ADDRESS.match(folded)) and len(folded) == len(piece):
        piece = piece[found.end() :]
    if ", " in piece:
        # "García Simón, Pedro": the family name came first.
        family, given = piece.split(", ", 1)
        piece = f"{family} {given}"
    words = [word for word in piece.split() if not any(char.isdigit() for char in word)]
    return " ".join(words) if any(char.isalpha() for word in words for char in word) else ""


@lru_cache(maxsize=50_000)
def place_words(name: str) -> frozenset[str]:
    """The words that tell one place from another: without what all rooms are called, in any order."""
    folded = _SAID_COUNT.sub(" ", search_key(name))
    words = re.findall(r"[a-z0-9]+", _COMMON.sub(" ", " ".join(re.findall(r"[a-z0-9]+", folded))))
    return frozenset(_plain_number(word) for word in words)


def _plain_number(word: str) -> str:
    """ "01" and "1" are the same commune."""
    return word.lstrip("0") or "0" if word.isdigit() else word

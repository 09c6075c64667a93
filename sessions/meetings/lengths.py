"""How long somebody stayed, in the words and figures of meeting platforms, as minutes."""

import re

from sessions.names import search_key

#: Beginnings of the words for an hour, a minute, a second and a day, without accents; longer ones are tried first.
_UNITS = {
    3600: "h hr hrs hour std stunde heure hora ora ore uur godz tim gio ч час 小时 小時 時間 시간 jam t",
    60: "m min minute minuto phut p мин м 分 分钟 分鐘 분 menit",
    1: "s sec sek seg giay с сек 秒 초 detik g",
    86400: "d day tag jour dia giorno ngay dzien д 天 日 일",
}
_SECONDS = {
    search_key(word): seconds
    for word, seconds in sorted(
        ((word, seconds) for seconds, words in _UNITS.items() for word in words.split()), key=lambda pair: -len(pair[0])
    )
}
_PIECE = re.compile(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)?\.?")
_CLOCK = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}))?")
_ISO = re.compile(r"p(?:(\d+)d)?t?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)(?:\.\d+)?s)?")


def read(text: str, *, seconds: bool = False) -> float | None:
    """Minutes, or None for what is no length: "116", "1 hr 26 min", "59 Min. 0 Sek.", "1:02:03", "PT59M".

    A bare number counts minutes, or seconds where the heading said so.
    """
    folded = search_key(text)
    if clock := _CLOCK.fullmatch(folded):
        hours, minutes, rest = (int(each or 0) for each in clock.groups())
        return 60 * hours + minutes + rest / 60
    if folded.startswith("p") and (iso := _ISO.fullmatch(folded)) and any(iso.groups()):
        days, hours, minutes, rest = (int(each or 0) for each in iso.groups())
        return 1440 * days + 60 * hours + minutes + rest / 60
    pieces = list(_PIECE.finditer(folded))
    if not pieces or re.sub(r"[\s,.&]|\bund\b|\band\b|\bva\b|\bet\b|\by\b|\be\b", "", _PIECE.sub("", folded)):
        return None
    return _added_up([(float(piece[1].replace(",", ".")), piece[2] or "") for piece in pieces], seconds)


def _added_up(pieces: list[tuple[float, str]], seconds: bool) -> float | None:
    if len(pieces) == 1 and not pieces[0][1]:
        return pieces[0][0] / 60 if seconds else pieces[0][0]
    total = 0.0
    for number, word in pieces:
        unit = _unit(word)
        if unit is None:
            return None
        total += number * unit
    return total / 60


def _unit(word: str) -> int | None:
    """The seconds of a unit by its word; short words must be the whole of it, long ones may have endings."""
    exact = _SECONDS.get(word)
    if exact:
        return exact
    return next((seconds for known, seconds in _SECONDS.items() if len(known) > 2 and word.startswith(known)), None)

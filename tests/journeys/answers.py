"""How a person answers a presence question: by reading the code, or knowing the slide that was just on the screen."""

import io
from collections.abc import Callable

from PIL import Image, ImageChops, ImageStat

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def answer_to(prompt: dict, slides: list[dict], fetch: Callable[[str], bytes]) -> str:
    """What to send for a question; `slides` are the viewing's, `fetch` gives the bytes behind an address."""
    if prompt["kind"] == "code":
        assert fetch(prompt["picture_url"])[8:12] == b"WEBP"
        return "".join(str(_DIGITS.index(word)) for word in prompt["spoken"].split(", "))
    shown = [
        slide for slide in slides if slide["at_seconds"] is not None and slide["at_seconds"] <= prompt["at_seconds"]
    ]
    if prompt["kind"] == "word":
        text = " ".join(shown[-1]["text"].lower().split())
        return next(choice["id"] for choice in prompt["choices"] if choice["text"] in text)
    seen = fetch(shown[-1]["url"])
    return min(prompt["choices"], key=lambda choice: _difference(fetch(choice["url"]), seen))["id"]


def _difference(one: bytes, other: bytes) -> float:
    """How unlike two pictures are to somebody who glances at them: 0 for the same."""
    small = [Image.open(io.BytesIO(data)).convert("L").resize((32, 18)) for data in (one, other)]
    return ImageStat.Stat(ImageChops.difference(*small)).mean[0]

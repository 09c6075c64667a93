"""Pictures for presence questions: a code to read, and slides that don't say by their bytes which page they are.

A picture keeps a script from reading the code off the answer as text. It does not keep out a program that reads
pictures, and the text that is spoken to the blind gives the code to any program that asks for it; what such a program
does is for `archive.doubts` to notice (deploy/decisions/0005).
"""

import io
import secrets

from PIL import Image, ImageDraw, ImageFont

#: A choice is recognised at this width, and four of them cross a link of 64 kbit/s in two seconds.
_CHOICE_WIDTH, _CHOICE_QUALITY = 200, 35
_CODE_SIZE, _DIGIT_SIZE = (200, 80), 52
_BRIGHT, _DARK = (246, 246, 240), (34, 40, 49)

_chance = secrets.SystemRandom()


def draw_code(code: str) -> bytes:
    """The digits as a WebP picture of 200 × 80, each a little askew on a ground with some lines."""
    picture = Image.new("RGB", _CODE_SIZE, _BRIGHT)
    pen = ImageDraw.Draw(picture)
    for _ in range(5):
        ends = [(_chance.randrange(_CODE_SIZE[0]), _chance.randrange(_CODE_SIZE[1])) for _ in range(2)]
        pen.line(ends, fill=(190, 196, 204), width=2)
    font = ImageFont.load_default(_DIGIT_SIZE)
    step = _CODE_SIZE[0] // len(code)
    for place, digit in enumerate(code):
        tile = Image.new("L", (step, _CODE_SIZE[1]), 0)
        ImageDraw.Draw(tile).text((step / 2, _CODE_SIZE[1] / 2), digit, fill=255, font=font, anchor="mm")
        turned = tile.rotate(_chance.uniform(-14, 14), resample=Image.Resampling.BILINEAR)
        picture.paste(_DARK, (place * step, _chance.randrange(-6, 7)), turned)
    return _webp(picture, 60)


def redraw_choice(thumbnail: bytes) -> bytes:
    """A slide's small picture, cut and coded a little differently each time: no hash or length tells its page."""
    with Image.open(io.BytesIO(thumbnail)) as opened:
        picture = opened.convert("RGB")
    edges = [_chance.uniform(0, 0.03) for _ in range(4)]
    width, height = picture.size
    cut = picture.crop(
        (
            round(edges[0] * width),
            round(edges[1] * height),
            round((1 - edges[2]) * width),
            round((1 - edges[3]) * height),
        )
    )
    size = _CHOICE_WIDTH, max(1, round(_CHOICE_WIDTH * height / width))
    return _webp(cut.resize(size, Image.Resampling.LANCZOS), _CHOICE_QUALITY + _chance.randrange(-5, 6))


def _webp(picture: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()

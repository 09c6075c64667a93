"""Binds pictures of pages into one PDF, as a program of its own: `python page_binder.py OUT.pdf PICTURE…`.

Pictures from elsewhere are opened by C code that may take any time and memory, so this runs on the runner's leash.
"""

import sys
import time
from collections.abc import Iterator

from PIL import Image

#: 20,000 x 20,000 pixels would take 1.2 GB; a page in print at 600 dpi has 35 million.
MOST_PIXELS = 40_000_000
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
MOST_WIDTH, MOST_HEIGHT = 2560, 2560


def main() -> None:
    out, *pictures = sys.argv[1:]
    pages = opened(pictures)
    # Without a time of its own, so that the same pictures always give the same bytes, which are known by their hash.
    begin = time.gmtime(0)
    how = {"save_all": True, "resolution": 96, "quality": 90, "creationDate": begin, "modDate": begin}
    next(pages).save(out, "PDF", append_images=pages, **how)


def opened(pictures: list[str]) -> Iterator[Image.Image]:
    """One page after the other, so that never more than one is in memory."""
    for path in pictures:
        with Image.open(path) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise Image.DecompressionBombError(path)
            page = Image.new("RGB", picture.size, "white")
            overlay = picture.convert("RGBA")
            page.paste(overlay, mask=overlay)
            page.thumbnail((MOST_WIDTH, MOST_HEIGHT))
            yield page


if __name__ == "__main__":
    main()

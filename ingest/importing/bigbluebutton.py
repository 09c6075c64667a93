"""BigBlueButton: the raw folder of a meeting (events.xml and what was recorded) and a published recording.

In a raw folder everything happens on one clock, the milliseconds of the events: when each file began, when which slide
was shown. In a published one `shapes.svg` tells the slides, on the clock of the films.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

from archive.models import AttachmentKind
from ingest.importing import markup
from ingest.importing.bbb_events import Events
from ingest.importing.package import (
    DOCUMENTS,
    PICTURES,
    Chapter,
    Package,
    Recorded,
    Shown,
    Slides,
    System,
    files_below,
    number_in,
)

#: Of one film in several codings, the first of these is taken: what may be copied instead of encoded comes first.
_FILMS = (".mp4", ".m4v", ".webm", ".mkv", ".flv")
_SOUNDS = (".wav", ".ogg", ".opus", ".webm", ".mp3", ".m4a")
_RAW_FOLDERS = ("audio", "video", "deskshare")
#: The first of these that a published recording has carries the sound, and the slides are told on its clock.
_PUBLISHED = ("video/webcams", "video-0", "audio/audio", "audio")
_PICTURE_OF = re.compile(r"presentation/([^/]+)/.*?slide-?(\d+)\.\w+$")


def is_one(folder: Path) -> bool:
    """Whether a folder is a recording of BigBlueButton's, raw or published."""
    if (folder / "events.xml").is_file():
        return next(markup.children_of(folder / "events.xml")).tag in {"recording", "events"}
    if (folder / "shapes.svg").is_file():
        return True
    if not (folder / "metadata.xml").is_file():
        return False
    root = markup.read(folder / "metadata.xml")
    return root.tag == "recording" and root.find("playback") is not None


def read(folder: Path, *, with_chat: bool = False) -> Package:
    """What a folder of BigBlueButton's holds. Raises `MarkupRefused` when its events can't be read at all."""
    package = Package(System.BIGBLUEBUTTON, folder)
    decks = dict(_decks(package))
    if (folder / "shapes.svg").is_file() or not (folder / "events.xml").is_file():
        _read_published(package, decks)
    else:
        _read_raw(package, decks, with_chat=with_chat)
    package.decks += decks.values()
    for name in ("learning_dashboard_data.json", "learning-dashboard.json"):
        for path in folder.rglob(name):
            package.attach(AttachmentKind.ATTENDANCE, path)
    return package


def _read_raw(package: Package, decks: dict[str, Slides], *, with_chat: bool) -> None:
    events = Events.of(package.folder / "events.xml")
    package.title = events.title
    for key, filename in events.filenames.items():
        if filename and key in decks:
            decks[key] = _called(decks[key], Path(filename).stem)
    media = [path for name in _RAW_FOLDERS for path in _media_below(package.folder / name)]
    for path in media:
        begun = events.begin_of(path)
        shown = events.shown_from(begun, set(decks)) if begun is not None else ()
        package.recordings.append(Recorded(path, _chapters(shown, decks), shown))
        if begun is None:
            package.remark(
                f"Không rõ “{path.name}” bắt đầu lúc nào, nên không có mốc trang chiếu.",
                f"It is unknown when “{path.name}” began, so it has no slide times.",
            )
    _name_missing(package, events, media, decks)
    if people := events.attendance():
        package.attached.append(people)
    if events.chat and with_chat:
        package.attached.append(events.chat_file())
    elif events.chat:
        package.remark("Không lấy nội dung trò chuyện.", "Chat is left out.")
    if media and events.marks_recording:
        package.remark(
            "Thư mục thô gồm cả những gì được nói ngoài lúc bấm ghi.",
            "A raw folder also holds what was said while nobody had pressed “record”.",
        )


def _name_missing(package: Package, events: Events, media: Iterable[Path], decks: dict[str, Slides]) -> None:
    here = {path.stem for path in media}
    for name in sorted(events.files - here):
        package.remark(f"Thiếu tệp “{name}”.", f"The file “{name}” is missing.")
    for name in sorted(events.presentations - set(decks)):
        package.remark(f"Thiếu trang chiếu “{name}”.", f"The presentation “{name}” is missing.")


def _read_published(package: Package, decks: dict[str, Slides]) -> None:
    folder = package.folder
    if (folder / "metadata.xml").is_file():
        root = markup.read(folder / "metadata.xml")
        package.title = markup.text_of(root, "bbb-recording-name", "meetingName", "name")
    if len(decks) == 1 and package.title:
        decks.update({key: _called(deck, package.title) for key, deck in decks.items()})
    shown = tuple(_shown_in(folder / "shapes.svg", decks)) if (folder / "shapes.svg").is_file() else ()
    main = next((film for name in _PUBLISHED if (film := _coded(folder, name))), None)
    if main:
        package.recordings.append(Recorded(main, _chapters(shown, decks), shown))
    else:
        package.remark(
            "Thiếu tệp hình và tiếng (video/webcams…).", "The film with the sound (video/webcams…) is missing."
        )
    if desk := _coded(folder, "deskshare/deskshare"):
        package.recordings.append(Recorded(desk))
    if (folder / "slides_new.xml").is_file():
        package.remark("Không lấy nội dung trò chuyện.", "Chat is left out.")


def _coded(folder: Path, name: str) -> Path | None:
    """The best coding of a film or sound that is there under this name."""
    return next((path for ending in (*_FILMS, *_SOUNDS) if (path := folder / f"{name}{ending}").is_file()), None)


def _media_below(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in files_below(folder) if path.suffix.lower() in {*_FILMS, *_SOUNDS}]


def _decks(package: Package) -> Iterator[tuple[str, Slides]]:
    """Every presentation by the name that the events call it: its document, or else the pictures of its pages."""
    for home in (package.folder / "presentation", package.folder / "presentations"):
        for folder in sorted(home.iterdir()) if home.is_dir() else ():
            if not folder.is_dir() or folder.is_symlink():
                continue
            files = files_below(folder)
            documents = [path for path in files if path.suffix.lower() in DOCUMENTS and path.parent == folder]
            # An office document lies beside the PDF that was made of it, and only the PDF is what was shown.
            documents.sort(key=lambda path: (path.suffix.lower() != ".pdf", path.name))
            pictures = [path for path in files if _is_page(path)]
            if documents:
                yield folder.name, Slides(folder.name, documents[0].name, tuple(documents[:1]))
            elif pictures:
                yield folder.name, Slides(folder.name, f"{folder.name}.pdf", tuple(sorted(pictures, key=number_in)))
            else:
                package.remark(
                    f"Thiếu trang chiếu “{folder.name}”.", f"The pages of the presentation “{folder.name}” are missing."
                )


def _called(deck: Slides, stem: str) -> Slides:
    """The deck by a name that people gave it, in place of the number that the system did."""
    return replace(deck, name=f"{stem}{Path(deck.name).suffix}")


def _is_page(path: Path) -> bool:
    return path.suffix.lower() in PICTURES and path.stem.startswith("slide") and path.parent.name != "thumbnails"


def _shown_in(shapes: Path, decks: dict[str, Slides]) -> Iterator[Shown]:
    found = []
    for element in markup.read(shapes).iter("image"):
        picture = _PICTURE_OF.search(element.get("href", ""))
        if picture and picture[1] in decks:
            found += [Shown(at, picture[1], int(picture[2])) for at in _seconds_in(element)]
    yield from sorted(found, key=lambda shown: shown.at_seconds)


def _seconds_in(image: Element) -> list[float]:
    """When a page came up: older versions list every time in one attribute."""
    try:
        return [float(word) for word in image.get("in", "").split() if float(word) >= 0]
    except ValueError:
        return []


def _chapters(shown: Iterable[Shown], decks: dict[str, Slides]) -> tuple[Chapter, ...]:
    """A chapter begins whenever another presentation is taken up."""
    chapters: list[Chapter] = []
    last = ""
    for each in shown:
        if each.deck != last:
            chapters.append(Chapter(each.at_seconds, Path(decks[each.deck].name).stem))
        last = each.deck
    return tuple(chapters)

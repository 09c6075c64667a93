"""The slide timeline: right pages at right times, and silence where the deck is not what is shown."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from ingest import likeness, probe, slides, timeline
from ingest.content import Motion, Section
from tests import media

OTHER_TALK = (
    "Phòng, chống thiên tai mùa mưa bão năm nay",
    "Tiêm phòng cho trâu bò trước tháng mười",
    "Chuyển đổi số ở cấp xã: những việc làm ngay",
    "Giá nông sản và đường ra thị trường",
)


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    return media.deck(tmp_path_factory.mktemp("deck") / "d.pdf")


def drawn(deck, folder):
    folder.mkdir(exist_ok=True)
    return [page.file for page in slides.render(deck, folder, on_page=lambda done, of: None)]


@pytest.fixture(scope="module")
def pages(deck, tmp_path_factory):
    return drawn(deck, tmp_path_factory.mktemp("pages"))


def cues(recording, pages, **options):
    found = timeline.match(recording, probe.inspect(recording), pages, **options)
    return [(cue.page, cue.at_seconds) for cue in found]


def same(found, truth, within=0.15):
    assert [page for page, _ in found] == [page for page, _ in truth]
    assert [at for _, at in found] == pytest.approx([at for _, at in truth], abs=within)


def test_finds_each_page_when_it_comes_up(tmp_path, deck, pages):
    shown = [(1, 3), (2, 2.6), (4, 3.2), (None, 3), (3, 3), (2, 2.6), (6, 3)]
    truth = media.talk(tmp_path / "t.mp4", deck, shown)
    same(cues(tmp_path / "t.mp4", pages), truth)


def test_is_sure_of_what_it_says(tmp_path, deck, pages):
    media.talk(tmp_path / "t.mp4", deck, [(1, 3), (2, 3)])
    found = timeline.match(tmp_path / "t.mp4", probe.inspect(tmp_path / "t.mp4"), pages)
    assert all(0.9 < cue.confidence <= 1.0 for cue in found)


@pytest.mark.parametrize(
    ("screen", "page"),
    [
        pytest.param((640, 480), (320, 180), id="16:9 page between bars above and below"),
        pytest.param((640, 360), (240, 180), id="4:3 page between bars at the sides"),
    ],
)
def test_finds_letterboxed_pages(tmp_path, screen, page):
    deck = media.deck(tmp_path / "d.pdf", width=page[0], height=page[1])
    truth = media.talk(tmp_path / "t.mp4", deck, [(2, 3), (5, 3), (3, 3)], size=screen)
    same(cues(tmp_path / "t.mp4", drawn(deck, tmp_path / "pages")), truth)


def test_finds_pages_stretched_over_the_screen(tmp_path, deck, pages):
    media.talk(tmp_path / "t.mp4", deck, [(2, 3), (5, 3)])
    media.ffmpeg("-i", tmp_path / "t.mp4", "-vf", "scale=480:360,setsar=1", tmp_path / "narrow.mp4")
    same(cues(tmp_path / "narrow.mp4", pages), [(2, 0), (5, 3)])


def test_finds_pages_under_a_picture_of_the_speaker(tmp_path, deck, pages):
    media.talk(tmp_path / "t.mp4", deck, [(2, 3), (5, 3), (1, 3)])
    head = "[1:v]scale=128:72[head];[0:v][head]overlay=x=W-w-4:y=4:shortest=1"
    words = ("-i", tmp_path / "t.mp4", "-f", "lavfi", "-i", "mandelbrot=s=128x72:r=10", "-filter_complex", head)
    media.ffmpeg(*words, tmp_path / "headed.mp4")
    same(cues(tmp_path / "headed.mp4", pages), [(2, 0), (5, 3), (1, 6)])


def test_finds_lines_that_come_up_one_by_one(tmp_path):
    build_up = ["Một", "Một \\ Hai hai hai", "Một \\ Hai hai hai \\ Ba ba ba ba"]
    deck = media.deck(tmp_path / "d.pdf", [*build_up, *media.SENTENCES])
    truth = media.talk(tmp_path / "t.mp4", deck, [(1, 3), (2, 3), (3, 3)])
    same(cues(tmp_path / "t.mp4", drawn(deck, tmp_path / "pages")), truth)


def test_gives_nothing_for_the_deck_of_another_talk_in_the_same_style(tmp_path, pages):
    other = media.deck(tmp_path / "other.pdf", OTHER_TALK)
    media.talk(tmp_path / "t.mp4", other, [(1, 3), (2, 3), (3, 3), (4, 3)])
    assert cues(tmp_path / "t.mp4", pages) == []


def test_gives_nothing_for_a_film(tmp_path, pages):
    assert cues(media.clip(tmp_path / "film.mp4", seconds=5, size=(640, 360)), pages) == []


@pytest.mark.parametrize("colour", ["black", "white"])
def test_gives_nothing_for_an_empty_screen(tmp_path, deck, pages, colour):
    media.ffmpeg("-f", "lavfi", "-i", f"color={colour}:s=320x180:r=5:d=4", "-pix_fmt", "yuv420p", tmp_path / "a.mp4")
    assert cues(tmp_path / "a.mp4", pages) == []


def test_leaves_out_pages_that_were_only_passed(tmp_path, deck, pages):
    media.talk(tmp_path / "t.mp4", deck, [(1, 3), (2, 0.4), (3, 0.4), (4, 3.2)])
    same(cues(tmp_path / "t.mp4", pages), [(1, 0.0), (4, 3.8)])


def test_tells_like_pages_apart_by_their_order(tmp_path):
    deck = media.deck(tmp_path / "d.pdf", media.SENTENCES[:3])
    agenda, second, fourth = drawn(deck, tmp_path / "pages")
    files = [agenda, second, agenda, fourth]
    media.talk(tmp_path / "t.mp4", deck, [(1, 3), (2, 3), (1, 3), (3, 3)])
    same(cues(tmp_path / "t.mp4", files), [(1, 0), (2, 3), (3, 6), (4, 9)])


def test_keeps_time_with_a_recording_that_starts_late(tmp_path, deck, pages):
    media.talk(tmp_path / "t.mp4", deck, [(1, 3), (2, 3)])
    media.ffmpeg("-i", tmp_path / "t.mp4", "-c", "copy", "-output_ts_offset", 42, tmp_path / "late.ts")
    same(cues(tmp_path / "late.ts", pages), [(1, 0), (2, 3)])


def test_bears_a_picture_of_any_shape(tmp_path, pages):
    assert cues(media.clip(tmp_path / "strip.mp4", seconds=2, size=(32, 640)), pages) == []
    assert cues(media.clip(tmp_path / "banner.mp4", seconds=2, size=(640, 32)), pages) == []


def test_needs_a_picture_and_pages(tmp_path, pages):
    assert cues(media.clip(tmp_path / "a.mp3", seconds=1, video=False), pages) == []
    assert cues(media.clip(tmp_path / "a.mp4", seconds=1), []) == []


def test_progress_goes_from_nothing_to_all_and_may_stop_it(tmp_path, deck, pages):
    media.talk(tmp_path / "t.mp4", deck, [(1, 2), (2, 2)])
    shares = []
    cues(tmp_path / "t.mp4", pages, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    class LeaseLost(Exception):
        pass

    def lose(share):
        raise LeaseLost

    with pytest.raises(LeaseLost):
        cues(tmp_path / "t.mp4", pages, on_progress=lose)


def test_films_within_a_talk_are_worth_the_video():
    still, moving = Motion.STILL, Motion.MOVING
    kinds = [(0, 30, moving), (30, 60, still), (60, 80, moving), (80, 95, moving), (95, 120, still)]
    sections = [Section(*kind) for kind in kinds]
    assert timeline.worth_video(sections, [timeline.Cue(1, 20.0, 0.9)]) == [(20.0, 30), (60, 95)]
    assert timeline.worth_video(sections, [timeline.Cue(1, 30.0, 0.9)]) == [(60, 95)]
    assert timeline.worth_video([], []) == []


def picture(words, band=""):
    image = Image.new("L", (160, 90), 255)
    draw = ImageDraw.Draw(image)
    draw.text((4, 0), band, fill=0, font_size=24)
    draw.text((20, 40), words, fill=0, font_size=20)
    return np.asarray(image)


def test_a_page_is_like_itself_whatever_the_exposure():
    page = picture("Nghị quyết")
    deck = likeness.prepare(np.stack([page, picture("Thu hoạch")]))
    dim = (page * 0.5 + 40).astype(np.uint8)
    assert likeness.compare(np.stack([page, dim]), deck)[:, 0] == pytest.approx([1, 1], abs=0.01)


def test_an_empty_page_is_like_nothing():
    deck = likeness.prepare(np.stack([np.full((90, 160), 255, np.uint8), picture("Thu hoạch")]))
    frames = np.stack([np.full((90, 160), 255, np.uint8), picture("Nghị quyết")])
    assert likeness.compare(frames, deck)[:, 0].tolist() == [0, 0]


def test_what_a_whole_deck_shares_says_little():
    texts = ["Nghị quyết", "Thu hoạch", "Kết luận", "Điểm cầu"]
    deck = likeness.prepare(np.stack([picture(text, band="ĐẢNG BỘ TỈNH") for text in texts]))
    own, other = picture("Thu hoạch", band="ĐẢNG BỘ TỈNH"), picture("Mùa mưa bão", band="ĐẢNG BỘ TỈNH")
    scores = likeness.compare(np.stack([own, other]), deck)
    assert scores[0].argmax() == 1
    assert scores[1].max() < 0.4

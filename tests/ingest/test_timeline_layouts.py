"""Slides in every layout that recorders make, filmed from the hall, and one after the other in one recording."""

import pytest

from ingest import probe, screens, timeline
from tests.benchmarks import timeline_talks
from tests.benchmarks.timeline_talks import Showing


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    return timeline_talks.deck(tmp_path_factory.mktemp("deck") / "deck.pdf", seed=5, pages=6)


def same(found, truth, within=0.25):
    assert [cue.page for cue in found] == [page for page, _ in truth]
    assert [cue.at_seconds for cue in found] == pytest.approx([at for _, at in truth], abs=within)


@pytest.mark.parametrize("layout", ["full", "inset", "beside", "letterbox"])
def test_finds_slides_in_every_layout_and_tells_like_tables_apart(tmp_path, pages, layout):
    shown = [Showing(None, 2, "gallery"), Showing(2, 2.4, layout), Showing(4, 2.4, layout), Showing(3, 2.4, layout)]
    recording = timeline_talks.record(tmp_path / "t.mp4", pages, shown, seed=5)
    same(timeline.match(recording, probe.inspect(recording), pages), timeline_talks.truth(shown))


def test_finds_slides_filmed_from_the_hall(tmp_path, pages):
    shown = [Showing(None, 1.4, "filmed"), Showing(2, 2.4, "filmed"), Showing(5, 2.4, "filmed")]
    recording = timeline_talks.record(tmp_path / "t.mp4", pages, shown, seed=5)
    same(timeline.match(recording, probe.inspect(recording), pages), timeline_talks.truth(shown), within=0.7)


def test_follows_layouts_that_change(tmp_path, pages):
    shown = [Showing(None, 2, "gallery"), Showing(1, 2.4, "full"), Showing(2, 2.4, "inset"), Showing(5, 2.4, "beside")]
    recording = timeline_talks.record(tmp_path / "t.mp4", pages, shown, seed=6)
    facts = probe.inspect(recording)
    same(timeline.match(recording, facts, pages), timeline_talks.truth(shown))
    rough = timeline.match_roughly(recording, facts, pages)
    same(rough, timeline_talks.truth(shown), within=4)


def test_finds_a_page_that_is_shown_twice(tmp_path, pages):
    shown = [Showing(2, 3, "beside"), Showing(3, 3, "beside"), Showing(2, 3, "beside")]
    recording = timeline_talks.record(tmp_path / "t.mp4", pages, shown, seed=7)
    same(timeline.match(recording, probe.inspect(recording), pages), timeline_talks.truth(shown))


def test_invents_nothing_for_the_deck_of_another_talk(tmp_path, pages):
    other = timeline_talks.deck(tmp_path / "other.pdf", seed=8, pages=6)
    recording = timeline_talks.record(
        tmp_path / "t.mp4", other, [Showing(page, 3, "beside") for page in (1, 3)], seed=8
    )
    facts = probe.inspect(recording)
    assert timeline.match_roughly(recording, facts, pages) == []
    assert timeline.match(recording, facts, pages) == []


def test_a_keyframe_at_the_change_gives_the_exact_time(tmp_path, pages):
    shown = [Showing(1, 5.4, "full"), Showing(2, 5, "full")]
    recording = timeline_talks.record(tmp_path / "t.mp4", pages, shown, seed=9)
    same(timeline.match_roughly(recording, probe.inspect(recording), pages), timeline_talks.truth(shown), within=0.05)


def test_looks_once_a_second_where_keyframes_are_rare(tmp_path, pages):
    shown = [Showing(1, 6, "full"), Showing(2, 7, "full")]
    rare = ("-g", 1000, "-sc_threshold", 0)
    recording = timeline_talks.record(tmp_path / "t.mp4", pages, shown, seed=9, coding=rare)
    facts = probe.inspect(recording)
    assert facts.video.keyframe_gap_seconds > 10
    same(timeline.match_roughly(recording, facts, pages), timeline_talks.truth(shown), within=1)


def test_is_less_sure_of_a_page_that_only_its_place_in_the_order_tells(tmp_path, pages):
    shown = [Showing(1, 3, "full"), Showing(2, 3, "full")]
    recording = timeline_talks.record(tmp_path / "t.mp4", pages, shown, seed=9)
    sure, unsure = timeline.match(recording, probe.inspect(recording), [*pages[:2], pages[1]])
    assert (sure.page, unsure.page) == (1, 2)
    assert sure.confidence > 0.8
    assert unsure.confidence < 0.2


def test_gives_up_on_a_long_recording_whose_keyframes_show_nothing(tmp_path, pages):
    recording = timeline_talks.record(tmp_path / "t.mp4", pages, [Showing(1, 3, "full")], seed=9)
    facts = probe.inspect(recording)
    assert timeline.match(recording, facts, pages, rough=[])
    assert not timeline._is_hopeless(facts, [])


@pytest.mark.parametrize(
    "corners",
    [
        pytest.param([(0, 0), (20, 0), (20, 10), (0, 10)], id="too small"),
        pytest.param([(600, 50), (50, 50), (50, 300), (600, 300)], id="mirrored"),
        pytest.param([(50, 50), (600, 50), (80, 300), (560, 300)], id="crossed"),
        pytest.param([(50, 50), (150, 50), (150, 340), (50, 340)], id="of another shape"),
    ],
)
def test_no_screen_is_folded_mirrored_tiny_or_of_another_shape(corners):
    assert not screens._sensible(screens.Screen(onto(corners)), (360, 640), 16 / 9)


def test_a_screen_seen_from_the_side_is_one():
    screen = screens.Screen(onto([(100, 60), (520, 90), (500, 300), (120, 330)]))
    assert screens._sensible(screen, (360, 640), 16 / 9)
    assert screen.corners()[2] == pytest.approx([500, 300])


def onto(corners):
    import cv2
    import numpy as np

    return cv2.getPerspectiveTransform(np.float32([(0, 0), (1, 0), (1, 1), (0, 1)]), np.float32(corners)).astype(float)

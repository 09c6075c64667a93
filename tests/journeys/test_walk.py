"""The straight walk on a site of its own, with a talk of a few seconds, all parts real."""

from tests import media
from tests.journeys.site import site
from tests.journeys.walk import Walk


def test_from_an_empty_site_to_a_credited_replay(tmp_path):
    deck = media.deck(tmp_path / "slides.pdf")
    media.talk(tmp_path / "hoi-nghi.mp4", deck, [(1, 5), (2, 5), (3, 5)])
    with site() as ours:
        walk = Walk(ours.address)
        walk.whole(tmp_path / "hoi-nghi.mp4", deck)
    assert [page for page, at in walk.slides if at is not None] == [1, 2, 3]

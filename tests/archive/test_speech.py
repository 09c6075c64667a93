"""Where the sound of a speech begins, read from the file's first bytes."""

from uuid import uuid4

import pytest

from archive import speech
from archive.storage import storage
from tests import media


def keep(content):
    key = f"speeches/{uuid4().hex}"
    storage().put_bytes(key, content)
    return key


@pytest.fixture
def spoken(tmp_path):
    """Half a minute as the ladder writes it, with its cues before the sound."""
    path = tmp_path / "speech.webm"
    coding = ["-c:a", "libopus", "-b:a", "12k", "-cluster_time_limit", "10000", "-cues_to_front", "1"]
    return media.clip(path, seconds=30, video=False, coding=coding).read_bytes()


def test_the_sound_begins_right_behind_the_cues(spoken):
    begins = speech.beginning_of(keep(spoken))
    assert begins is not None
    assert spoken.startswith(begins.head)
    assert b"OpusHead" in begins.head
    assert spoken[len(begins.head) :].startswith(b"\x1c\x53\xbb\x6b"), "what is left out are the cues"
    rest = spoken[begins.sound_at :]
    assert rest.startswith((b"\x1f\x43\xb6\x75", b"\xec")), "the sound, or room that was kept for more cues"


@pytest.mark.parametrize(
    "content", [b"", b"\x1a", b"not a film at all", bytes(600), b"\x1a\x45\xdf\xa3\x01" + bytes(9)]
)
def test_of_any_other_file_nothing_is_said(content):
    assert speech.beginning_of(keep(content)) is None


def test_a_file_that_is_gone_says_nothing():
    assert speech.beginning_of("speeches/none") is None

"""The demo's deck, its speech, and the recording made of both, with the real typst, espeak-ng and ffmpeg."""

import itertools
import subprocess
import unicodedata
import wave

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from pypdfium2.raw import FPDF_PAGEOBJ_TEXT

from api.seed import speech, talk
from ingest import binaries, compose


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return talk.make(tmp_path_factory.mktemp("talk"))


def facts_of(path):
    probe = [binaries.find().ffprobe, "-v", "error", "-show_entries", "stream:format", "-of", "flat", str(path)]
    lines = subprocess.run(probe, capture_output=True, text=True, check=True).stdout.splitlines()
    return dict(line.replace('"', "").split("=", 1) for line in lines)


def frame_at(path, seconds):
    """The frame shown at that second, as RGB."""
    command = [binaries.find().ffmpeg, "-v", "error", "-ss", str(seconds), "-i", str(path), "-frames:v", "1"]
    raw = subprocess.run([*command, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(compose.HEIGHT, compose.WIDTH, 3).astype(int)


def test_the_deck_has_a_text_layer_with_whole_vietnamese_letters_and_only_embedded_fonts(made):
    deck = pypdfium2.PdfDocument(made.deck)
    texts = [page.get_textpage().get_text_bounded() for page in deck]
    assert len(texts) == 9
    assert "Điểm cầu là gì?" in texts[1]
    assert "đã thật sự phát" in texts[7]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
    fonts = {text.get_font().get_family_name() for page in deck for text in page.get_objects([FPDF_PAGEOBJ_TEXT])}
    assert {font.partition("-")[0] for font in fonts} == {"LibertinusSerif"}


def test_every_page_of_the_deck_is_sixteen_to_nine(made):
    deck = pypdfium2.PdfDocument(made.deck)
    assert {page.get_size() for page in deck} == {(960.0, 540.0)}


def test_the_recording_is_what_a_meeting_room_would_send(made):
    facts = facts_of(made.recording)
    assert facts["streams.stream.0.codec_name"] == "h264"
    assert facts["streams.stream.1.codec_name"] == "aac"
    assert (facts["streams.stream.0.width"], facts["streams.stream.0.height"]) == ("1280", "720")
    assert 90 <= float(facts["format.duration"]) <= 120


def test_each_page_is_on_the_screen_from_the_second_that_was_promised(made):
    pages = sorted(made.deck.parent.glob("page-*.png"))
    ends = [*made.changes[1:], float(facts_of(made.recording)["format.duration"])]
    for page, (start, end) in zip(pages, zip(made.changes, ends, strict=True), strict=True):
        drawn = np.asarray(Image.open(page).convert("RGB")).astype(int)
        for moment in (start + 0.05, end - 0.25):
            assert np.abs(frame_at(made.recording, moment) - drawn).mean() < 4, (page.name, moment)


def test_changes_come_in_order_about_every_twelve_seconds(made):
    assert made.changes[0] == 0.0
    assert all(8 <= later - earlier <= 17 for earlier, later in itertools.pairwise(made.changes))


def test_speech_is_heard_and_never_clips(tmp_path):
    short, long = speech.speak(["Xin chào các đồng chí.", "Điểm cầu tỉnh nối đến từng xã trong hội nghị."], tmp_path)
    seconds = []
    for path in (short, long):
        with wave.open(str(path)) as wav:
            samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2") / 32768
            seconds.append(wav.getnframes() / wav.getframerate())
        assert np.abs(samples).max() == pytest.approx(speech.PEAK, abs=0.01)
        assert np.sqrt((samples**2).mean()) > 0.04
    assert 0.5 < seconds[0] < seconds[1]


def test_pages_without_words_of_their_own_are_refused(tmp_path):
    with pytest.raises(ValueError, match="2 pages need as many speeches, not 1"):
        compose.compose_talk([tmp_path / "a.png", tmp_path / "b.png"], [tmp_path / "a.wav"], tmp_path / "out.mp4")

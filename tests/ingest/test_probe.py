"""Probing: what is admitted and with what facts, and what is refused with which sentence."""

import json
import random

import numpy as np
import pytest
from PIL import Image

from ingest import probe
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def test_reads_the_facts_of_an_ordinary_recording(tmp_path):
    facts = probe.inspect(media.clip(tmp_path / "a.mp4", seconds=4, size=(320, 180), fps=10))
    assert facts.duration_seconds == pytest.approx(4.0, abs=0.05)
    assert facts.size_bytes == (tmp_path / "a.mp4").stat().st_size
    assert (facts.video.codec, facts.video.width, facts.video.height) == ("h264", 320, 180)
    assert facts.video.fps == pytest.approx(10, abs=0.1)
    (sound,) = facts.audio
    assert (sound.codec, sound.channels, sound.sample_rate) == ("aac", 1, 48_000)


def test_facts_survive_a_database(tmp_path):
    for made in (
        media.clip(tmp_path / "a.mp4", seconds=1),
        media.clip(tmp_path / "b.mp4", seconds=1, audio=False),
        media.clip(tmp_path / "c.mp3", seconds=1, video=False),
    ):
        facts = probe.inspect(made)
        assert probe.MediaFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


def test_admits_a_film_without_sound_and_sound_without_a_film(tmp_path):
    silent = probe.inspect(media.clip(tmp_path / "silent.mp4", seconds=1, audio=False))
    assert silent.video
    assert silent.audio == ()
    sound = probe.inspect(media.clip(tmp_path / "sound.mp3", seconds=1, video=False))
    assert sound.video is None
    assert sound.audio


def test_does_not_take_cover_art_for_a_film(tmp_path):
    Image.new("RGB", (64, 64), "red").save(tmp_path / "cover.jpg")
    tone = media.clip(tmp_path / "tone.mp3", seconds=1, video=False)
    words = ("-i", tone, "-i", tmp_path / "cover.jpg", "-map", "0", "-map", "1", "-c", "copy")
    media.ffmpeg(*words, "-disposition:v", "attached_pic", tmp_path / "covered.mp3")
    assert probe.inspect(tmp_path / "covered.mp3").video is None


@pytest.mark.parametrize("turn", [90, -90])
def test_gives_the_size_as_shown_by_a_phone_held_upright(tmp_path, turn):
    flat = media.clip(tmp_path / "flat.mp4", seconds=1)
    media.ffmpeg("-display_rotation", turn, "-i", flat, "-c", "copy", tmp_path / "turned.mp4")
    video = probe.inspect(tmp_path / "turned.mp4").video
    assert (video.width, video.height) == (180, 320)


def test_gives_the_size_in_square_pixels(tmp_path):
    made = media.clip(tmp_path / "oblong.mp4", seconds=1, coding=(*H264, "-vf", "setsar=2/1"))
    video = probe.inspect(made).video
    assert (video.width, video.height) == (640, 180)


def test_finds_the_length_that_a_browser_did_not_write(tmp_path):
    streamed = media.clip(tmp_path / "live.webm", seconds=3, coding=("-c:v", "libvpx", "-b:v", "200k", "-live", "1"))
    assert probe.inspect(streamed).duration_seconds == pytest.approx(3.0, abs=0.1)


def test_counts_from_the_first_track_to_start(tmp_path):
    late = media.clip(tmp_path / "late.ts", seconds=2, coding=H264, start=7.5)
    facts = probe.inspect(late)
    assert facts.origin_seconds > 7.5
    assert facts.duration_seconds == pytest.approx(2.0, abs=0.1)
    assert min(facts.video.start_seconds, facts.audio[0].start_seconds) == 0.0


def test_believes_the_packets_of_a_cut_recording_not_its_header(tmp_path):
    whole = media.clip(tmp_path / "whole.mkv", seconds=10)
    facts = probe.inspect(media.truncated(tmp_path / "cut.mkv", whole, share=0.5))
    assert 3 < facts.duration_seconds < 7


def test_does_not_count_what_an_edit_hides(tmp_path):
    whole = media.clip(tmp_path / "whole.mp4", seconds=6, coding=(*H264, "-g", 60))
    media.ffmpeg("-ss", 3.5, "-i", whole, "-c", "copy", tmp_path / "cut.mp4")
    facts = probe.inspect(tmp_path / "cut.mp4")
    assert facts.duration_seconds == pytest.approx(2.5, abs=0.15)
    assert facts.video.fps == pytest.approx(10, abs=0.5)
    assert facts.video.trimmed
    assert not probe.inspect(whole).video.trimmed


def test_reads_on_behind_damage_in_the_middle(tmp_path):
    whole = bytearray(media.clip(tmp_path / "whole.ts", seconds=10, coding=H264).read_bytes())
    a_third = len(whole) // 3
    whole[a_third : 2 * a_third] = bytes(a_third)
    (tmp_path / "damaged.ts").write_bytes(whole)
    assert probe.inspect(tmp_path / "damaged.ts").duration_seconds == pytest.approx(10, abs=0.2)


@pytest.mark.parametrize("container", ["ts", "mkv", "mp4"])
def test_sees_that_the_picture_changes_its_size_on_the_way(tmp_path, container):
    parts = [
        media.clip(tmp_path / f"{width}.ts", seconds=2, size=(width, 90), audio=False, coding=H264)
        for width in (160, 120)
    ]
    media.ffmpeg("-i", f"concat:{parts[0]}|{parts[1]}", "-c", "copy", tmp_path / f"a.{container}")
    assert not probe.inspect(tmp_path / f"a.{container}").video.uniform
    assert probe.inspect(parts[0]).video.uniform


def test_sees_that_packets_are_broken(tmp_path):
    whole = media.clip(tmp_path / "whole.mp4", seconds=6, size=(160, 90), audio=False, coding=(*H264, "-g", 10))
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 8] = np.random.default_rng(7).bytes(len(data) // 8)
    (tmp_path / "damaged.mp4").write_bytes(data)
    assert probe.inspect(whole).video.uniform
    assert not probe.inspect(tmp_path / "damaged.mp4").video.uniform


def empty(path):
    path.write_bytes(b"")
    return path


def deck_named_mp4(path):
    return media.deck(path, ["Nghị quyết"])


def picture_named_mp4(path):
    Image.new("RGB", (64, 64)).save(path, format="PNG")
    return path


def photograph_in_an_mp4_box(path):
    Image.new("RGB", (64, 64)).save(path, format="AVIF")
    return path


def playlist_named_mp4(path):
    other = media.clip(path.with_name("neighbour.ts"), seconds=1, coding=H264)
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{other}\n#EXT-X-ENDLIST\n")
    return path


def list_named_mp4(path):
    other = media.clip(path.with_name("neighbour.mp4"), seconds=1)
    path.write_text(f"ffconcat version 1.0\nfile {other.name}\n")
    return path


def cut_mp4(path):
    return media.truncated(path, media.clip(path.with_name("whole.mp4"), seconds=3))


def picture_of_noise(path):
    whole = media.clip(path, seconds=2, audio=False).read_bytes()
    start, end = whole.index(b"mdat") + 4, whole.index(b"moov") - 4
    path.write_bytes(whole[:start] + random.Random(1).randbytes(end - start) + whole[end:])
    return path


def sound_of_an_unknown_kind(path):
    path.write_bytes(media.clip(path, seconds=1).read_bytes().replace(b"mp4a", b"zzzz").replace(b"esds", b"free"))
    return path


def cut_behind_the_index(path):
    whole = media.clip(path.with_name("whole.mp4"), seconds=1, coding=(*H264, "-movflags", "+faststart"))
    path.write_bytes(whole.read_bytes()[: whole.read_bytes().index(b"mdat") + 4])
    return path


def blink(path):
    return media.clip(path, seconds=0.04, fps=50)


def cut_in_the_header(path):
    return media.truncated(path, media.clip(path.with_name("whole.mkv"), seconds=1), share=0.001)


@pytest.mark.parametrize(
    ("make", "error", "code"),
    [
        (empty, probe.EmptyFile, "empty-file"),
        (media.text_named_mp4, probe.NotARecording, "not-a-recording"),
        (deck_named_mp4, probe.NotARecording, "not-a-recording"),
        (picture_named_mp4, probe.NotARecording, "not-a-recording"),
        (photograph_in_an_mp4_box, probe.NotARecording, "not-a-recording"),
        (playlist_named_mp4, probe.NotARecording, "not-a-recording"),
        (list_named_mp4, probe.NotARecording, "not-a-recording"),
        (cut_mp4, probe.RecordingUnreadable, "recording-unreadable"),
        (picture_of_noise, probe.PictureUnreadable, "picture-unreadable"),
        (sound_of_an_unknown_kind, probe.SoundUnreadable, "sound-unreadable"),
        (cut_behind_the_index, probe.RecordingUnreadable, "recording-unreadable"),
        (blink, probe.RecordingUnreadable, "recording-unreadable"),
        (cut_in_the_header, probe.RecordingUnreadable, "recording-unreadable"),
    ],
)
def test_refuses_with_a_sentence(tmp_path, make, error, code):
    with pytest.raises(error) as caught:
        probe.inspect(make(tmp_path / "upload.mp4"))
    assert (caught.value.status, caught.value.code) == (422, code)
    assert caught.value.sentence("vi") != caught.value.sentence("en")


def test_opens_a_file_by_its_name_whatever_the_name_says(tmp_path):
    made = media.clip(tmp_path / "a.mp4", seconds=1)
    odd = made.rename(tmp_path / "-i concat:x|y 'Hội nghị'.mp4")
    assert probe.inspect(odd).video


def test_refuses_a_recording_of_more_than_a_day(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "LONGEST_SECONDS", 0.5)
    with pytest.raises(probe.RecordingTooLong):
        probe.inspect(media.clip(tmp_path / "a.mp4", seconds=1))

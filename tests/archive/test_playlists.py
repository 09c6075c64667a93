"""Playlists: what a master tells a player, and what is read back from a media playlist."""

import json
import re
from dataclasses import replace

import pytest

from archive import playlists
from archive.playlists import Captions, Malformed, Piece, Stream, StreamKind

AAC = Stream("aac", StreamKind.SOUND, "mp4a.40.2", 25_000, 26_000, 6, 900, ("index.m3u8",))
OPUS = replace(AAC, name="opus", codecs="opus", bit_rate=15_000, peak_bit_rate=17_000)
V360 = Stream(
    name="v360",
    kind=StreamKind.VIDEO,
    codecs="avc1.4d401e",
    bit_rate=33_000,
    peak_bit_rate=40_000,
    target_seconds=12,
    bytes=1200,
    files=("frames.m3u8", "index.m3u8"),
    width=640,
    height=360,
    frame_rate=5.0,
    sound="aac",
    frames_bit_rate=12_000,
)
A360 = replace(V360, name="a360", codecs="av01.0.01M.08", bit_rate=20_000, sound="opus", frames_bit_rate=0)
V480 = replace(V360, name="v480", codecs="avc1.4d401f", bit_rate=66_000, peak_bit_rate=99_000, frames_bit_rate=0)
A720 = replace(A360, name="a720", codecs="av01.0.05M.08", bit_rate=200_000, peak_bit_rate=300_000, sound="aac")


def said_of(master, uri):
    """Give the attributes of the variant with this address."""
    lines = master.splitlines()
    return dict(re.findall(r'([A-Z-]+)=("[^"]*"|[^,]+)', lines[lines.index(uri) - 1]))


def variants(master):
    return [line for line in master.splitlines() if not line.startswith("#")]


def test_what_plays_everywhere_comes_first_and_then_the_rest_by_weight():
    master = playlists.master([A720, OPUS, A360, V480, AAC, V360])
    assert variants(master) == [f"{name}/index.m3u8" for name in ("v360", "a360", "v480", "a720")]


def test_rates_are_those_of_picture_and_sound_together():
    said = said_of(playlists.master([V360, A360, AAC, OPUS]), "v360/index.m3u8")
    assert said == {
        "BANDWIDTH": "66000",
        "AVERAGE-BANDWIDTH": "58000",
        "CODECS": '"avc1.4d401e,mp4a.40.2"',
        "RESOLUTION": "640x360",
        "FRAME-RATE": "5.000",
        "AUDIO": '"aac"',
    }


def test_each_picture_has_its_own_group_of_sound():
    master = playlists.master([V360, A360, AAC, OPUS])
    assert said_of(master, "a360/index.m3u8")["AUDIO"] == '"opus"'
    assert said_of(master, "a360/index.m3u8")["CODECS"] == '"av01.0.01M.08,opus"'
    assert re.findall(r'GROUP-ID="(\w+)".*URI="([\w/.]+)"', master) == [
        ("aac", "aac/index.m3u8"),
        ("opus", "opus/index.m3u8"),
    ]


def test_a_picture_whose_sound_is_missing_takes_the_other():
    said = said_of(playlists.master([A360, AAC]), "a360/index.m3u8")
    assert (said["AUDIO"], said["CODECS"]) == ('"aac"', '"av01.0.01M.08,mp4a.40.2"')


def test_a_silent_film_has_no_groups():
    master = playlists.master([V360, A360])
    assert "AUDIO" not in master
    assert said_of(master, "v360/index.m3u8")["CODECS"] == '"avc1.4d401e"'


def test_sound_alone_is_offered_alone():
    master = playlists.master([OPUS, AAC])
    assert variants(master) == ["aac/index.m3u8", "opus/index.m3u8"]
    assert said_of(master, "aac/index.m3u8") == {
        "BANDWIDTH": "26000",
        "AVERAGE-BANDWIDTH": "25000",
        "CODECS": '"mp4a.40.2"',
    }


def test_frames_for_seeking_are_named():
    master = playlists.master([V360, V480, AAC])
    assert [line for line in master.splitlines() if "I-FRAME" in line] == [
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=12000,CODECS="avc1.4d401e",RESOLUTION=640x360,URI="v360/frames.m3u8"'
    ]


def test_captions_are_a_group_of_every_variant():
    spoken = Captions("vi", "Tiếng Việt")
    master = playlists.master([V360, A360, AAC, OPUS], [spoken])
    assert (
        '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="captions",NAME="Tiếng Việt",LANGUAGE="vi",'
        'DEFAULT=NO,AUTOSELECT=YES,URI="captions/vi.m3u8"'
    ) in master.splitlines()
    assert all(said_of(master, uri)["SUBTITLES"] == '"captions"' for uri in variants(master))


def test_captions_are_one_segment_as_long_as_the_recording():
    media = playlists.read(playlists.media_of_captions("../vi.vtt", 10_800.4))
    assert media.pieces == (Piece("../vi.vtt", 10_800.4),)
    assert (media.target_seconds, media.ended, media.init) == (10_800, True, "")


def test_nothing_to_play_is_no_master():
    with pytest.raises(ValueError, match="needs a stream"):
        playlists.master([])


def test_a_stream_survives_being_kept():
    assert Stream.from_json(json.loads(json.dumps(A720.to_json()))) == A720


def test_what_was_written_is_read_back():
    pieces = (Piece("00000.m4s", 2.0, (500, 76)), Piece("00001.m4s", 11.6, (900, 76)))
    media = playlists.read(playlists.media(pieces, init="init.mp4", frames_only=True))
    assert media == playlists.Media(pieces, 7, 12, "init.mp4", ended=True, frames_only=True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "#EXTM3U"),
        ("#EXTM3U\n#EXTINF:2,\na.m4s\n", "target"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:long\n", "number"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:2\na.m4s\n", "no length"),
        ("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-BYTERANGE:12\n#EXTINF:2,\na.m4s\n", "number"),
    ],
)
def test_a_playlist_that_cannot_be_followed_says_why(text, why):
    with pytest.raises(Malformed, match=why):
        playlists.read(text)


@pytest.mark.parametrize(
    ("weights", "peak"),
    [
        pytest.param([(10, 1000), (10, 3000), (10, 2000)], 2400, id="the heaviest segment"),
        pytest.param([(10, 1000), (1, 9000), (10, 1000)], round(10_000 * 8 / 11), id="a short one with its neighbour"),
        pytest.param([(5, 1000), (5, 1000), (10, 1000)], 1600, id="several short ones together"),
        pytest.param([(2, 1000)], 4000, id="all there is"),
    ],
)
def test_the_peak_is_that_of_the_heaviest_run_of_segments(weights, peak):
    assert playlists.peak_bit_rate(weights, 10) == peak

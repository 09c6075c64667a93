"""Speech: level in every room, on time to the end, from whatever track and side carries it."""

import numpy as np
import pytest

from ingest import ladder, loudness, probe, speech
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")

#: Something like vowels, five syllables a second in phrases of 1.6 s.
_TONES = "0.3*sin(2*PI*140*t)+0.2*sin(2*PI*560*t)+0.15*sin(2*PI*1260*t)+0.05*sin(2*PI*2520*t)"
VOICE = f"({_TONES})*abs(sin(5*PI*t))*lt(mod(t,2.2),1.6)"


def encode(source, folder):
    return {made.name: made for made in speech.encode_speech(source, probe.inspect(source), folder)}


def listen(source):
    return speech.listen(source, probe.inspect(source))


def voice(path, *, seconds=8, sound=VOICE, coding=()):
    """Write a made-up voice, or what the expressions in `sound` say, one for each channel."""
    media.ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{sound}':s=32000:d={seconds}", *coding, path)
    return path


def loudness_between(path, start, end):
    momentary = listen(path).levels.momentary
    return loudness.integrate(momentary[round(start * 10) : round(end * 10)])


@pytest.mark.parametrize("container", ["mp4", "mkv", "ts"])
def test_speech_keeps_the_time_of_the_recording(tmp_path, container):
    made = encode(media.click_and_flash(tmp_path / f"a.{container}", seconds=4, coding=H264), tmp_path)
    assert media.onsets(made["opus"].path)[1:] == pytest.approx([1, 2, 3], abs=0.012)
    assert media.onsets(made["aac"].path)[1:] == pytest.approx([1, 2, 3], abs=0.012)


def test_speech_lasts_as_long_as_the_picture(tmp_path):
    short = media.clip(tmp_path / "short.mp3", seconds=1, video=False)
    words = ("-f", "lavfi", "-i", "testsrc2=s=160x90:r=5:d=4", "-i", short, "-c:a", "copy", *H264)
    media.ffmpeg(*words, tmp_path / "a.mkv")
    for made in encode(tmp_path / "a.mkv", tmp_path).values():
        assert probe.inspect(made.path).duration_seconds == pytest.approx(4.0, abs=0.1)


def test_speech_that_starts_late_is_not_moved_forward(tmp_path):
    source = media.click_and_flash(tmp_path / "whole.mkv", seconds=4, coding=H264)
    media.ffmpeg("-i", source, "-c:v", "copy", "-af", "atrim=start=1.5", tmp_path / "late.ts")
    for made in encode(tmp_path / "late.ts", tmp_path).values():
        assert media.onsets(made.path) == pytest.approx([2, 3], abs=0.012)


@pytest.mark.parametrize("factor", [0.08, 1.2])
def test_speech_is_levelled(tmp_path, factor):
    for made in encode(voice(tmp_path / "a.wav", sound=f"{factor}*{VOICE}"), tmp_path).values():
        assert listen(made.path).levels.integrated_lufs == pytest.approx(loudness.TARGET_LUFS, abs=1.0)


def test_a_room_20_db_quieter_is_heard_like_the_studio(tmp_path):
    rooms = f"if(between(t,20,45),0.1,1)*{VOICE}"
    source = voice(tmp_path / "a.wav", seconds=65, sound=rooms)
    assert loudness_between(source, 2, 19) - loudness_between(source, 30, 44) == pytest.approx(20, abs=1)
    for made in encode(source, tmp_path).values():
        studio, room = loudness_between(made.path, 2, 17), loudness_between(made.path, 29, 43)
        assert room == pytest.approx(studio, abs=3)
        assert loudness_between(made.path, 46, 64) == pytest.approx(studio, abs=3)


def test_long_silence_stays_silent_keeps_its_time_and_costs_little(tmp_path):
    hiss = "0.0006*(random(0)-0.5)"
    source = voice(tmp_path / "a.wav", seconds=70, sound=f"{hiss}+0.1*gt(abs(t-35),27)*{VOICE}")
    made = encode(source, tmp_path)
    for each in made.values():
        assert loudness_between(each.path, 24, 46) == pytest.approx(-70, abs=1)
        assert probe.inspect(each.path).duration_seconds == pytest.approx(70, abs=0.1)
        assert loudness_between(each.path, 63.5, 69.5) == pytest.approx(-18, abs=3)
    assert made["opus"].bit_rate < 0.8 * ladder.OPUS.bit_rate


def test_silence_is_not_made_louder(tmp_path):
    media.ffmpeg("-f", "lavfi", "-i", "anullsrc=r=48000:d=2", tmp_path / "a.wav")
    for made in encode(tmp_path / "a.wav", tmp_path).values():
        assert listen(made.path).levels.integrated_lufs <= -70


@pytest.mark.parametrize("coding", [(), ("-c:a", "aac", "-b:a", "96k")], ids=["as it was", "coded since"])
def test_tops_cut_off_are_drawn_anew(tmp_path, monkeypatch, coding):
    clean, cut = voice(tmp_path / "clean.wav", sound=f"0.8*{VOICE}"), tmp_path / "cut.mkv"
    media.ffmpeg("-i", clean, "-af", "volume=9dB,aformat=sample_fmts=s16", *coding, cut)
    assert listen(cut).levels.clipped
    wanted = samples(encode(clean, tmp_path)["aac"].path)
    repaired = likeness(wanted, samples(encode(cut, tmp_path)["aac"].path))
    monkeypatch.setattr(speech, "_unclipped", lambda heard, _peak: heard)
    assert repaired > likeness(wanted, samples(encode(cut, tmp_path)["aac"].path)) + 2


def test_what_is_merely_loud_is_not_taken_for_cut_off(tmp_path):
    media.ffmpeg("-f", "lavfi", "-i", "anoisesrc=c=pink:a=0.9:r=32000:d=8:seed=1", tmp_path / "a.wav")
    assert not listen(tmp_path / "a.wav").levels.clipped


@pytest.mark.parametrize("seed", range(5))
def test_the_gain_never_hurries(seed):
    """No pumping: whatever goes on in the rooms, the gain moves by 3 dB a second at most while anything is heard."""
    moods = np.random.default_rng(seed)
    rooms = np.repeat(moods.choice([-45.0, -38, -25, -18, -8], 60), moods.integers(5, 200, 60))
    gain = loudness.plan_gain(rooms + np.clip(moods.normal(0, 4, rooms.size), -8, 8))
    assert np.abs(np.diff(gain)).max() <= loudness.STEEPEST_DB_PER_SECOND * loudness.STEP_SECONDS + 1e-9
    assert gain.max() - gain.min() > 10, "Where nothing has to be levelled, nothing could hurry."


def test_fades_only_within_a_silence_and_not_in_a_short_one():
    silent = np.repeat([False, True, False, True, False], [50, 15, 50, 60, 50])
    gain = loudness._faded(np.zeros(silent.size), silent)
    assert np.all(gain[~silent] == 0)
    assert np.all(gain[50:65] == 0)
    assert np.isneginf(gain[140:150]).all()


def likeness(clean, other):
    """Signal to distortion, in dB, at the best common gain."""
    length = min(len(clean), len(other))
    clean, other = clean[:length], other[:length]
    other = other * (clean @ other) / (other @ other)
    return 10 * np.log10((clean @ clean) / ((clean - other) @ (clean - other)))


@pytest.mark.parametrize(
    ("sides", "side"),
    [
        pytest.param(f"{VOICE}|0", 0, id="right side dead"),
        pytest.param(f"0|{VOICE}", 1, id="left side dead"),
        pytest.param(f"{VOICE}|-({VOICE})", 0, id="antiphase"),
        pytest.param(f"{VOICE}|{VOICE}", None, id="the same on both"),
        pytest.param(f"{VOICE}*lt(t,4)|{VOICE}*gt(t,4)", None, id="two speakers, one on each side"),
    ],
)
def test_takes_the_side_that_speaks(tmp_path, sides, side):
    source = voice(tmp_path / "a.wav", sound=sides)
    heard = listen(source)
    assert heard.side == side
    assert heard.levels.integrated_lufs > -25


def test_what_would_cancel_out_is_heard(tmp_path):
    source = voice(tmp_path / "a.wav", sound=f"{VOICE}|-({VOICE})")
    assert listen(encode(source, tmp_path)["opus"].path).levels.integrated_lufs == pytest.approx(-18, abs=1)


def test_takes_the_first_track_that_speaks(tmp_path):
    silent, spoken = voice(tmp_path / "0.wav", sound="0.0001*random(0)"), voice(tmp_path / "1.wav")
    other = voice(tmp_path / "2.wav", sound=f"0.5*{VOICE}")
    inputs = [word for path in (silent, spoken, other) for word in ("-i", path)]
    media.ffmpeg(*inputs, "-map", 0, "-map", 1, "-map", 2, "-disposition:a:0", "default", tmp_path / "a.mkv")
    assert listen(tmp_path / "a.mkv").track == 1


def test_sound_that_changes_its_format_keeps_its_time(tmp_path):
    parts = []
    for number, rate in enumerate((48000, 32000, 44100)):
        coding = (*H264, "-c:a", "aac", "-ar", rate, "-ac", 1 + number % 2)
        parts.append(
            media.click_and_flash(
                tmp_path / f"{number}.ts", seconds=3, coding=(*coding, "-output_ts_offset", 3 * number)
            )
        )
    (tmp_path / "a.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    for made in encode(tmp_path / "a.ts", tmp_path).values():
        heard = media.onsets(made.path)
        assert heard[1:] == pytest.approx(range(1, len(heard)), abs=0.1)
        assert len(heard) >= 8


def test_the_index_comes_before_the_sound(tmp_path):
    made = encode(media.clip(tmp_path / "a.mp3", seconds=25, video=False), tmp_path)
    webm, mp4 = made["opus"].path.read_bytes(), made["aac"].path.read_bytes()
    cues, cluster = b"\x1c\x53\xbb\x6b", b"\x1f\x43\xb6\x75"
    assert 0 < webm.index(cues, 100) < webm.index(cluster, 100) < 1000
    assert webm.count(cluster) == 2
    assert 0 < mp4.index(b"sidx") < mp4.index(b"moof") < 1500
    assert mp4.count(b"moof") == 2


def test_speech_costs_what_the_ladder_says(tmp_path):
    made = encode(voice(tmp_path / "a.wav", seconds=20), tmp_path)
    assert made["opus"].bit_rate < 1.1 * ladder.OPUS.bit_rate
    assert made["aac"].bit_rate < 1.1 * ladder.AAC.bit_rate
    assert made["aac"].bytes == made["aac"].path.stat().st_size


def test_one_form_alone_is_the_same_as_beside_the_other(tmp_path):
    source = voice(tmp_path / "a.wav", seconds=3)
    both = {made.name: made.path.read_bytes() for made in speech.encode_speech(source, probe.inspect(source), tmp_path)}
    (tmp_path / "alone").mkdir()
    [alone] = speech.encode_speech(source, probe.inspect(source), tmp_path / "alone", rungs=(ladder.AAC,))
    assert alone.path.read_bytes() == both["aac"]
    assert [file.name for file in (tmp_path / "alone").iterdir()] == ["speech.m4a"]


def test_a_silent_film_has_no_speech_to_encode(tmp_path):
    assert encode(media.clip(tmp_path / "a.mp4", seconds=1, audio=False), tmp_path) == {}


def test_a_cut_recording_is_heard_as_far_as_it_goes(tmp_path):
    cut = media.truncated(tmp_path / "cut.mkv", media.clip(tmp_path / "whole.mkv", seconds=10), share=0.5)
    seconds = probe.inspect(cut).duration_seconds
    for made in encode(cut, tmp_path).values():
        assert probe.inspect(made.path).duration_seconds == pytest.approx(seconds, abs=0.1)


def test_progress_goes_from_nothing_to_all(tmp_path):
    source, shares = media.clip(tmp_path / "a.mp4", seconds=2), []
    speech.encode_speech(source, probe.inspect(source), tmp_path, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_lost_lease_leaves_no_file(tmp_path):
    class LeaseLost(Exception):
        pass

    def lose(share):
        raise LeaseLost

    source, out = media.clip(tmp_path / "a.mp4", seconds=2), tmp_path / "out"
    out.mkdir()
    with pytest.raises(LeaseLost):
        speech.encode_speech(source, probe.inspect(source), out, lose)
    assert list(out.iterdir()) == []


def samples(path):
    """Decode to mono at 16 kHz."""
    raw = path.with_suffix(".f32")
    media.ffmpeg("-i", path, "-ac", 1, "-ar", 16_000, "-f", "f32le", raw)
    return np.fromfile(raw, np.float32).astype(float)

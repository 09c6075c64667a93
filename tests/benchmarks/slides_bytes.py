"""What three hours of slides + speech weigh, and whether the words can still be heard and read.

Speech is one conference joined from pieces of recordings, as different as rooms are; three hours weigh what it would,
if it went on. Pages are weighed by their mean.
"""

import shutil
import tempfile
import wave
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from api.seed import speech as reader
from ingest import probe, slides, speech, tracks
from ingest.ocr import read_text
from ingest.pages import WIDTH
from tests import media
from tests.benchmarks.inputs import REAL
from tests.benchmarks.row import Row

HOURS, PAGES = 3, 100
BOUND_MEGABYTES, MOST_AAC_MEGABYTES = 20.0, 36.0
#: No more than this below AAC at 64 kbit/s, in PESQ-WB's scale of 1 to 4.6, and no less ESTOI.
MOST_LOST_MOS, LEAST_ESTOI = 0.5, 0.9
LEAST_OCR = 0.99

#: Narration, a talk, a Zoom call, two languages, a screen share and a synthesised reader: (file, from second).
REAL_PIECES: tuple[tuple[str, int], ...] = (
    ("speech_long_217s.mp3", 0),
    ("speech_82s.mp3", 0),
    ("zoom/audio_only_82s_ja.m4a", 0),
    ("multilingual_speech.mp3", 0),
    ("zoom/zoom_0_screenshare_112s.mp4", 0),
    ("bench/m5.mp4", 60),
)
PIECE_SECONDS = 60
#: Metrics judge pieces of 10 s, as their makers intended, at the 16 kHz of wide-band PESQ.
JUDGED_RATE, JUDGED_SECONDS = 16_000, 10
#: Pages are read at the size that OCR likes.
READ_WIDTH = 1920

Samples = NDArray[np.float64]


class Heard(NamedTuple):
    pesq: float
    estoi: float


def measure() -> Row:
    with tempfile.TemporaryDirectory(prefix="diemcau-bench-") as name:
        folder = Path(name)
        conference, inputs = _conference(folder)
        rates, heard = _encode(conference, folder)
        page_bytes, ocr = _pages(folder)
    megabytes = {name: (rate * HOURS * 3600 / 8 + PAGES * page_bytes) / 1e6 for name, rate in rates.items()}
    opus, bound = heard["opus"], heard["aac64"]
    return Row(
        name="slides-bytes",
        what=f"slides + speech of {HOURS} h with {PAGES} pages, Opus",
        ours=megabytes["opus"],
        bound=BOUND_MEGABYTES,
        unit="MB",
        side="<=",
        goal=1.0,
        details={
            "aac_mb": round(megabytes["aac"], 2),
            "aac_holds": megabytes["aac"] <= MOST_AAC_MEGABYTES,
            "speech": {
                name: {"pesq": round(each.pesq, 2), "estoi": round(each.estoi, 3)} for name, each in heard.items()
            },
            "speech_holds": bound.pesq - opus.pesq <= MOST_LOST_MOS and opus.estoi >= LEAST_ESTOI,
            "kbit_s": {name: round(rate / 1000, 2) for name, rate in rates.items()},
            "page_kb": round(page_bytes / 1000, 1),
            "ocr_accuracy": ocr,
            "inputs": inputs,
        },
    )


def _conference(folder: Path) -> tuple[Path, str]:
    """Join pieces of real recordings and a Vietnamese one, which alone serves where the others are not at hand."""
    (spoken,) = reader.speak([" ".join(media.SENTENCES * 4)], folder)
    real = [(REAL / name, start) for name, start in REAL_PIECES if (REAL / name).exists()]
    cuts = [(spoken, 0), *real]
    opened = [word for path, start in cuts for word in ("-ss", start, "-t", PIECE_SECONDS, "-i", path)]
    alike = "".join(
        f"[{number}:a]aresample=48000,aformat=channel_layouts=stereo[{number}];" for number in range(len(cuts))
    )
    joined = "".join(f"[{number}]" for number in range(len(cuts))) + f"concat=n={len(cuts)}:v=0:a=1[sound]"
    conference = folder / "conference.flac"
    media.ffmpeg(*opened, "-filter_complex", alike + joined, "-map", "[sound]", conference)
    return conference, f"{len(real)} real recordings and a synthesised one"


def _encode(conference: Path, folder: Path) -> tuple[dict[str, float], dict[str, Heard]]:
    """Encode as the ladder does; give bits per second, container included, and what the metrics hear, on average."""
    facts = probe.inspect(conference)
    original = _levelled(conference, facts, folder)
    made = {each.name: each for each in speech.encode_speech(conference, facts, folder)}
    plain = folder / "64.m4a"
    media.ffmpeg("-i", original, "-ar", 48_000, "-c:a", "aac", "-b:a", "64k", plain)
    heard = {name: _judge(_samples(original), _samples(each.path)) for name, each in made.items()}
    heard["aac64"] = _judge(_samples(original), _samples(plain))
    return {name: float(each.bit_rate) for name, each in made.items()}, heard


def _levelled(piece: Path, facts: probe.MediaFacts, folder: Path) -> Path:
    """Write what both encoders are given, without loss."""
    gain, out = folder / "gain.f32", folder / "levelled.wav"
    voice = speech.listen(piece, facts)
    speech.write_gain(gain, voice.levels)
    tracks.run(speech.levelled(piece, facts, voice, gain).output(str(out)), facts.duration_seconds)
    return out


def _samples(path: Path) -> Samples:
    out = path.with_suffix(path.suffix + ".wav")
    media.ffmpeg("-i", path, "-ac", 1, "-ar", JUDGED_RATE, out)
    with wave.open(str(out)) as wav:
        return np.frombuffer(wav.readframes(wav.getnframes()), np.int16) / 32768


def _judge(original: Samples, coded: Samples) -> Heard:
    """Compare 10 s at a time, leaving out those in which nobody speaks, and take the mean."""
    from pesq import pesq  # Built from C when installed, so only where it is used.
    from pystoi import stoi

    original, coded = _aligned(original, coded)
    width = JUDGED_RATE * JUDGED_SECONDS
    starts = range(0, len(original) - width + 1, width)
    pairs = [(original[start : start + width], coded[start : start + width]) for start in starts]
    spoken = [(was, now) for was, now in pairs if np.sqrt(np.mean(was**2)) > 0.01]
    return Heard(
        pesq=float(np.mean([pesq(JUDGED_RATE, was, now, "wb") for was, now in spoken])),
        estoi=float(np.mean([stoi(was, now, JUDGED_RATE, extended=True) for was, now in spoken])),
    )


def _aligned(original: Samples, coded: Samples) -> tuple[Samples, Samples]:
    """Shift by the few milliseconds that coding delays, found where the two agree most."""
    length = min(len(original), len(coded), 20 * JUDGED_RATE)
    size = 2 * length
    agreement = np.fft.irfft(np.fft.rfft(original[:length], size) * np.conj(np.fft.rfft(coded[:length], size)), size)
    lag = (int(np.argmax(np.roll(agreement, JUDGED_RATE))) - JUDGED_RATE) if length else 0
    original, coded = original[max(lag, 0) :], coded[max(-lag, 0) :]
    length = min(len(original), len(coded))
    return original[:length], coded[:length]


def _pages(folder: Path) -> tuple[float, float | str]:
    """Draw a deck as the workshop does: a page's mean bytes, and what OCR reads of it against a lossless picture."""
    deck = REAL / "bench" / "deck.pdf"
    if not deck.exists():
        deck = media.deck(folder / "deck.pdf")
    pages = slides.render(deck, folder, on_page=lambda _done, _of: None)
    mean = sum(page.bytes for page in pages) / len(pages)
    if shutil.which("tesseract") is None:
        return mean, "not measured: no tesseract"
    ours, lossless = 0, 0
    document = pypdfium2.PdfDocument(deck)
    for page, drawn in zip(pages, document, strict=True):
        exact = drawn.render(scale=WIDTH / drawn.get_width()).to_pil().convert("RGB")
        ours += _words_read(Image.open(page.file), page.text, folder)
        lossless += _words_read(exact, page.text, folder)
    document.close()
    return mean, round(ours / lossless, 4)


def _words_read(picture: Image.Image, text: str, folder: Path) -> int:
    """Count the words of a page that Tesseract finds in its picture, in any order."""
    large = folder / "page.png"
    height = round(picture.height * READ_WIDTH / picture.width)
    picture.resize((READ_WIDTH, height), Image.Resampling.LANCZOS).save(large)
    found = Counter((read_text(large) or "").split())
    return (found & Counter(text.split())).total()

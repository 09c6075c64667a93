"""Synthesised Vietnamese speech for the demo's recording.

espeak-ng is spoken to through ctypes, as a library of its own: it is under the GPL, so the demo may load it where the
`demo` extra was installed, and the image never ships it.
"""

import ctypes
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import espeakng_loader
import numpy as np
from numpy.typing import NDArray

WORDS_PER_MINUTE = 165  # A calm reader; espeak's own default of 175 sounds hurried in Vietnamese.
PEAK = 0.8  # About -2 dBFS, which leaves the encoders head-room.

Samples = NDArray[np.int16]

# The few figures of espeak-ng's speak_lib.h that are used here.
_OUTPUT_SYNCHRONOUS = 2
_PARAMETER_RATE = 1
_PARAMETER_WORD_GAP = 7
_POSITION_CHARACTER = 1
_TEXT_IS_UTF8 = 1

_ON_SAMPLES = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class SpeechUnavailable(RuntimeError):
    """The speech library could not be started, or knows no Vietnamese."""


class _Reader:
    """espeak-ng with its Vietnamese voice; one at a time in a process, since the library's state is global."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        data = Path(espeakng_loader.get_data_path()).parent
        self.samples_per_second: int = self._library.espeak_Initialize(_OUTPUT_SYNCHRONOUS, 0, bytes(data), 0)
        if self.samples_per_second <= 0:
            raise SpeechUnavailable("espeak-ng could not be started.")
        if self._library.espeak_SetVoiceByName(b"vi") != 0:
            raise SpeechUnavailable("espeak-ng has no Vietnamese voice here.")
        self._library.espeak_SetParameter(_PARAMETER_RATE, WORDS_PER_MINUTE, 0)
        self._library.espeak_SetParameter(_PARAMETER_WORD_GAP, 1, 0)

    def read(self, text: str) -> Samples:
        """Return the samples of `text`, mono, 16 bits."""
        heard: list[Samples] = []

        def keep(samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
            if samples and count > 0:
                heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
            return 0

        callback = _ON_SAMPLES(keep)  # Named, so that it outlives the call below.
        self._library.espeak_SetSynthCallback(callback)
        words = text.encode()
        size = ctypes.c_size_t(len(words) + 1)
        failed = (
            self._library.espeak_Synth(words, size, 0, _POSITION_CHARACTER, 0, _TEXT_IS_UTF8, None, None)
            or self._library.espeak_Synchronize()
        )
        if failed or not heard:
            raise SpeechUnavailable(f"espeak-ng spoke nothing (error {failed}).")
        return np.concatenate(heard)

    def close(self) -> None:
        self._library.espeak_Terminate()


@contextmanager
def _reader() -> Iterator[_Reader]:
    reader = _Reader()
    try:
        yield reader
    finally:
        reader.close()


def speak(paragraphs: list[str], folder: Path) -> list[Path]:
    """Read each Vietnamese paragraph into a WAV file of its own in `folder` (22,050 Hz, mono, peak at -2 dBFS).

    Raises `SpeechUnavailable` when the library cannot be started or stays silent.
    """
    with _reader() as reader:
        return [
            _write(folder / f"speech-{number:02}.wav", reader.read(paragraph), reader.samples_per_second)
            for number, paragraph in enumerate(paragraphs, start=1)
        ]


def _write(path: Path, samples: Samples, samples_per_second: int) -> Path:
    loudest = max(1, int(np.abs(samples.astype(np.int32)).max()))
    levelled = (samples.astype(np.float64) * (PEAK * 32767 / loudest)).round().astype("<i2")
    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(samples_per_second)
        wav.writeframes(levelled.tobytes())
    return path

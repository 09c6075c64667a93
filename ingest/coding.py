"""Says how a rung of the picture is coded: ffmpeg's output options for x264 and for SVT-AV1.

All are coded to one quality, under a ceiling. Keyframes stand only where the caller forces them (`force_key_frames`):
the encoders are told never to place one of their own, so that all rungs are cut at the same moments. Each uses one
thread: then its bytes depend on nothing but the picture, and workers share the cores better than one encoder does.
"""

from ingest.ladder import Codec, VideoRung

#: How far the picture may run ahead of its rate, for a page of text that comes up at once. With these 3 s, a stretch
#: of 24 s (two of the longest segments) holds at most 27 s worth of the ceiling, 1.125 times what it should.
BUFFER_SECONDS = 3
#: SVT-AV1 overruns its own ceiling by up to 27 % on a gallery of heads, so it is given a lower one.
AV1_CEILING = 0.85
#: How a picture is made smaller: bicubic with B = 0 and C = 1, which keeps text as sharp as four pixels can. On slides
#: at 480 lines and equal bits it scored VMAF 88.6 (NEG 84.6) where lanczos scored 86.0 (84.1) and bicubic as it comes,
#: C = 0.6, 85.5, and it takes a quarter less time than lanczos, which reads six pixels.
SCALING: dict[str, str | int] = {"flags": "bicubic", "param0": 0, "param1": 1}
#: SVT-AV1 introduces itself on the error stream at every start, whatever ffmpeg is told to keep quiet about.
SVT_AV1_TALK = "Svt["
#: No keyframe but the forced ones: SVT-AV1 takes -1 for "as you like", and this for never.
NEVER = 99_999


def options(rung: VideoRung, *, lively: bool = True) -> dict[str, str | int]:
    """Options for one encoded rung of `yuv420p` frames in BT.709, limited range; the caller adds `force_key_frames`.

    `lively` says whether most of the picture moves, so that time spent on it is worth the most. Whatever it says, the
    headers are the same. Raises ValueError for a rung that is copied, not encoded.
    """
    match rung.codec:
        case Codec.H264:
            coding = _x264(rung)
        case Codec.AV1:
            coding = _svt_av1(rung, lively)
        case Codec.COPY:
            raise ValueError(f"{rung.name} is copied")
    # Without `+bitexact` the name and version of the encoder are written into every chunk.
    return {**coding, "threads": 1, "flags:v": "+bitexact", "g": NEVER}


def _x264(rung: VideoRung) -> dict[str, str | int]:
    """Options for H.264: `superfast` with macroblock-tree put back, which is what slides live by.

    480 lines at 10 frames a second of slides with a speaker, 120 s: `veryfast` took 5.0 s for 34.8 kbit/s and VMAF
    87.5, this 3.5 s for 33.7 kbit/s and 87.1, and plain `superfast` 3.5 s for twice the bits. Deeper lookahead, more
    references, `subme` and psy-rd changed nothing worth having. `animation` gains 1.1 VMAF and 3 % of the bits.

    Its B-frames stay, although they delay the decoder: on 240 s of the low rung they saved 9 % of the bits (28.1
    against 30.8 kbit/s) and still gained 0.6 dB in SSIM. `stitchable` keeps what a chunk is about out of its headers,
    so that one initialisation segment serves all chunks.
    """
    return {
        "c:v": "libx264",
        "preset": "superfast",
        "tune": "animation",
        "profile:v": "main",
        "crf": rung.crf,
        "maxrate": rung.max_bit_rate,
        "bufsize": BUFFER_SECONDS * rung.max_bit_rate,
        "x264-params": _joined(
            {
                "keyint": "infinite",
                "scenecut": 0,
                "mbtree": 1,
                "rc-lookahead": 20,
                "ref": 1,
                "stitchable": 1,
                "colorprim": "bt709",
                "transfer": "bt709",
                "colormatrix": "bt709",
                "fullrange": "off",
            }
        ),
    }


def _svt_av1(rung: VideoRung, lively: bool) -> dict[str, str | int]:
    """Options for AV1: quick where the picture is small or nearly still, thorough where bits are many.

    360 lines at 5 frames a second, 120 s of slides: preset 8 took 5.3 s, 10 took 2.6 s for 0.7 VMAF less at equal bits,
    and 11 takes 1.9 s for another 0.4 VMAF and 5 % of the bits, which the ceiling holds anyway.

    720 lines at 25 frames a second, 28 s of a gallery: at equal VMAF NEG, preset 9 needs 0.75 of the bits of 10 for 1.5
    times the work, and 8 needs 0.68 for twice. On 120 s of slides with a small speaker, at 5 a second, 10 took 7.8 s
    where 8 took 16.3 s, and lost 0.3 VMAF of 95.4 at the same bits. `tune=1` needs 5 % fewer than `tune=0`. Temporal
    filtering, fewer layers, no lookahead and low delay, tried one by one at 360 lines, saved no time or cost more than
    they saved.
    """
    return {
        "c:v": "libsvtav1",
        "preset": 11 if min(rung.width, rung.height) <= 360 else 8 if lively else 10,
        "crf": rung.crf,
        "maxrate": round(AV1_CEILING * rung.max_bit_rate),
        "bufsize": round(BUFFER_SECONDS * AV1_CEILING * rung.max_bit_rate),
        "svtav1-params": _joined(
            {
                "tune": 1,
                "lp": 1,
                "scd": 0,
                "color-primaries": 1,  # These three numbers are BT.709 in ITU-T H.273; range 0 is limited.
                "transfer-characteristics": 1,
                "matrix-coefficients": 1,
                "color-range": 0,
            }
        ),
    }


def _joined(parameters: dict[str, str | int]) -> str:
    """Write an encoder's own parameters as ffmpeg hands them on."""
    return ":".join(f"{name}={value}" for name, value in parameters.items())

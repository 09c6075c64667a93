"""Clips and decks for the tests, made in code: a few seconds each, their truth known, and nothing of them kept."""

import hashlib
import subprocess
from itertools import accumulate
from pathlib import Path

import numpy as np
import pypdfium2
import typst
from PIL import Image, ImageOps

from ingest import binaries

#: Pages whose words have every kind of Vietnamese mark, in sentences of the field.
SENTENCES = (
    "Hội nghị trực tuyến quán triệt nghị quyết",
    "Một trăm bốn mươi lăm điểm cầu, mười một nghìn đại biểu",
    "Kỹ thuật viên kiểm tra đường truyền trước một giờ",
    "Đảng viên xem lại phần đã vắng, kể cả khi mạng yếu",
    "Bài thu hoạch nộp trong mười lăm ngày",
    "Kết luận và bế mạc hội nghị",
)


def ffmpeg(*words):
    """Run ffmpeg with these words, and fail with what it complained of."""
    command = [str(binaries.find().ffmpeg), "-hide_banner", "-v", "error", "-nostdin", "-y", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def clip(path, *, seconds=4.0, size=(320, 180), fps=10, video=True, audio=True, coding=(), start=0.0):
    """Write a test picture with a counter and a tone. `coding` adds or overrides output options."""
    words = []
    if video:
        words += ["-f", "lavfi", "-i", f"testsrc2=s={size[0]}x{size[1]}:r={fps}:d={seconds}"]
        words += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"] if not coding else []
    if audio:
        words[:0] = ["-f", "lavfi", "-i", f"sine=440:r=48000:d={seconds}"]
    ffmpeg(*words, *coding, "-output_ts_offset", start, path)
    return path


def click_and_flash(path, *, seconds=5, fps=25, coding=()):
    """Write a black picture that turns white for 0.2 s at every whole second, when a click of 50 ms is heard too."""
    ffmpeg(
        *("-f", "lavfi", "-i", f"color=black:s=320x180:r={fps}:d={seconds}"),
        *("-f", "lavfi", "-i", f"aevalsrc='0.8*sin(2*PI*1000*t)*lt(mod(t,1),0.05)':s=48000:d={seconds}"),
        *("-vf", "drawbox=t=fill:color=white:enable='lt(mod(t+0.001,1),0.2)'"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"),
        *coding,
        path,
    )
    return path


def truncated(path, source, share=0.6):
    """Write the first part of a file, as an interrupted copy leaves it."""
    whole = Path(source).read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    return path


def text_named_mp4(path):
    """Write a text file under the name of a video."""
    path.write_text("Kính gửi: các điểm cầu.\nBản ghi hội nghị xem ở nơi khác.\n" * 50)
    return path


def deck(path, sentences=SENTENCES, *, width=320, height=180):
    """Write a PDF of one page for each sentence, in points, all in one layout, with real text and a figure apiece."""
    pages = "\n#pagebreak()\n".join(
        f"== Phần {number}\n{sentence}\n#place(bottom + right, rect(width: {20 + number * 27}pt, height: 22pt, "
        f"fill: luma({(number * 67) % 200})))\n#place(bottom + left, text(size: 9pt)[Trang {number}])"
        for number, sentence in enumerate(sentences, 1)
    )
    layout = f"#set page(width: {width}pt, height: {height}pt, margin: 16pt)\n#set text(size: 17pt)\n"
    path.write_bytes(typst.compile((layout + pages).encode()))
    return path


def talk(path, deck_path, shown, *, size=(640, 360), fps=5):
    """Write a recording in which a deck's pages fill the screen: `shown` lists (page from 1, seconds), None for a film.

    A page of another shape than `size` stands between black bars. Returns when each begins: [(page, second), …].
    """
    document, inputs = pypdfium2.PdfDocument(deck_path), []
    for number, (page, seconds) in enumerate(shown):
        if page is None:
            inputs += ["-f", "lavfi", "-t", seconds, "-i", f"testsrc2=s={size[0]}x{size[1]}:r={fps}"]
        else:
            picture = Path(path).with_name(f"{Path(path).stem}-{number}.bmp")
            drawn = document[page - 1].render(scale=3).to_pil().convert("RGB")
            ImageOps.pad(drawn, size, Image.Resampling.LANCZOS).save(picture)
            inputs += ["-loop", "1", "-framerate", fps, "-t", seconds, "-i", picture]
    document.close()
    chain = "".join(f"[{number}:v]format=yuv420p,setsar=1[v{number}];" for number in range(len(shown)))
    joined = "".join(f"[v{number}]" for number in range(len(shown))) + f"concat=n={len(shown)}[v]"
    total = sum(seconds for _, seconds in shown)
    ffmpeg(
        *inputs,
        *("-f", "lavfi", "-t", total, "-i", "sine=300:r=48000"),
        *("-filter_complex", chain + joined, "-map", "[v]", "-map", f"{len(shown)}:a"),
        *("-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-g", fps * 4, "-c:a", "aac", path),
    )
    starts = [0.0, *accumulate(float(seconds) for _, seconds in shown)]
    return [(page, start) for (page, _), start in zip(shown, starts, strict=False) if page is not None]


def locked_deck(path, password="mat-khau"):
    """Write a one-page PDF that opens only with `password`: 40-bit RC4 of the standard handler, PDF 1.4 section 3.5."""
    document_id, permissions = b"diem-cau-test-01", -4
    padding = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    padded = (password.encode() + padding)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    key = hashlib.md5(padded + owner + permissions.to_bytes(4, "little", signed=True) + document_id).digest()[:5]
    encryption = f"<</Filter/Standard/V 1/R 2/O<{owner.hex()}>/U<{_rc4(key, padding).hex()}>/P {permissions}>>"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 320 180]>>",
        encryption,
    ]
    ids = f"/Encrypt 4 0 R/ID[<{document_id.hex()}><{document_id.hex()}>]"
    path.write_text(pdf_of(objects, ids))
    return path


def pdf_of(objects, trailer="", more=""):
    """The text of a PDF made of numbered objects, the first of them its catalogue; `more` stands behind them."""
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += f"{number} 0 obj{content}endobj\n"
    body += more
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"trailer<</Root 1 0 R{trailer}/Size {size}>>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{end}"


def _rc4(key, data):
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def onsets(path, *, seconds=1.0):
    """Tell at which seconds a sound begins after silence, as a player that ignores edit lists hears it."""
    samples = np.abs(np.frombuffer(decoded(path, "-vn", "-ac", 1, "-ar", 48_000, "-f", "f32le"), np.float32))
    loud = np.flatnonzero(samples > samples.max() / 4) / 48_000
    return [float(at) for at, gap in zip(loud, np.diff(loud, prepend=-seconds), strict=True) if gap > seconds / 2]


def brightness(path):
    """Give the mean luma of every frame, 0..255."""
    return np.frombuffer(decoded(path, "-an", "-vf", "scale=1:1:flags=area,format=gray", "-f", "rawvideo"), np.uint8)


def decoded(path, *how):
    """Give what ffmpeg writes of a file, told how."""
    command = [str(binaries.find().ffmpeg), "-v", "error", "-nostdin", "-i", str(path), *map(str, how), "pipe:"]
    done = subprocess.run(command, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def packets(path, *, kind="v"):
    """List (shown at, is keyframe) of a file's packets, in the order they are shown."""
    command = [str(binaries.find().ffprobe), "-v", "error", "-select_streams", kind]
    command += ["-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", str(path)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()
    return sorted((float(at), "K" in flags) for at, flags, *_ in (line.split(",") for line in lines))


def size_of(path):
    """Give (width, height) of the stored picture."""
    command = [str(binaries.find().ffprobe), "-v", "error", "-select_streams", "v", "-of", "csv=p=0"]
    command += ["-show_entries", "stream=width,height", str(path)]
    width, height = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split(",")[
        :2
    ]
    return int(width), int(height)

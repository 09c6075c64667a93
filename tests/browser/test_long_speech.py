"""Three hours of speech in a bare `<audio>` element: it begins after a few KB, and every jump lands where it should.

Every 10 s there is a click, of another pitch each for four minutes, and the page listens to what the browser plays:
so a jump is known to land where the element says it does, by what is heard there and when.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from ingest import ladder, speech
from tests import media

pytestmark = pytest.mark.browser

SECONDS = 3 * 3600
#: Whole packets of both codecs, 60 ms and 1024 samples, so that nothing drifts when it is repeated.
PIECE_SECONDS = 240
LOWEST_HZ, STEP_HZ = 400, 50
LEAST_EFFORT: dict[str, dict[str, object]] = {
    # libopus adds 312 samples of 48 kHz in front; as many are left out at the end.
    "opus": {"compression_level": 0, "af": f"atrim=end_sample={PIECE_SECONDS * 24_000 - 156}"},
    "aac": {"af": f"atrim=start_sample={speech.AAC_PRIMING_SAMPLES},asetpts=N/SR/TB"},
}
MOST_BYTES_BEFORE_SOUND = 16_384
RUNGS = {rung.name: rung for rung in (ladder.OPUS, ladder.AAC)}

_PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><audio></audio><script>
const audio = document.querySelector("audio");
const context = new AudioContext();
const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
context.createMediaElementSource(audio).connect(analyser);
analyser.connect(context.destination);
const once = what => new Promise((yes, no) => {
  audio.addEventListener(what, yes, { once: true });
  audio.addEventListener("error", () => no(new Error(audio.error.message)), { once: true });
});
const open = async name => { audio.src = name; await once("loadedmetadata"); return audio.duration; };
const wave = new Float32Array(analyser.fftSize);
const clicks = () => { analyser.getFloatTimeDomainData(wave); return wave.some(each => Math.abs(each) > 0.1); };
const until = async done => {
  for (const since = performance.now(); !done(); await new Promise(yes => setTimeout(yes, 4))) {
    if (performance.now() - since > 8000) throw new Error(`waited in vain at ${audio.currentTime}`);
  }
};
const heardAfter = async at => {
  await context.resume();
  await until(() => !clicks());  // What the last jump found has died away.
  audio.currentTime = at;
  await once("seeked");
  await audio.play();
  await until(clicks);
  const heard = audio.currentTime;
  await new Promise(yes => setTimeout(yes, 50));  // Until the whole window lies within the click.
  const spectrum = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(spectrum);
  const pitch = spectrum.indexOf(Math.max(...spectrum)) * context.sampleRate / analyser.fftSize;
  audio.pause();
  const { buffered } = audio;
  const held = Array.from({ length: buffered.length }, (_, n) => [buffered.start(n), buffered.end(n)]);
  return { heard, pitch, held };
};
</script>"""


class _Site(SimpleHTTPRequestHandler):
    """Files by HTTP ranges, as our own server gives them."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file() or "Range" not in self.headers:
            return super().do_GET()
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"])
        assert wanted
        size, start = path.stat().st_size, int(wanted[1])
        end = min(int(wanted[2] or size - 1), size - 1)
        self.send_response(206)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Range", f"bytes {start}-{end}/{size}")
        self.send_header("Content-Length", str(end - start + 1))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        with path.open("rb") as file:
            file.seek(start)
            with suppress(ConnectionError):  # Whoever jumps hangs up on what was being fetched.
                self.wfile.write(file.read(end - start + 1))
        return None

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hours in both forms: four minutes are encoded once, and repeated into the containers that speech has."""
    folder = tmp_path_factory.mktemp("long")
    click = f"0.8*sin(2*PI*({LOWEST_HZ}+{STEP_HZ}*floor(t/10))*t)*lt(mod(t,10),0.2)"
    for name, rung in RUNGS.items():
        piece = folder / f"piece.{Path(rung.file_name).suffix[1:]}"
        coding = ("-c:a", rung.codec, "-b:a", rung.bit_rate)
        # The least effort will do: it is not the sound that is judged here, but where it stands.
        options = [
            word for key, value in (dict(rung.options) | LEAST_EFFORT[name]).items() for word in (f"-{key}", value)
        ]
        media.ffmpeg("-f", "lavfi", "-i", f"aevalsrc='{click}':s=24000:d={PIECE_SECONDS}", *coding, *options, piece)
        container = [word for key, value in speech.CONTAINERS[name].items() for word in (_flag(key), value)]
        repeated = ("-stream_loop", SECONDS // PIECE_SECONDS - 1, "-i", piece, "-c", "copy")
        media.ffmpeg(*repeated, *container, folder / rung.file_name)
    (folder / "index.html").write_text(_PAGE, encoding="utf-8")
    return folder


def _flag(key: str) -> str:
    return "-f" if key == "format" else f"-{key}"


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Site, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(f"{address}/index.html")
    yield opened
    context.close()


@pytest.mark.parametrize("name", RUNGS)
def test_three_hours_begin_within_16_kb(folder: Path, name: str) -> None:
    data = (folder / RUNGS[name].file_name).read_bytes()[: 2 * MOST_BYTES_BEFORE_SOUND]
    first_sound = data.index(b"mdat") if name == "aac" else data.index(b"\x1f\x43\xb6\x75")
    assert first_sound <= MOST_BYTES_BEFORE_SOUND


@pytest.mark.parametrize("name", RUNGS)
def test_a_jump_lands_where_it_should(page: Page, name: str) -> None:
    assert page.evaluate(f"open('{RUNGS[name].file_name}')") == pytest.approx(SECONDS, abs=10)
    for place in (3_680, 10_540, 20):
        at = place + 9.2
        found = page.evaluate(f"heardAfter({at})")
        assert found["heard"] == pytest.approx(place + 10, abs=0.2)
        pitch = LOWEST_HZ + STEP_HZ * ((place + 10) % PIECE_SECONDS // 10)
        assert found["pitch"] == pytest.approx(pitch, abs=STEP_HZ / 2 - 1)
        assert any(start <= at + 0.2 and end >= found["heard"] for start, end in found["held"])

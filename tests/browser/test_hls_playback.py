"""hls.js plays what we package: over the joints of chunks, after jumps, from rung to rung, without a halt or a hole."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Browser, Page

from archive import playlists
from archive.playlists import Captions
from ingest import hls, probe
from tests import chunks, media

HLS_JS = Path(__file__).parents[2] / "api" / "web" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
SECONDS, KEYFRAMES, JOINTS = 36, (0, 2, 8, 14, 20, 26, 32), (14, 26)
MOST_HOLE_SECONDS = 0.05

_PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><video></video>
<script src="hls.min.js"></script><script>
const video = document.querySelector("video");
const noted = { errors: [], halts: 0, starts: {} };
const hls = new Hls({ maxBufferLength: 60, autoStartLoad: false });
const levelOf = name => hls.levels.findIndex(level => level.url[0].includes(`/${name}/`));
const until = (done, what) => new Promise((yes, no) => {
  const since = performance.now();
  const look = setInterval(() => {
    if (done()) { clearInterval(look); yes(); }
    else if (performance.now() - since > 20000) {
      clearInterval(look);
      no(new Error(`waited in vain until ${what}: at ${video.currentTime}, ${JSON.stringify(noted)}`));
    }
  }, 10);
});
const playing = () => new Promise(yes => video.addEventListener("playing", yes, { once: true }));
const past = at => until(() => video.currentTime > at, `past ${at}`);
const ranges = buffered => Array.from({ length: buffered.length }, (_, n) => [buffered.start(n), buffered.end(n)]);
const jump = async at => { const going = playing(); video.currentTime = at; await going; noted.halts = 0; };
video.addEventListener("waiting", () => noted.halts++);
// Whoever jumps drops what was being fetched.
hls.on(Hls.Events.ERROR, (_, { details, error }) => {
  if (details !== "aborted") noted.errors.push(`${details}: ${error}`);
});
hls.on(Hls.Events.BUFFER_APPENDED, (_, { timeRanges }) => {
  for (const kind of ["audio", "video"]) {
    if (timeRanges[kind]?.length) noted.starts[kind] = timeRanges[kind].start(0);
  }
});
const open = async name => {
  const read = new Promise(yes => hls.on(Hls.Events.MANIFEST_PARSED, yes));
  hls.loadSource("master.m3u8");
  await read;
  hls.startLevel = hls.loadLevel = levelOf(name);
  hls.attachMedia(video);
  const going = playing();
  hls.startLoad(0);
  video.play();
  await going;
  noted.halts = 0;
};
</script>"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A site of files: three rungs stitched from three chunks, both groups of sound, a master, hls.js and a page."""
    if not HLS_JS.exists():
        pytest.skip("hls.js is missing, so nothing was played. To run this: make setup")
    folder = tmp_path_factory.mktemp("site")
    source = media.click_and_flash(folder / "source.mp4", seconds=SECONDS, fps=10)
    bounds = (0, *JOINTS, SECONDS)
    made = chunks.package(source, probe.inspect(source), folder, KEYFRAMES, bounds, ("a360", "v360"))
    larger = replace(chunks.RUNGS["v480"], width=320, height=180)
    pieces = chunks.encode(source, folder, larger, KEYFRAMES, bounds)
    made["v480"] = hls.cut_picture(pieces, folder / "v480", larger)
    (folder / "captions").mkdir()
    (folder / "captions" / "vi.m3u8").write_text(playlists.media_of_captions("vi.vtt", SECONDS))
    (folder / "captions" / "vi.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:36.000\nXin chào\n")
    (folder / "master.m3u8").write_text(playlists.master(made.values(), [Captions("vi", "Tiếng Việt")]))
    (folder / "index.html").write_text(_PAGE)
    shutil.copy(HLS_JS, folder)
    with _served(folder) as server:
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass

    def copyfile(self, source: IO[bytes], outputfile: IO[bytes]) -> None:
        with suppress(ConnectionError):  # Who jumps hangs up on what was being fetched.
            super().copyfile(source, outputfile)


def _served(folder: Path) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(address)
    yield opened
    context.close()


def demand_calm(page: Page) -> None:
    assert page.evaluate("noted.errors") == []
    assert page.evaluate("noted.halts") == 0


@pytest.mark.parametrize(("rung", "codecs"), [("v360", "avc1,mp4a"), ("a360", "av01,opus")])
def test_plays_over_the_joints_of_chunks_without_a_halt_or_a_hole(page: Page, rung: str, codecs: str):
    page.evaluate("name => open(name)", rung)
    assert page.evaluate("hls.levels[hls.currentLevel].codecSet").lower() == codecs
    page.evaluate("past(0.5)")
    demand_calm(page)
    for joint in JOINTS:
        page.evaluate("at => jump(at)", joint - 0.5)
        page.evaluate("at => past(at)", joint + 0.5)
        demand_calm(page)
    page.evaluate("jump(0.5)")
    page.evaluate("until(() => ranges(video.buffered).at(-1)[1] > 35.8, 'all is fetched')")
    held = page.evaluate("ranges(video.buffered)")
    assert held[0][0] <= MOST_HOLE_SECONDS
    assert all(after[0] - before[1] <= MOST_HOLE_SECONDS for before, after in pairwise(held))
    assert held[-1][1] == pytest.approx(SECONDS, abs=0.1)
    starts = page.evaluate("noted.starts")
    assert starts == {"audio": pytest.approx(0, abs=0.02), "video": pytest.approx(0, abs=0.02)}
    demand_calm(page)


@pytest.mark.parametrize("rung", ["v360", "a360"])
def test_shows_what_is_due_after_a_jump(page: Page, rung: str):
    page.evaluate("name => open(name)", rung)
    page.evaluate("video.pause()")
    light = """async at => {
      const there = new Promise(yes => video.requestVideoFrameCallback(yes));
      video.currentTime = at;
      await there;
      const drawn = new OffscreenCanvas(1, 1).getContext("2d");
      drawn.drawImage(video, 0, 0, 1, 1);
      return drawn.getImageData(0, 0, 1, 1).data[0];
    }"""
    for at, lit in ((27.1, True), (27.5, False), (13.1, True), (13.9, False), (14.1, True), (5.1, True), (5.9, False)):
        assert (page.evaluate(light, at) > 128) is lit, at
    assert page.evaluate("noted.errors") == []


@pytest.mark.parametrize("sound", ["aac", "opus"])
def test_chromium_hears_the_clicks_on_time(page: Page, sound: str):
    clicks = page.evaluate(
        """async name => {
          const list = await (await fetch(`${name}/index.m3u8`)).text();
          const files = ["init.mp4", ...list.split("\\n").filter(line => line.endsWith(".m4s"))];
          const parts = await Promise.all(files.map(async file => (await fetch(`${name}/${file}`)).arrayBuffer()));
          const context = new OfflineAudioContext(1, 1, 48000);
          const heard = (await context.decodeAudioData(await new Blob(parts).arrayBuffer())).getChannelData(0);
          const found = [];
          for (let n = 0; n < heard.length; n++) {
            if (Math.abs(heard[n]) > 0.1 && !(n / 48000 - found.at(-1) < 0.5)) found.push(n / 48000);
          }
          return found;
        }""",
        sound,
    )
    assert clicks[-35:] == pytest.approx(list(range(1, SECONDS)), abs=0.02)


# From one sound to the other and back is left out: hls.js 1.7.4 forgets to tell the browser when it returns to the
# coding that it began with. By itself it never leaves the pair of codings it plays.
@pytest.mark.parametrize("rungs", [("v360", "v480", "v360"), ("v360", "a360"), ("a360", "v480", "v360")])
def test_goes_from_rung_to_rung(page: Page, rungs: tuple[str, ...]):
    widths = {"a360": 160, "v360": 160, "v480": 320}
    page.evaluate("name => open(name)", rungs[0])
    for rung in rungs[1:]:
        before = page.evaluate("video.currentTime")
        page.evaluate("name => { hls.nextLevel = levelOf(name); }", rung)
        page.evaluate("name => until(() => hls.currentLevel === levelOf(name), `${name} plays`)", rung)
        page.evaluate("width => until(() => video.videoWidth === width, `${width} pixels across`)", widths[rung])
        page.evaluate("at => past(at)", before + 0.5)
    # A busy machine may be slow to set up another decoder, which hls.js notes; that it went on is seen above.
    assert [error for error in page.evaluate("noted.errors") if "Stalled" not in error] == []

"""A playlist that poses as a recording opens neither a page of the network nor a file of its neighbours."""

import socket
import threading

import pytest

from ingest import probe
from tests import media

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.fixture
def listener():
    """A server on this machine that nobody is to call; gives its address and who has called."""
    callers = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        done = threading.Event()

        def listen():
            while not done.is_set():
                try:
                    caller, _ = server.accept()
                except TimeoutError:
                    continue
                callers.append(caller.recv(1000))
                caller.close()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/clip.ts", callers
        done.set()
        thread.join()


def hls(address):
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n"


def concat(address):
    return f"ffconcat version 1.0\nfile '{address}'\n"


def dash(address):
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011">'
        '<Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000">'
        f"<BaseURL>{address}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    )


def sdp(_address):
    return "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"


@pytest.mark.parametrize("name", ["upload.mp4", "upload.m3u8", "upload.mpd"])
@pytest.mark.parametrize("write", [hls, concat, dash, sdp])
def test_it_is_no_recording_whatever_it_names_and_is_named(tmp_path, listener, write, name):
    address, callers = listener
    neighbour = media.clip(tmp_path / "neighbour.ts", seconds=1, size=(160, 90), audio=False, coding=H264)
    for pointed in (address, neighbour, f"file://{neighbour}"):
        (tmp_path / name).write_text(write(pointed))
        with pytest.raises(probe.NotARecording):
            probe.inspect(tmp_path / name)
    assert callers == []

"""The straight walk over HTTP, from an empty site to a credited replay, in real time.

As a script: `python -m tests.journeys.walk RECORDING DECK [--site URL]`. It starts a site of its own unless told of one
(whose administrator must then be the one of tests/journeys/site.py), and prints how long each stage took.
"""

import argparse
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx2
from tusclient.client import TusClient

from tests.journeys.answers import answer_to
from tests.journeys.site import ADMINISTRATOR, PASSWORD, site

API = "/api/v1"
#: The people of the walk, by role; all sign in with their key as name.
PEOPLE = {"kythuat": "Lò Văn Kỹ", "thanhvien": "Nguyễn Thị Mai", "canbo": "Trần Văn Bộ"}


class Client:
    """One signed-in person; every answer that is no success is an error with the problem's own words."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self.http = httpx2.Client(base_url=address + API, timeout=30)
        self.post("/login", {"username": username, "password": password})

    def get(self, path: str, **query):
        return self._answer(self.http.get(path, params=query))

    def post(self, path: str, body=None):
        return self._answer(self.http.post(path, json=body))

    @staticmethod
    def _answer(response: httpx2.Response):
        assert response.is_success, f"{response.request.method} {response.request.url}: {response.text}"
        return response.json() if response.content and "json" in response.headers["content-type"] else response.content


@dataclass
class Walk:
    """The walk's people and things, filled in as it goes."""

    address: str
    stages: list[tuple[str, float]] = field(default_factory=list)
    questions: int = 0

    @contextmanager
    def stage(self, name: str):
        begun = time.monotonic()
        yield
        self.stages.append((name, time.monotonic() - begun))
        print(f"{self.stages[-1][1]:8.1f} s  {name}", flush=True)

    def whole(self, recording: Path, deck: Path) -> None:
        """All of it, in order; raises at the first thing that is not as it must be."""
        with self.stage("the administrator sets up units and people"):
            self.set_up()
        with self.stage("the technician registers a conference with three points and counts"):
            self.register()
        with self.stage("the technician uploads the recording and the deck"):
            jobs = [self.upload(recording, "recording"), self.upload(deck, "deck")]
        with self.stage("the workshop makes slides and speech ready"):
            self.wait_for(jobs, {"ready"})
        with self.stage("staff, not the uploader, release them"):
            for job in jobs:
                self.release(job)
            self.wait_for(jobs, {"published"})
        with self.stage("the workshop makes the rest: every rung of video, and exact slide times"):
            self.wait_until_complete(jobs)
        with self.stage("the member replays slides and speech to the end"):
            self.replay()
        with self.stage("staff see the credit, its evidence and the participation"):
            self.check()
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        for client in (self.administrator, self.technician, self.staff, self.member):
            client.http.close()

    def release(self, job: str) -> None:
        """Release as somebody who looked at every picture of the contact sheet."""
        pictures = self.staff.get(f"/jobs/{job}/inspection")["pictures"]
        self.staff.post(f"/jobs/{job}/release", {"looked": [picture["position"] for picture in pictures]})

    def set_up(self) -> None:
        self.administrator = Client(self.address, ADMINISTRATOR, PASSWORD)
        (self.top,) = self.administrator.get("/units")
        self.communes = [
            self.administrator.post(
                "/units",
                {"name": name, "kind": "commune", "parent_id": self.top["id"], "valid_from": self.top["valid_from"]},
            )
            for name in ("Xã Sìn Hồ", "Xã Phong Thổ", "Xã Bum Tở")
        ]
        roles = {"kythuat": ("technician", self.top), "canbo": ("staff", self.top)}
        self.people = {}
        for username, name in PEOPLE.items():
            person = self.administrator.post("/people", {"full_name": name, "unit_id": self.communes[0]["id"]})
            self.people[username] = person
            self.administrator.post(
                f"/people/{person['id']}/account", {"username": username, "password": f"{username}-2026"}
            )
            if username in roles:
                role, unit = roles[username]
                self.administrator.post(f"/people/{person['id']}/roles", {"role": role, "unit_id": unit["id"]})
        self.technician, self.member, self.staff = (
            Client(self.address, username, f"{username}-2026") for username in PEOPLE
        )

    def register(self) -> None:
        now = datetime.now(UTC)
        begins, ends = now - timedelta(hours=2), now - timedelta(hours=1)
        part = {"title": "Buổi sáng", "starts_at": begins.isoformat(), "ends_at": ends.isoformat()}
        plan = {"title": "Hội nghị đi thử", "unit_id": self.top["id"], "parts": [part]}
        self.session = self.technician.post("/sessions", plan | {key: part[key] for key in ("starts_at", "ends_at")})
        self.part = self.session["parts"][0]
        rooms = [
            self.technician.post(
                "/connection-points",
                {
                    "unit_id": unit["id"],
                    "name": f"Hội trường {unit['name']}",
                    "address": f"Trung tâm {unit['name']}",
                    "seats": 200,
                },
            )
            for unit in self.communes
        ]
        joining = {"points": [{"connection_point_id": room["id"], "expected_count": 50} for room in rooms]}
        points = self.technician.post(f"/sessions/{self.session['id']}/points", joining)
        for place, point in enumerate(points):
            count = {
                "part_id": self.part["id"],
                "moment": "start",
                "present": 40 + place,
                "excused": 1,
                "absent": 2,
                "late": 0,
            }
            entry = count | {"counted_at": begins.isoformat(), "client_key": str(uuid4())}
            self.technician.post(f"/session-points/{point['id']}/headcounts", entry)
        summoned = self.staff.post(
            f"/sessions/{self.session['id']}/summons", {"unit_ids": [self.top["id"]], "exempt": []}
        )
        assert summoned["summoned"] == len(PEOPLE) + 1
        counts = self.technician.get(f"/sessions/{self.session['id']}")["counts"]
        assert (counts["points"], counts["present"]) == (3, 40 + 41 + 42)

    def upload(self, path: Path, kind: str) -> str:
        cookie = "; ".join(f"{name}={value}" for name, value in self.technician.http.cookies.items())
        client = TusClient(self.address + API + "/uploads", headers={"Cookie": cookie})
        metadata = {
            "session_id": self.session["id"],
            "kind": kind,
            "filename": path.name,
            "classification": "not-classified",
        }
        with path.open("rb") as stream:
            client.uploader(file_stream=stream, chunk_size=2**20, metadata=metadata).upload()
        jobs = self.technician.get("/jobs", session_id=self.session["id"])["items"]
        return next(job["id"] for job in jobs if job["kind"] == kind and job["filename"] == path.name)

    def wait_for(self, jobs: list[str], states: set[str], patience: float = 1800) -> None:
        begun = time.monotonic()
        for job in jobs:
            while (found := self.staff.get(f"/jobs/{job}"))["state"] not in states:
                assert found["state"] not in {"failed", "refused", "held"}, found
                assert time.monotonic() - begun < patience, found
                time.sleep(0.5)

    def wait_until_complete(self, jobs: list[str], patience: float = 1800) -> None:
        """Wait until nothing more is being made of these files, also for one another: a deck gives slide times."""
        begun = time.monotonic()
        while True:
            found = [self.staff.get(f"/jobs/{job}") for job in jobs]
            if all(job["complete"] for job in found):
                return
            assert time.monotonic() - begun < patience, found
            time.sleep(0.5)

    def replay(self) -> None:
        """Play in real time: fetch what a player fetches, report beats when the server wants them, answer questions."""
        (missed,) = self.member.get("/recordings", missed=True)["items"]
        viewing = self.member.post(f"/recordings/{missed['id']}/viewings")
        opened, length = time.monotonic(), viewing["duration_seconds"]
        speech = self.member.get(viewing["speech"][0]["url"].removeprefix(API))
        assert len(speech) == viewing["speech"][0]["bytes"]
        for slide in viewing["slides"]:
            assert self.member.get(slide["url"].removeprefix(API))[8:12] == b"WEBP"
        self.slides = [(slide["page"], slide["at_seconds"]) for slide in viewing["slides"]]
        at, seq, span = 0.0, 0, 0.0
        while at < length:
            time.sleep(min(viewing["beat_seconds"], length - at))
            now = time.monotonic() - opened
            reached = min(length, at + now - span)
            beat = {"seq": seq, "span_start": span, "span_end": now, "played": [[at, reached, 1.0]]}
            progress = self.member.post(f"/viewings/{viewing['id']}/beats", {"beats": [beat]})
            if prompt := progress["prompt"]:
                progress = self.answer(viewing, prompt)
            at, seq, span = reached, seq + 1, now
        assert progress["credited"], progress
        self.member.post(f"/viewings/{viewing['id']}/close")
        (mine,) = self.member.get("/my/credits")
        assert (mine["credited"], mine["basis"]) == (True, "replay"), mine

    def answer(self, viewing: dict, prompt: dict) -> dict:
        """Look at a presence question for as long as a quick reader does, and answer it."""
        self.member.post(f"/viewings/{viewing['id']}/beats", {"beats": [], "prompt_shown": prompt["id"]})
        given = answer_to(prompt, viewing["slides"], lambda address: self.member.get(address.removeprefix(API)))
        time.sleep(1.5)
        answered = self.member.post(f"/viewings/{viewing['id']}/prompts/{prompt['id']}/answer", {"answer": given})
        assert answered["outcome"] == "answered", answered
        self.questions += 1
        return answered["progress"]

    def check(self) -> None:
        base = f"/sessions/{self.session['id']}"
        evidence = self.staff.get(f"{base}/credits/{self.people['thanhvien']['id']}")
        assert evidence["credited"]
        assert evidence["parts"][0]["evidence"][0]["covered_seconds"] > 0
        assert evidence["viewings"][0]["beats"] > 0
        assert evidence["parts"][0]["evidence"][0]["prompts_answered"] == self.questions > 0
        table = self.staff.get(f"{base}/participation")
        assert (table["total"]["replay"], table["total"]["credited"]) == (1, 1), table
        assert "Xã Sìn Hồ" in self.staff.get(f"{base}/participation.csv").decode("utf-8-sig")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recording", type=Path)
    parser.add_argument("deck", type=Path)
    parser.add_argument("--site", help="address of a site that runs already")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        address = arguments.site or stack.enter_context(site()).address
        walk = Walk(address)
        walk.whole(arguments.recording, arguments.deck)
        shown = [f"{page} at {at:.1f} s" if at is not None else f"{page}" for page, at in walk.slides]
        print(f"Credited. Slides: {', '.join(shown)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

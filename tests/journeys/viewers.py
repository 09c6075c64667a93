"""People who watch over HTTP as the shipped player does, in real time: what the honest and the cheating ones build on.

Everything here uses the public interface alone. A player has a clock of its own, a link that may lose, delay, double
and shuffle, and a person before it who answers presence questions in some way.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

import httpx2

from tests.journeys.answers import answer_to
from tests.journeys.walk import API

Json = dict[str, Any]
#: Flagged is held for staff to look at: neither given nor refused.
Ending = Literal["credited", "flagged", "not credited"]
#: What somebody needs to see that there is a question.
_READING_SECONDS = 0.8
#: How a person answers a question that is put to them; None when they let it pass.
Answering = Callable[["Player", Json], Awaitable[str | None]]


@dataclass
class Watcher:
    """One signed-in member with a conference to watch."""

    name: str
    http: httpx2.AsyncClient
    person_id: str
    recording_id: str
    session_id: str
    password: str

    async def ask(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        """One request as it is; whatever the answer, it is given back."""
        return await self.http.request(method, path.removeprefix(API), json=body)

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.is_success, f"{self.name}: GET {path}: {answer.text}"
        return answer.json()

    async def ending(self) -> Ending:
        """How the watching ended for this person, as they themselves are told it."""
        mine = [each for each in await self.get("/my/credits") if each["session"]["id"] == self.session_id]
        if any(each["credited"] for each in mine):
            return "credited"
        is_held = any(reason["code"] == "under-review" for each in mine for reason in each["reasons"])
        return "flagged" if is_held else "not credited"


@dataclass
class Player:
    """The player on one device: it plays in real time, keeps beats, and sends them over its link."""

    watcher: Watcher
    answering: Answering
    #: Seconds of the player's own clock for one second of the wall.
    drift: float = 1.0
    viewing: Json = field(default_factory=dict)
    waiting_beats: list[Json] = field(default_factory=list)
    progress: Json = field(default_factory=dict)
    at: float = 0.0
    seq: int = 0
    seen: set[str] = field(default_factory=set)
    answers: list[Json] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    #: Whether there is a link just now; without one, beats are kept.
    online: bool = True
    beat_seconds: float = 0.0
    _opened: float = 0.0
    _span: float = 0.0
    _pictures: dict[str, bytes] = field(default_factory=dict)

    async def open(self) -> "Player":
        """Open a viewing, which supersedes any other of this person, and go to where they stopped."""
        answer = await self.watcher.ask("POST", f"/recordings/{self.watcher.recording_id}/viewings")
        assert answer.status_code == 201, f"{self.watcher.name}: {answer.text}"
        self.viewing = answer.json()
        self._opened, self._span, self.seq = time.monotonic(), 0.0, 0
        self.beat_seconds = self.beat_seconds or float(self.viewing["beat_seconds"])
        return self

    @property
    def length(self) -> float:
        return float(self.viewing["duration_seconds"])

    @property
    def path(self) -> str:
        return f"/viewings/{self.viewing['id']}"

    def clock(self) -> float:
        """Seconds since the viewing was opened, by the player's own clock."""
        return (time.monotonic() - self._opened) * self.drift

    async def play(self, seconds: float, rate: float = 1.0, *, hidden: bool = False, muted: bool = False) -> None:
        """Play so many seconds of the recording from where it stands, in real time, a beat at a time."""
        until = min(self.length, self.at + seconds)
        while self.at < until - 1e-6:
            step = min(self.beat_seconds * rate, until - self.at)
            await asyncio.sleep(step / rate)
            self.take_beat([[self.at, self.at + step, rate]], hidden=hidden, muted=muted)
            self.at += step
            await self.deliver()

    async def rest(self, seconds: float) -> None:
        """Pause: the clock runs, nothing is played."""
        await asyncio.sleep(seconds)
        self.take_beat([])

    def take_beat(self, played: list[list[float]], *, hidden: bool = False, muted: bool = False) -> Json:
        """Keep a beat of everything since the last one."""
        end = self.clock()
        span = end - self._span
        beat = {
            "seq": self.seq,
            "span_start": self._span,
            "span_end": end,
            "played": played,
            "hidden_seconds": span if hidden else 0.0,
            "muted_seconds": span if muted else 0.0,
        }
        self._span, self.seq = end, self.seq + 1
        self.waiting_beats.append(beat)
        return beat

    async def deliver(self) -> None:
        """Send what is kept, if there is a link, and deal with what the server asks."""
        if not self.online:
            return
        answer = await self.send(self.waiting_beats)
        if answer is None:
            return
        if answer.is_success:
            self.waiting_beats = []
            await self.heed(answer.json())
        else:
            self.refusals.append(f"{answer.status_code} {answer.text[:300]}")

    async def send(self, beats: list[Json], **more: Any) -> httpx2.Response | None:
        """Hand beats to the server as they are; None when the link broke."""
        try:
            return await self.watcher.ask("POST", f"{self.path}/beats", {"beats": beats, **more})
        except httpx2.HTTPError:
            return None

    async def heed(self, progress: Json) -> None:
        """Take note of where one stands, and put a question to the person if there is one."""
        self.progress = progress
        prompt = progress.get("prompt")
        if not prompt or prompt["id"] in self.seen:
            return
        self.seen.add(prompt["id"])
        await self.send([], prompt_shown=prompt["id"])
        await asyncio.sleep(_READING_SECONDS)
        said = await self.answering(self, prompt)
        if said is None:
            return
        answer = await self.watcher.ask("POST", f"{self.path}/prompts/{prompt['id']}/answer", {"answer": said})
        self.answers.append({"prompt": prompt, "said": said, "status": answer.status_code})
        if answer.is_success:
            self.answers[-1] |= answer.json()
            await self.heed(answer.json()["progress"])

    async def linger(self, patience: float, poll: float = 2.0) -> None:
        """Stay on the page as long as something waits for a question, no longer than that."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            await self.deliver()
            if self.progress.get("credited") or not (self.waiting_beats or self.progress.get("waiting")):
                return
            await asyncio.sleep(poll)

    async def close(self) -> None:
        await self.watcher.ask("POST", f"{self.path}/close")

    async def pictures(self, urls: Iterable[str]) -> dict[str, bytes]:
        """What lies at these addresses, each fetched once."""
        for url in set(urls) - set(self._pictures):
            answer = await self.watcher.ask("GET", url)
            assert answer.is_success, f"{self.watcher.name}: GET {url}: {answer.status_code}"
            self._pictures[url] = answer.content
        return self._pictures


async def attentive(player: Player, prompt: Json) -> str:
    """Answers as somebody does who saw and heard: knows the slide, reads the code."""
    slides = player.viewing["slides"]
    seen = [slide["url"] for slide in slides if slide["at_seconds"] is not None]
    asked = [prompt["picture_url"], *(choice["url"] for choice in prompt["choices"])]
    pictures = await player.pictures(url for url in (*seen, *asked) if url)
    return answer_to(prompt, slides, pictures.__getitem__)


def slow(seconds: float) -> Answering:
    """As attentive, but it takes so long."""

    async def answer(player: Player, prompt: Json) -> str | None:
        await asyncio.sleep(seconds)
        return await attentive(player, prompt)

    return answer


async def absent(_player: Player, _prompt: Json) -> None:
    """Nobody is there."""


async def first_choice(_player: Player, prompt: Json) -> str:
    """A robot that always takes what stands first."""
    return str(prompt["choices"][0]["id"]) if prompt["choices"] else "0000"


async def any_choice(_player: Player, prompt: Json) -> str:
    """A robot that guesses."""
    if prompt["choices"]:
        return str(random.choice(prompt["choices"])["id"])
    return f"{random.randrange(10_000):04}"


def missing_first(answering: Answering) -> Answering:
    """Lets the first question pass, as one does who is called away, and answers the later ones."""
    missed: list[str] = []

    async def answer(player: Player, prompt: Json) -> str | None:
        if not missed:
            missed.append(prompt["id"])
            return None
        return await answering(player, prompt)

    return answer


def stranger_id() -> str:
    return str(uuid4())

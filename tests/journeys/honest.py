"""Honest people with troubles of every kind, each driven over HTTP against the shipped server. None may be refused.

Each watches all that the conference asks for and answers what they are asked, as well as their phone, their link and
their day allow.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable

from tests.journeys.viewers import Player, Watcher, absent, attentive, missing_first, slow

#: What a person does from their seat until they have watched it all.
Honest = Callable[[Watcher], Awaitable[None]]

#: How long a person stays on the page at the end for a question that is still to come.
_STAYS = 200.0


async def watches_straight_through(seat: Watcher) -> None:
    """No trouble at all."""
    player = await Player(seat, attentive).open()
    await _to_the_end(player)


async def closes_the_page_as_soon_as_it_is_over(seat: Watcher) -> None:
    """Answers the closing question and leaves."""
    player = await Player(seat, attentive).open()
    await _to_the_end(player)
    await player.close()


async def watches_at_one_and_a_quarter(seat: Watcher) -> None:
    """A little faster, as many do."""
    player = await Player(seat, attentive).open()
    await _to_the_end(player, rate=1.25)


async def watches_at_one_and_a_half(seat: Watcher) -> None:
    """As fast as the player goes."""
    player = await Player(seat, attentive).open()
    await _to_the_end(player, rate=1.5)


async def watches_slowly(seat: Watcher) -> None:
    """At three quarters, to follow an unfamiliar accent."""
    player = await Player(seat, attentive).open()
    await player.play(player.length / 2, rate=0.75)
    await _to_the_end(player)


async def changes_the_rate_all_the_time(seat: Watcher) -> None:
    """From slow to fast and back."""
    player = await Player(seat, attentive).open()
    for rate in (1.0, 1.5, 0.75, 1.25):
        await player.play(player.length / 4, rate=rate)
    await _to_the_end(player)


async def pauses_for_a_visitor(seat: Watcher) -> None:
    """Ten seconds of pause in the middle, the page stays open."""
    player = await Player(seat, attentive).open()
    await player.play(player.length / 2)
    await player.rest(10)
    await _to_the_end(player)


async def pauses_many_times(seat: Watcher) -> None:
    """A pause of a second after every few."""
    player = await Player(seat, attentive).open()
    while player.at < player.length:
        await player.play(4)
        await player.rest(1)
    await _to_the_end(player)


async def goes_back_to_hear_it_again(seat: Watcher) -> None:
    """Plays the first half twice."""
    player = await Player(seat, attentive).open()
    await player.play(player.length / 2)
    player.at = 0
    await _to_the_end(player)


async def begins_in_the_middle(seat: Watcher) -> None:
    """Second half first, then the first."""
    player = await Player(seat, attentive).open()
    player.at = player.length / 2
    await player.play(player.length)
    player.at = 0
    await player.play(player.length / 2 + 0.5)
    await player.linger(_STAYS)


async def jumps_about_and_fills_the_gaps(seat: Watcher) -> None:
    """Every other stretch first, then what is missing."""
    player = await Player(seat, attentive).open()
    for first in (0, 5):
        player.at = first
        while player.at < player.length:
            await player.play(5)
            player.at += 5
    await _fill(player)


async def loses_a_tenth_of_what_it_sends(seat: Watcher) -> None:
    """Requests get lost; they are sent again with the next."""
    player = await Player(seat, attentive).open()
    await _lossy(player, 0.1)


async def loses_half_of_what_it_sends(seat: Watcher) -> None:
    """Every other request is lost."""
    player = await Player(seat, attentive).open()
    await _lossy(player, 0.5)


async def loses_half_of_the_answers(seat: Watcher) -> None:
    """The server takes the beats, but its answer is lost, so they come twice."""
    player = await Player(seat, attentive).open()
    chance = random.Random(2)
    while player.at < player.length - 1e-6:
        player.online = False
        await player.play(player.beat_seconds)
        player.online = True
        if chance.random() < 0.5:
            await player.send(player.waiting_beats)  # Nobody reads what the server says.
        else:
            await player.deliver()
    await _to_the_end(player)


async def sends_everything_twice(seat: Watcher) -> None:
    """A browser that repeats each request."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        player.online = False
        await player.play(player.beat_seconds)
        player.online = True
        await player.send(player.waiting_beats)
        await player.deliver()
    await _to_the_end(player)


async def sends_beats_out_of_order(seat: Watcher) -> None:
    """Three beats at a time, the last first, one request each."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        player.online = False
        await player.play(3 * player.beat_seconds)
        player.online = True
        for beat in reversed(player.waiting_beats):
            await player.send([beat])
        await player.deliver()
    await _to_the_end(player)


async def has_no_link_in_the_middle(seat: Watcher) -> None:
    """A third without a link, kept by the player and sent afterwards."""
    player = await Player(seat, attentive).open()
    await player.play(player.length / 3)
    player.online = False
    await player.play(player.length / 3)
    player.online = True
    await _to_the_end(player)


async def has_no_link_until_the_end(seat: Watcher) -> None:
    """All beats arrive at once at the end, the questions after them."""
    player = await Player(seat, attentive).open()
    player.online = False
    await player.play(player.length)
    player.online = True
    await _to_the_end(player)


async def has_a_link_that_comes_and_goes(seat: Watcher) -> None:
    """On and off every few seconds."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        player.online = not player.online
        await player.play(3)
    player.online = True
    await _to_the_end(player)


async def switches_networks(seat: Watcher) -> None:
    """From Wi-Fi to mobile: every connection is new."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        await player.play(5)
        seat.http.headers["Connection"] = "close"
    await _to_the_end(player)


async def has_throttled_timers(seat: Watcher) -> None:
    """A battery saver lets the page send only every fourth beat's worth."""
    player = await Player(seat, attentive).open()
    player.beat_seconds *= 4
    await _to_the_end(player)


async def has_a_page_that_was_frozen(seat: Watcher) -> None:
    """The system froze the page: the clock ran, nothing was played, and a large gap lies in the log."""
    player = await Player(seat, attentive).open()
    await player.play(player.length / 2)
    await asyncio.sleep(8)
    await _to_the_end(player)


async def has_a_clock_that_runs_fast(seat: Watcher) -> None:
    """Half a percent, as cheap phones do."""
    player = await Player(seat, attentive, drift=1.005).open()
    await _to_the_end(player)


async def has_a_clock_that_runs_slow(seat: Watcher) -> None:
    """Half a percent the other way."""
    player = await Player(seat, attentive, drift=0.995).open()
    await _to_the_end(player)


async def has_late_events(seat: Watcher) -> None:
    """An old browser says only a second later what it has played."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        step = min(5.0, player.length - player.at)
        await asyncio.sleep(step)
        begun, player.at = player.at, player.at + step
        await asyncio.sleep(1)
        player.take_beat([[begun, player.at, 1.0]])
        await player.deliver()
    await _to_the_end(player)


async def has_whole_seconds_only(seat: Watcher) -> None:
    """An old browser that reports positions in whole seconds."""
    player = await Player(seat, attentive).open()
    begun = 0
    while begun < player.length:
        await asyncio.sleep(5)
        player.take_beat([[begun, min(begun + 5, int(player.length) + 1), 1]])
        begun += 5
        await player.deliver()
    await player.linger(_STAYS)


async def has_many_small_pieces(seat: Watcher) -> None:
    """Each time update is a piece of its own."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        step = min(5.0, player.length - player.at)
        await asyncio.sleep(step)
        pieces = [[player.at + step * k / 20, player.at + step * (k + 1) / 20, 1.0] for k in range(20)]
        player.take_beat(pieces)
        player.at += step
        await player.deliver()
    await _to_the_end(player)


async def watches_in_twelve_sittings(seat: Watcher) -> None:
    """Opens and closes the page twelve times."""
    player = Player(seat, attentive)
    for sitting in range(12):
        await player.open()
        player.at = sitting * player.length / 12
        await player.play(player.length / 12)
        await player.close()
    await player.open()
    await player.linger(_STAYS)


async def reloads_the_page_without_closing(seat: Watcher) -> None:
    """The page is reloaded three times; what was not sent by then is lost and watched again."""
    player = await Player(seat, attentive).open()
    for _ in range(3):
        await player.play(player.length / 4)
        player.waiting_beats = []
        await player.open()
    await _to_the_end(player)


async def goes_on_on_another_device(seat: Watcher) -> None:
    """First half on the phone, second half in the office."""
    phone = await Player(seat, attentive).open()
    await phone.play(phone.length / 2)
    office = await Player(seat, attentive).open()
    office.at = float(office.viewing["resume_at_seconds"])
    await _to_the_end(office)


async def delivers_after_having_gone_on_elsewhere(seat: Watcher) -> None:
    """The phone's last beats arrive when the office computer already plays."""
    phone = await Player(seat, attentive).open()
    phone.online = False
    await phone.play(phone.length / 2)
    office = await Player(seat, attentive).open()
    office.at = office.length / 2
    phone.online = True
    await phone.send(phone.waiting_beats)
    await _to_the_end(office)


async def leaves_a_tab_open_elsewhere(seat: Watcher) -> None:
    """A forgotten paused tab keeps saying that nothing is played."""
    forgotten = await Player(seat, absent).open()
    player = await Player(seat, attentive).open()

    async def idle() -> None:
        while player.at < player.length - 1e-6:
            await forgotten.rest(3)
            await forgotten.deliver()

    await asyncio.gather(idle(), player.play(player.length))
    await _to_the_end(player)


async def answers_slowly(seat: Watcher) -> None:
    """Needs twenty seconds for a question on an old phone."""
    player = await Player(seat, slow(20)).open()
    await _to_the_end(player)


async def misses_the_first_question(seat: Watcher) -> None:
    """Was called to the door, and answers the question that comes later."""
    player = await Player(seat, missing_first(attentive)).open()
    await _to_the_end(player)


async def never_got_the_first_question(seat: Watcher) -> None:
    """The page crashed before the question was on the screen; it comes again in the next sitting."""
    player = await Player(seat, attentive).open()
    heed = player.heed
    player.heed = _once_deaf(player)  # type: ignore[method-assign]
    await player.play(player.length)
    player.heed = heed  # type: ignore[method-assign]
    await player.open()
    await player.linger(_STAYS)


async def answers_when_the_link_broke(seat: Watcher) -> None:
    """The answer is sent twice, since nobody knew whether it had arrived."""

    async def twice(player: Player, prompt: dict[str, object]) -> str:
        said = await attentive(player, prompt)
        await seat.ask("POST", f"{player.path}/prompts/{prompt['id']}/answer", {"answer": said})
        return said

    player = await Player(seat, twice).open()
    await _to_the_end(player)


async def listens_with_the_screen_off(seat: Watcher) -> None:
    """The phone lies in the shirt pocket; the questions are answered at the chime."""
    player = await Player(seat, attentive).open()
    await player.play(player.length, hidden=True)
    await _to_the_end(player)


async def looks_into_another_app_now_and_then(seat: Watcher) -> None:
    """Hidden for a third of the time."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        await player.play(4)
        await player.play(2, hidden=True)
    await _to_the_end(player)


async def mutes_for_a_short_call_and_goes_back(seat: Watcher) -> None:
    """Five seconds muted in the middle, heard again afterwards."""
    player = await Player(seat, attentive).open()
    await player.play(player.length / 2)
    await player.play(5, muted=True)
    player.at -= 5
    await _to_the_end(player)


async def signs_in_again_in_the_middle(seat: Watcher) -> None:
    """Signed out by mistake, signed in again, and went on."""
    player = await Player(seat, attentive).open()
    await player.play(player.length / 2)
    await player.close()
    await seat.ask("POST", "/logout")
    await seat.ask("POST", "/login", {"username": seat.name, "password": seat.password})
    await player.open()
    await _to_the_end(player)


async def meets_a_server_that_is_busy(seat: Watcher) -> None:
    """Its requests are given up after a moment and tried again."""
    player = await Player(seat, attentive).open()
    chance = random.Random(3)
    while player.at < player.length - 1e-6:
        await player.play(4)
        try:
            await asyncio.wait_for(player.send([]), timeout=chance.choice([0.005, 5]))
        except TimeoutError:
            continue
    await _to_the_end(player)


async def has_empty_beats_between(seat: Watcher) -> None:
    """Beats without anything played, and some of no length at all."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        await player.play(5)
        player.take_beat([])
        player.take_beat([])
    await _to_the_end(player)


async def skips_numbers(seat: Watcher) -> None:
    """A beat that was never stored leaves a hole in the numbers."""
    player = await Player(seat, attentive).open()
    while player.at < player.length - 1e-6:
        await player.play(5)
        player.seq += 3
    await _to_the_end(player)


async def stays_a_moment_at_the_end(seat: Watcher) -> None:
    """The film stands at its last picture for a while before the page is closed."""
    player = await Player(seat, attentive).open()
    await player.play(player.length)
    await player.rest(6)
    await _to_the_end(player)


async def misses_the_last_seconds(seat: Watcher) -> None:
    """Leaves out the thanks at the end: three in a hundred."""
    player = await Player(seat, attentive).open()
    await player.play(0.97 * player.length)
    await player.linger(_STAYS)


async def _to_the_end(player: Player, *, rate: float = 1.0) -> None:
    """Play on to the end, see whether anything is missing, and stay for the last question."""
    await player.play(player.length, rate=rate)
    await player.deliver()
    await player.linger(_STAYS)


async def _fill(player: Player) -> None:
    """Watch what the page says is missing, until nothing is."""
    await player.deliver()
    for start, end in player.progress["missing"]:
        player.at = start
        await player.play(end - start)
    await player.linger(_STAYS)


async def _lossy(player: Player, share: float) -> None:
    """Play it all over a link that loses this share of the requests."""
    chance = random.Random(1)
    while player.at < player.length - 1e-6:
        player.online = chance.random() >= share
        await player.play(player.beat_seconds)
    player.online = True
    await _to_the_end(player)


def _once_deaf(player: Player) -> Callable[[dict[str, object]], Awaitable[None]]:
    async def heed(progress: dict[str, object]) -> None:
        player.progress = progress

    return heed


HONEST: dict[str, Honest] = {
    name: found
    for name, found in list(globals().items())
    if asyncio.iscoroutinefunction(found) and not name.startswith("_") and found.__module__ == __name__
}

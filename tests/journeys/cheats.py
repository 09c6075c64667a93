"""Ways to be credited without watching, each driven over HTTP against the shipped server. None may succeed.

Each takes the seat of one member who has a replay to watch, and does what it is named for. Some need a helper: another
member who is in it with them.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

from tests.journeys.viewers import (
    Player,
    Watcher,
    absent,
    any_choice,
    attentive,
    first_choice,
    stranger_id,
)

#: What a cheat does with its own seat and its helper's.
Cheat = Callable[[Watcher, Watcher], Awaitable[None]]

#: Room for what the network and the machine take, in seconds.
_AFTER = 1.0


async def seeks_to_the_end(seat: Watcher, _: Watcher) -> None:
    """Opens the replay, drags to the end and lets the last seconds play."""
    player = await Player(seat, attentive).open()
    player.at = player.length - 3
    await player.play(3)
    await player.linger(10)


async def plays_sixteen_times_as_fast_by_script(seat: Watcher, _: Watcher) -> None:
    """Sets the rate of the media element to 16 and says so."""
    player = await Player(seat, attentive).open()
    await player.play(player.length, rate=16)
    await player.linger(10)


async def plays_sixteen_times_as_fast_and_says_once(seat: Watcher, _: Watcher) -> None:
    """Plays at 16 and reports a rate of 1."""
    player = await Player(seat, attentive).open()
    while player.at < player.length:
        await asyncio.sleep(1)
        player.take_beat([[player.at, min(player.at + 16, player.length), 1.0]])
        player.at += 16
        await player.deliver()
    await player.linger(10)


async def plays_twice_as_fast_as_is_counted(seat: Watcher, _: Watcher) -> None:
    """Plays all of it at 3, twice the rate that counts, and says so honestly."""
    player = await Player(seat, attentive).open()
    await player.play(player.length, rate=3)
    await player.linger(10)


async def claims_the_allowed_rate_while_playing_at_four(seat: Watcher, _: Watcher) -> None:
    """Reports the highest allowed rate for four times the content."""
    player = await Player(seat, attentive).open()
    while player.at < player.length:
        await asyncio.sleep(2)
        player.take_beat([[player.at, min(player.at + 8, player.length), float(player.viewing["max_rate"])]])
        player.at += 8
        await player.deliver()
    await player.linger(10)


async def sends_one_forged_beat_of_everything(seat: Watcher, _: Watcher) -> None:
    """One request at once: played from the first second to the last."""
    player = await Player(seat, attentive).open()
    player.waiting_beats = [_beat(0, 0, player.length, [[0, player.length, 1]])]
    await player.deliver()
    await player.linger(10)


async def sets_the_clock_forward(seat: Watcher, _: Watcher) -> None:
    """Its clock says that the whole length has passed, a second after opening."""
    player = await Player(seat, attentive, drift=1000).open()
    await asyncio.sleep(1)
    player.take_beat([[0, player.length, 1]])
    await player.deliver()
    await player.linger(10)


async def sets_the_clock_back(seat: Watcher, _: Watcher) -> None:
    """Ten seconds are reported again and again, as if the clock had been turned back after each beat."""
    player = await Player(seat, attentive).open()
    await asyncio.sleep(5)
    for turn in range(int(player.length / 5) + 1):
        player.waiting_beats.append(_beat(turn, 0, 5, [[5 * turn, min(5 * turn + 5, player.length), 1]]))
        await player.deliver()
    await player.linger(10)


async def lets_spans_overlap(seat: Watcher, _: Watcher) -> None:
    """Every beat begins a little after the one before and ends with it, so the same time is used many times."""
    player = await Player(seat, attentive).open()
    await asyncio.sleep(6)
    player.waiting_beats = [
        _beat(turn, turn / 10, 6, [[6 * turn, min(6 * turn + 6, player.length), 1]])
        for turn in range(int(player.length / 6) + 1)
    ]
    await player.deliver()
    await player.linger(10)


async def sends_beats_in_a_crafted_order(seat: Watcher, _: Watcher) -> None:
    """The highest number first with an early span, lower numbers later with overlapping ones."""
    player = await Player(seat, attentive).open()
    await asyncio.sleep(6)
    count = int(player.length / 6) + 1
    for seq in reversed(range(count)):
        player.waiting_beats = [_beat(seq, 0, 6, [[6 * seq, min(6 * seq + 6, player.length), 1]])]
        await player.deliver()
    await player.linger(10)


async def sends_the_same_beat_under_new_numbers(seat: Watcher, _: Watcher) -> None:
    """Plays five seconds and repeats their beat, each time said to be of another place."""
    player = await Player(seat, attentive).open()
    await player.play(5)
    for seq in range(100, 100 + int(player.length)):
        player.waiting_beats = [_beat(seq, 0, 5, [[seq - 100, min(seq - 95, player.length), 1]])]
        await player.deliver()
    await player.linger(10)


async def edits_a_beat_that_was_taken(seat: Watcher, _: Watcher) -> None:
    """Sends a small true beat, then the same number with the whole recording in it."""
    player = await Player(seat, attentive).open()
    await player.play(2)
    player.waiting_beats = [_beat(0, 0, player.length, [[0, player.length, 1]])]
    await player.deliver()
    await asyncio.sleep(_AFTER)
    await player.linger(10)


async def sums_many_overlapping_pieces(seat: Watcher, _: Watcher) -> None:
    """Reports the same ten seconds hundreds of times, hoping that they are added up."""
    player = await Player(seat, attentive).open()
    await asyncio.sleep(10)
    player.take_beat([[0, 10, 1]] * 200)
    await player.deliver()
    await player.linger(10)


async def watches_the_first_eighty_percent(seat: Watcher, _: Watcher) -> None:
    """Leaves before the end, and answers whatever it is asked."""
    player = await Player(seat, attentive).open()
    await player.play(0.8 * player.length)
    await player.linger(10)
    await player.close()


async def skips_every_other_stretch(seat: Watcher, _: Watcher) -> None:
    """Plays five seconds, jumps five, to the end."""
    player = await Player(seat, attentive).open()
    while player.at < player.length:
        await player.play(5)
        player.at += 5
    await player.linger(10)


async def clicks_through_a_hundred_places(seat: Watcher, _: Watcher) -> None:
    """Plays a moment at a hundred places, as a counter of touched cells would accept."""
    player = await Player(seat, attentive).open()
    for place in range(100):
        player.at = place * player.length / 100
        await asyncio.sleep(0.05)
        player.take_beat([[player.at, player.at + 0.05, 1]])
    await player.deliver()
    await player.linger(10)


async def only_fetches_the_media(seat: Watcher, _: Watcher) -> None:
    """Downloads sound and slides and never plays."""
    player = await Player(seat, attentive).open()
    for url in [player.viewing["speech"][0]["url"], *(slide["url"] for slide in player.viewing["slides"])]:
        assert (await seat.ask("GET", url)).is_success
    await player.close()


async def plays_with_the_sound_off(seat: Watcher, _: Watcher) -> None:
    """Plays everything muted, and honestly says so."""
    player = await Player(seat, attentive).open()
    await player.play(player.length, muted=True)
    await player.linger(10)


async def plays_in_a_hidden_tab_with_nobody_there(seat: Watcher, _: Watcher) -> None:
    """Plays everything in the background while nobody answers."""
    player = await Player(seat, absent).open()
    await player.play(player.length, hidden=True)
    await player.linger(10)


async def lets_it_run_with_nobody_there(seat: Watcher, _: Watcher) -> None:
    """Plays everything in the foreground of an empty room."""
    player = await Player(seat, absent).open()
    await player.play(player.length)
    await player.linger(10)


async def banks_time_and_forges_the_beats(seat: Watcher, _: Watcher) -> None:
    """Opens the replay, does something else for its length, then forges the beats of it; nobody answers."""
    player = await Player(seat, absent).open()
    await asyncio.sleep(player.length + _AFTER)
    player.waiting_beats = [
        _beat(seq, 5 * seq, 5 * seq + 5, [[5 * seq, min(5 * seq + 5, player.length), 1]])
        for seq in range(int(player.length / 5) + 1)
    ]
    await player.deliver()
    await player.linger(10)


async def answers_always_the_same_way(seat: Watcher, _: Watcher) -> None:
    """Lets it run while a robot takes the first choice of every question."""
    player = await Player(seat, first_choice).open()
    await player.play(player.length)
    await player.linger(20)


async def answers_by_chance(seat: Watcher, _: Watcher) -> None:
    """Lets it run while a robot guesses."""
    player = await Player(seat, any_choice).open()
    await player.play(player.length)
    await player.linger(20)


async def answers_nothing_that_means_anything(seat: Watcher, _: Watcher) -> None:
    """A robot answers every question with an empty remark."""

    async def nonsense(_player: Player, _prompt: dict[str, Any]) -> str:
        return "ok"

    player = await Player(seat, nonsense).open()
    await player.play(player.length)
    await player.linger(20)


async def answers_many_times(seat: Watcher, _: Watcher) -> None:
    """Tries every choice of a question one after the other."""

    async def tries_all(player: Player, prompt: dict[str, Any]) -> str | None:
        path = f"{player.path}/prompts/{prompt['id']}/answer"
        for choice in prompt["choices"] or [{"id": f"{digits:04}"} for digits in range(40)]:
            await player.watcher.ask("POST", path, {"answer": choice["id"]})
        return None

    player = await Player(seat, _only_wrong_first(tries_all)).open()
    await player.play(player.length)
    await player.linger(20)


async def answers_too_late(seat: Watcher, _: Watcher) -> None:
    """Comes back to the page well after the time for the answer is over."""

    async def late(player: Player, prompt: dict[str, Any]) -> str | None:
        await asyncio.sleep(prompt["seconds_left"] + 30)
        return await attentive(player, prompt)

    player = await Player(seat, late).open()
    await player.play(player.length)
    await player.linger(5)


async def uses_another_persons_answer(seat: Watcher, helper: Watcher) -> None:
    """A friend who watches tells which choice was right; it is sent as one's own."""
    told: list[str] = []

    async def friend(player: Player, prompt: dict[str, Any]) -> str:
        told.append(await attentive(player, prompt))
        return told[-1]

    async def copies(_player: Player, _prompt: dict[str, Any]) -> str | None:
        return told[-1] if told else "0000"

    honest, cheat = await Player(helper, friend).open(), await Player(seat, copies).open()
    await asyncio.gather(honest.play(honest.length), cheat.play(cheat.length))
    await asyncio.gather(honest.linger(10), cheat.linger(10))


async def answers_a_question_of_somebody_else(seat: Watcher, helper: Watcher) -> None:
    """Sends the right answer to a friend's question below one's own viewing."""
    asked: list[tuple[str, str]] = []

    async def friend(player: Player, prompt: dict[str, Any]) -> str:
        asked.append((prompt["id"], await attentive(player, prompt)))
        return asked[-1][1]

    async def misuses(player: Player, _prompt: dict[str, Any]) -> None:
        for prompt_id, answer in asked:
            reply = await seat.ask("POST", f"{player.path}/prompts/{prompt_id}/answer", {"answer": answer})
            assert not reply.is_success

    honest, cheat = await Player(helper, friend).open(), await Player(seat, misuses).open()
    await asyncio.gather(honest.play(honest.length), cheat.play(cheat.length))
    await asyncio.gather(honest.linger(10), cheat.linger(10))


async def sends_beats_to_somebody_elses_viewing(seat: Watcher, helper: Watcher) -> None:
    """Watches in a friend's viewing, signed in as oneself."""
    friend = await Player(helper, absent).open()
    thief = Player(seat, attentive, viewing=friend.viewing)
    await asyncio.sleep(2)
    answer = await thief.send([_beat(0, 0, 2, [[0, 2, 1]])])
    assert answer is not None
    assert answer.status_code == 404
    await friend.close()


async def opens_a_viewing_for_somebody_else(seat: Watcher, helper: Watcher) -> None:
    """One phone, signed in as the friend, plays for both by naming the other in the request."""
    player = await Player(helper, attentive).open()
    body = {"person_id": seat.person_id, "beats": [_beat(0, 0, 5, [[0, 5, 1]])]}
    await helper.ask("POST", f"{player.path}/beats", body)
    await helper.ask("POST", f"/recordings/{seat.recording_id}/viewings", {"person_id": seat.person_id})


async def plays_two_halves_in_two_tabs(seat: Watcher, _: Watcher) -> None:
    """Two tabs at once, one from the beginning and one from the middle, half the time for all of it."""
    first = await Player(seat, attentive).open()
    second = await Player(seat, attentive).open()
    second.at = second.length / 2
    await asyncio.gather(first.play(first.length / 2), second.play(second.length / 2))
    await asyncio.gather(first.linger(10), second.linger(10))


async def plays_four_quarters_on_four_devices(seat: Watcher, _: Watcher) -> None:
    """Four devices signed in at once, a quarter each."""
    players = [await Player(seat, attentive).open() for _ in range(4)]
    for place, player in enumerate(players):
        player.at = place * player.length / 4
    await asyncio.gather(*(player.play(player.length / 4) for player in players))
    await asyncio.gather(*(player.linger(10) for player in players))


async def opens_many_viewings_at_the_same_moment(seat: Watcher, _: Watcher) -> None:
    """Ten requests to open at once; all that succeed play a tenth each at the same time."""
    players = [Player(seat, attentive) for _ in range(10)]
    await asyncio.gather(*(player.open() for player in players))
    for place, player in enumerate(players):
        player.at = place * player.length / 10
    await asyncio.gather(*(player.play(player.length / 10) for player in players))
    await asyncio.gather(*(player.linger(5) for player in players))


async def banks_the_grace_of_many_viewings(seat: Watcher, _: Watcher) -> None:
    """Opens viewing after viewing and claims in each the few seconds by which a clock may run ahead."""
    place, length = 0.0, 1.0
    player = Player(seat, attentive)
    while place < length:
        await player.open()
        length = player.length
        player.waiting_beats = [_beat(0, 0, 5, [[place, min(place + 5, length), 1]])]
        await player.deliver()
        place += 5
    await player.linger(10)


async def goes_on_in_a_superseded_viewing(seat: Watcher, _: Watcher) -> None:
    """The old tab keeps reporting after a newer one was opened and left alone."""
    old = await Player(seat, attentive).open()
    await old.play(2)
    await Player(seat, absent).open()
    await old.play(old.length)
    await old.linger(10)


async def goes_on_in_a_closed_viewing(seat: Watcher, _: Watcher) -> None:
    """Closes at once and reports everything afterwards."""
    player = await Player(seat, attentive).open()
    await player.close()
    await player.play(player.length)
    await player.linger(10)


async def plays_beyond_the_end(seat: Watcher, _: Watcher) -> None:
    """Reports hours beyond the recording's length, and the last second over and over."""
    player = await Player(seat, attentive).open()
    for _ in range(5):
        await asyncio.sleep(1)
        player.take_beat([[player.length - 1, 100_000, 1]])
        await player.deliver()
    await player.linger(5)


async def plays_backwards(seat: Watcher, _: Watcher) -> None:
    """Pieces whose end lies before their beginning."""
    player = await Player(seat, attentive).open()
    await asyncio.sleep(2)
    player.take_beat([[player.length, 0, 1]])
    answer = await player.send(player.waiting_beats)
    assert answer is None or not answer.is_success or not answer.json()["covered"]


async def sends_figures_that_are_none(seat: Watcher, _: Watcher) -> None:
    """Infinity, not-a-number, text, and figures with hundreds of digits."""
    player = await Player(seat, attentive).open()
    for bad in ("1e999", "NaN", '"0"', "true", "null", "9" * 400, "-1"):
        text = '{"beats": [{"seq": 0, "span_start": 0, "span_end": ' + bad + ', "played": [[0, ' + bad + ", 1]]}]}"
        answer = await seat.http.post(
            f"{player.path}/beats", content=text, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code < 500, (bad, answer.text)
    await asyncio.sleep(_AFTER)


async def sends_a_negative_rate(seat: Watcher, _: Watcher) -> None:
    """A rate below nothing, and one of nothing, in which a budget of time would never be used up."""
    player = await Player(seat, attentive).open()
    await asyncio.sleep(1)
    for rate in (-1, 0, 1e-9):
        answer = await player.send([_beat(int(rate == 0), 0, 1, [[0, player.length, rate]])])
        assert answer is None or answer.status_code < 500
    await player.linger(5)


async def claims_negative_muted_time(seat: Watcher, _: Watcher) -> None:
    """Negative hidden and muted seconds, which a careless sum would turn into more time."""
    player = await Player(seat, attentive).open()
    await asyncio.sleep(1)
    beat = _beat(0, 0, 1, [[0, player.length, 1]]) | {"muted_seconds": -1000, "hidden_seconds": -1000}
    answer = await player.send([beat])
    assert answer is not None
    assert answer.status_code == 422
    await player.linger(5)


async def sends_huge_batches(seat: Watcher, _: Watcher) -> None:
    """Five hundred beats of a second each, two seconds after opening."""
    player = await Player(seat, attentive).open()
    await asyncio.sleep(2)
    player.waiting_beats = [
        _beat(seq, seq, seq + 1, [[seq % player.length, min(seq % player.length + 1, player.length), 1]])
        for seq in range(500)
    ]
    await player.deliver()
    await player.linger(10)


async def opens_again_to_be_rid_of_questions(seat: Watcher, _: Watcher) -> None:
    """Plays without answering, and opens a new viewing whenever a question is on the screen."""
    player = await Player(seat, absent).open()
    while player.at < player.length:
        await player.play(4)
        if player.progress.get("prompt"):
            await player.open()
    await player.linger(5)


async def never_shows_a_question(seat: Watcher, _: Watcher) -> None:
    """A changed player that plays in real time and drops every question before it is on the screen."""
    player = await Player(seat, absent).open()
    player.heed = _note_only(player)  # type: ignore[method-assign]
    await player.play(player.length)
    for _ in range(5):
        await asyncio.sleep(1)
        await player.deliver()


async def asks_for_the_credit_itself(seat: Watcher, _: Watcher) -> None:
    """Tries to write its own credit, evidence and attendance by every door that there might be."""
    session, person = seat.session_id, seat.person_id
    for method, path, body in (
        ("POST", f"/sessions/{session}/credits/{person}", {"credited": True}),
        ("PUT", f"/sessions/{session}/credits/{person}", {"credited": True}),
        ("PATCH", "/my/credits", {"credited": True}),
        ("POST", f"/sessions/{session}/summons", {"unit_ids": [], "exempt": [{"person_id": person, "reason": "ốm"}]}),
        ("POST", f"/people/{person}/roles", {"role": "staff", "unit_id": stranger_id()}),
    ):
        answer = await seat.ask(method, path, body)
        assert answer.status_code in {401, 403, 404, 405, 422}, (method, path, answer.text)


async def sends_the_beats_of_another_member(seat: Watcher, helper: Watcher) -> None:
    """A friend records the requests of an honest replay; they are sent from one's own account, all at once."""
    friend = await Player(helper, attentive).open()
    recorded: list[dict[str, Any]] = []
    while friend.at < friend.length:
        step = min(3.0, friend.length - friend.at)
        await asyncio.sleep(step)
        recorded.append(json.loads(json.dumps(friend.take_beat([[friend.at, friend.at + step, 1]]))))
        friend.at += step
        await friend.deliver()
    player = await Player(seat, attentive).open()
    player.waiting_beats = recorded
    await player.deliver()
    await player.linger(10)


async def shares_one_sign_in_among_many_phones(seat: Watcher, _: Watcher) -> None:
    """Five phones take turns every second with one account, so that together they play faster than time."""
    players = [Player(seat, attentive) for _ in range(5)]
    begun = time.monotonic()
    length = 1.0
    while time.monotonic() - begun < length / 4:
        for place, player in enumerate(players):
            await player.open()
            length = player.length
            player.at = min((place + 1) * length / 5 - 1, place * length / 5 + (time.monotonic() - begun))
            with contextlib.suppress(AssertionError):
                await player.play(0.5)
    await players[-1].linger(10)


#: The ways that may at most be flagged for a person to look at, and why; none is needed so far.
MAY_BE_FLAGGED: dict[str, str] = {}


def _beat(seq: int, start: float, end: float, played: list[list[float]]) -> dict[str, Any]:
    return {"seq": seq, "span_start": start, "span_end": end, "played": played, "hidden_seconds": 0, "muted_seconds": 0}


def _only_wrong_first(answering: Any) -> Any:
    """So that trying all is not lucky with its very first try: a wrong answer is given before."""

    async def answer(player: Player, prompt: dict[str, Any]) -> str | None:
        right = await attentive(player, prompt)
        wrong = next(
            (choice["id"] for choice in prompt["choices"] if choice["id"] != right),
            f"{9999 - int(right)}" if right.isdigit() else "",
        )
        await player.watcher.ask("POST", f"{player.path}/prompts/{prompt['id']}/answer", {"answer": wrong})
        return await answering(player, prompt)

    return answer


def _note_only(player: Player) -> Any:
    async def heed(progress: dict[str, Any]) -> None:
        player.progress = progress

    return heed


CHEATS: dict[str, Cheat] = {
    name: found
    for name, found in list(globals().items())
    if asyncio.iscoroutinefunction(found) and found.__module__ == __name__
}

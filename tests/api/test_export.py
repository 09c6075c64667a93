"""What leaves in xAPI, by file and to a real learning record store."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from api import cli
from api.settings import api_settings
from archive import tasks, watchlog
from archive.settings import vault_settings
from archive.xapi import forwarding, telling
from archive.xapi.forwarding import NoStore, Sent
from archive.xapi.journal import Scope
from archive.xapi.lrs import StoreDown
from archive.xapi.models import XapiRefusal, XapiStatement, XapiStore
from ingest import worker
from sessions import clock
from tests.archive.test_watchlog import Clock, keep_recording, played
from tests.cast import conference
from tests.lrs import ralph

HOME = "https://diemcau.example.vn"
PROFILE = "https://w3id.org/xapi/video"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with ralph.running(tmp_path_factory.mktemp("ralph")) as running:
        yield running


@pytest.fixture
def lrs(store, monkeypatch):
    """Ralph, empty, as the store that the settings name."""
    store.forget()
    settings = {
        "DIEMCAU_LRS_ENDPOINT": store.endpoint,
        "DIEMCAU_LRS_USERNAME": ralph.USERNAME,
        "DIEMCAU_LRS_PASSWORD": ralph.PASSWORD,
        "DIEMCAU_PUBLIC_URL": HOME,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    vault_settings.cache_clear()
    yield store
    monkeypatch.undo()
    vault_settings.cache_clear()


@pytest.fixture
def time(monkeypatch):
    """A clock that begins a month ago, so that nothing that is watched by it lies ahead of the database's own."""
    clock = Clock(monkeypatch)
    clock.wait(-30 * 24 * 3600)
    return clock


@pytest.fixture
def site(monkeypatch):
    """The site at its public address, for commands that run in this process."""
    monkeypatch.setenv("DIEMCAU_PUBLIC_URL", HOME)
    api_settings.cache_clear()
    yield
    monkeypatch.undo()
    api_settings.cache_clear()


def watch(db, cast, time, *spans, session=None):
    """A viewing of a minute's recording that was jumped about in, ended; gives its conference."""
    session = session or conference(db, cast)
    viewing = watchlog.open_viewing(db, cast.member, keep_recording(db, session), "test")
    for seq, (start, end, segments) in enumerate(spans or [(0, 20, [(0, 20, 1)]), (60, 120, [(0, 60, 1)])]):
        time.at = viewing.opened_at + timedelta(seconds=end)
        watchlog.record(db, viewing, [played(seq, start, end, *segments)])
    watchlog.close(db, viewing)
    db.commit()
    return session


def as_lines(statements):
    return "".join(json.dumps(statement) + "\n" for statement in statements)


def without_what_the_store_adds(statement):
    return {name: value for name, value in statement.items() if name not in {"stored", "authority"}}


def test_a_real_store_takes_every_statement_and_its_validator_passes_them(db, cast, time, lrs, tmp_path):
    watch(db, cast, time, (0, 15, [(0, 8, 1), (40, 47, 1)]), (30, 90, [(0, 60, 1)]))
    sent = forwarding.forward()
    told = [row.body for row in db.scalars(select(XapiStatement).order_by(XapiStatement.position))]
    assert sent == Sent(taken=len(told), refused=0, waiting=0)
    kept = [without_what_the_store_adds(statement) for statement in lrs.statements()]
    assert kept == told
    assert {statement["verb"]["display"]["en-US"] for statement in kept} == {
        *("initialized", "played", "seeked", "paused", "completed", "passed", "terminated", "satisfied")
    }
    # The round trip: out of the store, through Ralph's models of the profile, and nothing has changed.
    of_profile = [each for each in kept if each["context"]["contextActivities"].get("category")]
    read = ralph.validate(as_lines(of_profile), tmp_path)
    assert [each["id"] for each in read] == [each["id"] for each in of_profile]
    assert len(of_profile) == len(kept) - 2  # All but `passed` and `satisfied`, which the profile doesn't know.
    assert ralph.count_sound(as_lines(kept), tmp_path) == len(kept)


def test_a_store_that_is_down_for_days_loses_nothing_and_gets_nothing_twice(db, cast, time, lrs):
    session = watch(db, cast, time)
    lrs.stop()
    time.wait(3600)
    for _ in range(3):
        assert forwarding.forward_when_due() is None  # Noted, not raised; then it pauses.
    row = db.scalars(select(XapiStore)).one()
    assert (row.failures, row.position) == (1, 0)
    for failures in range(2, 6):
        time.wait(24 * 3600)
        watch(db, cast, time, session=session)
        time.wait(3600)
        forwarding.forward_when_due()
        db.refresh(row)
        assert row.failures == failures
        assert timedelta(minutes=1) <= row.try_again_at - clock.now() <= timedelta(hours=1)
    lrs.start()
    time.wait(3600)
    sent = forwarding.forward_when_due()
    told = [row.body["id"] for row in db.scalars(select(XapiStatement).order_by(XapiStatement.position))]
    assert sent == Sent(len(told), 0, 0)
    # The store took them, and then our note of it was lost, as in a power cut.
    db.refresh(row)
    row.position = 0
    db.commit()
    assert forwarding.forward() == Sent(len(told), 0, 0)
    assert [statement["id"] for statement in lrs.statements()] == told


def test_what_the_store_holds_already_in_another_form_stays_and_the_rest_is_sent(db, cast, time, lrs):
    watch(db, cast, time)
    telling.tell_all(Scope(HOME))
    told = [row.body for row in db.scalars(select(XapiStatement).order_by(XapiStatement.position))]
    other = {**told[2], "object": {**told[2]["object"], "definition": {"type": f"{PROFILE}/activity-type/video"}}}
    assert lrs.post([other]) == 200
    assert forwarding.forward() == Sent(len(told), 0, 0)
    kept = [without_what_the_store_adds(statement) for statement in lrs.statements()]
    assert kept == [other, *told[:2], *told[3:]]


def test_a_statement_that_the_store_refuses_holds_up_no_other_and_is_offered_again(db, cast, time, lrs):
    session = watch(db, cast, time)
    telling.tell_all(Scope(HOME))
    broken = db.scalars(select(XapiStatement).order_by(XapiStatement.position)).all()[2]
    whole = broken.body
    broken.body = {name: value for name, value in whole.items() if name != "actor"}
    db.commit()
    sent = forwarding.forward()
    assert (sent.refused, sent.waiting) == (1, 0)
    refusal = db.scalars(select(XapiRefusal)).one()
    assert (refusal.position, refusal.status) == (broken.position, 422)
    watch(db, cast, time, session=session)
    assert forwarding.forward(again=True).refused == 1
    broken.body = whole
    db.commit()
    assert forwarding.forward(again=True) == Sent(1, 0, 0)
    assert len(lrs.statements()) == len(db.scalars(select(XapiStatement)).all())


def test_a_store_that_lets_us_not_in_or_is_none_gets_nothing_and_loses_nothing(db, cast, time, lrs, monkeypatch):
    watch(db, cast, time)
    for name, value in (
        ("DIEMCAU_LRS_PASSWORD", "sai"),
        ("DIEMCAU_LRS_ENDPOINT", lrs.endpoint.replace("/xAPI", "/somewhere-else")),
    ):
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            vault_settings.cache_clear()
            with pytest.raises(StoreDown, match="HTTP 40"):
                forwarding.forward()
        vault_settings.cache_clear()
    assert lrs.statements() == []
    assert forwarding.forward().waiting == 0
    assert len(lrs.statements()) == len(db.scalars(select(XapiStatement)).all())


def test_nothing_is_told_or_sent_while_no_store_is_set(db, cast, time):
    watch(db, cast, time)
    time.wait(24 * 3600)
    tasks.forward()
    assert db.scalars(select(XapiStatement)).all() == []
    with pytest.raises(NoStore):
        forwarding.forward()


def test_the_worker_knows_every_task_that_its_clock_calls():
    worker.app.loader.import_default_modules()
    called = {entry["task"] for entry in worker.app.conf.beat_schedule.values()}
    assert "archive.forward" in called
    assert called <= set(worker.app.tasks)


def test_export_writes_an_array_or_lines_of_one_conference_or_since_a_moment(db, cast, time, site, capsys, tmp_path):
    first = watch(db, cast, time)
    # More than the two days that a date of Vietnam's and a moment told in UTC may be apart.
    time.wait(3 * 24 * 3600)
    second = watch(db, cast, time)

    def exported(*words):
        assert cli.main(["export", "xapi", *words]) == 0
        return capsys.readouterr().out

    everything = json.loads(exported())
    assert [json.loads(line) for line in exported("--lines").splitlines()] == everything
    one = json.loads(exported("--session", str(second.id)))
    grouping = {each["context"]["contextActivities"]["grouping"][0]["id"] for each in one}
    assert grouping == {f"{HOME}/api/v1/sessions/{second.id}"}
    assert 0 < len(one) < len(everything)
    assert json.loads(exported("--since", f"{time.at - timedelta(days=1):%Y-%m-%d}")) == one
    out = tmp_path / "xapi.json"
    assert exported("--session", str(first.id), "--out", str(out)) == ""
    assert len(json.loads(out.read_text("utf-8"))) == len(everything) - len(one)
    assert [path.name for path in tmp_path.iterdir()] == ["xapi.json"]


def test_an_export_of_nothing_is_an_empty_array(db, site, capsys):
    assert cli.main(["export", "xapi"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["export", "xapi", "--since", "hôm qua"], "is no date", id="no moment"),
        pytest.param(["export", "xapi", "--session", "00000000-0000-4000-8000-000000000000"], "no such", id="unknown"),
        pytest.param(["export", "xapi", "--out", "nowhere/xapi.json"], "cannot be written", id="no such folder"),
        pytest.param(["forward", "xapi"], "DIEMCAU_LRS_ENDPOINT", id="no store"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(db, site, capsys, words, said):
    assert cli.main(words) == 2
    assert said in capsys.readouterr().err


def test_forward_by_hand_says_what_became_of_it(db, cast, time, site, lrs, capsys):
    watch(db, cast, time)
    assert cli.main(["forward", "xapi"]) == 0
    sent = [each["id"] for each in lrs.statements()]
    assert sent
    assert f"taken: {len(sent)};" in capsys.readouterr().out
    assert cli.main(["export", "xapi"]) == 0
    assert [each["id"] for each in json.loads(capsys.readouterr().out)] == sent

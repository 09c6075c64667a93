import subprocess
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from api.embedded import valkey
from tests.api.embedded import running
from tests.servers import free_ports


@pytest.fixture
def broker(tmp_path: Path) -> valkey.Broker:
    return valkey.open_broker(tmp_path, free_ports(1)[0])


def ask(broker: valkey.Broker, password: str | None) -> "redis.Redis":
    return redis.Redis(port=broker.port, password=password, decode_responses=True, retry=Retry(NoBackoff(), 0))


def test_answers_only_to_its_password(broker: valkey.Broker) -> None:
    with running(valkey.service(broker, {})):
        with ask(broker, broker.password) as known:
            assert known.ping()
        for guess in (None, "guessed"):
            with ask(broker, guess) as stranger, pytest.raises(redis.AuthenticationError):
                stranger.ping()


def test_the_password_is_in_no_command_line_and_in_private_files_only(broker: valkey.Broker) -> None:
    service = valkey.service(broker, {})
    assert broker.password not in " ".join(service.command)
    holders = [path for path in broker.directory.parent.rglob("*") if path.is_file() and _holds(path, broker.password)]
    assert len(holders) == 2
    assert {path.stat().st_mode & 0o777 for path in holders} == {0o600}


def test_keeps_its_queue_through_kill_9(broker: valkey.Broker) -> None:
    with running(valkey.service(broker, {})) as process, ask(broker, broker.password) as queue:
        queue.rpush("nudges", "one", "two")
        # Written at every command and forced to disk every second, so that only a power cut costs a nudge.
        process.kill()
        process.wait()
    with running(valkey.service(broker, {})), ask(broker, broker.password) as queue:
        assert queue.lrange("nudges", 0, -1) == ["one", "two"]


def test_a_damaged_queue_is_recognised_and_set_aside(broker: valkey.Broker) -> None:
    with running(valkey.service(broker, {})), ask(broker, broker.password) as queue:
        queue.rpush("nudges", *("filler" for _ in range(100)))
    (written,) = broker.directory.glob("appendonlydir/*.incr.aof")
    content = bytearray(written.read_bytes())
    content[200:300] = b"x" * 100
    written.write_bytes(content)

    service = valkey.service(broker, {})
    last_words = subprocess.run(service.command, capture_output=True, text=True, timeout=30).stdout
    assert valkey.is_damaged(last_words)
    aside = valkey.set_aside(broker.directory.parent)

    assert (aside / written.name).read_bytes() == content
    with running(service), ask(broker, broker.password) as queue:
        assert queue.llen("nudges") == 0


def test_a_taken_port_is_no_damage(broker: valkey.Broker, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with running(valkey.service(broker, {})):
        second = valkey.open_broker(broker.directory.parent / "second", broker.port)
        last_words = subprocess.run(
            valkey.service(second, {}).command, capture_output=True, text=True, timeout=30
        ).stdout
    assert "bind" in last_words.lower()
    assert not valkey.is_damaged(last_words)


def _holds(path: Path, secret: str) -> bool:
    return secret.encode() in path.read_bytes()

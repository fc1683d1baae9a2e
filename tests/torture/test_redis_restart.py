"""The redis-server is restarted in the middle of a refresh, again and again, while sessions work over it."""

import signal
import threading
import time
from collections.abc import Callable
from itertools import pairwise

import attrs
import pytest
from redis import Redis, RedisError

LIFETIME = 2.0
SECONDS = 15.0

pytestmark = pytest.mark.slow


@attrs.define
class Watch:
    """Reads the record of the one credential all the time, whenever the server is there."""

    url: str
    generations: list[int] = attrs.field(factory=list)
    ended: threading.Event = attrs.field(factory=threading.Event)
    spending: threading.Event = attrs.field(factory=threading.Event)
    """Set while a session has noted that it is spending the token, and has not saved the next."""

    def run(self) -> None:
        """Watch until told to end."""
        while not self.ended.wait(0.01):
            try:
                with Redis.from_url(self.url) as client:
                    self.look(client)
            except RedisError:
                self.spending.clear()

    def look(self, client: Redis) -> None:
        """Look once."""
        self.generations += [int(client.hget(key, "generation") or 0) for key in client.keys("*:record")]
        if client.keys("*:spending"):
            self.spending.set()
        else:
            self.spending.clear()


@pytest.fixture
def watch(redis_server):
    """Watch while the test runs."""
    watch = Watch(redis_server.url)
    thread = threading.Thread(target=watch.run)
    thread.start()
    yield watch
    watch.ended.set()
    thread.join()


def restart(server, number: int, down: float, watch: Watch) -> Callable[[], None]:
    """Stop the server whenever a session spends the token, and start it again, until the crowd is nearly through."""

    def restart_on() -> None:
        until = time.monotonic() + SECONDS - 4
        while time.monotonic() < until:
            assert watch.spending.wait(20), "no traffic any more"
            server.stop(number)
            time.sleep(down)
            watch.spending.clear()
            server.start()
            time.sleep(LIFETIME / 4)

    return restart_on


@pytest.mark.parametrize("store", ["redis"], indirect=True)
@pytest.mark.parametrize(
    ("number", "down"), [(signal.SIGTERM, 0.0), (signal.SIGKILL, 0.0), (signal.SIGKILL, 0.5), (signal.SIGKILL, 2.5)]
)
def test_restarts_under_traffic(crowd, redis_server, watch, number, down):
    """Nothing is spent twice, every request is answered, and the store never goes back to an older generation."""
    meanwhile = restart(redis_server, number, down, watch)
    worked = crowd(LIFETIME, 4, meanwhile, tasks=10, seconds=SECONDS, token_delay=0.2)
    # No reserve: a token that cannot be saved for longer than it lives is dead when its first user gets it.
    worked.check(reserve=0.0)
    assert [pair for pair in pairwise(watch.generations) if pair[0] > pair[1]] == []
    assert watch.generations[-1] == len(worked.seen["asked_at"])
    assert len(worked.seen["asked_at"]) >= SECONDS / (LIFETIME + down) - 1

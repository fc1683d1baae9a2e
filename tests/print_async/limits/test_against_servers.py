"""What a limit that adapts is worth, against servers in virtual time that have limits, queues, faults and moods."""

import itertools
import random

import pytest

from tests.print_async.limits.servers import (
    Changing,
    FixedLimit,
    Log,
    Queueing,
    Refusing,
    adaptive,
    between,
    drive,
    fixed,
)

STAGE = 20.0
STEPS = {0.0: 8, STAGE: 64, 2 * STAGE: 8}
SETTINGS = (4, 8, 16, 64, 80)


def stages(log: Log) -> list[Log]:
    """Cut a log into the stages."""
    return [log.during(begin, begin + STAGE) for begin in STEPS]


@pytest.mark.parametrize(
    "server",
    [
        {"latency": between(0.02, 0.05)},
        {"latency": between(0.05, 0.05)},
        {"latency": between(0.02, 0.05), "way": 0.001},
        {"latency": between(0.02, 0.05), "refusal": 0.03},
    ],
    ids=["20 to 50 ms", "50 ms", "over a network", "slow refusals"],
)
def test_a_hidden_limit_that_changes(server):
    """While a hidden limit goes from 8 to 64 and back, no fixed setting would have been more than a tenth better."""
    best = {places: max(fixed(each, Refusing({0: places}, **server), 1) for each in SETTINGS) for places in (8, 64)}

    found = stages(adaptive(Refusing(STEPS, **server), 3 * STAGE))

    for stage, places in zip(found, STEPS.values(), strict=True):
        assert stage.taken / STAGE >= 0.9 * best[places]
    settled = [stage.during(begin + STAGE / 2, begin + STAGE) for stage, begin in zip(found, STEPS, strict=True)]
    assert max(stage.refused_share for stage in settled) < 0.01


@pytest.mark.parametrize(("demand", "backoff"), [(20, 0.0), (100, 0.25)])
def test_a_hidden_limit_and_ordinary_callers(demand, backoff):
    """It holds as well where few call, and where those who are refused pause."""
    server = {"latency": between(0.02, 0.05)}
    best = {places: fixed(min(places, demand), Refusing({0: places}, **server), 3) for places in (8, 64)}

    found = stages(adaptive(Refusing(STEPS, **server), 3 * STAGE, demand=demand, backoff=backoff))

    for stage, places in zip(found, STEPS.values(), strict=True):
        assert stage.taken / STAGE >= 0.9 * best[places]


@pytest.mark.parametrize("share", [0.01, 0.02, 0.05])
def test_refusals_that_have_nothing_to_do_with_it(share):
    """A server that refuses one request in so many, whatever it is sent, is soon sent as much as ever."""
    log = adaptive(Refusing({0: 1000}, noise=share), 30).during(10, 30)

    assert log.taken / 20 >= 0.9 * fixed(100, Refusing({0: 1000}), 3)


def test_an_outage():
    """A server that refuses everything is asked by one at a time; two seconds after the end of that, by all again."""
    log = adaptive(Refusing({0: 1000, 5: 0, 15: 1000}), 20, backoff=1.0)

    assert max(log.during(6, 15).limits) == 1
    assert log.during(17, 20).limits[0] == 100
    assert log.during(17, 20).taken / 3 >= 0.9 * fixed(100, Refusing({0: 1000}), 3)


@pytest.mark.parametrize("workers", [2, 8, 32])
def test_a_queue_at_the_server(workers):
    """A server that lets all wait loses nothing when it is sent less, and is found out: hardly any wait there."""
    log = adaptive(Queueing(workers), 60).during(30, 60)

    assert log.taken / 30 >= 0.97 * fixed(100, Queueing(workers), 10)
    limits = sorted(log.limits)
    assert workers <= limits[len(limits) // 2] <= 2 * workers


@pytest.mark.parametrize("places", [64, 90, 100])
def test_chance_is_no_queue(places):
    """Latencies that differ wildly are not taken for a queue."""

    def server() -> Queueing:
        return Queueing(places, latency=lambda chance: chance.expovariate(1 / 0.03))

    assert adaptive(server(), 30).taken >= 0.9 * drive(FixedLimit(100), server(), 30).taken


def calls_of_two_kinds(now: float, chance: random.Random) -> float:
    """Take long for five seconds, and then short for five seconds."""
    return chance.uniform(0.8, 1.2) if now // 5 % 2 else chance.uniform(0.01, 0.02)


def a_lucky_few(_: float, chance: random.Random) -> float:
    """Take next to nothing, now and then."""
    return 0.0005 if chance.random() < 0.003 else chance.uniform(0.03, 0.04)


def slower_for_good(now: float, chance: random.Random) -> float:
    """Take five times as long from some moment on, as when a server has others to serve, or is further away."""
    return chance.uniform(0.03, 0.04) * (5 if now > 10 else 1)


@pytest.mark.parametrize("latency", [calls_of_two_kinds, a_lucky_few, slower_for_good])
def test_latencies_that_have_nothing_to_do_with_it(latency):
    """Answers that take longer for other reasons cost a twentieth at most: less is tried, and given up."""
    log = adaptive(Changing(latency), 40, maximum=40)

    assert log.taken >= 0.95 * drive(FixedLimit(40), Changing(latency), 40).taken
    assert min(log.limits) >= 20
    assert log.limits.count(40) >= 0.6 * len(log.limits)


def test_a_trial_in_vain_is_not_repeated():
    """Answers that take longer for good are ordinary once it was seen that less in flight does not help."""
    limits = [40, *adaptive(Changing(slower_for_good), 80, maximum=40).limits]

    changes = [(before, after) for before, after in itertools.pairwise(limits) if before != after]
    assert len(changes) == 2
    assert changes[0][0] == changes[1][1] == 40

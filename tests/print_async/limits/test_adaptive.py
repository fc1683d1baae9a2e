"""The rules of a limit that adapts, whatever it is told."""

import itertools

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.limits.adaptive import PROBE_ANSWERS, PROBE_SECONDS, AdaptiveLimit

RTT = 0.03


@attrs.define
class Flight:
    """Requests in flight under a limit, each of which can end in either way at any time."""

    limit: AdaptiveLimit
    now: float = 0.0
    sent: list[tuple[float, int]] = attrs.field(factory=list)

    def send(self) -> None:
        """Send one, if there is room."""
        if len(self.sent) < self.limit.limit:
            self.sent.append((self.now, len(self.sent) + 1))

    def fill(self) -> None:
        """Send as many as there is room for."""
        while len(self.sent) < self.limit.limit:
            self.send()

    def end(self, which: int, *, taken: bool, retry_after: float = 0.0) -> float:
        """End one, and return when it was sent."""
        sent, load = self.sent.pop(which)
        if taken:
            self.limit.answered(sent, self.now, load)
        else:
            self.limit.refused(sent, self.now, load, retry_after)
        return sent

    def stream(self, requests: int, latency: float, *, refuse_every: int = 0) -> list[int]:
        """Let a server end one after the other, each after so long, and return the limit after each."""
        found = []
        for number in range(1, requests + 1):
            self.fill()
            self.now += latency / len(self.sent)
            self.end(0, taken=not refuse_every or number % refuse_every > 0)
            found.append(self.limit.limit)
        return found

    def round_trip(self, takes: int, *, retry_after: float = 0.0) -> int:
        """Let a server that takes so many answer all that is in flight, and return how many it refused."""
        self.fill()
        self.now += RTT
        refused = max(0, len(self.sent) - takes)
        for _ in range(refused):
            self.end(-1, taken=False, retry_after=retry_after)
        while self.sent:
            self.end(0, taken=True)
        return refused


@pytest.fixture
def flight():
    """Make an empty flight under a limit of at most 100."""
    return Flight(AdaptiveLimit(100))


def test_it_begins_at_the_maximum(flight):
    """A server that never complains is sent as much as there may be, from the first moment to the last."""
    assert [flight.round_trip(100) for _ in range(100)] == [0] * 100
    assert flight.limit.limit == 100


@pytest.mark.parametrize("takes", [0, 1, 8, 50, 99])
def test_one_decrease_per_round_trip(flight, takes):
    """However many of one flight are refused, the limit is lowered once for them, and not by more than half."""
    flight.fill()
    flight.now += RTT
    before = flight.limit.limit
    seen = set()
    for _ in range(100 - takes):
        flight.end(-1, taken=False)
        seen.add(flight.limit.limit)
    assert len(seen) == 1
    assert before / 2 <= seen.pop() < before


def test_what_was_sent_before_says_nothing(flight):
    """Answers to what was sent before a decrease do not raise the limit, and refusals do not lower it."""
    flight.fill()
    flight.now += RTT
    flight.end(-1, taken=False)
    lowered = flight.limit.limit
    for number in range(99):
        flight.now += 0.001
        flight.end(0, taken=number % 2 == 0)
    assert flight.limit.limit == lowered


def test_it_settles_beneath_what_is_refused(flight):
    """After a few round trips exactly as many are sent as are taken, and only the probes are refused."""
    for _ in range(20):
        flight.round_trip(37)
    assert flight.limit.limit == 37
    assert [flight.round_trip(37) for _ in range(10)] == [0] * 10


@pytest.mark.parametrize("takes", [2, 20])
def test_probes_are_rare(flight, takes):
    """The refused level is tried with one request, neither too soon nor within too few answers after the last time."""
    for _ in range(20):
        flight.round_trip(takes)
    probes = []
    answers = 0
    for _ in range(1000):
        refused = flight.round_trip(takes)
        answers += takes
        if refused:
            assert refused == 1
            probes.append((flight.now, answers))
    assert len(probes) > 5
    for (time, count), (next_time, next_count) in itertools.pairwise(probes):
        assert next_time - time >= PROBE_SECONDS
        assert next_count - count >= PROBE_ANSWERS
        assert next_time - time <= max(PROBE_SECONDS, PROBE_ANSWERS / takes * RTT) + 4 * RTT
    assert len(probes) < 0.01 * answers


def test_a_refusal_that_names_a_time(flight):
    """The refused level is not tried before the Retry-After that came with the refusal."""
    for _ in range(20):
        flight.round_trip(20, retry_after=30.0)
    settled = flight.now
    while not flight.round_trip(20, retry_after=30.0):
        assert flight.now < 60
    began = flight.now
    assert began >= 30.0 > settled
    while not flight.round_trip(20, retry_after=30.0):
        assert flight.now < 120
    assert flight.now >= began + 30.0


def test_it_grows_fast_where_there_is_room(flight):
    """When a server takes twelve times more than before, a probe finds it, and some dozen round trips bring it that."""
    for _ in range(20):
        flight.round_trip(8)
    assert flight.limit.limit == 8
    trips = 0
    while flight.limit.limit == 8:
        flight.round_trip(100)
    while flight.limit.limit < 100:
        flight.round_trip(100)
        trips += 1
    assert trips <= 14


def test_it_does_not_grow_unused(flight):
    """Answers to less than the limit allows do not raise it."""
    for _ in range(20):
        flight.round_trip(8)
    for _ in range(1000):
        for _ in range(4):
            flight.send()
        flight.now += RTT
        while flight.sent:
            flight.end(0, taken=True)
    assert flight.limit.limit == 8


def test_the_load_counts_and_not_the_limit(flight):
    """A server that refuses the fifth of five is sent four, though a hundred were allowed."""
    for _ in range(20):
        for _ in range(4):
            flight.send()
        flight.now += RTT
        while flight.sent:
            flight.end(0, taken=True)
    for _ in range(5):
        flight.send()
    flight.now += RTT
    flight.end(4, taken=False)
    assert flight.limit.limit == 4


def test_a_few_refusals_among_many_answers(flight):
    """One refusal in a thousand answers of a level that works lowers nothing."""
    for _ in range(100):
        for _ in range(10):
            flight.round_trip(100)
        flight.fill()
        flight.now += RTT
        flight.end(50, taken=False)
        while flight.sent:
            flight.end(0, taken=True)
        assert flight.limit.limit == 100


def test_the_end_of_what_worked(flight):
    """Where a level that works works no more, all of it is noticed within a few round trips."""
    for _ in range(50):
        flight.round_trip(100)
    for _ in range(20):
        flight.round_trip(8)
    assert flight.limit.limit == 8


def test_a_limit_among_noise(flight):
    """Refusals that were found to be noise do not hide a limit: once that is met, a probe costs one request again."""
    flight.stream(20_000, RTT, refuse_every=20)
    assert flight.limit.limit == 100
    for _ in range(20):
        flight.round_trip(8)
    assert sum(flight.round_trip(8) for _ in range(100)) <= 4


def test_one_trial_at_a_time(flight):
    """Refusals while latencies are on trial begin no other trial, whose end would be taken for that of the first."""
    flight.stream(1_000, RTT)
    while flight.stream(1, 10 * RTT) == [100]:
        assert flight.now < 30
    limits = flight.stream(200, 10 * RTT, refuse_every=8)
    assert len(set(limits)) == 1
    assert limits[0] < 100


EVENTS = st.lists(
    st.tuples(st.sampled_from(["send", "fill", "answer", "refuse", "wait"]), st.integers(0, 200)), max_size=300
)


def follow(flight: Flight, event: str, number: int) -> float | None:
    """Let one thing happen, and return when the request was sent that was refused, if it is that."""
    if event == "send":
        flight.send()
    elif event == "fill":
        flight.fill()
    elif event == "wait":
        flight.now += number / 1000
    elif flight.sent:
        sent = flight.end(number % len(flight.sent), taken=event == "answer")
        return sent if event == "refuse" else None
    return None


@given(EVENTS, st.integers(1, 120))
def test_whatever_happens(events, maximum):
    """The limit is from 1 to the maximum, and refusals lower it once for what was in flight at a time."""
    flight = Flight(AdaptiveLimit(maximum))
    lowered_at = -1.0
    for event, number in events:
        before = flight.limit.limit
        refused = follow(flight, event, number)
        assert 1 <= flight.limit.limit <= maximum
        if flight.limit.limit < before:
            assert refused is None or refused > lowered_at
            lowered_at = flight.now


@given(EVENTS, st.sampled_from([1, 2, 7, 20]))
def test_it_recovers(events, maximum):
    """Whatever has happened, once a server takes all that it is sent, it is soon sent as much as there may be."""
    flight = Flight(AdaptiveLimit(maximum))
    for event, number in events:
        follow(flight, event, number)
    began = flight.now
    while flight.limit.limit < maximum:
        flight.round_trip(maximum)
        assert flight.now < began + 120

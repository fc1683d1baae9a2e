"""Which request a fault hits."""

from print_async.testing import Fault, FaultKind, Faults

DROP = FaultKind.DROP_BEFORE


def test_without_rules_nothing_goes_wrong():
    """No rule, no fault."""
    assert Faults().strike("GET", "/x") is None


def test_a_rule_speaks_of_its_method_and_path():
    """A rule hits its own method and the paths that begin as it says, and no others."""
    rule = Fault(kind=DROP, method="POST", path="/api/jobs")
    faults = Faults([rule])
    assert faults.strike("POST", "/api/jobs/7") is rule
    assert faults.strike("GET", "/api/jobs/7") is None
    assert faults.strike("POST", "/api/users") is None


def test_a_rule_is_used_up():
    """A rule with `times` hits so many requests; those it does not speak of do not count."""
    faults = Faults([Fault(kind=DROP, method="GET", times=2)])
    hits = [bool(faults.strike(method, "/")) for method in ("POST", "GET", "POST", "GET", "GET")]
    assert hits == [False, True, False, True, False]


def test_the_first_rule_that_hits_wins():
    """Rules are asked in order, and one that is used up gives way to the next."""
    once, always = Fault(kind=DROP, times=1), Fault(kind=FaultKind.TRUNCATE)
    faults = Faults()
    faults.add(once)
    faults.add(always)
    assert [faults.strike("GET", "/") for _ in range(3)] == [once, always, always]
    faults.clear()
    assert faults.strike("GET", "/") is None


def test_chance_is_repeatable():
    """A rule with a probability hits about that share, the same requests for the same seed."""

    def hits(seed):
        faults = Faults([Fault(kind=DROP, probability=0.3)], seed)
        return [bool(faults.strike("GET", "/")) for _ in range(2000)]

    assert hits(1) == hits(1)
    assert hits(1) != hits(2)
    assert 500 < sum(hits(1)) < 700
    assert not any(Faults([Fault(kind=DROP, probability=0.0)]).strike("GET", "/") for _ in range(100))


def test_a_miss_does_not_use_up_a_rule():
    """A rule by chance with `times` counts only the requests that it hit."""
    faults = Faults([Fault(kind=DROP, probability=0.5, times=3)])
    assert sum(bool(faults.strike("GET", "/")) for _ in range(200)) == 3

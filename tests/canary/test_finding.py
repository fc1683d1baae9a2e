"""The search for canaries itself."""

from tests.canary.finding import CANARY, NAMES, everything_of, found_in, spellings


def test_the_canaries_are_found():
    """The search itself finds each canary in every spelling: otherwise this file would prove nothing."""
    assert all(len(found_in(f"...{spelling}...")) == 1 for name in NAMES for spelling in spellings(name))
    leak = ValueError("x")
    leak.__cause__ = KeyError(CANARY["pin"])
    assert len(found_in(everything_of(leak))) == 1

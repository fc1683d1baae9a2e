"""Faults that a simulator injects into real HTTP answers, on a script or at random.

A fault is chosen before the request is handled, and strikes before or after it: a connection dropped *after* the
server has done its work is the case in which a careless client prints twice.
"""

import random
from enum import Enum

import attrs


class FaultKind(Enum):
    """What goes wrong."""

    STATUS = "status"
    """The server answers `Fault.status` instead of doing the work."""
    DROP_BEFORE = "drop-before"
    """The connection is reset before any work is done."""
    DROP_AFTER = "drop-after"
    """The work is done, and the connection is reset before a byte of the answer."""
    TRUNCATE = "truncate"
    """The answer announces its full length and stops halfway."""
    DELAY = "delay"
    """The answer comes `Fault.seconds` late."""


@attrs.define(kw_only=True)
class Fault:
    """One rule: which requests it hits, how often, and what happens to them."""

    kind: FaultKind
    method: str | None = None
    """Only this HTTP method; `None` for any."""
    path: str = ""
    """Only paths that begin so; empty for any."""
    times: int | None = None
    """How many requests it hits before it is used up; `None` for no end."""
    probability: float = 1.0
    """The chance, from 0 to 1, that a matching request is hit."""
    status: int = 503
    retry_after: str | None = None
    """The Retry-After header of a `STATUS` fault: seconds or an HTTP date."""
    seconds: float = 0.0
    """How long a `DELAY` fault waits."""

    def matches(self, method: str, path: str) -> bool:
        """Tell whether this rule speaks of such a request and is not used up."""
        return self.times != 0 and self.method in (None, method) and path.startswith(self.path)


@attrs.define
class Faults:
    """The rules of a simulator, asked in order; the first that hits wins."""

    rules: list[Fault] = attrs.field(factory=list)
    seed: int = 0
    _random: random.Random = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def add(self, fault: Fault) -> None:
        """Put a rule behind those that are there."""
        self.rules.append(fault)

    def clear(self) -> None:
        """Drop every rule: from here on all goes well."""
        self.rules.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """Return the fault that hits this request, counting it as used, or `None`."""
        for fault in self.rules:
            if fault.matches(method, path) and self._random.random() < fault.probability:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

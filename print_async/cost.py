"""What clients have cost so far, added up: of this process, or of all workers of a cluster."""

from collections.abc import Iterable

import attrs

from print_async.client import Client


@attrs.frozen
class Cost:
    """Numbers of requests beyond those that did the work."""

    sign_ins: int = 0
    """Token requests by the grant itself."""
    refreshes: int = 0
    """Token requests with a refresh token."""
    unauthorized: int = 0
    """Answers 401."""
    retries: int = 0

    @classmethod
    def of(cls, client: Client) -> "Cost":
        """Return what a client has cost."""
        session = client.session.statistics
        return cls(session.sign_ins, session.refreshes, session.unauthorized, client.statistics.retries)

    @classmethod
    def total(cls, costs: Iterable["Cost"]) -> "Cost":
        """Return what several clients have cost together."""
        return cls(*map(sum, zip(*map(attrs.astuple, [cls(), *costs]), strict=True)))

"""What a benchmark says."""

from collections.abc import Sequence
from math import inf
from statistics import median, quantiles

import attrs


@attrs.frozen
class Result:
    """Ours beside a peer, over the same number of rounds of the same run."""

    name: str
    unit: str
    ours: Sequence[float]
    peer: Sequence[float]
    peer_name: str
    at_most: float | None = None
    """The target of the ratio, where less is better."""
    at_least: float | None = None
    """The target of the ratio, where more is better."""

    @property
    def ratios(self) -> list[float]:
        """Ours over the peer's, round by round: what slows the machine down for a while slows both."""
        if len(self.ours) != len(self.peer):
            return [_over(median(self.ours), median(self.peer))]
        return [_over(ours, peer) for ours, peer in zip(self.ours, self.peer, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return median(self.ratios)

    @property
    def spread(self) -> tuple[float, float]:
        """Between what two ratios the middle half of the rounds is."""
        ratios = self.ratios
        if len(ratios) < 2:
            return self.ratio, self.ratio
        low, _, high = quantiles(ratios, n=4, method="inclusive")
        return low, high

    @property
    def target(self) -> str:
        """What the ratio is to be, in words; empty where nothing was set."""
        if self.at_most is not None:
            return f"at most {self.at_most:.3g}"
        return "" if self.at_least is None else f"at least {self.at_least:.3g}"

    @property
    def reached(self) -> bool | None:
        """Whether the ratio is what it is to be; `None` where nothing was set."""
        if self.at_most is not None:
            return self.ratio <= self.at_most
        return None if self.at_least is None else self.ratio >= self.at_least

    @property
    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        low, high = self.spread
        verdict = {None: "", True: "reached", False: "missed"}[self.reached]
        return (
            self.name,
            f"{_figure(median(self.ours))} {self.unit}",
            f"{_figure(median(self.peer))} {self.unit}",
            self.peer_name,
            _figure(self.ratio),
            f"{_figure(low)} to {_figure(high)}",
            self.target,
            verdict,
        )


HEAD = ("what", "ours", "peer", "peer's name", "ratio", "middle half", "target", "")


def _over(ours: float, peer: float) -> float:
    return ours / peer if peer else inf


def _figure(value: float) -> str:
    """Write a number with as many digits as can be trusted."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"

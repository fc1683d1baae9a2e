"""What a benchmark says."""

from collections.abc import Sequence
from statistics import median

import attrs


@attrs.frozen
class Result:
    """Ours beside a peer, over the same number of rounds of the same run."""

    name: str
    unit: str
    ours: Sequence[float]
    peer: Sequence[float]
    peer_name: str

    @property
    def ratio(self) -> float:
        """The median of ours over the median of the peer's."""
        return median(self.ours) / median(self.peer)

    def __str__(self) -> str:
        return (
            f"{self.name:<44} {median(self.ours):10.2f} {self.unit:<12} "
            f"{self.peer_name}: {median(self.peer):10.2f} {self.unit:<12} ratio {self.ratio:.2f}"
        )

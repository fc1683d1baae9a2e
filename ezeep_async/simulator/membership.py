"""Who is in which group before anybody changes it: a formula that can be asked from both sides.

Users are dealt out in blocks as long as there are groups. Within a block, each of a user's up to four places turns the
block by its own distance, so a place maps users to groups one to one: the members of a group are found by looking at
four users in each block, not at all users.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from ezeep_async.simulator.identifiers import key_of, mix

MOST_GROUPS = 4
"""How many groups a user is in at most, as seeded."""
_CACHED_GROUPS = 256


class SeededMembership:
    """The memberships of `users` users in `groups` groups, both named by their index from zero."""

    def __init__(self, users: int, groups: int, seed: int) -> None:
        self._users = users
        self.groups = groups
        """How many groups are seeded."""
        self._places = min(MOST_GROUPS, groups)
        self._step = max(1, groups // (MOST_GROUPS + 1))
        self._user_key = key_of(seed, "places of a user")
        self._block_key = key_of(seed, "turn of a block")
        self.members: Callable[[int], Sequence[int]] = lru_cache(_CACHED_GROUPS)(self._members)

    def groups_of(self, user: int) -> tuple[int, ...]:
        """Return the groups of a user: none to four, all different."""
        if not self.groups:
            return ()
        block, position = divmod(user, self.groups)
        start = position + self._turn(block)
        return tuple((start + place * self._step) % self.groups for place in range(self._degree(user)))

    def _members(self, group: int) -> Sequence[int]:
        return array("I", sorted(self._find_members(group)))

    def _find_members(self, group: int) -> Iterator[int]:
        for first in range(0, self._users, self.groups):
            start = group - self._turn(first // self.groups)
            for place in range(self._places):
                user = first + (start - place * self._step) % self.groups
                if user < self._users and self._degree(user) > place:
                    yield user

    def _degree(self, user: int) -> int:
        return min(mix(self._user_key ^ user) % (MOST_GROUPS + 1), self._places)

    def _turn(self, block: int) -> int:
        return mix(self._block_key ^ block) % self.groups

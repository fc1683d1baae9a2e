"""The simulated organization: seeded users and groups of any number, of which only the changes are kept."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

import attrs

from ezeep_async.simulator.identifiers import Identifiers, key_of, mix
from ezeep_async.simulator.membership import SeededMembership
from ezeep_async.simulator.people import People
from ezeep_async.simulator.records import AzureOrigin, EzeepOrigin, Group, GroupFields, Membership, PrintingUser

_DEPARTMENTS = ("Finance", "Sales", "Research", "Legal", "Warehouse", "Support", "Marketing", "Facilities")
_USERS_PER_GROUP, _FEWEST_GROUPS = 50, 3
_CACHED_IDS = 65_536


class Directory:
    """Users and groups, each named by its index from zero; the ids of the wire lead to an index and back."""

    def __init__(self, users: int, groups: int | None = None, seed: int = 0) -> None:
        if users < 1 or (groups is not None and groups < 0):
            raise ValueError("an organization has at least one user, and no negative number of groups")
        seeded_groups = max(_FEWEST_GROUPS, users // _USERS_PER_GROUP) if groups is None else groups
        self.users = users
        self.organization_id: str = Identifiers.of(seed, "organizations").at(0)
        self.user_ids: Identifiers = Identifiers.of(seed, "users")
        self.people: People = People(users, seed, self.user_ids)
        self._group_ids = Identifiers.of(seed, "groups")
        self._foreign_ids = Identifiers.of(seed, "groups of Azure")
        self._key = key_of(seed, "directory")
        self._seeded = SeededMembership(users, seeded_groups, seed)
        self._next_group = seeded_groups
        self._groups: dict[int, Group | None] = dict.fromkeys(range(seeded_groups))  # None: still as seeded
        self._changed: dict[int, tuple[int, ...]] = {}
        self._joined: defaultdict[int, set[int]] = defaultdict(set)  # of the changed users only
        self.count_printers: Callable[[int], int] = lambda _: 0
        """Returns how many printers a group has."""
        self.group_id: Callable[[int], str] = lru_cache(_CACHED_IDS)(self._group_ids.at)

    def find_user(self, user_id: str) -> int | None:
        """Return the index of a user id, or `None` for one that is not here."""
        index = self.user_ids.index(user_id)
        return index if index is not None and index < self.users else None

    def user(self, index: int) -> PrintingUser:
        """Return the printing user of an index."""
        draw = mix(self._key ^ index)
        return PrintingUser(
            id=self.user_ids.at(index),
            local_printing_enabled=draw & 1 == 1,
            self_service_enabled=draw & 2 == 2,
            myprinters_enabled=draw & 4 == 4,
            groups=tuple(Membership(self.group_id(group)) for group in self.groups_of(index)),
        )

    def groups_of(self, user: int) -> tuple[int, ...]:
        """Return the groups of a user, without those that were deleted."""
        groups = self._changed[user] if user in self._changed else self._seeded.groups_of(user)
        return tuple(group for group in groups if group in self._groups)

    def set_groups(self, user: int, groups: tuple[int, ...]) -> None:
        """Replace all groups of a user."""
        for group in self._changed.get(user, ()):
            self._joined[group].discard(user)
        self._changed[user] = groups
        for group in groups:
            self._joined[group].add(user)

    def members(self, group: int) -> Sequence[int]:
        """Return the users of a group in the order of their indices."""
        seeded = self._seeded.members(group) if group < self._seeded.groups else ()
        if not self._changed:
            return seeded
        stayed = [user for user in seeded if user not in self._changed]
        return sorted([*stayed, *self._joined[group]]) if self._joined.get(group) else stayed

    def members_of(self, groups: Sequence[int]) -> Sequence[int]:
        """Return the users that are in any of some groups, each once, in the order of their indices."""
        if len(groups) == 1:
            return self.members(groups[0])
        return sorted({user for group in groups for user in self.members(group)})

    @property
    def group_count(self) -> int:
        """How many groups there are now."""
        return len(self._groups)

    def groups(self, start: int, stop: int) -> Iterator[Group]:
        """Yield the groups of one stretch of the list: the seeded ones first, then those created, oldest first."""
        for index in list(islice(self._groups, start, stop)):
            yield self.group(index)

    def find_group(self, group_id: str) -> int | None:
        """Return the index of a group id, or `None` for one that is not here or not any more."""
        index = self._group_ids.index(group_id)
        return index if index in self._groups else None

    def group(self, index: int) -> Group:
        """Return the group of an index that is here, with its members and printers counted."""
        group, members = self._groups[index] or self._seed_group(index), len(self.members(index))
        return attrs.evolve(group, num_members=members, num_printers=self.count_printers(index))

    def create_group(self, changes: GroupFields) -> Group:
        """Add a group with the given fields and no members, and return it."""
        index, self._next_group = self._next_group, self._next_group + 1
        blank = Group(self.group_id(index), "", "", False, False, EzeepOrigin(), self.organization_id, 0, 0)
        self._groups[index] = attrs.evolve(blank, **changes)
        return self.group(index)

    def change_group(self, index: int, changes: GroupFields) -> Group:
        """Change fields of a group and return it."""
        self._groups[index] = attrs.evolve(self.group(index), **changes)
        return self.group(index)

    def delete_group(self, index: int) -> None:
        """Remove a group, and so every membership in it."""
        del self._groups[index]
        self._joined.pop(index, None)

    def _seed_group(self, index: int) -> Group:
        draw = mix(~self._key ^ index)
        department = _DEPARTMENTS[draw % len(_DEPARTMENTS)]
        return Group(
            id=self.group_id(index),
            name=f"{department} {index + 1}",
            description=f"Everyone in {department}" if draw >> 8 & 1 else "",
            local_printing_enabled=draw >> 9 & 1 == 1,
            myprinters_enabled=draw >> 10 & 1 == 1,
            origin=AzureOrigin(self._foreign_ids.at(index)) if (index + self._key) % 3 == 0 else EzeepOrigin(),
            organization_id=self.organization_id,
            num_members=0,
            num_printers=0,
        )

"""The users as they are now: those of the seed, and on top of them only what has been changed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

import msgspec

from myqx_async.simulator.population import FIRST_ID, PERIOD, Credentials, Population, Traits, User


class NameTaken(Exception):
    """Another user has that user name."""


class Directory:
    """All users by index: the seeded ones first, then those created, in order."""

    def __init__(self, population: Population, seeded: int) -> None:
        self.population = population
        self.total: int = seeded
        """How many there have ever been, deleted ones included."""
        self.version: int = 0
        """How many changes there have been."""
        self._seeded = seeded
        self._changed: dict[int, User] = {}
        self._deleted: set[int] = set()
        self._by_value: defaultdict[str, set[int]] = defaultdict(set)

    def index(self, user_id: int) -> int | None:
        """Return the index of a user by id, or `None` if there is none, or no more."""
        index = user_id - FIRST_ID
        return index if self.lives(index) else None

    def lives(self, index: int) -> bool:
        """Tell whether there is such a user and it is not deleted."""
        return 0 <= index < self.total and index not in self._deleted

    def user(self, index: int) -> User:
        """Return the user as it is now."""
        return self._changed.get(index) or self.population.user(index)

    def traits(self, index: int) -> Traits:
        """Return what the fields do not show; a created user has the plainest."""
        return self.population.traits(index) if index < self._seeded else Traits()

    def credentials(self, index: int) -> Credentials:
        """Return all that a user can sign in with."""
        people, user, traits = self.population, self.user(index), self.traits(index)
        secrets = people.password(index), people.pin(index), people.card(index)
        return Credentials(user.id, user.username, *secrets, traits.active, traits.manages_users)

    def holders(self, value: str, guess: int | None) -> Iterable[int]:
        """Return who may have this user name, e-mail or personal number: the one guessed, and any that got it since."""
        return self._by_value.get(value, set()) | ({guess} if guess is not None and guess < self.total else set())

    @property
    def deletions(self) -> int:
        """How many users are deleted."""
        return len(self._deleted)

    def changed(self) -> Collection[int]:
        """Return who is not as seeded, the deleted ones included."""
        return self._changed.keys() | self._deleted

    def untouched(self, residues: list[int]) -> Iterator[int]:
        """Yield who is as seeded and has one of these residues modulo `PERIOD`, in order."""
        changed = self.changed()
        for start in range(0, self._seeded, PERIOD):
            yield from (i for i in (start + r for r in residues) if i < self._seeded and i not in changed)

    def create(self, fields: dict[str, str]) -> tuple[User, bool]:
        """Add a user, or bring the deleted one of that name back with these fields; tell whether it is a new one."""
        name = fields["username"]
        self._refuse_taken(name, None)
        for index in self._named(name):
            self._deleted.discard(index)
            return self.update(index, fields), False
        index = self.total
        self.total += 1
        user = User(id=FIRST_ID + index, username=name, fullname="")
        return self._store(index, msgspec.structs.replace(user, **fields)), True

    def update(self, index: int, fields: dict[str, str]) -> User:
        """Change the given fields of a user and keep the others."""
        if "username" in fields:
            self._refuse_taken(fields["username"], index)
        return self._store(index, msgspec.structs.replace(self.user(index), **fields))

    def delete(self, index: int) -> None:
        """Take a user away; whoever creates one of that name gets this one back."""
        self._deleted.add(index)
        self.version += 1

    def _store(self, index: int, user: User) -> User:
        self._changed[index] = user
        for value in (user.username, user.email, user.code):
            self._by_value[value].add(index)
        self.version += 1
        return user

    def _refuse_taken(self, username: str, owner: int | None) -> None:
        if any(index != owner and self.lives(index) for index in self._named(username)):
            raise NameTaken(username)

    def _named(self, username: str) -> list[int]:
        guess = self.population.index_of_name(username)
        return [index for index in self.holders(username, guess) if self.user(index).username == username]

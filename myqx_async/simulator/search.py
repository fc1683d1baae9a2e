"""Finding users. What identifies one is turned back into an index; what many share is found by its period."""

from collections.abc import Iterable, Sequence

import attrs

from myqx_async.simulator.directory import Directory
from myqx_async.simulator.population import PERIOD, Traits, User


@attrs.frozen(kw_only=True)
class Criteria:
    """What a user must be to be found; `None` asks nothing."""

    username: str | None = None
    """The user name or an alias."""
    email: str | None = None
    code: str | None = None
    card: str | None = None
    sync_source: str | None = None
    group: str | None = None
    """The full path."""
    active: bool | None = None

    def shared(self, user: User, traits: Traits) -> bool:
        """Tell whether a user meets those criteria that many users may meet."""
        return (
            self.sync_source in (None, user.sync_source)
            and self.active in (None, traits.active)
            and (self.group is None or self.group in traits.groups)
        )


class Search:
    """Searches the directory, by index and in order. Deleted users are never found."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._people = directory.population
        self._lists: dict[Criteria, Sequence[int]] = {}
        self._version = 0

    def find(self, criteria: Criteria) -> Sequence[int]:
        """Return who meets all the criteria."""
        candidates = self._candidates(criteria)
        if candidates is not None:
            return sorted(index for index in candidates if self._meets(index, criteria))
        if self._version != self._directory.version:
            self._lists.clear()
            self._version = self._directory.version
        if criteria not in self._lists:
            self._lists[criteria] = self._walk(criteria)
        return self._lists[criteria]

    def sign_in(
        self, *, user: str | None = None, pwd: str | None = None, pin: str | None = None, card: str | None = None
    ) -> int | None:
        """Return the active user whose credentials these all are, or `None`."""
        guesses: list[int | None] = []
        if user is not None:
            guesses.extend(self.find(Criteria(username=user)) or [None])
        if pin is not None:
            guesses.append(self._people.index_of_pin(pin))
        if card is not None:
            guesses.append(self._people.index_of_card(card))
        index, *others = guesses
        if index is None or any(other != index for other in others) or not self._directory.lives(index):
            return None
        if pwd is not None and pwd != self._people.password(index):
            return None
        return index if self._directory.traits(index).active else None

    def _candidates(self, criteria: Criteria) -> Iterable[int] | None:
        """Return the few who may be meant, or `None` if no criterion identifies a user."""
        people, holders = self._people, self._directory.holders
        if criteria.username is not None:
            return holders(criteria.username, people.index_of_name(criteria.username))
        if criteria.email is not None:
            return holders(criteria.email, people.index_of_name(criteria.email))
        if criteria.code is not None:
            return holders(criteria.code, people.index_of_code(criteria.code))
        if criteria.card is not None:
            index = people.index_of_card(criteria.card)
            return () if index is None else (index,)
        return None

    def _meets(self, index: int, criteria: Criteria) -> bool:
        if not self._directory.lives(index):
            return False
        user, people = self._directory.user(index), self._people
        return (
            (criteria.username is None or criteria.username in (user.username, people.alias(index)))
            and criteria.email in (None, user.email)
            and criteria.code in (None, user.code)
            and criteria.card in (None, people.card(index))
            and criteria.shared(user, self._directory.traits(index))
        )

    def _walk(self, criteria: Criteria) -> Sequence[int]:
        if criteria == Criteria() and not self._directory.deletions:
            return range(self._directory.total)
        people = self._people
        residues = [i for i in range(PERIOD) if criteria.shared(people.user(i), people.traits(i))]
        changed = (i for i in self._directory.changed() if self._meets(i, criteria))
        return sorted([*self._directory.untouched(residues), *changed])

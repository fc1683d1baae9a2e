"""Users as the management API knows them (source: rest_api/users, quick-guides/writing_an_integration)."""

import asyncio
from collections.abc import Iterable
from weakref import WeakValueDictionary

from ezeep_async.models.users import User
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.caller import Caller
from print_async.codec import UNSET
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_SOURCE = "rest_api/users"
_LIST = "/printing/v1/users/"
_ONE = "/printing/v1/users/{user_id}/"


class Users(Service):
    """What users may print, and the groups they are in. For names and e-mail addresses see `account_users`."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(caller)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @operation("GET", _LIST, source=_SOURCE)
    def list(
        self,
        call: Call,
        *,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[User]:
        """Walk all users; see `print_async.Pager` for the arguments."""
        return pager(call, User, page_size=page_size, prefetch=prefetch, concurrency=concurrency, resume=resume)

    @operation("GET", _LIST, source="quick-guides/writing_an_integration")
    def list_by_group(
        self,
        call: Call,
        group_id: str,
        *,
        filter_here: bool = False,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[User]:
        """Walk the members of a group.

        ezeep takes the group in the *body of a GET*, which some proxies drop or refuse. Dropped, the answer has all
        users; whoever is not a member is left out here, so the result is right in any case.

        Args:
            group_id: The group.
            filter_here: Send no body at all, walk all users and keep the members: for where a proxy refuses it.
            page_size, prefetch, concurrency, resume: See `print_async.Pager`.
        """
        group_id = group_id.lower()
        return pager(
            call,
            User,
            title=f"of {group_id}" + (" here" if filter_here else ""),
            json=UNSET if filter_here else {"groups": [{"group_id": group_id}]},
            keep=lambda user: group_id in user.group_ids,
            page_size=page_size,
            prefetch=prefetch,
            concurrency=concurrency,
            resume=resume,
        )

    @operation("GET", _ONE, source=_SOURCE)
    async def get(self, call: Call, user_id: str) -> User:
        """Return one user; `NotFound` if there is none of that id (a UUID)."""
        return await call.fetch(User, path={"user_id": user_id})

    @operation("PUT", _ONE, source=_SOURCE)
    async def set_groups(self, call: Call, user_id: str, group_ids: Iterable[str]) -> User:
        """Put a user into exactly these groups, and out of all others. Returns the user as they are then."""
        if isinstance(group_ids, str):
            raise TypeError("group_ids are several: give a list")
        groups = [{"group_id": group_id} for group_id in dict.fromkeys(group_ids)]
        return await call.fetch(User, path={"user_id": user_id}, json={"groups": groups})

    async def add_to_group(self, user_id: str, group_id: str) -> User:
        """Put a user into one more group. Nothing is sent if they are in it already.

        ezeep can only replace the whole list, so this reads it first. Calls for one user through one client wait for
        each other; a change by somebody else between the reading and the writing is lost.
        """
        group_id = group_id.lower()
        async with self._lock(user_id.lower()):
            user = await self.get(user_id)
            if group_id in user.group_ids:
                return user
            return await self.set_groups(user_id, [*_ids(user), group_id])

    async def remove_from_group(self, user_id: str, group_id: str) -> User:
        """Take a user out of one group. Nothing is sent if they are not in it; for the rest see `add_to_group`."""
        group_id = group_id.lower()
        async with self._lock(user_id.lower()):
            user = await self.get(user_id)
            if group_id not in user.group_ids:
                return user
            return await self.set_groups(user_id, [each for each in _ids(user) if each != group_id])

    def _lock(self, user_id: str) -> asyncio.Lock:
        return self._locks.setdefault(user_id, asyncio.Lock())


def _ids(user: User) -> "list[str]":
    return [membership.group_id for membership in user.groups]

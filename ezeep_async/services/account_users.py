"""Users as the account API knows them (source: rest_api/users, quick-guides/user-management)."""

from ezeep_async.models.accounts import AccountUser, AccountUserChanges
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_ONE = "/v1/users/{user_id}/"


class AccountUsers(Service):
    """Who the users are: names, e-mail addresses, roles."""

    @operation("GET", "/v1/users/", source="rest_api/users")
    def list(
        self,
        call: Call,
        *,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[AccountUser]:
        """Walk all account users; see `print_async.Pager` for the arguments. Who is no admin finds only themselves."""
        return pager(call, AccountUser, page_size=page_size, prefetch=prefetch, concurrency=concurrency, resume=resume)

    @operation("GET", _ONE, source="management_api/users")
    async def get(self, call: Call, user_id: str) -> AccountUser:
        """Return one user; `NotFound` if there is none of that id (a UUID) that one may see."""
        return await call.fetch(AccountUser, path={"user_id": user_id})

    @operation("PATCH", _ONE, source="management_api/users/information_of_user", idempotent=True)
    async def update(self, call: Call, user_id: str, changes: AccountUserChanges) -> AccountUser:
        """Change what is set in `changes`, and return the user as they are then."""
        return await call.fetch(AccountUser, path={"user_id": user_id}, json=changes)

    @operation("GET", "/v1/users/me", source="ezeep/ezeep-js, seen in the vendor's client and in no document")
    async def me(self, call: Call) -> AccountUser:
        """Return who is signed in. No document names it; ezeep's own web client asks it."""
        return await call.fetch(AccountUser)

"""Users (source: rad/v4/get-information-about-the-user, rad/v4/change-user-properties)."""

from collections.abc import Iterable, Mapping

from myqx_async.models.users import CreatedUser, NewUser, User, UserChanges
from myqx_async.services.lists import PAGE_SIZE, paged
from print_async.auth.token import TokenKind
from print_async.codec import decode
from print_async.paging import Pager
from print_async.service import Call, Service, names_of, operation
from print_async.wire import Response

_READ = "rad/v4/get-information-about-the-user"
_CHANGE = "rad/v4/change-user-properties"
_SCOPES = ("users",)


class Users(Service):
    """The server's users. With a user token, most of it needs the right "Manage users" as well."""

    @operation("GET", "/v3/users", scopes=_SCOPES, source=_READ)
    def list(
        self,
        call: Call,
        *,
        include: Iterable[str] = (),
        page_size: int = PAGE_SIZE,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[User]:
        """Walk all users.

        Args:
            include: Further parts of each user: `aliases`, `delegates`, `policies`, `accounts`, `permissions` and
                `groups`.
            page_size, concurrency, resume: See `print_async.Pager`.
        """
        return paged(
            call,
            User,
            "users",
            query={"include": names_of(include)},
            page_size=page_size,
            concurrency=concurrency,
            resume=resume,
        )

    @operation("GET", "/v3/users/find", scopes=_SCOPES, kinds=(TokenKind.CLIENT,), source=_READ)
    def find(
        self,
        call: Call,
        *,
        username: str | None = None,
        email: str | None = None,
        card: str | None = None,
        code: str | None = None,
        sync_source: str | None = None,
        group: str | None = None,
        active: bool = True,
        include: Iterable[str] = (),
        page_size: int = PAGE_SIZE,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[User]:
        """Walk the users to whom all the filters given apply. No match is an empty list.

        Args:
            username: User name or alias.
            email, card, code: E-mail address, card number, personal number.
            sync_source: Where the user is synchronised from.
            group: Full path of a group, with the server's separator: `Group|SubGroup`.
            active: False finds the inactive users instead.
            include: As for `list`, without `groups`.
            page_size, concurrency, resume: See `print_async.Pager`.

        Raises:
            ValueError: None of the filters was given; MyQ requires one.
        """
        filters = {
            "username": username,
            "email": email,
            "card": card,
            "code": code,
            "syncSource": sync_source,
            "group": group,
        }
        some_filter(filters)
        query = {**filters, "isActive": int(active), "include": names_of(include)}
        return paged(call, User, "users", query=query, page_size=page_size, concurrency=concurrency, resume=resume)

    @operation("GET", "/v3/users/{user_id}", scopes=_SCOPES, source=_READ)
    async def get(self, call: Call, user_id: int) -> User:
        """Return one user; `NotFound` if there is none of that id."""
        return await call.fetch(User, path={"user_id": user_id})

    @operation("POST", "/v3/users", scopes=_SCOPES, source=_CHANGE)
    async def create(self, call: Call, user: NewUser) -> CreatedUser:
        """Create a user; one that was deleted earlier is brought back instead.

        Not repeated after a failure in which the server may have acted.
        """
        return created(await call.send(json=user), user)

    @operation("PUT", "/v3/users/me", kinds=(TokenKind.USER,), source=_CHANGE)
    async def update_me(self, call: Call, changes: UserChanges) -> None:
        """Change the properties of the user who is signed in."""
        await call.send(json=changes)

    @operation("PUT", "/v3/users/{user_id}", scopes=_SCOPES, source=_CHANGE)
    async def update(self, call: Call, user_id: int, changes: UserChanges) -> None:
        """Change the properties of a user."""
        await call.send(path={"user_id": user_id}, json=changes)


def some_filter(filters: Mapping[str, object]) -> None:
    """Refuse a search without any filter by a `ValueError`: MyQ answers it with nobody."""
    if all(value is None for value in filters.values()):
        raise ValueError(f"a search needs at least one of {', '.join(filters)}")


def created(response: Response, user: NewUser) -> CreatedUser:
    """Read what the server says of a user it has created, which may be nothing."""
    return decode(response.body, CreatedUser) if response.body else CreatedUser(None, user.username, user.fullname)

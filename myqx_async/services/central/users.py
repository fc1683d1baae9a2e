"""Users of a Central Server (source: rad/v4/get-users, rad/v4/create-user)."""

from myqx_async.models.users import CreatedUser, NewUser, User
from myqx_async.services.lists import whole
from myqx_async.services.users import created, some_filter
from print_async.auth.token import TokenKind
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_SCOPES = ("users",)
_KINDS = (TokenKind.CLIENT,)


class Users(Service):
    """The users of all sites."""

    @operation("GET", "/v2/users", scopes=_SCOPES, kinds=_KINDS, source="rad/v4/get-users")
    def list(
        self,
        call: Call,
        *,
        email: str | None = None,
        name: str | None = None,
        username: str | None = None,
        card: str | None = None,
        code: str | None = None,
        groups: bool = False,
        resume: str | None = None,
    ) -> Pager[User]:
        """Walk the users to whom all the filters given apply. They come in one page; no match is an empty list.

        Args:
            email, card, code: E-mail address, card number, personal number.
            name, username: User name. MyQ calls this filter `name` where it lists the filters, and `username` in its
                example; which of the two a server takes has to be tried.
            groups: Ask for the groups of each user as well; the newest page has it. What the server wants to see is not
                documented, so `true` is sent.
            resume: See `print_async.Pager`.

        Raises:
            ValueError: None of the filters was given: MyQ would answer with an empty list, and not with everybody.
        """
        filters = {"email": email, "name": name, "username": username, "card": card, "code": code}
        some_filter(filters)
        query = {**filters, "groups": True if groups else None}
        return whole(call, User, "users", query=query, resume=resume)

    @operation("POST", "/v2/users", scopes=_SCOPES, kinds=_KINDS, source="rad/v4/create-user")
    async def create(self, call: Call, user: NewUser) -> CreatedUser:
        """Create a user; one that exists is refused with a 4xx (`StatusError`).

        Beyond name and full name, MyQ names no fields for it here.

        Not repeated after a failure in which the server may have acted.
        """
        return created(await call.send(json=user), user)

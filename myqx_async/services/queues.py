"""Queues (source: rad/v4/queues)."""

import builtins
from collections.abc import Iterable
from typing import Literal

from myqx_async.models.queues import PrinterAssignment, Queue
from myqx_async.models.users import User
from myqx_async.services.lists import whole
from print_async.auth.token import TokenKind
from print_async.paging import Pager
from print_async.service import Call, Service, names_of, operation

_SOURCE = "rad/v4/queues"
_SCOPES = ("queues",)
_KINDS = (TokenKind.CLIENT,)


class Queues(Service):
    """The print queues."""

    @operation("GET", "/v3/queues", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    def list(
        self,
        call: Call,
        *,
        state: Literal["online", "offline", "all"] | None = None,
        protocol: Literal["air", "ipps", "lpr", "raw"] | None = None,
        include: Iterable[str] = (),
        resume: str | None = None,
    ) -> Pager[Queue]:
        """Walk the queues to which the filters apply. They come in one page.

        Args:
            state: MyQ shows only those `online` unless told otherwise.
            protocol: Only queues that take this protocol.
            include: `client`, for how each behaves in the desktop client.
            resume: See `print_async.Pager`.
        """
        query = {"state": state, "protocol": protocol, "include": names_of(include)}
        return whole(call, Queue, "queues", query=query, resume=resume)

    @operation("GET", "/v3/queues/name:{name}", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    async def get_by_name(self, call: Call, name: str, *, include: Iterable[str] = ()) -> Queue:
        """Return the queue of that name; `NotFound` if there is none.

        `include` is documented for the list only; that it works here is inferred.
        """
        return await call.fetch(Queue, path={"name": name}, query={"include": names_of(include)})

    @operation("GET", "/v3/queues/{queue_id}/users", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    async def users(self, call: Call, queue_id: int) -> builtins.list[User]:
        """Return the users who may print to a queue: their id, user name and full name.

        MyQ does not say what names the queue here; an id is inferred.
        """
        return await call.fetch(builtins.list[User], path={"queue_id": queue_id})

    @operation("GET", "/v3/queues/name:{name}/users", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    async def users_by_name(self, call: Call, name: str) -> builtins.list[User]:
        """Return the users who may print to the queue of that name.

        MyQ does not say what names the queue here; that it is as for `get_by_name` is inferred.
        """
        return await call.fetch(builtins.list[User], path={"name": name})

    @operation("POST", "/v3/queues/{queue_id}/printers", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    async def assign_printer(self, call: Call, queue_id: int, printer_id: int) -> None:
        """Let a queue print to a printer.

        Not repeated after a failure in which the server may have acted.
        """
        await call.send(path={"queue_id": queue_id}, json=PrinterAssignment(printer_id))

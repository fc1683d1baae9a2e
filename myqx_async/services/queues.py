"""Queues (source: rad/v4/queues)."""

from collections.abc import Iterable
from typing import Literal

from myqx_async.models.queues import Queue
from myqx_async.services.lists import whole
from print_async.auth.token import TokenKind
from print_async.paging import Pager
from print_async.service import Call, Service, names_of, operation


class Queues(Service):
    """The print queues."""

    @operation("GET", "/v3/queues", scopes=("queues",), kinds=(TokenKind.CLIENT,), source="rad/v4/queues")
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

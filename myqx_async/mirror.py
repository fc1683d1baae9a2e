"""What of a MyQ X server goes into a mirror: users, printers and queues."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import attrs

from myqx_async.client import MyQX
from myqx_async.models import Printer, Queue, User
from myqx_async.services.lists import PAGE_SIZE
from print_async.codec import encode
from print_async.mirror import Stage
from print_async.mirror_file import Row, Table, Value

INCLUDE = ("aliases", "accounts", "groups")
"""The parts of a user that are copied besides the plain fields; each as JSON, for MyQ does not document their shape."""

_TYPES = {"id": "INTEGER", "private": "INTEGER", "printer_id": "INTEGER", "configuration_id": "INTEGER"}


def _table(name: str, model: type[Any]) -> Table:
    columns = tuple(f"{field.name} {_TYPES.get(field.name, 'TEXT')}" for field in attrs.fields(model))
    return Table(name, columns, key=("id",))


USERS = _table("users", User)
PRINTERS = _table("printers", Printer)
QUEUES = _table("queues", Queue)


def stages(
    myqx: MyQX, *, page_size: int = PAGE_SIZE, concurrency: int = 1
) -> tuple[Stage[User], Stage[Printer], Stage[Queue]]:
    """Return what to copy, for `print_async.mirror.mirror`.

    Args:
        myqx: The server.
        page_size, concurrency: Of the users; see `print_async.Pager`. The other lists come as one page.
    """
    walk = partial(myqx.users.list, include=INCLUDE, page_size=page_size, concurrency=concurrency)
    return (
        Stage(
            "users",
            (USERS,),
            lambda at: walk(resume=at),
            lambda user: _rows(USERS, user),
        ),
        Stage(
            "printers",
            (PRINTERS,),
            lambda at: myqx.printers.list(resume=at),
            lambda printer: _rows(PRINTERS, printer),
        ),
        Stage(
            "queues",
            (QUEUES,),
            lambda at: myqx.queues.list(state="all", include=("client",), resume=at),
            lambda queue: _rows(QUEUES, queue),
        ),
    )


def _rows(table: Table, model: Any) -> Iterator[Row]:
    yield Row(table, tuple(_value(getattr(model, field.name)) for field in attrs.fields(type(model))))


def _value(value: Any) -> Value:
    return value if value is None or isinstance(value, (str, int, float)) else encode(value).decode()

"""The raw answers behind the models, for fields that the models do not know."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from print_async.wire import Response

_captured: ContextVar[list[Response] | None] = ContextVar("print_async_raw_responses", default=None)


@contextmanager
def raw_responses() -> Iterator[list[Response]]:
    """Collect the responses of all calls made inside, in the order they came.

        with raw_responses() as raw:
            user = await myqx.users.get(7)
        print(raw[-1].json())

    Tasks started inside are included. The list grows with every call, so it is not for a long walk over a list; there,
    `Pager.pages()` has the bytes of each page in `Page.raw`.
    """
    responses: list[Response] = []
    reset = _captured.set(responses)
    try:
        yield responses
    finally:
        _captured.reset(reset)


def capture(response: Response) -> None:
    """Keep a response for whoever asked for it."""
    responses = _captured.get()
    if responses is not None:
        responses.append(response)

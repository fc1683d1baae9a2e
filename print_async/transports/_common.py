"""What the transports have in common: their options, the headers in plain text, and a life as long as the loop's."""

import asyncio
import importlib.util
import logging
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Generic, Self, TypeGuard, TypeVar
from urllib.parse import urlsplit

from print_async.errors import ClientClosed, ConnectionLost, TransportError
from print_async.origin import presentable
from print_async.secret import Secret
from print_async.wire import Body, Request

T = TypeVar("T")

KEEP_ALIVE = 15.0
"""Seconds for which an idle connection is kept: aiohttp's default, so that all transports do the same."""
PIECE = 2**16
"""Bytes of a body that go out at a time."""
_log = logging.getLogger("print_async.transport")


def check_options(
    ca_file: str | Path | None, context: ssl.SSLContext | None, verify: bool, connections: int, proxy: str | None = None
) -> None:
    """Raise `ValueError` for options that exclude each other, or are none."""
    if sum((ca_file is not None, context is not None, not verify)) > 1:
        raise ValueError("give one of ca_file, ssl_context and verify=False")
    if connections < 1:
        raise ValueError("a transport needs at least one connection")
    if proxy is not None and (urlsplit(proxy).scheme not in ("http", "https") or not urlsplit(proxy).hostname):
        raise ValueError(f"not the URL of an HTTP proxy: {presentable(proxy)!r}")


def require(library: str, transport: str, *, extra: str) -> None:
    """Raise `ImportError` that names the extra, if a library is not installed. Does not import it."""
    if importlib.util.find_spec(library) is None:
        raise ImportError(f"{transport} needs {library}: install print-async[{extra}]", name=library)


def trusted(ca_file: str | Path | None, context: ssl.SSLContext | None, verify: bool) -> ssl.SSLContext | bool:
    """Return the context to check certificates with, `True` for the system's own rules, and `False` for no check.

    Raises:
        ValueError: `ca_file` is no PEM file.
        OSError: It cannot be read.
    """
    if not verify:
        _log.warning(
            "verify=False: server certificates are NOT checked. Anyone on the way can read and change everything, the "
            "credential included. Use ca_file= outside of tests"
        )
        return False
    if ca_file is not None:
        context = ssl.create_default_context()
        try:
            context.load_verify_locations(cafile=str(ca_file))
        except ssl.SSLError as error:
            raise ValueError(f"{ca_file} is no PEM file of a certificate authority ({error.reason})") from None
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(ca_file)) from None  # which Python leaves out here
    return True if context is None else context


def certificate_help(where: str, reason: str, transport: str) -> str:
    """Return what to say about a certificate that is not accepted."""
    return (
        f"{where}: the server's certificate is not accepted ({reason}); nothing was sent. If the server has a "
        "certificate authority of its own, as MyQ X has, export its certificate as a PEM file and pass it as "
        f"{transport}(ca_file=...), on the command line --ca-file"
    )


def plain_headers(request: Request) -> dict[str, str]:
    """Return the headers in plain text, those of the body among them. Keep them out of tracebacks."""
    headers = {name: value.reveal() if isinstance(value, Secret) else value for name, value in request.headers.items()}
    body = request.body
    if body is None:
        return headers
    given = {name.lower() for name in headers}
    length = len(body.content) if isinstance(body.content, bytes) else body.length
    if body.content_type is not None and "content-type" not in given:
        headers["Content-Type"] = body.content_type
    if length is not None and "content-length" not in given:
        headers["Content-Length"] = str(length)
    return headers


def in_pieces(body: Body | None) -> TypeGuard[Body]:
    """Tell whether a body goes out piece by piece, and not at once with the head."""
    return body is not None and not (isinstance(body.content, bytes) and len(body.content) <= PIECE)


def target_of(url: str) -> str:
    """Return what the request line says of a URL: path and query, byte for byte."""
    after_scheme = url.split("#", 1)[0].partition("://")[2]
    at = min((after_scheme.find(mark) for mark in "/?" if mark in after_scheme), default=len(after_scheme))
    return after_scheme[at:] if after_scheme[at : at + 1] == "/" else f"/{after_scheme[at:]}"


class BodyFailed(Exception):
    """The stream of a request's body ended in an error."""


async def pieces(body: Body) -> AsyncGenerator[bytes, None]:
    """Yield a body piece by piece.

    Raises:
        BodyFailed: Its stream failed: the library must not take the stream's errors for the network's.
    """
    if isinstance(body.content, bytes):
        for start in range(0, len(body.content), PIECE):
            yield body.content[start : start + PIECE]
        return
    try:
        async for piece in body.content():
            yield piece
    except Exception as error:  # noqa: BLE001 - whatever a caller's stream raises
        failure = type(error).__name__
    else:
        return
    raise BodyFailed(failure)


class PerLoop(Generic[T]):
    """Something that belongs to the running loop: made on first use, and closed with the loop or with `aclose`.

    Its connections are of no use to another loop, so for that one it is made anew.
    """

    def __init__(
        self, make: Callable[[], T], close: Callable[[T], Awaitable[None]], *, name: str = "transport"
    ) -> None:
        self._make = make
        self._close = close
        self._name = name
        self._own: T | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: AsyncGenerator[None, None] | None = None
        self.closed: bool = False

    @property
    def ready(self) -> T | None:
        """That of the running loop; `None` if there is none to be had without waiting."""
        return self._own if self._loop is asyncio.get_running_loop() else None

    async def open(self) -> T:
        """Return that of the running loop.

        Raises:
            ClientClosed: `aclose` came before.
        """
        if self.closed:
            raise ClientClosed(f"the {self._name} is closed; make a new one")
        if self.ready is None:
            await self._drop()
        if self._own is None:  # another task may have come first while the old one was closing
            self._own, self._loop = self._make(), asyncio.get_running_loop()
            # A loop that ends closes its asynchronous generators, and this one what is open with it.
            self._end = self._until_the_end(self._own)
            await anext(self._end)
        return self._own

    async def aclose(self) -> None:
        """Close it for good."""
        self.closed = True
        await self._drop()

    async def _drop(self) -> None:
        end, self._end, self._own, self._loop = self._end, None, None, None
        if end is not None:
            await end.aclose()

    async def _until_the_end(self, own: T) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            await self._close(own)


class Waits:
    """The requests of a transport that are under way, so that closing it ends them."""

    def __init__(self) -> None:
        self._open: set[Wait] = set()
        self.over: bool = False

    def one(self) -> "Wait":
        """Wait inside a `with` of it: a `TimeoutError` leaves that when `end` is called, at once if it was before."""
        return Wait(self._open, over=self.over)

    def end(self) -> None:
        """End all waits, and those to come."""
        self.over = True
        for wait in self._open:
            # Not at once: a task that runs would be cancelled, not in the wait, but wherever it waits next.
            asyncio.get_running_loop().call_soon(wait.end)


class Wait:
    """What the running task waits for; see `Waits`. As `asyncio.timeout`, but for a clock, which makes that dear."""

    __slots__ = ("_before", "_ended", "_open", "_over", "_task")

    def __init__(self, waits: "set[Wait]", *, over: bool) -> None:
        self._open = waits
        self._over = over
        self._ended = False
        self._task = current_task()
        self._before = self._task.cancelling()

    def __enter__(self) -> Self:
        if self._over:
            raise TimeoutError
        self._open.add(self)
        return self

    def end(self) -> None:
        """End it, if it is not over."""
        if self in self._open and not self._ended:
            self._ended = True
            self._task.cancel()

    @property
    def cancelled(self) -> bool:
        """Whether the task was cancelled meanwhile, for whatever reason."""
        return self._task.cancelling() > self._before

    def check(self) -> None:
        """Raise `CancelledError` if so: some libraries hand out a result though the wait for it was cancelled."""
        if self.cancelled:
            raise asyncio.CancelledError

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._open.discard(self)
        if self._ended and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError


def current_task() -> "asyncio.Task[object]":
    """Return the running task."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a transport is used in a task")
    return task


def closed_under_way(request: Request, phase: str) -> ClientClosed | TransportError:
    """Return the error of a request that the closing of its transport has ended in that phase."""
    if phase == "connect":
        return ClientClosed("the transport was closed while the request waited for a connection; nothing was sent")
    where = presentable(request.url)
    said = "the transport was closed under way; the server may have acted on the request"
    return ConnectionLost(f"{request.method} {where}: {said}", method=request.method, url=where, phase=phase)

"""What every vendor simulator stands on: a server on loopback, statistics, faults, a sign-in page, on aiohttp.web.

A simulator is written from the vendor's documents and imports nothing of that vendor's client. This module gives it
only what has no vendor in it. It needs aiohttp, so import it only where a server is started.
"""

import asyncio
import contextlib
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from html import escape
from types import TracebackType
from typing import Self

import attrs
from aiohttp import typedefs, web

from print_async.testing.faults import Fault, FaultKind, Faults
from print_async.testing.listening import stop_listening

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Middleware = typedefs.Middleware


@attrs.define
class Statistics:
    """What a simulator has seen. All of it counts requests, faults included."""

    requests: int = 0
    statuses: Counter[int] = attrs.field(factory=Counter)
    """Answers by HTTP status; dropped connections are in `dropped`."""
    routes: Counter[str] = attrs.field(factory=Counter)
    """Requests by `METHOD /path`, without the query."""
    token_requests: Counter[str] = attrs.field(factory=Counter)
    """Requests to the token endpoint by `grant_type`, refused ones included."""
    refresh_reuse: int = 0
    """How often a refresh token came that had been spent before."""
    mutations: Counter[str] = attrs.field(factory=Counter)
    """Changes that took effect, by what was changed: `kind:id`. More than one where one was meant is a doubled item."""
    dropped: int = 0
    in_flight: int = 0
    peak_in_flight: int = 0

    @property
    def unauthorized(self) -> int:
        """How many answers were 401."""
        return self.statuses[401]


def observe(statistics: Statistics, faults: Faults) -> Middleware:
    """Make the outermost middleware: it counts each request, and lets the faults strike."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        statistics.requests += 1
        statistics.routes[f"{request.method} {request.path}"] += 1
        statistics.in_flight += 1
        statistics.peak_in_flight = max(statistics.peak_in_flight, statistics.in_flight)
        try:
            fault = faults.strike(request.method, request.path)
            response = await (_suffer(fault, request, handler) if fault else _handle(request, handler))
            statistics.statuses[response.status] += 1
            return response
        except ConnectionResetError:
            statistics.dropped += 1
            return web.Response()  # reaches nobody, and spares the log a traceback for what was meant to happen
        finally:
            statistics.in_flight -= 1

    return middleware


async def _handle(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as answer:
        return web.Response(status=answer.status, text=answer.text, headers=answer.headers)


async def _suffer(fault: Fault, request: web.Request, handler: Handler) -> web.StreamResponse:
    match fault.kind:
        case FaultKind.STATUS:
            headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
            return web.Response(status=fault.status, headers=headers, text="injected fault")
        case FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
            return await _handle(request, handler)
        case FaultKind.DROP_BEFORE:
            _reset(request)
        case FaultKind.DROP_AFTER:
            await _handle(request, handler)
            _reset(request)
        case FaultKind.TRUNCATE:
            return await _truncate(request, await _handle(request, handler))
    raise ConnectionResetError("dropped by an injected fault")


def _reset(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


async def _truncate(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    body = whole.body if isinstance(whole, web.Response) and isinstance(whole.body, bytes) else b""
    partial = web.StreamResponse(status=whole.status, headers={"Content-Type": whole.content_type})
    partial.content_length = len(body) + 1
    await partial.prepare(request)
    await partial.write(body[: len(body) // 2])
    _reset(request)
    return partial


class Server:
    """An aiohttp.web application on a free port of 127.0.0.1, as an async context manager.

    `url` is known from entering on and has no trailing slash. Leaving stops the server and drops its connections.
    """

    def __init__(self, app: web.Application, *, ssl_context: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._app = app
        self._handlers: set[asyncio.Task[object]] = set()
        app.middlewares.insert(0, self._track())
        self._ssl_context = ssl_context
        self._port = port
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The base URL, `http://127.0.0.1:port` or `https://localhost:port`."""
        if self._listener is None:
            raise RuntimeError("the server is not running: enter it with `async with` first")
        port: int = self._listener.sockets[0].getsockname()[1]
        return f"https://localhost:{port}" if self._ssl_context else f"http://127.0.0.1:{port}"

    async def __aenter__(self) -> Self:
        # Lingering, aiohttp waits for the rest of a body, also of a client that has gone and outlasting the server.
        self._runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=0.01, lingering_time=0.2)
        await self._runner.setup()
        assert self._runner.server is not None  # noqa: S101 - it is set up; this tells the type checker
        self._listener = await asyncio.get_running_loop().create_server(
            self._runner.server, "127.0.0.1", self._port, ssl=self._ssl_context, backlog=128, reuse_address=True
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        runner, self._runner, listener, self._listener = self._runner, None, self._listener, None
        if listener is not None:
            await stop_listening(listener)
        # aiohttp forgets a handler whose client has gone away, and stumbles over one that outlives its own patience.
        for handler in self._handlers:
            handler.cancel()
        if self._handlers:
            await asyncio.wait(self._handlers)
        if runner is not None and listener is not None and runner.server is not None:
            await _hang_up(runner.server, listener)
            await runner.cleanup()

    def _track(self) -> Middleware:
        @web.middleware
        async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
            task = asyncio.current_task()
            if task is None:
                return await handler(request)
            self._handlers.add(task)
            try:
                return await handler(request)
            finally:
                self._handlers.discard(task)

        return middleware


async def _hang_up(server: web.Server, listener: asyncio.Server) -> None:
    """Drop every connection, those too that come out of a handshake yet, which aiohttp itself leaves to the loop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            while getattr(listener, "_active_count", 0):
                for connection in server.connections:
                    if connection.transport is not None:
                        connection.transport.abort()
                await asyncio.sleep(0.001)


class SignInCancelled(Exception):
    """The person at the sign-in page does not want to sign in."""


@attrs.frozen
class Field:
    """One thing to type in on a sign-in page."""

    name: str
    label: str
    hidden: bool = False
    """Whether it is shown as dots, and forgotten after a wrong attempt."""


@attrs.frozen
class SignInPage:
    """A page on which a person signs in: a form that works without scripts, and posts to its own URL, query included.

    Its looks are made up, as the vendors' documents show nothing of theirs. What is typed in comes as form fields, with
    the button pressed as `action`: `sign-in` or `cancel`. All elements have their names as ids as well.
    """

    title: str
    fields: tuple[Field, ...]
    check: Callable[[Mapping[str, str]], int | None]
    """Returns the index of the user whose credentials were typed in, or `None`."""

    async def visit(self, request: web.Request, lang: str = "en") -> int | web.Response:
        """Return the index of the user who has signed in with this request, or the page to answer it with.

        Raises:
            SignInCancelled: They pressed the other button.
        """
        if request.method != "POST":
            return self._show(lang, {})
        typed = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        if typed.get("action") == "cancel":
            raise SignInCancelled
        user = self.check(typed)
        return self._show(lang, typed, "What you have typed in is not known here.") if user is None else user

    def _show(self, lang: str, typed: Mapping[str, str], error: str = "") -> web.Response:
        rows = "\n".join(_row(field, typed.get(field.name, "")) for field in self.fields)
        alert = f'<p role="alert">{escape(error)}</p>\n' if error else ""
        page = _PAGE.format(lang=escape(lang), title=escape(self.title), alert=alert, rows=rows)
        # The URL of the page has the `state` in it.
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        return web.Response(text=page, content_type="text/html", headers=headers)


_PAGE = """\
<!doctype html>
<html lang="{lang}">
<meta charset="utf-8">
<title>{title}</title>
<h1>{title}</h1>
{alert}<form method="post">
{rows}
<p><button id="sign-in" name="action" value="sign-in">Sign in</button>
<button id="cancel" name="action" value="cancel">Cancel</button></p>
</form>
</html>
"""


def _row(field: Field, typed: str) -> str:
    name, kind, value = escape(field.name), "password" if field.hidden else "text", "" if field.hidden else typed
    label = f'<label for="{name}">{escape(field.label)}</label>'
    return f'<p>{label} <input id="{name}" name="{name}" type="{kind}" value="{escape(value)}"></p>'

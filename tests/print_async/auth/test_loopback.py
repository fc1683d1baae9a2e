"""Signing in over loopback: a real listener on 127.0.0.1, and a browser that is played."""

import asyncio
import logging
import socket
import threading
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode, urlsplit

import attrs
import pytest

from print_async.auth.authorization import AuthorizationRequest
from print_async.auth.loopback import sign_in
from print_async.errors import AuthorizationRefused
from print_async.testing import VirtualClock

CODE = "planted-code"


def begin(redirect_uri: str) -> AuthorizationRequest:
    """Begin a sign-in at a server that nobody will visit."""
    return AuthorizationRequest.make(
        "https://print.example/authorize",
        client_id="app",
        redirect_uri=redirect_uri,
        scope="",
        extra={},
        pkce=True,
    )


@attrs.define
class Waiting:
    """A sign-in whose browser has been opened."""

    task: "asyncio.Task[tuple[AuthorizationRequest, str]]"
    request: AuthorizationRequest
    clock: VirtualClock

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        parts = urlsplit(self.request.redirect_uri)
        assert parts.port is not None
        return "127.0.0.1", parts.port

    def target(self, **fields: str) -> str:
        """Return the path and query that the browser comes back to, with our state unless there is another."""
        return f"/callback?{urlencode({'state': self.request.state.reveal(), **fields})}"

    async def send(self, raw: bytes) -> str:
        """Send bytes to the listener and return all that comes back."""
        reader, writer = await asyncio.open_connection(*self.address)
        try:
            writer.write(raw)
            return (await reader.read()).decode()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def get(self, target: str, method: str = "GET") -> str:
        """Ask as a browser does."""
        return await self.send(get(target, method))

    async def closed(self) -> bool:
        """Tell whether nobody listens there any more."""
        try:
            _, writer = await asyncio.open_connection(*self.address)
        except ConnectionRefusedError:
            return True
        writer.close()
        return False


def get(target: str, method: str = "GET") -> bytes:
    """Return a request as a browser sends it."""
    return f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n".encode()


Start = Callable[..., Awaitable[Waiting]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Start sign-ins, and end those that are still waiting."""
    tasks = []

    async def make(result: object = True, **options: Any) -> Waiting:
        loop, clock = asyncio.get_running_loop(), VirtualClock()
        opened: asyncio.Future[str] = loop.create_future()
        begun: list[AuthorizationRequest] = []

        def remember(redirect_uri: str) -> AuthorizationRequest:
            begun.append(begin(redirect_uri))
            return begun[0]

        def open_browser(url: str) -> object:
            loop.call_soon_threadsafe(opened.set_result, url)
            return result

        task = asyncio.create_task(sign_in(remember, open_browser=open_browser, clock=clock, **options))
        tasks.append(task)
        assert await opened == begun[0].url
        return Waiting(task, begun[0], clock)

    yield make
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def refusal(waiting: Waiting, error: str) -> AuthorizationRefused:
    """Return what the sign-in ends with, which must be this error; it must listen no longer."""
    with pytest.raises(AuthorizationRefused) as caught:
        await waiting.task
    assert caught.value.error == error
    assert await waiting.closed()
    return caught.value


def free_port() -> int:
    """Return a port that was free just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_the_whole_way(start):
    """The browser is told it is done, and request and callback give the code to whoever began."""
    waiting = await start()

    answer = await waiting.get(waiting.target(code=CODE))
    request, callback_url = await waiting.task

    assert answer.startswith("HTTP/1.1 200 OK\r\n")
    assert "window.close()" in answer
    assert request is waiting.request
    assert callback_url == f"http://127.0.0.1:{waiting.address[1]}{waiting.target(code=CODE)}"
    assert request.read_callback(callback_url) == CODE
    assert await waiting.closed()


async def test_a_registered_redirect_uri(start):
    """A redirect URI with a port is used to the letter, its own query included."""
    registered = f"http://localhost:{free_port()}/code?tenant=7"
    waiting = await start(redirect_uri=registered)

    await waiting.get(f"/code?tenant=7&{waiting.target(code=CODE).partition('?')[2]}")
    request, callback_url = await waiting.task

    assert request.redirect_uri == registered
    assert request.read_callback(callback_url) == CODE


async def test_a_free_port_keeps_the_rest(start):
    """With port 0 the port alone is filled in, and no path is the root."""
    waiting = await start(redirect_uri="http://localhost:0")

    assert waiting.request.redirect_uri == f"http://localhost:{waiting.address[1]}"
    await waiting.get(waiting.target(code=CODE).replace("/callback", "/"))
    assert (await waiting.task)[0].read_callback((await waiting.task)[1]) == CODE


async def test_it_listens_on_127_0_0_1_alone(start):
    """No other address of the machine reaches the listener."""
    waiting = await start()

    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.2", waiting.address[1])


@pytest.mark.parametrize("fields", [{"code": CODE}, {"error": "access_denied"}], ids=["code", "error"])
@pytest.mark.parametrize("state", ["", "other", "ä"])
async def test_a_wrong_state_does_not_end_the_wait(start, state, fields):
    """An answer with another state, or none, is refused with a page, and the right one is still taken."""
    waiting = await start()

    stray = await waiting.get(waiting.target(**fields, state=state))
    bare = await waiting.get(f"/callback?{urlencode(fields)}")
    assert not waiting.task.done()
    await waiting.get(waiting.target(code="right"))
    request, callback_url = await waiting.task

    assert {page.partition("\r\n")[0] for page in (stray, bare)} == {"HTTP/1.1 400 Bad Request"}
    assert "Not accepted" in stray
    assert request.read_callback(callback_url) == "right"


async def test_a_replayed_answer(start):
    """Of two answers the first is taken, the second is told so; later there is nobody to send it to."""
    waiting = await start()
    first, second = [await asyncio.open_connection(*waiting.address) for _ in range(2)]
    await waiting.clock.settle()
    for (_, writer), code in ((first, "first"), (second, "second")):
        writer.write(get(waiting.target(code=code)))

    pages = [(await reader.read()).decode().partition("\r\n")[0] for reader, _ in (first, second)]
    request, callback_url = await waiting.task

    assert pages == ["HTTP/1.1 200 OK", "HTTP/1.1 409 Conflict"]
    assert request.read_callback(callback_url) == "first"
    assert await waiting.closed()
    for _, writer in (first, second):
        writer.close()


async def test_an_old_answer_to_a_new_sign_in(start):
    """The answer to one sign-in is not taken by the next one."""
    old, new = await start(), await start()

    assert (await new.get(old.target(code=CODE))).startswith("HTTP/1.1 400")
    assert not new.task.done()


async def test_an_error_answer(start):
    """What the sign-in page refuses ends the wait with its code and its words, which the page does not repeat."""
    waiting = await start()

    page = await waiting.get(waiting.target(error="access_denied", error_description="<b>no</b>", code=CODE))
    error = await refusal(waiting, "access_denied")
    assert "<b>no</b>" in str(error)
    assert "Not signed in" in page
    assert "<b>" not in page


async def test_an_answer_without_a_code(start):
    """Our state with neither code nor error ends the wait."""
    waiting = await start()

    await waiting.get(waiting.target())
    await refusal(waiting, "no_code")


async def test_the_time_limit(start):
    """Nobody comes: five minutes later it ends, and says how long it waited, where, and what to do."""
    waiting = await start()

    await waiting.clock.advance(299)
    assert not waiting.task.done()
    await waiting.clock.advance(1)
    error = await refusal(waiting, "timeout")
    assert "300 seconds" in str(error)
    assert waiting.request.redirect_uri in str(error)
    assert "Begin anew" in str(error)


async def test_the_time_limit_tells_of_strays(start):
    """If answers were turned away meanwhile, the end of the wait says how many."""
    waiting = await start(timeout=10)
    await waiting.get("/callback?code=x&state=y")

    await waiting.clock.advance(10)
    error = await refusal(waiting, "timeout")
    assert "turned away: 1" in str(error)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_busy_port(host):
    """A port in use is an error that names it and what to do, before a sign-in begins or a browser opens."""
    opened = []
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(AuthorizationRefused, match=f"127.0.0.1:{port}.*in use.*another port") as caught:
            await sign_in(opened.append, open_browser=opened.append, redirect_uri=f"http://{host}:{port}/code")

    assert (caught.value.error, opened) == ("cannot_listen", [])


@pytest.mark.parametrize(
    "uri",
    [
        "https://127.0.0.1:3000/code",
        "http://app.example/code",
        "http://0.0.0.0:3000/code",
        "http://[::1]:3000/code",
        "http://127.0.0.1@app.example/code",
        "http://user@127.0.0.1:3000/code",
        "http://127.0.0.1:3000/code#part",
        "http://127.0.0.1:70000/code",
        "myapp:/code",
        "",
    ],
)
async def test_a_redirect_uri_that_leads_elsewhere(uri):
    """Only plain http to this machine can come back here; all else is refused before anything happens."""
    with pytest.raises(ValueError, match=r"redirect_uri must|out of range"):
        await sign_in(begin, open_browser=pytest.fail, redirect_uri=uri)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (get("/favicon.ico"), 404),
        (get("/"), 404),
        (get("/callback/?code=x"), 404),
        (get("//callback?code=x"), 404),
        (get("http://127.0.0.1/callback?code=x"), 404),
        (get("/callback?code=x", "POST"), 405),
        (get("/callback?code=x", "HEAD"), 405),
        (b"\r\n\r\n", 404),
        (b"\x16\x03\x01\xff\x00[\r\n\r\n", 404),
        (b"GET /callback?" + b"x" * 40_000, 431),
    ],
    ids=lambda value: value if isinstance(value, int) else repr(value[:24]),
)
async def test_what_is_no_answer(start, raw, status):
    """Other paths, other methods and nonsense get a short answer and change nothing."""
    waiting = await start()

    assert (await waiting.send(raw)).startswith(f"HTTP/1.1 {status} ")
    assert not waiting.task.done()
    await waiting.get(waiting.target(code=CODE))
    await waiting.task


async def test_a_slow_and_a_silent_connection(start):
    """A request may come in pieces, and connections that a browser opened in reserve do not hold the end up."""
    waiting = await start()
    silent_reader, silent = await asyncio.open_connection(*waiting.address)
    reader, writer = await asyncio.open_connection(*waiting.address)
    for byte in get(waiting.target(code=CODE)):
        writer.write(bytes([byte]))
        await asyncio.sleep(0)

    assert (await reader.read()).startswith(b"HTTP/1.1 200")
    await waiting.task
    with suppress(ConnectionResetError):
        assert await asyncio.wait_for(silent_reader.read(), 30) == b""
    for each in (silent, writer):
        each.close()


async def test_cancelling(start):
    """Whoever is cancelled while waiting leaves no listener and no timer."""
    waiting = await start()

    waiting.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting.task

    assert await waiting.closed()
    assert waiting.clock.sleepers == 0


async def test_a_begin_that_fails():
    """An error of `begin` is passed on, no browser opens, and the port is free again."""
    port = free_port()

    with pytest.raises(ValueError, match="invalid literal"):
        await sign_in(int, open_browser=pytest.fail, redirect_uri=f"http://127.0.0.1:{port}/")  # type: ignore[arg-type]

    socket.create_server(("127.0.0.1", port)).close()


async def test_no_browser(start):
    """If no browser can be opened it says so at once, and how to do without."""
    waiting = await start(result=False)

    error = await refusal(waiting, "no_browser")
    assert "open_browser" in str(error)
    assert waiting.request.state.reveal() not in str(error)


async def test_an_opener_that_shows_the_url(start):
    """An opener that returns nothing has shown the URL, and the wait goes on."""
    waiting = await start(result=None)

    await waiting.get(waiting.target(code=CODE))
    assert (await waiting.task)[0] is waiting.request


async def test_an_opener_that_fails():
    """What the opener raises is passed on, and nothing is left behind."""

    def open_browser(url: str) -> None:
        raise LookupError("no display")

    with pytest.raises(LookupError, match="no display"):
        await sign_in(begin, open_browser=open_browser)


async def test_a_browser_in_the_foreground():
    """A text browser, which returns when it is left, holds up neither the loop nor the answer."""
    loop, done = asyncio.get_running_loop(), threading.Event()
    opened: asyncio.Future[str] = loop.create_future()
    requests: list[AuthorizationRequest] = []

    def remember(redirect_uri: str) -> AuthorizationRequest:
        requests.append(begin(redirect_uri))
        return requests[0]

    def open_browser(url: str) -> bool:
        loop.call_soon_threadsafe(opened.set_result, url)
        return done.wait(30)

    task = asyncio.create_task(sign_in(remember, open_browser=open_browser))
    try:
        await opened
        waiting = Waiting(task, requests[0], VirtualClock())
        await waiting.get(waiting.target(code=CODE))
        assert (await task)[0] is requests[0]
    finally:
        done.set()


async def test_no_secret_gets_out(start, caplog):
    """Neither code, state nor verifier is in a page, a log, an error or a traceback with its locals."""
    caplog.set_level(logging.DEBUG)
    waiting = await start()
    said = [await waiting.get(waiting.target(code=CODE, state="planted-state"))]

    said.append(await waiting.get(waiting.target(error="access_denied", code=CODE)))
    error = await refusal(waiting, "access_denied")
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [f"{frame.locals}" for frame in frames.stack if frame.filename.endswith("/print_async/auth/loopback.py")]

    text = "\n".join([*said, caplog.text, str(error), *ours])
    assert len(ours) == 1
    for secret in (CODE, "planted-state", waiting.request.state.reveal(), waiting.request.code_verifier.reveal()):
        assert secret not in text


@pytest.mark.parametrize("fields", [{"code": CODE}, {"error": "access_denied"}, {"state": "x"}])
async def test_pages_are_kept_nowhere(start, fields):
    """No page is stored, or tells another site where it came from."""
    waiting = await start()

    head, _, page = (await waiting.get(waiting.target(**fields))).partition("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])

    assert (
        headers.items()
        >= {
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(page.encode())),
        }.items()
    )
    waiting.task.cancel()
    with suppress(AuthorizationRefused, asyncio.CancelledError):
        await waiting.task

"""Signing a person in through the browser of their own machine (RFC 8252, section 7.3): a listener on 127.0.0.1.

    grant = AuthorizationCode.finish(
        *await sign_in(lambda uri: AuthorizationCode.begin("client-id", redirect_uri=uri)), client_id="client-id"
    )

The listener is there before the browser opens, takes one answer, and is gone afterwards, however it ends. What anybody
else sends to it is turned away: another path, another method, an answer without our `state`.
"""

import asyncio
import webbrowser
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

from print_async.auth.authorization import AuthorizationRequest
from print_async.clock import Clock, SystemClock
from print_async.errors import AuthorizationRefused
from print_async.secret import Secret

ANY_PORT = "http://127.0.0.1:0/callback"
"""A redirect URI on whichever port is free. RFC 8252 has servers allow any port of 127.0.0.1; not all of them do."""

_ADDRESS = "127.0.0.1"
_LONGEST_HEAD = 32_768


async def sign_in(
    begin: Callable[[str], AuthorizationRequest],
    *,
    open_browser: Callable[[str], object] = webbrowser.open,
    redirect_uri: str = ANY_PORT,
    timeout: float = 300,  # noqa: ASYNC109 - measured by the clock that is given, and refused in words of its own
    clock: Clock | None = None,
) -> tuple[AuthorizationRequest, str]:
    """Open the sign-in page in a browser, and wait for the browser to come back.

    Args:
        begin: Makes the request from the redirect URI, in which a free port is filled in by now; the vendor's
            `AuthorizationCode.begin` does it.
        open_browser: Called once with the URL of the sign-in page, in a thread, as a text browser returns only when it
            is left. `False` means that no browser could be opened; anything else, that one was, or that the person has
            been shown the URL. The URL carries the `state`: show it to nobody else, and keep it out of logs. What it
            raises ends the wait and is passed on.
        redirect_uri: Where the browser is to come back to: `http`, to `127.0.0.1` or `localhost`. Port 0 is any free
            one; where the vendor wants it registered to the letter, give that, such as `http://localhost:3000/code`.
        timeout: Seconds to wait for the person.
        clock: What measures them.

    Returns:
        What the vendor's `AuthorizationCode.finish` takes: the request, and the URL the browser came back to. The URL
        has the code in it; treat it as a secret.

    Raises:
        ValueError: The redirect URI does not lead to this machine. Nothing was opened.
        AuthorizationRefused: Nothing was exchanged; `error` tells why, the message what to do. `cannot_listen`: the
            port is in use, or not ours to use; no browser was opened. `no_browser`: `open_browser` returned `False`.
            `timeout`: no answer in time. `no_code`, `access_denied`, and the others of RFC 6749, section 4.1.2.1: the
            sign-in page's answer. Begin anew with a new call.
    """
    async with _Listener(redirect_uri) as listener:
        request = begin(listener.redirect_uri)
        listener.request = request
        answer = await _first_answer(listener, request.url, open_browser, timeout, clock or SystemClock())
    if isinstance(answer, AuthorizationRefused):
        raise answer
    return request, answer.reveal()


async def _first_answer(
    listener: "_Listener", url: str, open_browser: Callable[[str], object], seconds: float, clock: Clock
) -> Secret | AuthorizationRefused:
    timer = asyncio.ensure_future(clock.sleep(seconds))
    browser = asyncio.ensure_future(asyncio.to_thread(open_browser, url))
    try:
        awaited: set[asyncio.Future[Any]] = {listener.answer, timer, browser}
        await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
        if browser.done() and not listener.answer.done():
            if browser.result() is False:
                return _no_browser()
            await asyncio.wait(awaited - {browser}, return_when=asyncio.FIRST_COMPLETED)
        return listener.answer.result() if listener.answer.done() else _timed_out(listener, seconds)
    finally:
        timer.cancel()
        browser.cancel()
        await asyncio.gather(timer, browser, return_exceptions=True)


def _no_browser() -> AuthorizationRefused:
    return AuthorizationRefused(
        "no browser could be opened on this machine. Give `open_browser` a function that shows the URL to the person, "
        "or sign in in another way",
        error="no_browser",
    )


def _timed_out(listener: "_Listener", seconds: float) -> AuthorizationRefused:
    strays = listener.strays
    seen = f" (turned away: {strays} without the `state` of this sign-in)" if strays else ""
    return AuthorizationRefused(
        f"nobody has finished signing in within {seconds:g} seconds: no answer came to {listener.redirect_uri}{seen}. "
        "Begin anew, with a longer `timeout` if need be. A browser on another machine cannot come back to this one: "
        "sign in in another way there",
        error="timeout",
    )


class _Listener:
    """The port and its one answer."""

    def __init__(self, redirect_uri: str) -> None:
        self._target = _local(redirect_uri)
        self._port = 80 if self._target.port is None else self._target.port
        self._server: asyncio.Server | None = None
        self.redirect_uri = redirect_uri
        self.request: AuthorizationRequest | None = None
        self.answer: asyncio.Future[Secret | AuthorizationRefused] = asyncio.get_running_loop().create_future()
        self.strays = 0
        """How many answers were turned away because of their `state`."""
        self.visits: set[asyncio.Transport] = set()

    async def __aenter__(self) -> Self:
        loop, port = asyncio.get_running_loop(), self._port
        try:
            self._server = await loop.create_server(lambda: _Visit(self), _ADDRESS, port)
        except OSError as error:
            raise AuthorizationRefused(
                f"cannot listen on {_ADDRESS}:{port} for the browser to come back: {error.strerror or error}. No "
                "browser was opened. End the program that uses the port, or give a `redirect_uri` with another port "
                "that is registered; port 0 takes a free one",
                error="cannot_listen",
            ) from error
        if port == 0:
            port = self._server.sockets[0].getsockname()[1]
            self.redirect_uri = self._target._replace(netloc=f"{self._target.hostname}:{port}").geturl()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        # One that is closing has its page; the others are a browser's connections in reserve.
        for visit in [visit for visit in self.visits if not visit.is_closing()]:
            visit.abort()
        self.answer.cancel()

    def reply(self, method: str, target: str) -> tuple[str, str]:
        """Return the status and the page for a request; take the answer, if it is that."""
        origin = urlsplit(self.redirect_uri)._replace(path="", query="").geturl()
        if self.request is None or urlsplit(origin + target).path != (self._target.path or "/"):
            return "404 Not Found", _NOTHING_HERE
        if method != "GET":
            return "405 Method Not Allowed", _NOTHING_HERE
        if self.answer.done():
            return "409 Conflict", _ANSWERED
        return self._take(self.request, origin + target)

    def _take(self, request: AuthorizationRequest, callback_url: str) -> tuple[str, str]:
        refused = _check(request, callback_url)
        if refused is None:
            self.answer.set_result(Secret(callback_url))
            return "200 OK", _DONE
        if refused.error == "state_mismatch":
            self.strays += 1
            return "400 Bad Request", _NOT_OURS
        self.answer.set_result(refused)
        return "200 OK", _REFUSED


class _Visit(asyncio.Protocol):
    """One connection: one request of HTTP/1.1, without a body, and its page."""

    def __init__(self, listener: _Listener) -> None:
        self._listener = listener
        self._head = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a server of create_server has no other
        self._transport = transport
        self._listener.visits.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if self._transport is not None:
            self._listener.visits.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._head += data
        if len(self._head) > _LONGEST_HEAD:
            self._send("431 Request Header Fields Too Large", _NOTHING_HERE)
        elif b"\r\n\r\n" in self._head:
            method, _, rest = self._head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
            self._send(*self._listener.reply(method, rest.rpartition(" ")[0]))

    def _send(self, status: str, page: str) -> None:
        if self._transport is not None:
            self._transport.write(_response(status, page.encode()))
            self._transport.close()
        self._head = b""


def _local(redirect_uri: str) -> SplitResult:
    target = urlsplit(redirect_uri)
    if target.scheme != "http" or target.hostname not in (_ADDRESS, "localhost") or target.username is not None:
        raise ValueError(
            f"redirect_uri must lead to this machine, as http://{_ADDRESS}:<port>/<path> or with localhost: "
            f"{redirect_uri!r}"
        )
    if target.fragment:
        raise ValueError(f"redirect_uri must not have a fragment: {redirect_uri!r}")
    return target


def _check(request: AuthorizationRequest, callback_url: str) -> AuthorizationRefused | None:
    try:
        request.read_callback(callback_url)
    except AuthorizationRefused as refused:
        return refused.with_traceback(None)  # its frames know the code
    return None


def _response(status: str, page: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(page)}",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    )
    return "\r\n".join((*head, "", "")).encode() + page


def _page(title: str, text: str, script: str = "") -> str:
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n<h1>{title}</h1>\n'
        f"<p>{text}</p>\n{script}</html>\n"
    )


# The address has the code in it: take it out of the bar and the history. A browser closes only what a script opened.
_CLOSE = (
    "<script>addEventListener('load', () => {history.replaceState(null, '', location.pathname); window.close()})"
    "</script>\n"
)
_DONE = _page("Done", "You can close this window and go back to the application.", _CLOSE)
_REFUSED = _page("Not signed in", "You can close this window. The application says more, and can begin anew.", _CLOSE)
_ANSWERED = _page("Answered already", "This sign-in has had its answer. You can close this window.")
_NOT_OURS = _page(
    "Not accepted", "This is not the answer to the sign-in that the application is waiting for; it waits on."
)
_NOTHING_HERE = _page("Nothing here", "This address only waits for a sign-in to come back.")

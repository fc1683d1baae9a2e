"""A transport on httpx2, which speaks HTTP/2 on request. Needs the extra `httpx2`, imported at the first request."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from typing import TYPE_CHECKING, cast

import attrs

from print_async import phases
from print_async.errors import ConnectFailed
from print_async.origin import Origin, presentable
from print_async.transports._common import (
    KEEP_ALIVE,
    BodyFailed,
    PerLoop,
    Waits,
    check_options,
    closed_under_way,
    in_pieces,
    pieces,
    plain_headers,
    require,
    target_of,
    trusted,
)
from print_async.transports._httpx2_errors import translate
from print_async.wire import Headers, Request, Response, Timeouts

if TYPE_CHECKING:
    import httpcore2
    import httpx2


@attrs.define(eq=False)
class _Exchange:
    """One request under way, and how far it is."""

    request: Request
    waits: Waits
    phase: str = "connect"
    kept: bool = True
    """Whether its connection, over which it is the only request, was kept from earlier ones."""
    connected: "httpcore2.AsyncNetworkStream | None" = None
    """What it has connected, before TLS."""

    def enter(self, phase: str) -> None:
        """Begin a phase."""
        self.phase = phase
        phases.enter(phase)

    async def trace(self, event: str, info: Mapping[str, object]) -> None:
        """Follow httpcore's steps (its extension `trace`); those of a proxy's CONNECT are still the connection's."""
        if event.startswith(("connection.connect_tcp", "http2.")):
            self.kept = False
        match event.split("."):
            case ["connection", "connect_tcp", "complete"]:
                self.connected = cast("httpcore2.AsyncNetworkStream", info["return_value"])
            case [_, "start_tls", "failed"] if self.connected is not None:
                await self.connected.aclose()  # which is not done where the reason is a cancellation
            case [_, "send_request_headers", "started"] if getattr(info["request"], "method", b"") != b"CONNECT":
                self.enter("send" if in_pieces(self.request.body) else "headers")
            case [_, "send_request_headers", "failed"] if _unwritten(info):
                self.phase = "connect"
            case [_, "receive_response_headers", "started"] if self.phase == "send":
                self.enter("headers")
            case _:
                pass

    def failure(self, error: BaseException) -> BaseException:
        """Return what to raise instead of what the library raised."""
        if isinstance(error, asyncio.CancelledError):
            return asyncio.CancelledError(*error.args)
        if self.waits.over:
            return closed_under_way(self.request, self.phase)
        return translate(error, self.request, self.phase, kept=self.kept)


class Httpx2Transport:
    """Sends requests through an `httpx2.AsyncClient`, made on the first request, in the running loop.

    Its own logger (`httpx2`) shows URLs without their queries; at level DEBUG `httpcore2` shows the headers of answers.

    Args:
        ca_file: PEM file of the certificate authority that signed the server's certificate, such as MyQ's own
            (`myq-ca.cer`). It is trusted besides the system's.
        ssl_context: A context of yours, instead of `ca_file` and `verify`. Its ALPN protocols are set by httpx2.
        verify: False accepts *any* certificate: whoever sits between you and the server gets the credential. For a test
            set-up only; it is logged as a warning.
        proxy: URL of an HTTP proxy.
        trust_env: Honour HTTP_PROXY and its kin. Unlike aiohttp, httpx2 does not read .netrc.
        connections: The most connections at a time; further requests wait for one.
        timeouts: Limits for the phases of each exchange. `connect` holds for TCP and for TLS, each. `read` also limits
            how long the server may take nothing of a request's body.
        http2: Speak HTTP/2 (RFC 9113) with servers that offer it over TLS: many requests share one connection.

    Raises:
        ImportError: httpx2 is not installed.
        ValueError: Arguments that exclude each other, or a `ca_file` that is no PEM file.
        OSError: `ca_file` cannot be read.
    """

    def __init__(
        self,
        *,
        ca_file: str | Path | None = None,
        ssl_context: ssl.SSLContext | None = None,
        verify: bool = True,
        proxy: str | None = None,
        trust_env: bool = False,
        connections: int = 100,
        timeouts: Timeouts | None = None,
        http2: bool = False,
    ) -> None:
        check_options(ca_file, ssl_context, verify, connections, proxy)
        for library in ("httpx2", *(("h2",) if http2 else ())):
            require(library, "Httpx2Transport", extra="httpx2")
        self._tls = trusted(ca_file, ssl_context, verify)
        self._proxy = proxy
        self._trust_env = trust_env
        self.connections: int = connections
        self._timeouts = timeouts or Timeouts()
        self._http2 = http2
        self._clients = PerLoop(self._make, _close)
        self._waits = Waits()

    async def send(self, request: Request) -> Response:
        """Send a request once; see `print_async.wire.Transport.send`."""
        client = self._clients.ready or await self._clients.open()
        phases.enter("connect")
        exchange = _Exchange(request, self._waits)
        outcome: Response | BaseException
        try:
            with self._waits.one():
                outcome = await _respond(client, exchange, self._extensions(exchange))
        except _failures() as error:
            outcome = exchange.failure(error)
        if isinstance(outcome, Response):
            return outcome
        # Here and not above: chained to the library's error, it would bring along frames that hold the plain token.
        raise outcome

    async def aclose(self) -> None:
        """Close the connections. Requests under way end with an error that says whether they were sent."""
        if not self._clients.closed:
            self._waits.end()
        await self._clients.aclose()

    def _extensions(self, exchange: _Exchange) -> dict[str, object]:
        limits = self._timeouts
        return {
            "timeout": {"connect": limits.connect, "read": limits.read, "write": limits.read, "pool": None},
            "trace": exchange.trace,
            "target": target_of(exchange.request.url).encode(),
        }

    def _make(self) -> "httpx2.AsyncClient":
        import httpx2

        return httpx2.AsyncClient(
            verify=_context(self._tls),
            proxy=self._proxy,
            trust_env=self._trust_env,
            http2=self._http2,
            limits=httpx2.Limits(
                max_connections=self.connections,
                max_keepalive_connections=self.connections,
                keepalive_expiry=KEEP_ALIVE,
            ),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            follow_redirects=False,
        )


async def _close(client: "httpx2.AsyncClient") -> None:
    await client.aclose()


def _context(tls: ssl.SSLContext | bool) -> ssl.SSLContext:
    if isinstance(tls, ssl.SSLContext):
        return tls
    context = ssl.create_default_context()
    if not tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _failures() -> tuple[type[BaseException], ...]:
    import httpx2

    # RuntimeError: a closed client, or the body of a request that HTTP/2 would send anew.
    return (asyncio.CancelledError, httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, RuntimeError, BodyFailed)


def _unwritten(info: Mapping[str, object]) -> bool:
    import httpcore2

    return isinstance(info.get("exception"), httpcore2.LocalProtocolError)


async def _respond(
    client: "httpx2.AsyncClient", exchange: _Exchange, extensions: dict[str, object]
) -> Response | BaseException:
    """Send, and read the body. What goes wrong with the URL is returned."""
    request = exchange.request
    try:
        Origin.of(request.url)
    except ValueError:
        where = presentable(request.url)
        return ConnectFailed(
            f"{request.method} {where}: not a URL that can be requested; nothing was sent",
            method=request.method,
            url=where,
        )
    answer = await client.send(_rendered(request, extensions), stream=True)
    exchange.enter("body")
    headers = Headers(
        (name.decode("latin-1"), value.decode("utf-8", "surrogateescape")) for name, value in answer.headers.raw
    )
    if request.stream:
        return Response(answer.status_code, headers, stream=_Stream(answer, exchange))
    try:
        return Response(answer.status_code, headers, await answer.aread())
    finally:
        await answer.aclose()


def _rendered(request: Request, extensions: dict[str, object]) -> "httpx2.Request":
    import httpx2

    headers = plain_headers(request)
    given = {name.lower() for name in headers}
    own = {"Accept": "*/*", "Accept-Encoding": "gzip, deflate", "User-Agent": f"python-httpx2/{httpx2.__version__}"}
    headers |= {name: value for name, value in own.items() if name.lower() not in given}
    body = request.body
    content: bytes | AsyncGenerator[bytes, None] | None = None
    if in_pieces(body):
        content = pieces(body)
    elif body is not None and isinstance(body.content, bytes):
        content = body.content
    return httpx2.Request(
        request.method,
        presentable(request.url),  # what is logged; the extension `target` is what goes out
        headers=[(name.encode(), value.encode()) for name, value in headers.items()],
        content=content,
        extensions=extensions,
    )


class _Stream:
    """A body that is still on the wire."""

    def __init__(self, answer: "httpx2.Response", exchange: _Exchange) -> None:
        self._answer = answer
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        failure: BaseException
        chunk: bytes | None = None
        try:
            async with aclosing(self._answer.aiter_bytes()) as chunks:
                while True:
                    with self._exchange.waits.one():
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        return
                    yield chunk
        except _failures() as error:
            failure = self._exchange.failure(error)
        finally:
            await self._answer.aclose()
            chunk = b""  # a traceback with locals would show it
        raise failure

    async def aclose(self) -> None:
        await self._answer.aclose()

"""The default transport, on aiohttp. aiohttp itself is imported when the first request is sent, not before."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from print_async import phases
from print_async.errors import ClientClosed
from print_async.transports._aiohttp_errors import translate
from print_async.transports._aiohttp_exchange import Exchange
from print_async.transports._common import PerLoop, check_options, closed_under_way, in_pieces, trusted
from print_async.wire import Headers, Request, Response, Timeouts

if TYPE_CHECKING:
    import aiohttp

    from print_async.transports._aiohttp_pool import Pool


class AiohttpTransport:
    """Sends requests through an `aiohttp.ClientSession`.

    Args:
        session: A session of yours to borrow. `aclose` leaves it open, and the other arguments, which configure a
            session of our own, may not be given with it. aiohttp sends an idempotent request again by itself when a
            kept-alive connection turns out to be closed; a session of our own does not. Without one, a session is made
            on the first request, in the running loop, and made anew if that loop has ended.
        ca_file: PEM file of the certificate authority that signed the server's certificate, such as MyQ's own
            (`myq-ca.cer`). It is trusted besides the system's.
        ssl_context: A context of yours, instead of `ca_file` and `verify`.
        verify: False accepts *any* certificate: whoever sits between you and the server gets the credential. For a test
            set-up only; it is logged as a warning.
        proxy: URL of an HTTP proxy.
        trust_env: Honour HTTP_PROXY and its kin, and .netrc. It makes each request much dearer, so it is off.
        connections: The most connections at a time; further requests wait for one.
        timeouts: Limits for the phases of each exchange.

    Raises:
        ValueError: Arguments that exclude each other, or a `ca_file` that is no PEM file.
        OSError: `ca_file` cannot be read.
    """

    def __init__(
        self,
        session: "aiohttp.ClientSession | None" = None,
        *,
        ca_file: str | Path | None = None,
        ssl_context: ssl.SSLContext | None = None,
        verify: bool = True,
        proxy: str | None = None,
        trust_env: bool = False,
        connections: int = 100,
        timeouts: Timeouts | None = None,
    ) -> None:
        if session is not None and (ca_file or ssl_context or not verify or proxy or trust_env or connections != 100):
            raise ValueError("a borrowed session brings its own connections: configure TLS, proxy and pool there")
        check_options(ca_file, ssl_context, verify, connections, proxy)
        self._borrowed = session
        self._pools = PerLoop(self._make, _close)
        self._tls = trusted(ca_file, ssl_context, verify)
        self._proxy = proxy
        self._trust_env = trust_env
        self._connections = connections
        self._timeouts = timeouts or Timeouts()

    @property
    def connections(self) -> int | None:
        """The most connections at a time; `None` where a borrowed session sets no limit."""
        if self._borrowed is None:
            return self._connections
        connector = self._borrowed.connector
        return None if connector is None else connector.limit or None

    async def send(self, request: Request) -> Response:
        """Send a request once; see `print_async.wire.Transport.send`."""
        pool = self._pools.ready or await self._pools.open()
        exchange = Exchange(in_pieces(request.body), request.stream)
        if pool.own:
            phases.enter("connect")
        else:
            exchange.phase, exchange.fresh = "headers", True  # a borrowed pool does not tell
        failure: BaseException
        answer: aiohttp.ClientResponse | None = None
        try:
            answer = await pool.ask(request, exchange)
            exchange.enter("body")
            headers = Headers(answer.headers.items())
            if request.stream:
                return Response(answer.status, headers, stream=_Stream(answer, request, exchange, pool))
            if answer.content.is_eof() and not exchange.uploads:  # most are there as soon as the head is
                return Response(answer.status, headers, answer.content.read_nowait())
            return Response(answer.status, headers, await pool.read(answer))
        except asyncio.CancelledError as error:
            failure = _cut_off(error, request, exchange, pool)
        except (OSError, _client_error()) as error:
            failure = _failure(error, request, exchange, pool)
        except (ValueError, RuntimeError) as error:
            failure = _refused(error, request, exchange, pool)
        finally:
            pool.done(exchange)
            answer = None  # a traceback with locals would show its URL
        # Here and not above: chained to the library's error, it would bring along frames that hold the plain token.
        raise failure

    async def aclose(self) -> None:
        """Close the session, if it is ours. Requests under way then end with an error."""
        await self._pools.aclose()

    def _make(self) -> "Pool":
        from print_async.transports._aiohttp_pool import Pool, open_pool

        if self._borrowed is not None:
            return Pool(self._borrowed, own=None)
        return open_pool(
            connections=self._connections,
            tls=self._tls,
            timeouts=self._timeouts,
            trust_env=self._trust_env,
            proxy=self._proxy,
        )


async def _close(pool: "Pool") -> None:
    await pool.close()


def _client_error() -> "type[aiohttp.ClientError]":
    import aiohttp

    return aiohttp.ClientError


def _failure(error: BaseException, request: Request, exchange: Exchange, pool: "Pool") -> Exception:
    return closed_under_way(request, exchange.phase) if pool.over else translate(error, request, exchange)


def _cut_off(error: asyncio.CancelledError, request: Request, exchange: Exchange, pool: "Pool") -> BaseException:
    task = asyncio.current_task()
    if not pool.session.closed or (task is not None and task.cancelling()):
        return asyncio.CancelledError(*error.args)
    return _closed(request, exchange, pool)  # which cancels who waits for a connection


def _refused(error: ValueError | RuntimeError, request: Request, exchange: Exchange, pool: "Pool") -> Exception:
    if pool.session.closed:
        return _closed(request, exchange, pool)
    return ValueError(f"aiohttp does not accept the request ({type(error).__name__}); nothing was sent")


def _closed(request: Request, exchange: Exchange, pool: "Pool") -> Exception:
    if pool.own:
        return closed_under_way(request, exchange.phase)
    return ClientClosed("the borrowed session has been closed by its owner; nothing was sent")


class _Stream:
    """A body that is still on the wire."""

    def __init__(self, answer: "aiohttp.ClientResponse", request: Request, exchange: Exchange, pool: "Pool") -> None:
        self._answer = answer
        self._request = request
        self._exchange = exchange
        self._pool = pool

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunk = b""
        try:
            while chunk := await self._pool.read_some(self._answer):
                yield chunk
            self._answer.release()
            return
        except (OSError, RuntimeError, _client_error()) as error:  # RuntimeError: its session was closed
            failure = _failure(error, self._request, self._exchange, self._pool)
        finally:
            self._answer.close()
            chunk = b""  # a traceback with locals would show it
        raise failure

    async def aclose(self) -> None:
        self._answer.close()

"""The transport that writes down what goes through another one."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from pathlib import Path

import attrs
from msgspec import structs

from print_async import errors
from print_async.errors import ClientClosed, ConnectionLost, TransportError
from print_async.secret import Secret, reveal
from print_async.transports._common import plain_headers
from print_async.transports.recording import file
from print_async.transports.recording.bodies import recorded, restored
from print_async.transports.recording.kept import Kept, watched
from print_async.transports.recording.masker import Masker
from print_async.transports.recording.names import SecretNames
from print_async.wire import ByteStream, Headers, Pooled, Request, Response, Transport

_LEAST = 1024
_log = logging.getLogger("print_async.transport")


class RecordingTransport:
    """Sends requests through another transport, and writes the conversation to a file, without its secrets.

    What the caller sees is what the other transport does: its answers, its chunks, its errors. `docs/transports.md` has
    what is taken for a secret, and what is not. A `ReplayTransport` answers from the file.

    Args:
        inner: The transport that does the work. `aclose` closes it.
        path: The file, made at once, for its owner only (0600). Each exchange is written to it when it is over, as one
            line.
        secrets: Names of further headers, parameters and fields whose values are secrets, in any case.
        body_limit: Bytes up to which a body is recorded. Of a larger one there are the length and the SHA-256. A stream
            is never in memory beyond that.
        overwrite: Whether a file that is there already may be replaced.

    Raises:
        FileExistsError: The file is there already. It was left as it is.
        OSError: It cannot be made.
        ValueError: `body_limit` is below 1024.
        TypeError: `secrets` is a lone text.

    Where the file cannot be written later on, the calls go on without it: that is logged once, and `aclose` raises it.
    """

    def __init__(
        self,
        inner: Transport,
        path: str | Path,
        *,
        secrets: Iterable[str] = (),
        body_limit: int = 2**20,
        overwrite: bool = False,
    ) -> None:
        if body_limit < _LEAST:
            raise ValueError(f"body_limit must be at least {_LEAST}: of less, the SHA-256 would give away what it was")
        names = SecretNames(secrets)
        self._inner = inner
        self._journal = _Journal(Path(path).absolute(), Masker(names), body_limit)
        self._open: set[_Exchange] = set()
        self._closed = False
        file.create(self._journal.path, body_limit=body_limit, overwrite=overwrite)

    @property
    def connections(self) -> int | None:
        """The most connections at a time of the other transport; `None` where it does not say."""
        return self._inner.connections if isinstance(self._inner, Pooled) else None

    async def send(self, request: Request) -> Response:
        """Send a request once; see `print_async.wire.Transport.send`."""
        if self._closed:
            raise ClientClosed("the transport is closed; make a new one")
        exchange = _Exchange(self._journal, request)
        try:
            response = await self._inner.send(exchange.watched())
        except TransportError as error:
            exchange.end(error=error)
            raise
        except asyncio.CancelledError:
            exchange.end(cancelled=True)
            raise
        exchange.answered(response)
        if response.stream is None:
            exchange.end()
        else:
            self._open.add(exchange)
            return attrs.evolve(response, stream=_WatchedStream(response.stream, exchange, self._open))
        return response

    async def aclose(self) -> None:
        """Close the other transport, and write down what was under way, as far as it had come.

        Raises:
            OSError: The recording could not be written, and is not whole. Raised once.
        """
        self._closed = True
        try:
            await self._inner.aclose()
        finally:
            for exchange in tuple(self._open):
                exchange.end()
            self._open.clear()
        failure, self._journal.failure = self._journal.failure, None
        if failure is not None:
            raise failure


@attrs.define(eq=False, repr=False)
class _Journal:
    """The file, what masks, and how many exchanges there were."""

    path: Path
    masker: Masker
    limit: int
    written: int = 0
    failure: OSError | None = None
    broken: bool = False

    def write(self, exchange: dict[str, object]) -> None:
        """Write an exchange, unless that did not work before: a gap in the middle would not be seen."""
        if self.broken:
            return
        self.written += 1
        try:
            file.append(self.path, {"seq": self.written, **exchange})
        except OSError as error:
            said = f"the recording cannot be written ({error.strerror}), and ends before exchange {self.written}"
            self.failure, self.broken = OSError(error.errno, said, str(self.path)), True
            _log.error("%s: %s", self.path, said)


class _Exchange:
    """One request, and what came of it."""

    def __init__(self, journal: _Journal, request: Request) -> None:
        self._journal = journal
        self._request = request
        body = request.body
        content = body.content if body is not None and isinstance(body.content, bytes) else b""
        self._sent = Kept(journal.limit, content)
        self._response: Response | None = None
        self.got: Kept = Kept(journal.limit)
        """The body of the answer."""
        self._over = False
        journal.masker.learn(_secrets_of(request))
        self._asked()

    def watched(self) -> Request:
        """Return the request to send, whose stream is watched if it has one."""
        body = self._request.body
        if body is None or isinstance(body.content, bytes):
            return self._request
        self._sent.whole = False
        return structs.replace(self._request, body=attrs.evolve(body, content=self._watching(body.content)))

    def answered(self, response: Response) -> None:
        """Take the answer; of a stream, its head."""
        self._response = response
        if response.stream is None:
            self.got = Kept(self._journal.limit, response.body)
        else:
            self.got.whole = False

    def end(self, *, error: TransportError | None = None, cancelled: bool = False) -> None:
        """Write it down. The second time, nothing happens."""
        if self._over:
            return
        self._over = True
        known = self._journal.masker.known
        exchange = self._described()
        if self._journal.masker.known > known:  # there may be more to mask, now that this is known to be secret
            exchange = self._described()
        if error is not None:
            exchange["error"] = self._failed(error)
        if cancelled:
            exchange["cancelled"] = True
        self._journal.write(exchange)

    def _watching(self, content: Callable[[], AsyncIterable[bytes]]) -> Callable[[], AsyncGenerator[bytes, None]]:
        def watch() -> AsyncGenerator[bytes, None]:
            self._sent = Kept(self._journal.limit)
            return watched(content(), self._sent, lambda _: None)

        return watch

    def _described(self) -> dict[str, object]:
        exchange: dict[str, object] = {"request": self._asked()}
        if self._response is not None:
            exchange["response"] = self._said(self._response)
        return exchange

    def _asked(self) -> dict[str, object]:
        request, masker = self._request, self._journal.masker
        headers = _headers(request)
        body = recorded(self._sent, _get(headers, "Content-Type"), masker)
        masked = {name: masker.header(name, value) for name, value in headers.items()}
        for name, value in request.headers.items():
            if isinstance(value, Secret):
                masked[name] = masker.secret_header(name, value)
        asked: dict[str, object] = {"method": request.method, "url": masker.url(reveal(request.url)), "headers": masked}
        if body is not None:
            asked["body"] = body
        if request.stream:
            asked["stream"] = True
        return asked

    def _said(self, response: Response) -> dict[str, object]:
        masker = self._journal.masker
        body = recorded(self.got, response.headers.get("Content-Type"), masker)
        headers = [[name, masker.header(name, value)] for name, value in self._measured(response.headers, body)]
        said: dict[str, object] = {"status": response.status, "headers": headers}
        if body is not None:
            said["body"] = body
        return said

    def _measured(self, headers: Headers, body: object) -> Iterable[tuple[str, str]]:
        plain = restored(body) if self.got.whole and isinstance(body, dict) else None
        for name, value in headers:
            if plain is not None and name.lower() == "content-length" and value == str(self.got.length):
                yield name, str(len(plain))  # of what a replay gives out
            else:
                yield name, value

    def _failed(self, error: TransportError) -> dict[str, object]:
        kinds = (kind.__name__ for kind in type(error).__mro__)
        kind = next(name for name in kinds if name in errors.__all__)
        message = self._journal.masker.text(str(error))
        said: dict[str, object] = {"type": kind, "phase": error.phase, "sent": error.sent, "message": message}
        return said | {"stale": True} if isinstance(error, ConnectionLost) and error.stale else said


class _WatchedStream:
    """The body of an answer on its way to the caller."""

    def __init__(self, stream: ByteStream, exchange: _Exchange, under_way: set[_Exchange]) -> None:
        self._stream = stream
        self._exchange = exchange
        self._under_way = under_way

    def __aiter__(self) -> AsyncIterator[bytes]:
        return watched(self._stream, self._exchange.got, self._end)

    async def aclose(self) -> None:
        try:
            await self._stream.aclose()
        finally:
            self._end()

    def _end(self, error: TransportError | None = None) -> None:
        self._exchange.end(error=error)
        self._under_way.discard(self._exchange)


def _secrets_of(request: Request) -> Iterable[Secret]:
    return () if request.body is None else request.body.secrets


def _headers(request: Request) -> dict[str, str]:
    headers = plain_headers(request)
    if request.body is not None and isinstance(request.body.content, bytes) and "Content-Length" not in request.headers:
        headers.pop("Content-Length", None)  # it says how long the secrets in the body are, and no more
    return headers


def _get(headers: dict[str, str], name: str) -> str | None:
    return next((value for given, value in headers.items() if given.lower() == name.lower()), None)

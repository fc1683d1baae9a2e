"""The transport that answers from a recording."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import attrs

from print_async import errors
from print_async.errors import ClientClosed, ConnectionLost, NotRecorded, TransportError
from print_async.origin import presentable
from print_async.transports._common import PIECE, BodyFailed, closed_under_way, pieces
from print_async.transports.recording import file
from print_async.transports.recording.bodies import restored
from print_async.transports.recording.file import RecordedError, RecordedExchange
from print_async.transports.recording.kept import Kept
from print_async.transports.recording.matching import Asked, Comparison, given_first, placeholders
from print_async.wire import Headers, Request, Response

_SHOWN = 5


class ReplayTransport:
    """Answers requests as a recording has them, without a network.

    A request is answered with what was recorded for the same method, URL and body, each once, in the recorded order.
    Where several match, their headers decide: that with the token that the request has comes first. JSON and forms are
    compared as such. A secret that a recorded answer gave, such as a token, must be the same; one that the caller
    brings may be any, but for a placeholder of another. `docs/transports.md` has more.

    An answer has the recorded status, headers and body, with `secret-1` and the like for secrets; an error is the
    recorded one. Streams come in pieces of 64 KiB, and nothing takes any time.

    Args:
        path: A file of a `RecordingTransport`. It is read at once, into memory.

    Raises:
        ValueError: It is no recording, or of another version, or damaged.
        OSError: It cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._limit, exchanges = file.read(self._path)
        self._given = given_first(exchanges)
        self._exchanges = [_Once(each) for each in exchanges if not each.cancelled]
        self._by_url = _by_url(self._exchanges)
        self._closed = False

    @property
    def remaining(self) -> int:
        """How many recorded exchanges nobody has asked for yet."""
        return sum(not each.answered for each in self._exchanges)

    async def send(self, request: Request) -> Response:
        """Return the recorded answer, or raise the recorded error.

        Raises:
            NotRecorded: There is no such request in the recording, or not once more, or its answer was not recorded
                whole.
            TransportError: As recorded; or the body of the request cannot be read.
            ClientClosed: `aclose` came before.
        """
        await asyncio.sleep(0)  # as every transport lets others run
        if self._closed:
            raise ClientClosed("the transport is closed; make a new one")
        outcome = await self._outcome(request)
        if isinstance(outcome, Response):
            return outcome
        # Here and not where it is made: that frame has the request in plain text.
        raise outcome

    async def aclose(self) -> None:
        """Answer nothing any more; safe to repeat. A stream that is not at its end fails."""
        self._closed = True

    async def _outcome(self, request: Request) -> Response | Exception:
        body = Kept(self._limit)
        if request.body is not None:
            try:
                async for piece in pieces(request.body):
                    body.feed(piece)
            except BodyFailed as error:
                where = presentable(request.url)
                said = f"{request.method} {where}: the body of the request cannot be read ({error})"
                return ConnectionLost(said, method=request.method, url=where, phase="send")
        found = self._take(Asked.of(request, body))
        return found if isinstance(found, NotRecorded) else self._answer(found, request)

    def _take(self, asked: Asked) -> RecordedExchange | NotRecorded:
        likely = [each for url in (asked.url, None) for each in self._by_url.get((asked.method, url), ())]
        compared = (
            (each, Comparison(each.exchange.request, asked, self._given)) for each in likely if not each.answered
        )
        matches = [(how.headers, how.free, each.exchange.seq, each) for each, how in compared if not how.places]
        if not matches:
            return self._unknown(asked)
        found = min(matches, key=lambda match: match[:3])[3]
        found.answered = True
        return found.exchange

    def _unknown(self, asked: Asked) -> NotRecorded:
        where = f"{asked.method} {presentable(asked.url)}"
        recorded = [each.exchange for each in self._exchanges]
        compared = [(each, Comparison(each.request, asked, self._given)) for each in recorded]
        if not compared:
            return NotRecorded(f"{where} is not in {self._path.name}, which has no exchange. Record the conversation")
        if often := sum(not how.places for _, how in compared):
            return NotRecorded(
                f"{where} was answered {often} times, as often as {self._path.name} has it. Ask no more often, or "
                "record the conversation anew"
            )
        nearest, how = min(compared, key=lambda one: _distance(one[0], one[1], asked))
        places = "; ".join(how.places[:_SHOWN]) + ("; and more" if len(how.places) > _SHOWN else "")
        return NotRecorded(
            f"{where} is not in {self._path.name}. Nearest is exchange {nearest.seq}, {_title(nearest)}, which differs "
            f"in {places}. Ask as it was recorded, or record the conversation anew"
        )

    def _answer(self, found: RecordedExchange, request: Request) -> Response | Exception:
        error, response = _error(found.error, request), found.response
        if response is None:
            return error or self._missing(found, "there is neither answer nor error")
        body = restored(response.body)
        if body is None:
            error = self._missing(found, "its body was larger than the recording's `body_limit`")
        elif error is None and response.body is not None and response.body.get("whole") is False:
            error = self._missing(found, f"its body was not read beyond {len(body)} bytes")
        headers = Headers(response.headers)
        if request.stream:
            stream = _Stream(body or b"", error, request, lambda: self._closed)
            return Response(response.status, headers, stream=stream)
        return error or Response(response.status, headers, body or b"")

    def _missing(self, found: RecordedExchange, what: str) -> NotRecorded:
        return NotRecorded(
            f"the answer of exchange {found.seq} of {self._path.name}, {_title(found)}, is not whole: {what}. Record "
            "the conversation anew"
        )


@attrs.define(eq=False, repr=False)
class _Once:
    """A recorded exchange, which is answered once."""

    exchange: RecordedExchange
    answered: bool = False


class _Stream:
    """A recorded body, read piece by piece, and how it ends."""

    def __init__(self, body: bytes, end: Exception | None, request: Request, closed: Callable[[], bool]) -> None:
        self._body = body
        self._end = end
        self._request = request
        self._closed = closed

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        for start in range(0, len(self._body), PIECE):
            await asyncio.sleep(0)
            if self._closed():
                raise closed_under_way(self._request, "body")
            yield self._body[start : start + PIECE]
        if self._end is not None:
            raise self._end

    async def aclose(self) -> None:
        self._body, self._end = b"", None


def _by_url(exchanges: Sequence[_Once]) -> dict[tuple[str, str | None], list[_Once]]:
    """Sort exchanges by method and URL; those that have a secret in their URL, by method only."""
    found: dict[tuple[str, str | None], list[_Once]] = {}
    for each in exchanges:
        request = each.exchange.request
        found.setdefault((request.method, None if placeholders(request.url) else request.url), []).append(each)
    return found


def _error(recorded: RecordedError | None, request: Request) -> Exception | None:
    if recorded is None:
        return None
    kind = getattr(errors, recorded.type, None)
    known = kind if isinstance(kind, type) and issubclass(kind, TransportError) else TransportError
    where = presentable(request.url)
    error = known(recorded.message, method=request.method, url=where, sent=recorded.sent, phase=recorded.phase)
    if isinstance(error, ConnectionLost):
        error.stale = recorded.stale
    return error


def _title(exchange: RecordedExchange) -> str:
    return f"{exchange.request.method} {presentable(exchange.request.url)}"


def _distance(recorded: RecordedExchange, how: Comparison, asked: Asked) -> tuple[float, int]:
    url = recorded.request.url.partition("?")[0]
    alike = SequenceMatcher(None, url, asked.url.partition("?")[0], autojunk=False).ratio()
    return (recorded.request.method != asked.method) + 1 - alike, len(how.places)

"""One logical call: authorised, sent, sent again where that is safe, and turned into a response or a typed error."""

import copy
import random
from collections.abc import Callable
from urllib.parse import urlsplit

import attrs

from print_async import phases
from print_async.attempts import Attempts
from print_async.auth.needs import Needs
from print_async.auth.session import AuthSession
from print_async.clock import Clock, SystemClock
from print_async.codec import decode_plain
from print_async.deadlines import Deadline, nearest
from print_async.errors import DecodeError, PrintAsyncError, StatusError, TransportError, error_class
from print_async.headers import request_id, retry_after
from print_async.options import CallOptions
from print_async.raw import capture
from print_async.retry import RetryPolicy, is_safe, may_have_acted
from print_async.secret import redact
from print_async.telemetry import RetryEvent
from print_async.telemetry.teller import Sendings, without_query
from print_async.wire import Request, Response

_ERROR_BYTES = 65_536


@attrs.frozen
class ErrorBody:
    """What a vendor's error body says."""

    code: int | str | None = None
    message: str | None = None
    data: object = None


ErrorReader = Callable[[object], ErrorBody]
"""Reads a vendor's decoded error body; whatever it gets, it returns what it can find."""


@attrs.define
class CallStatistics:
    """What the calls of one client have cost so far."""

    calls: int = 0
    retries: int = 0
    """Attempts beyond the first of each call."""


class Caller:
    """Makes the calls of one API: a session, a base URL, options, and the vendor's way to write errors.

    A call passes its deadline, the queue, its retries, the token, the transport: each knows only the next.
    """

    def __init__(
        self,
        session: AuthSession,
        base: str,
        *,
        read_error: ErrorReader,
        options: CallOptions | None = None,
        clock: Clock | None = None,
        draw: Callable[[], float] = random.random,
        statistics: CallStatistics | None = None,
    ) -> None:
        self.base = base
        self.statistics: CallStatistics = statistics or CallStatistics()
        self._session = session
        self._read_error = read_error
        self._clock = clock or SystemClock()
        self._draw = draw
        self._budget = session.retry_budget(base)
        self.options: CallOptions = options or CallOptions()

    def with_options(self, options: CallOptions) -> "Caller":
        """Return the same, with other options."""
        other = copy.copy(self)
        other.options = options
        return other

    @property
    def clock(self) -> Clock:
        """What it waits on."""
        return self._clock

    @property
    def retry(self) -> RetryPolicy:
        """What it sends again, and when."""
        return self.options.retry

    async def send(self, request: Request, *, idempotent: bool, needs: Needs | None = None) -> Response:
        """Send a request until it is answered with a success, the retry policy gives up, or the time is over.

        Raises:
            StatusError: The answer is no success.
            AuthError, TransportError: There is no answer. Of the latter, `DeadlineExceeded`: not in time.
        """
        self.statistics.calls += 1
        limit = nearest(self.options.timeout, self._clock)
        if limit is None:
            return await self._until_answered(request, idempotent, needs, None)
        async with limit.call(request):
            return await self._until_answered(request, idempotent, needs, limit)

    async def _until_answered(
        self, request: Request, idempotent: bool, needs: Needs | None, limit: Deadline | None
    ) -> Response:
        attempts: Attempts | None = None
        sendings = Sendings()
        while True:
            outcome: Response | PrintAsyncError
            try:
                outcome = await self._session.send(request, needs, sendings=sendings)
            except PrintAsyncError as error:
                outcome = error
            if isinstance(outcome, Response):
                if outcome.status < 300:
                    self._budget.give()
                    capture(outcome)
                    return outcome
                outcome = self._error(request, await _whole(outcome))
            if attempts is None:
                attempts = self._attempts(request, idempotent, limit)
            await self._wait_for_the_next(outcome, attempts, request, needs, sendings)

    def _attempts(self, request: Request, idempotent: bool, limit: Deadline | None) -> Attempts:
        replayable = request.body is None or request.body.replayable
        return Attempts(self.options.retry, self._budget, limit, idempotent, replayable)

    async def _wait_for_the_next(
        self, failure: PrintAsyncError, attempts: Attempts, request: Request, needs: Needs | None, sendings: Sendings
    ) -> None:
        """Wait until the call may be sent again, or raise what it has ended with."""
        if isinstance(failure, TransportError | StatusError):
            failure.retryable = is_safe(failure, idempotent=attempts.idempotent)
        pause = attempts.pause(failure, self._draw())
        if pause is None:
            raise failure
        self.statistics.retries += 1
        operation = None if needs is None else needs.operation
        event = RetryEvent(request.method, without_query(request.url), operation, sendings.made, pause, failure)
        self._session.teller.retry(event)
        phases.attempt_over(acted=may_have_acted(failure))
        phases.enter("pause")
        await self._clock.sleep(pause)
        phases.enter("queue")

    def _error(self, request: Request, response: Response) -> StatusError:
        said = self._read_error(_decoded(self._session.masked(_without_secrets(request, response.body))))
        path = urlsplit(request.url).path
        text = f"{request.method} {path} was answered {response.status}"
        if said.code is not None and said.code != response.status:
            text += f" (code {said.code})"
        if said.message:
            text += f": {said.message}"
        return error_class(response.status)(
            text,
            status=response.status,
            code=said.code,
            message=said.message,
            data=said.data,
            method=request.method,
            path=path,
            request_id=request_id(response.headers),
            retry_after=retry_after(response.headers, self._clock),
        )


def _without_secrets(request: Request, answer: bytes) -> bytes:
    secrets = request.body.secrets if request.body is not None else ()
    return redact(answer.decode("utf-8", "replace"), secrets).encode() if secrets else answer


async def _whole(response: Response) -> Response:
    """Read as much of an answer that was left on the wire as tells why it is no success, and give up the rest."""
    if response.stream is None:
        return response
    said = bytearray()
    try:
        async for chunk in response.stream:
            said += chunk
            if len(said) >= _ERROR_BYTES:
                break
    except TransportError:
        pass  # the status is known, and says more than the loss of what explains it
    finally:
        await response.aclose()
    return Response(response.status, response.headers, bytes(said))


def _decoded(body: bytes) -> object:
    try:
        return decode_plain(body)
    except DecodeError:
        return None

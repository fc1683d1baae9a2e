"""An API that a vendor's server calls: who may call, which handler answers, and what becomes of its errors.

Without I/O: an adapter reads a request and writes the answer. The order is: HTTP Basic, path, method, size, handler.
So nobody without the password learns anything, and a body that is refused is not read.
"""

import logging
from collections.abc import AsyncIterable, AsyncIterator
from traceback import format_exception

import attrs

from print_async.inbound.basic import BasicCredentials
from print_async.inbound.body import IncomingBody
from print_async.inbound.errors import AnswerCutShort, NotFound, Refused, UploadInterrupted
from print_async.inbound.exchange import Answer, Call, IncomingRequest, closing
from print_async.inbound.routes import Route, split
from print_async.secret import redact

_log = logging.getLogger("print_async.inbound")

SILENCE = 60.0
"""Seconds for which a caller may send nothing in the middle of a body."""


@attrs.frozen
class Api:
    """An API to be mounted: `print_async.inbound.aiohttp_app(api)` or `print_async.inbound.asgi_app(api)`."""

    name: str
    """The realm of its credentials, and its name in the log."""
    credentials: BasicCredentials
    routes: tuple[Route, ...] = attrs.field(repr=False)
    silence: float = attrs.field(default=SILENCE, validator=attrs.validators.gt(0))
    """Seconds for which a caller may send nothing in the middle of a body."""

    async def answer(self, request: IncomingRequest) -> Answer:
        """Answer a request, come what may: what a handler raises becomes an answer, and is logged once.

        The stream of the answer, if any, raises `AnswerCutShort` alone; close it in the end (`closing`).
        """
        headers = request.headers.get_all("Authorization")
        if not self.credentials.allow(headers[0] if len(headers) == 1 else None):
            challenge = f'Basic realm="{self.name}", charset="UTF-8"'
            return _finish(Answer.error(401, "who are you?", {"WWW-Authenticate": challenge}))
        try:
            answer = await self._route(request)
        except Refused as error:
            answer = Answer.error(error.status, str(error))
        return _finish(answer)

    async def _route(self, request: IncomingRequest) -> Answer:
        segments = split(request.path)
        found = [(route, parameters) for route in self.routes if (parameters := route.match(segments)) is not None]
        if not found:
            raise NotFound("there is nothing at this path")
        for route, parameters in found:
            if route.method == request.method:
                return await self._call(route, parameters, request)
        return Answer.error(405, "not this method", {"Allow": ", ".join(sorted(route.method for route, _ in found))})

    async def _call(self, route: Route, parameters: tuple[str, ...], request: IncomingRequest) -> Answer:
        if (request.headers.get("Content-Encoding") or "identity").lower() != "identity":
            return Answer.error(415, "compressed bodies are not taken")
        body = IncomingBody(request.chunks, length=_length(request), limit=route.max_body, silence=self.silence)
        call = Call(parameters, request.query, body, [self.credentials.password])
        answer = Answer.error(413, "") if body.failure else await self._handle(route, call)
        if body.failure is None:
            return answer
        _log.warning("%s: %s %s was not received: %s", self.name, route.method, route.pattern, body.failure)
        failed = Answer.error(body.failure.status, str(body.failure))
        return attrs.evolve(failed, close=isinstance(body.failure, UploadInterrupted))

    async def _handle(self, route: Route, call: Call) -> Answer:
        try:
            answer = await route.handler(call)
        except Refused:
            if call.body.failure is None:
                raise
            return Answer(400)
        except Exception as error:  # noqa: BLE001 - whatever a user's class raises must end here, and it is logged
            if call.body.failure is None:
                self._report(route, call, error, "failed: answered 500")
            return Answer.error(500, "internal error")
        if answer.stream is not None:
            return attrs.evolve(answer, stream=self._guard(route, call, answer.stream, answer.length))
        return answer

    async def _guard(
        self, route: Route, call: Call, stream: AsyncIterable[bytes], length: int | None
    ) -> AsyncIterator[bytes]:
        sent = 0
        try:
            async with closing(stream):
                async for chunk in stream:
                    sent += len(chunk)
                    if length is not None and sent > length:
                        raise ValueError(f"the stream has more than the {length} bytes that were announced")
                    yield chunk
            if length not in (None, sent):
                raise ValueError(f"the stream ended after {sent} of the {length} bytes that were announced")
        except Exception as error:  # noqa: BLE001 - as above
            self._report(route, call, error, "failed in the middle of its answer: the connection is dropped")
            raise AnswerCutShort("an answer was cut short; see the log of print_async.inbound") from None

    def _report(self, route: Route, call: Call, error: Exception, what: str) -> None:
        trace = redact("".join(format_exception(error)), call.secrets)
        _log.error("%s: %s %s %s\n%s", self.name, route.method, route.pattern, what, trace.rstrip())


def _length(request: IncomingRequest) -> int | None:
    text = request.headers.get("Content-Length") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _finish(answer: Answer) -> Answer:
    # What is answered is about people and their money, and some of what is asked for has a PIN in its URL.
    return attrs.evolve(answer, headers={"Cache-Control": "no-store", **answer.headers})

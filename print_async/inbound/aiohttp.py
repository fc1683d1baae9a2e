"""An API as an aiohttp.web application. aiohttp is imported when the first one is made."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote

from print_async.inbound.api import Api
from print_async.inbound.errors import AnswerCutShort, UploadInterrupted
from print_async.inbound.exchange import IncomingRequest, closing
from print_async.inbound.routes import below
from print_async.secret import Secret
from print_async.wire import Headers

if TYPE_CHECKING:
    from aiohttp import web


def aiohttp_app(api: Api) -> "web.Application":
    """Return an aiohttp.web application that answers for an API: `app.add_subapp("/myq-storage", aiohttp_app(api))`.

    It works on its own as well. `client_max_size` does not apply; the API's own limits do.
    """
    from aiohttp import web

    async def handle(request: web.Request) -> web.StreamResponse:
        answer = await api.answer(_read(request))
        if answer.stream is None:
            whole = web.Response(status=answer.status, headers=answer.headers, body=answer.body)
            return await _close_after(whole, request) if answer.close else whole
        response = web.StreamResponse(status=answer.status, headers=answer.headers)
        response.content_length = answer.length
        async with closing(answer.stream):
            await _send(answer.stream, response, request)
        return response

    app = web.Application()
    app.router.add_route("*", "", handle)
    app.router.add_route("*", r"/{below:[\s\S]*}", handle)
    return app


def _read(request: "web.Request") -> IncomingRequest:
    # Not `request.path`, nor what the router has matched: both are decoded, and `%2F` would be a slash like any other.
    path, _, query = request.raw_path.partition("?")
    resource = request.match_info.route.resource
    mount = resource.canonical.partition("/{below}")[0] if resource is not None else ""
    headers = Headers(request.headers.items())
    return IncomingRequest(request.method, below(path, unquote(mount)), Secret(query), headers, _chunks(request))


async def _chunks(request: "web.Request") -> AsyncIterator[bytes]:
    from aiohttp import ClientPayloadError, http_exceptions

    try:
        async for chunk in request.content.iter_any():
            yield chunk
    except (ClientPayloadError, http_exceptions.HttpProcessingError, OSError) as error:
        raise UploadInterrupted(f"the caller went away ({type(error).__name__})") from None


async def _close_after(response: "web.Response", request: "web.Request") -> "web.Response":
    # Left to itself, aiohttp would go on waiting for the rest of the body.
    response.force_close()
    with suppress(ConnectionError):
        await response.prepare(request)
        await response.write_eof()
    request.protocol.force_close()
    return response


async def _send(stream: AsyncIterable[bytes], response: "web.StreamResponse", request: "web.Request") -> None:
    try:
        with suppress(ConnectionError):  # the caller went away, which is its own business
            await response.prepare(request)
            async for chunk in stream:
                await response.write(chunk)
            await response.write_eof()
    except AnswerCutShort:
        if request.transport is not None:
            request.transport.abort()

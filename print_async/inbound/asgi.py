"""An API as an ASGI 3 application, for FastAPI, Starlette and others (source: the ASGI specification, HTTP 2.4)."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from print_async.inbound.api import Api
from print_async.inbound.errors import UploadInterrupted
from print_async.inbound.exchange import Answer, IncomingRequest, closing
from print_async.inbound.routes import below
from print_async.secret import Secret
from print_async.wire import Headers

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]


def asgi_app(api: Api) -> AsgiApp:
    """Return an ASGI application that answers for an API: `fastapi_app.mount("/myq-storage", asgi_app(api))`.

    It works on its own as well. The server must give `raw_path`, as uvicorn does: without it, `%2F` in a path cannot be
    told from a slash, and gets 404.

    Raises (when it is called):
        AnswerCutShort: A streamed answer could not be finished; the server drops the connection.
    """

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            answer = await api.answer(_read(scope, receive))
            await _respond(answer, _head(answer, scope), receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        elif scope["type"] == "lifespan":
            for phase in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{phase}.complete"})

    return app


def _read(scope: Message, receive: Receive) -> IncomingRequest:
    raw = scope.get("raw_path")
    path = quote(scope["path"]) if raw is None else raw.partition(b"?")[0].decode("latin-1")
    headers = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    query = Secret(scope["query_string"].decode("latin-1"))
    return IncomingRequest(scope["method"], below(path, scope.get("root_path", "")), query, headers, _chunks(receive))


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise UploadInterrupted("the caller went away")
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _head(answer: Answer, scope: Message) -> Message:
    length = len(answer.body) if answer.stream is None else answer.length
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    if length is not None and answer.status != 204:
        headers.append((b"content-length", b"%d" % length))
    if answer.close and scope.get("http_version", "").startswith("1"):
        headers.append((b"connection", b"close"))
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


async def _respond(answer: Answer, head: Message, receive: Receive, send: Send) -> None:
    with suppress(OSError):  # the caller went away, which is its own business
        await send(head)
        if answer.stream is not None:
            await _stream(answer.stream, receive, send)
        else:
            await send({"type": "http.response.body", "body": answer.body})


async def _stream(stream: AsyncIterable[bytes], receive: Receive, send: Send) -> None:
    # Some servers take what nobody receives any more without a word, and a large file would be read to its end.
    gone = asyncio.create_task(_disconnected(receive))
    try:
        async with closing(stream):
            async for chunk in stream:
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body"})
    finally:
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

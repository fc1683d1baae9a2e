"""Uploading a document to a signed URL of Azure Blob storage.

The URL is the credential: no token goes there, and what is sent goes past the session. Up to 64 MiB a document whose
size is known is one request (Put Blob). Beyond that, and where the size is not known, it goes up in blocks, several at
a time, each sent again by itself where that helps, and a list of them at the end (Put Block, Put Block List). Nothing
is there before that last request.

Source: learn.microsoft.com/rest/api/storageservices, put-blob, put-block, put-block-list; printapi for the header.
"""

import asyncio
import random
import re
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from urllib.parse import quote

import attrs

from ezeep_async.printing.document import Stored, Streamed
from print_async.batch import run_batch
from print_async.clock import Clock
from print_async.errors import StatusError, TransportError, UploadFailed, error_class
from print_async.headers import request_id, retry_after
from print_async.origin import Origin, presentable
from print_async.retry import RetryPolicy
from print_async.secret import Secret
from print_async.wire import Body, Request, Response, Transport

WHOLE_LIMIT = 64 * 2**20
"""Bytes up to which a document goes up in one request."""
BLOCK_SIZE = 4 * 2**20
"""Bytes of a block, as the vendor's own client has them."""
PARALLEL = 4
"""How many blocks are on their way at a time; so many are in memory, and one more."""
_MOST_BLOCKS = 50_000  # of one blob, says Azure
_BINARY = "application/octet-stream"
_LOST = frozenset({408, 500})


@attrs.frozen
class UploadProgress:
    """How far an upload has come: of a document that goes up whole, what was sent; of blocks, what has arrived."""

    done: int
    """Bytes. Never less than the time before, also where something is sent again."""
    total: int | None
    """Bytes in all; `None` where nobody knows before the end."""


Progress = Callable[[UploadProgress], object]


class BlobUpload:
    """One upload to one signed URL.

    Args:
        url: The URL, which goes out byte for byte.
        file_id: The document's id, for errors.
        transport: The way there. It gets no Authorization header.
        clock, retry, draw: What to wait on between tries, how often and how long to try each request, and random
            numbers from 0 to 1.
        progress: Called as it goes on.

    Raises:
        UploadFailed: The URL is none, or not https, and leads to another machine than this. Nothing was sent.
    """

    def __init__(
        self,
        url: Secret,
        *,
        file_id: str,
        transport: Transport,
        clock: Clock,
        retry: RetryPolicy,
        progress: Progress | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        _check(url, file_id)
        self._url = url
        self._file_id = file_id
        self._transport = transport
        self._clock = clock
        self._retry = retry
        self._draw = draw
        self._progress = progress
        self._done = 0
        self._unreadable: Exception | None = None

    async def send(self, document: Stored | Streamed) -> None:
        """Upload a document.

        Raises:
            UploadFailed: It did not arrive as a whole. The upload may be left unfinished; start with a new one.
            OSError: The document cannot be read.
        """
        if isinstance(document, Stored) and document.size <= WHOLE_LIMIT:
            await self._send_whole(document)
        else:
            await self._send_blocks(document)

    async def _send_whole(self, document: Stored) -> None:
        body = Body(lambda: self._watched(document), _BINARY, document.size)
        await self._put("", {"x-ms-blob-type": "BlockBlob"}, body)

    async def _watched(self, document: Stored) -> AsyncGenerator[bytes, None]:
        sent = 0
        async with aclosing(document.chunks()) as chunks:
            try:
                async for chunk in chunks:
                    yield chunk
                    sent += len(chunk)
                    self._tell(sent, document.size)
            except Exception as error:
                # The transport is about to take it for a failure of the connection.
                self._unreadable = error
                raise

    async def _send_blocks(self, document: Stored | Streamed) -> None:
        sent: list[str] = []
        turn = asyncio.Lock()
        async with aclosing(document.cut(BLOCK_SIZE)) as blocks:

            async def take() -> tuple[str, bytes] | None:
                async with turn:
                    block = await anext(blocks, None)
                    if block is None:
                        return None
                    if len(sent) == _MOST_BLOCKS:
                        raise UploadFailed(
                            f"the document is larger than {_MOST_BLOCKS * BLOCK_SIZE} bytes, which is more than the "
                            "storage takes; nothing was printed",
                            file_id=self._file_id,
                        )
                    sent.append(_block_id(len(sent)))
                    return sent[-1], block

            async def work(_: int) -> None:
                while (taken := await take()) is not None:
                    await self._send_block(*taken)
                    self._tell(self._done + len(taken[1]), document.size)
                    del taken  # or it would be in memory beside the next one

            await run_batch(work, range(PARALLEL), concurrency=PARALLEL)
        await self._send_list(sent)

    async def _send_block(self, name: str, block: bytes) -> None:
        await self._put(f"comp=block&blockid={quote(name, safe='')}", {}, Body(block, _BINARY, len(block)))

    async def _send_list(self, names: Sequence[str]) -> None:
        rows = "".join(f"<Latest>{name}</Latest>" for name in names)
        listed = f'<?xml version="1.0" encoding="utf-8"?><BlockList>{rows}</BlockList>'.encode()
        await self._put(
            "comp=blocklist", {"x-ms-blob-content-type": _BINARY}, Body(listed, "application/xml", len(listed))
        )

    async def _put(self, query: str, headers: dict[str, str], body: Body) -> None:
        separator = "&" if "?" in self._url.reveal() else "?"
        request = Request("PUT", f"{self._url.reveal()}{separator if query else ''}{query}", headers, body)
        attempt = 1
        while (failure := await self._attempt(request)) is not None:
            pause = self._retry.pause(_as_lost(failure), attempt=attempt, idempotent=True, draw=self._draw())
            if pause is None:
                raise self._failed(failure) from failure
            attempt += 1
            await self._clock.sleep(pause)

    async def _attempt(self, request: Request) -> StatusError | TransportError | None:
        try:
            response = await self._transport.send(request)
        except TransportError as error:
            failure = error
        else:
            return None if response.status == 201 else self._refusal(request, response)
        if self._unreadable is not None:
            raise self._unreadable
        return failure

    def _refusal(self, request: Request, response: Response) -> StatusError:
        code = _error_code(response)
        where = presentable(request.url)
        return error_class(response.status)(
            f"PUT {where} was answered {response.status}" + (f" ({code})" if code else ""),
            status=response.status,
            code=code,
            method="PUT",
            path=where,
            request_id=response.headers.get("x-ms-request-id") or request_id(response.headers),
            retry_after=retry_after(response.headers, self._clock),
        )

    def _failed(self, failure: StatusError | TransportError) -> UploadFailed:
        status = failure.status if isinstance(failure, StatusError) else None
        code = failure.code if isinstance(failure, StatusError) and isinstance(failure.code, str) else None
        hint = " Its URL may have expired, or be meant for once." if status == 403 else ""
        return UploadFailed(
            f"the upload failed: {failure}.{hint} Nothing was printed; print the document again",
            file_id=self._file_id,
            status=status,
            code=code,
        )

    def _tell(self, done: int, total: int | None) -> None:
        if done > self._done:
            self._done = done
            if self._progress is not None:
                self._progress(UploadProgress(done, total))


def _as_lost(failure: StatusError | TransportError) -> StatusError | TransportError:
    # With these Azure says that it failed, or ran out of time, by itself: for bytes that can be put again, that is the
    # same as no answer.
    return TransportError(str(failure)) if isinstance(failure, StatusError) and failure.status in _LOST else failure


def _block_id(number: int) -> str:
    # All of one blob are to have the same length.
    return b64encode(f"{number:09}".encode()).decode()


def _error_code(response: Response) -> str | None:
    # Only the word: the text beside it quotes what was signed.
    found = response.headers.get("x-ms-error-code") or ""
    return found if re.fullmatch(r"[A-Za-z]{1,64}", found) else None


def _check(url: Secret, file_id: str) -> None:
    try:
        origin = Origin.of(url.reveal())
    except ValueError:
        origin = None
    if origin is None or (origin.scheme != "https" and not origin.is_loopback):
        raise UploadFailed(
            f"the server gave no https URL to upload to ({presentable(url.reveal())!r}). Nothing was sent there",
            file_id=file_id,
        )

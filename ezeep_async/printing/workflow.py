"""The whole way of a document: the printer, its options, the upload, the job (source: printapi)."""

import os
import re
from contextlib import suppress
from pathlib import PurePath
from typing import Protocol
from urllib.parse import urlsplit

from ezeep_async.models.print_jobs import JobProperties, PrintRequest
from ezeep_async.models.print_printers import PrinterProperties, PrintTarget
from ezeep_async.printing.blob import BLOCK_SIZE, BlobUpload, Progress
from ezeep_async.printing.document import Content, open_document
from ezeep_async.printing.fitting import fit
from ezeep_async.printing.job import PrintJob
from ezeep_async.printing.options import PrintOptions
from ezeep_async.printing.submit import Submitter
from ezeep_async.services.print_api import PrintApi
from print_async.clock import Clock
from print_async.codec import UNSET, UnsetType
from print_async.errors import PrinterNotFound, UploadFailed
from print_async.retry import RetryPolicy
from print_async.secret import Secret, reveal
from print_async.wire import Transport


class HasId(Protocol):
    """Anything with the id of a printer, whichever API it comes from."""

    @property
    def id(self) -> str:
        """UUID."""
        ...


class Printing:
    """Prints documents.

    Args:
        api: The Print API.
        transport: The way to the storage, past the session: no token goes there.
        clock: What is waited on.
        retry: How often parts of an upload are sent, and how soon again.
    """

    def __init__(self, api: PrintApi, transport: Transport, clock: Clock, retry: RetryPolicy | None = None) -> None:
        self._api = api
        self._transport = transport
        self._clock = clock
        self._retry = retry or RetryPolicy()

    async def print_file(
        self,
        content: Content,
        printer: PrintTarget | HasId | str,
        *,
        options: PrintOptions | None = None,
        alias: str | None = None,
        file_type: str | None = None,
        delete_after: bool = False,
        progress: Progress | None = None,
    ) -> PrintJob:
        """Upload a document and have it printed. The job is under way when this returns; wait for it with `wait`.

        Args:
            content: A path, bytes, an async iterable of bytes, or something to `read` from. A large one is never in
                memory as a whole. A stream is read to its end, once, and is not closed.
            printer: A printer, its id or its name. Given a `PrintTarget`, it need not be looked up.
            options: How to print; checked against what the printer can do before anything is uploaded.
            alias: The document's name in the queue; of a path its last part by default.
            file_type: The extension that says what it is, such as `pdf`; by default that of the path or the alias.
            delete_after: Whether the server is to delete the upload when it is printed; else it stays there.
            progress: Called while uploading.

        Raises:
            ValueError, TypeError: An argument makes no sense, or the document is empty. Nothing was sent.
            PrintOptionsError: The printer cannot print so; a `ValueError` as well.
            PrinterNotFound: There is no such printer, or more than one of that name.
            OSError: The document cannot be read. Nothing was printed.
            UploadFailed: It could not be uploaded. Nothing was printed; it may be tried again.
            PrintFailed: The server refuses it. Nothing was printed.
            PrintOutcomeUnknown: It was handed over, and the answer is lost. Look before you print it again.
            StatusError, AuthError, TransportError, DecodeError: Nothing was printed.

        Cancelled while it is being handed over, it cannot be told either whether it is printed.
        """
        name = _path_name(content)
        alias = alias or name
        kind = _type(file_type, name, alias)
        _check_printer(printer)
        document = await open_document(content, BLOCK_SIZE)
        target = await self._find(printer)
        properties = await self._fit(options, target)
        prepared = await self._api.prepare_upload()
        upload = BlobUpload(
            prepared.sas_uri,
            file_id=prepared.file_id,
            transport=self._transport,
            clock=self._clock,
            retry=self._retry,
            progress=progress,
        )
        await upload.send(document)
        request = PrintRequest(
            file_id=prepared.file_id,
            type=kind,
            printer_id=target.id,
            alias=alias or UNSET,
            print_and_delete=delete_after or UNSET,
            properties=properties,
        )
        answer = await self._submitter(target).submit(request)
        if answer.file_id is not None:
            raise UploadFailed(
                "the server does not have the upload, or not any more. Nothing was printed; print the document again",
                file_id=prepared.file_id,
                status=412,
            )
        return self._job(answer.job_id, target, prepared.file_id, alias)

    async def print_url(
        self,
        url: str,
        printer: PrintTarget | HasId | str,
        *,
        options: PrintOptions | None = None,
        alias: str | None = None,
        file_type: str | None = None,
        delete_after: bool = False,
        timeout: float | None = 600.0,  # noqa: ASYNC109 - on the session's clock
    ) -> PrintJob:
        """Have the server fetch a document and print it. While it is fetching, it is asked again and again.

        Args:
            url: Reachable by the server, with whatever credential that takes in it; it is not logged or
                put into errors here.
            printer, options, alias, delete_after: As for `print_file`.
            file_type: As for `print_file`; by default the extension of the alias, or of the URL's path.
            timeout: Seconds that the server may take to fetch it; `None` for no end.

        Raises:
            PrintTimeout: It is still being fetched. Nothing was printed; `file_id` is its id there.
            ValueError, PrintOptionsError, PrinterNotFound, PrintFailed, PrintOutcomeUnknown, StatusError, AuthError,
            TransportError, DecodeError: As `print_file`.
        """
        url = Secret(url)  # a traceback with locals would show the credential in it
        kind = _type(file_type, alias, _url_name(url))
        if timeout is not None and timeout < 0:
            raise ValueError("timeout is a number of seconds, 0 or more, or None for no end")
        _check_printer(printer)
        target = await self._find(printer)
        request = PrintRequest(
            file_url=url,
            type=kind,
            printer_id=target.id,
            alias=alias or UNSET,
            print_and_delete=delete_after or UNSET,
            properties=await self._fit(options, target),
        )
        answer, file_id = await self._submitter(target).submit_until_fetched(request, timeout)
        return self._job(answer.job_id, target, file_id, alias)

    def job(self, job_id: str) -> PrintJob:
        """Return a job by its id, to watch it where it was not begun: after a restart, say. Nothing is sent.

        Raises:
            ValueError: The id is empty.
        """
        if not job_id:
            raise ValueError("job_id must not be empty")
        return PrintJob(id=job_id, api=self._api, clock=self._clock)

    async def properties(self, printer: PrintTarget | HasId | str) -> PrinterProperties:
        """Return what a printer can do.

        Raises:
            PrinterNotFound: There is no such printer, or more than one of that name.
            ValueError, StatusError, AuthError, TransportError, DecodeError: As for every call.
        """
        _check_printer(printer)
        return await self._properties(await self._find(printer))

    async def _find(self, printer: PrintTarget | HasId | str) -> PrintTarget:
        if isinstance(printer, PrintTarget):
            return printer
        wanted = printer if isinstance(printer, str) else printer.id
        there = await self._api.printers()
        found = [each for each in there if each.id.lower() == wanted.lower()]
        if not found and isinstance(printer, str):
            found = [each for each in there if each.name == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(each.id for each in found)
            said = f"{len(found)} printers are named {wanted!r}: give the id of one ({ids})"
        else:
            names = ", ".join(each.name for each in there) or "none at all"
            said = f"there is no printer {wanted!r} for this user; there is {names}"
        raise PrinterNotFound(f"{said}. Nothing was printed", printer=wanted)

    async def _properties(self, target: PrintTarget) -> PrinterProperties:
        for found in await self._api.printer_properties(printer_id=target.id):
            if found.id.lower() == target.id.lower():
                return found
        raise PrinterNotFound(f"the server says nothing of {target.name}; nothing was printed", printer=target.id)

    async def _fit(self, options: PrintOptions | None, target: PrintTarget) -> JobProperties | UnsetType:
        if options is None or options.is_empty:
            return UNSET
        return fit(options, await self._properties(target))

    def _submitter(self, target: PrintTarget) -> Submitter:
        return Submitter(self._api, self._clock, target)

    def _job(self, job_id: str | None, target: PrintTarget, file_id: str | None, document: str | None) -> PrintJob:
        return PrintJob(
            id=job_id,
            printer_id=target.id,
            file_id=file_id,
            document=document,
            is_queue=target.is_queue,
            api=self._api,
            clock=self._clock,
        )


def _check_printer(printer: PrintTarget | HasId | str) -> None:
    if not (printer if isinstance(printer, str) else printer.id):
        raise ValueError("printer must not be empty: give a printer, its id or its name")


def _path_name(content: Content) -> str | None:
    return PurePath(content).name if isinstance(content, str | os.PathLike) else None


def _url_name(url: str) -> str:
    name = _name_in(url)
    if name is None:
        raise ValueError("url must be an absolute http or https URL that the server can reach")
    return name


def _name_in(url: str) -> str | None:
    # Nothing is raised from here: a traceback with locals would show the URL's parts.
    with suppress(ValueError):
        parts = urlsplit(reveal(url))
        if parts.scheme in ("http", "https") and parts.hostname:
            return PurePath(parts.path).name
    return None


def _type(file_type: str | None, *names: str | None) -> str:
    given = [file_type] if file_type is not None else [PurePath(name).suffix for name in names if name]
    kind = next((each.removeprefix(".").lower() for each in given if each), "")
    if not re.fullmatch(r"[a-z0-9]{1,16}", kind):
        raise ValueError(
            f"what kind of file is it? {kind!r} is no extension: give file_type, such as 'pdf', or an alias with one"
        )
    return kind

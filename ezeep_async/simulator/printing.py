"""The Print API under `/sfapi/`.

Sources: apidocs.ezeep.com, printapi; the vendor's repository ezeepAPi/printingapi.
"""

from collections.abc import Callable

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import answer, not_found, read_object
from ezeep_async.simulator.blob_storage import BlobStorage
from ezeep_async.simulator.print_jobs import PrintJobs, PrintRefusal, new_file_id
from print_async.testing.simulator import Handler


@attrs.frozen(kw_only=True)
class PrintApi:
    """The routes. A slash at the end and the case of the last segment make no difference."""

    jobs: PrintJobs
    blobs: BlobStorage
    blob_url: Callable[[], str]
    """Returns the base URL of the storage, which is not known before it runs."""

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        reads: dict[str, Handler] = {
            "getconfiguration": self.configuration,
            "getprinter": self.printers,
            "getprinterproperties": self.properties,
            "prepareupload": self.prepare_upload,
            "status": self.status,
        }
        writes: dict[str, Handler] = {"print": self.print}
        for method, handlers in (("GET", reads), ("POST", writes)):
            app.router.add_route(method, "/sfapi/{operation:[^/]+}{slash:/?}", _chosen(handlers))

    async def configuration(self, _: web.Request) -> web.StreamResponse:
        """Answer the configuration."""
        # The list of file types ends in a separator, as the vendor's does.
        extensions = "".join(f"{extension};" for extension in self.jobs.extensions)
        return answer(
            {
                "Schema": {"Version": "1"},
                "System": {"FILEEXT": extensions},
                "Workplace": {"DiskQuotaFree": -1.0, "DiskQuotaLimit": -1.0, "DiskQuotaUsed": -1.0},
            }
        )

    async def printers(self, _: web.Request) -> web.StreamResponse:
        """Answer the printers, as a bare array."""
        return answer([printer.listed() for printer in self.jobs.printers])

    async def properties(self, request: web.Request) -> web.StreamResponse:
        """Answer what printers can do: one by id or name, or all. Always a bare array."""
        printer_id, name = request.query.get("id"), request.query.get("printer")
        found = [
            printer.properties()
            for printer in self.jobs.printers
            if printer_id in (None, printer.id) and name in (None, printer.name)
        ]
        return answer(found)

    async def prepare_upload(self, _: web.Request) -> web.StreamResponse:
        """Answer a file id and a signed URL."""
        file_id = new_file_id()
        return answer({"fileid": file_id, "sasUri": self.blob_url() + self.blobs.issue(file_id)})

    async def print(self, request: web.Request) -> web.StreamResponse:
        """Take a document for printing."""
        taken = self.jobs.print(await read_object(request))
        if isinstance(taken, str):
            return answer({"fileid": taken, "sasUri": ""}, 412)
        return answer({"jobid": taken.job_id})

    async def status(self, request: web.Request) -> web.StreamResponse:
        """Answer the status of a job."""
        return answer(self.jobs.status(request.query.get("id", "")))


def _chosen(handlers: dict[str, Handler]) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        handler = handlers.get(request.match_info["operation"].lower())
        if handler is None:
            raise not_found()
        try:
            return await handler(request)
        except PrintRefusal as refusal:
            return answer({"code": refusal.code, "message": refusal.message}, refusal.status)

    return handle

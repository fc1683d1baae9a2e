"""Printers (source: rad/v4/searching-for-printer)."""

from typing import Literal

from myqx_async.models.printers import Printer
from myqx_async.services.lists import whole
from print_async.auth.token import TokenKind
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_SOURCE = "rad/v4/searching-for-printer"
_SCOPES = ("printers",)
_KINDS = (TokenKind.CLIENT,)


class Printers(Service):
    """The printing devices."""

    @operation("GET", "/v3/printers", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    def list(
        self,
        call: Call,
        *,
        status: Literal["active", "local", "offline", "withIssue"] | None = None,
        mode: Literal["online", "offline", "local"] | None = None,
        name: str | None = None,
        serial_number: str | None = None,
        mac: str | None = None,
        group: str | None = None,
        resume: str | None = None,
    ) -> Pager[Printer]:
        """Walk the printers to which all the filters given apply; all printers without any. They come in one page.

        Args:
            status, mode: State of the device.
            name, serial_number, mac: Of the device.
            group: Full path from the top group, joined by slashes: `All printers/group 1`.
            resume: See `print_async.Pager`.
        """
        query = {
            "status": status,
            "mode": mode,
            "name": name,
            "serialNumber": serial_number,
            "mac": mac,
            "group": group,
        }
        return whole(call, Printer, "printers", query=query, resume=resume)

    @operation("GET", "/v3/printers/{printer_id}", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    async def get(self, call: Call, printer_id: int) -> Printer:
        """Return one printer; `NotFound` if there is none of that id. MyQ lists the path; the answer is inferred."""
        return await call.fetch(Printer, path={"printer_id": printer_id})

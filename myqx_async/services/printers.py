"""Printers (source: rad/v4/searching-for-printer and the pages named below)."""

import ipaddress
from collections.abc import Iterable
from typing import Literal

from myqx_async.models.printers import NewPrinter, Printer
from myqx_async.models.profiles import (
    ConfigurationProfile,
    ConfigurationProfiles,
    NewConfigurationProfile,
    NewConfigurationProfiles,
)
from myqx_async.models.release import PrintAll, Release, ReleaseOptions
from myqx_async.models.users import User
from myqx_async.services.lists import whole
from myqx_async.services.release import handed_over, job_numbers
from print_async.auth.token import TokenKind
from print_async.codec import UNSET, UnsetType, decode
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_SOURCE = "rad/v4/searching-for-printer"
_CREATE = "rad/v4/create-and-edit-printer-and-configuration-profiles"
_RELEASE = "rad/v4/release-job-on-printer"
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

    @operation("GET", "/v3/printers/active", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    def active(self, call: Call, *, resume: str | None = None) -> Pager[Printer]:
        """Walk the active printers. MyQ lists the path; the answer is inferred."""
        return whole(call, Printer, "printers", query={}, resume=resume)

    @operation("GET", "/v3/printers/local", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    def local(self, call: Call, *, resume: str | None = None) -> Pager[Printer]:
        """Walk the local printers. MyQ lists the path; the answer is inferred."""
        return whole(call, Printer, "printers", query={}, resume=resume)

    @operation("GET", "/v3/printers/offline", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    def offline(self, call: Call, *, resume: str | None = None) -> Pager[Printer]:
        """Walk the printers that are offline. MyQ lists the path; the answer is inferred."""
        return whole(call, Printer, "printers", query={}, resume=resume)

    @operation("GET", "/v3/printers/withIssue", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    def with_issue(self, call: Call, *, resume: str | None = None) -> Pager[Printer]:
        """Walk the printers that have an issue. MyQ lists the path; the answer is inferred."""
        return whole(call, Printer, "printers", query={}, resume=resume)

    @operation("GET", "/v3/printers/last", scopes=_SCOPES, kinds=_KINDS, source=_SOURCE)
    def last(self, call: Call, *, resume: str | None = None) -> Pager[Printer]:
        """Walk the last printers. MyQ lists the path; the answer, and what "last" means, are inferred."""
        return whole(call, Printer, "printers", query={}, resume=resume)

    @operation("GET", "/v3/printers/ip:{ip}/loggedUser", scopes=("users",), source=_SOURCE)
    async def logged_user(self, call: Call, ip: str) -> User | None:
        """Return the user who is signed in at the device of that IP address.

        MyQ does not show the answer: that it is a user, and that an empty one means nobody, is inferred.

        Raises:
            ValueError: `ip` is no IP address.
            NotFound: There is no such device, or nobody is signed in there; MyQ does not say.
        """
        body = (await call.send(path={"ip": str(ipaddress.ip_address(ip))})).body
        return None if body.strip() in (b"", b"null") else decode(body, User)

    @operation("POST", "/v3/printers/", scopes=_SCOPES, kinds=_KINDS, source=_CREATE)
    async def create(self, call: Call, printer: NewPrinter) -> Printer | None:
        """Create a printer and return it; `None` where the server accepts without saying anything.

        Not repeated after a failure in which the server may have acted.
        """
        body = (await call.send(json=printer)).body
        return decode(body, Printer) if body else None

    @operation("GET", "/v3/printers/configurationProfiles", scopes=_SCOPES, kinds=_KINDS, source=_CREATE)
    def configuration_profiles(self, call: Call, *, resume: str | None = None) -> Pager[ConfigurationProfile]:
        """Walk the configuration profiles. They come in one page."""
        return whole(call, ConfigurationProfile, "profiles", query={}, resume=resume)

    @operation("POST", "/v3/printers/configurationProfiles", scopes=_SCOPES, kinds=_KINDS, source=_CREATE)
    async def create_configuration_profiles(
        self, call: Call, profiles: Iterable[NewConfigurationProfile]
    ) -> tuple[ConfigurationProfile, ...]:
        """Create configuration profiles, all in one request, and return them.

        Empty where the server accepts without saying anything. What is read has not all that is written, and more.
        Not repeated after a failure in which the server may have acted.

        Raises:
            ValueError: There is none to create.
        """
        wanted = tuple(profiles)
        if not wanted:
            raise ValueError("there must be at least one profile to create")
        body = (await call.send(json=NewConfigurationProfiles(wanted))).body
        return decode(body, ConfigurationProfiles).profiles if body else ()

    @operation("GET", "/v3/printers/{printer_id}/printAll", scopes=("jobs",), kinds=(TokenKind.USER,), source=_RELEASE)
    async def print_all_preview(self, call: Call, printer_id: int) -> PrintAll:
        """Tell which jobs of the signed-in user "print all" would release on a printer. Nothing is printed by it."""
        return await call.fetch(PrintAll, path={"printer_id": printer_id})

    @operation(
        "POST",
        "/v3/printers/{printer_id}/jobs/release",
        scopes=("jobs",),
        kinds=(TokenKind.USER,),
        idempotent=False,
        source=_RELEASE,
    )
    async def release(
        self,
        call: Call,
        printer_id: int,
        job_ids: Iterable[int],
        *,
        project_id: int | UnsetType = UNSET,
        options: ReleaseOptions | UnsetType = UNSET,
        account: str | None = None,
    ) -> None:
        """Print jobs of the signed-in user on a printer.

        The server accepts the request and prints later; follow the jobs with `myqx.jobs.wait_released(job_ids)`.

        Args:
            printer_id: The printer.
            job_ids: The jobs, such as those of `print_all_preview`, each once.
            project_id: The project that pays.
            options: How to print them.
            account: The account that pays; `None` where neither credit nor quota is in use.

        Raises:
            ValueError: There are no jobs, or one is named twice. Nothing was sent.
            PrintOutcomeUnknown: The request went out and there is no answer, or one of the server's own failure (5xx):
                the jobs may be printed. It was not sent again; look at the jobs' states before releasing them again.
        """
        jobs = job_numbers(job_ids)
        release = Release(job_ids=jobs, project_id=project_id, release_options=options, account=account)
        async with handed_over(printer_id, jobs, call.clock):
            await call.send(path={"printer_id": printer_id}, json=release)

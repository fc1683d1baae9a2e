"""The client of ezeep Blue."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from ezeep_async.auth import ACCOUNT_URL
from ezeep_async.errors import read_error
from print_async.auth.grant import Grant
from print_async.auth.refresh import RefreshPolicy
from print_async.auth.session import AuthSession
from print_async.auth.stores.base import TokenStore
from print_async.caller import Caller
from print_async.client import Client
from print_async.clock import Clock
from print_async.limits import LimitPolicy
from print_async.origin import base_url
from print_async.retry import RetryPolicy
from print_async.service import attached
from print_async.telemetry import Hooks
from print_async.wire import Transport

if TYPE_CHECKING:
    from ezeep_async.printing import Printing
    from ezeep_async.services.account_users import AccountUsers
    from ezeep_async.services.assignments import Assignments
    from ezeep_async.services.connectors import Connectors
    from ezeep_async.services.drivers import Drivers
    from ezeep_async.services.groups import Groups
    from ezeep_async.services.invitations import UserInvitations
    from ezeep_async.services.organizations import Organizations
    from ezeep_async.services.print_api import PrintApi
    from ezeep_async.services.printers import Printers
    from ezeep_async.services.printjobs import PrintJobs
    from ezeep_async.services.reports import Reports
    from ezeep_async.services.users import Users
    from ezeep_async.services.webhooks import Webhooks

MANAGEMENT_URL = "https://api2.ezeep.com"
PRINT_URL = "https://printapi.ezeep.com"


class Ezeep(Client):
    """ezeep Blue: its management, account and print APIs, with one credential.

        async with Ezeep(RefreshToken("client-id", "stored token")) as ezeep:
            async for user in ezeep.users.list():
                ...

    Args:
        auth: A grant of `ezeep_async.auth`, or a ready `AuthSession`.
        account_url, management_url, print_url: Base URLs of the three servers.
        transport, store, refresh, limits, hooks, clock: For the session; see `print_async.AuthSession`.
        timeout: Seconds for each call in all, retries and pauses included; `None` for no limit.
        retry: What is sent again, and when.

    Raises:
        ValueError: A URL is no base URL, or is plain http to another machine.
    """

    users: "attached[Users]" = attached("ezeep_async.services.users.Users", "_management")
    groups: "attached[Groups]" = attached("ezeep_async.services.groups.Groups", "_management")
    assignments: "attached[Assignments]" = attached("ezeep_async.services.assignments.Assignments", "_management")
    printers: "attached[Printers]" = attached("ezeep_async.services.printers.Printers", "_management")
    connectors: "attached[Connectors]" = attached("ezeep_async.services.connectors.Connectors", "_management")
    drivers: "attached[Drivers]" = attached("ezeep_async.services.drivers.Drivers", "_management")
    printjobs: "attached[PrintJobs]" = attached("ezeep_async.services.printjobs.PrintJobs", "_management")
    reports: "attached[Reports]" = attached("ezeep_async.services.reports.Reports", "_management")
    webhooks: "attached[Webhooks]" = attached("ezeep_async.services.webhooks.Webhooks", "_management")
    account_users: "attached[AccountUsers]" = attached("ezeep_async.services.account_users.AccountUsers", "_account")
    user_invitations: "attached[UserInvitations]" = attached(
        "ezeep_async.services.invitations.UserInvitations", "_account"
    )
    organizations: "attached[Organizations]" = attached("ezeep_async.services.organizations.Organizations", "_account")
    print_api: "attached[PrintApi]" = attached("ezeep_async.services.print_api.PrintApi", "_print")

    def __init__(
        self,
        auth: Grant | AuthSession,
        *,
        account_url: str = ACCOUNT_URL,
        management_url: str = MANAGEMENT_URL,
        print_url: str = PRINT_URL,
        transport: Transport | None = None,
        store: TokenStore | None = None,
        refresh: RefreshPolicy | None = None,
        limits: LimitPolicy | None = None,
        hooks: Sequence[Hooks] = (),
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        account, management, print_api = (base_url(url) for url in (account_url, management_url, print_url))
        super().__init__(
            auth,
            origins=(account, management, print_api),
            read_error=read_error,
            transport=transport,
            store=store,
            refresh=refresh,
            limits=limits,
            hooks=hooks,
            timeout=timeout,
            retry=retry,
            clock=clock,
        )
        self._account = self._api(account)
        self._management = self._api(management)
        self._print = self._api(print_api)

    @cached_property
    def printing(self) -> "Printing":
        """Prints documents."""
        from ezeep_async.printing import Printing

        return Printing(self.print_api, self.session.transport, self.session.clock, self._options.retry)

    def _api_of(self, path: str) -> Caller:
        if path.startswith(("/oauth/", "/v1/", "/partner/")):
            return self._account
        return self._print if path.startswith("/sfapi/") else self._management

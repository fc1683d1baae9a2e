"""The client of a MyQ X Print Server."""

from typing import TYPE_CHECKING

from myqx_async.product import ProductClient
from print_async.service import attached

if TYPE_CHECKING:
    from myqx_async.services.accounts import Accounts
    from myqx_async.services.jobs import Jobs
    from myqx_async.services.printers import Printers
    from myqx_async.services.queues import Queues
    from myqx_async.services.recharge import Recharge
    from myqx_async.services.server import Server
    from myqx_async.services.users import Users


class MyQX(ProductClient):
    """A MyQ X Print Server: its REST API, version 3.

        async with MyQX("https://print.acme.com", ClientCredentials("id", "secret", scope="users")) as myqx:
            async for user in myqx.users.list():
                ...

    Args:
        url: Of the server, without `/api`.
        auth: A grant of `myqx_async.auth`, or a ready `AuthSession`.
        transport: MyQ's certificate usually comes from its own authority: `AiohttpTransport(ca_file="myq-ca.pem")`.
        store, refresh, limits, hooks, clock: For the session; see `print_async.AuthSession`.
        timeout: Seconds for each call in all, retries and pauses included; `None` for no limit.
        retry: What is sent again, and when.

    Raises:
        ValueError: The URL is no base URL, or is plain http to another machine.
    """

    server: "attached[Server]" = attached("myqx_async.services.server.Server")
    users: "attached[Users]" = attached("myqx_async.services.users.Users")
    printers: "attached[Printers]" = attached("myqx_async.services.printers.Printers")
    queues: "attached[Queues]" = attached("myqx_async.services.queues.Queues")
    jobs: "attached[Jobs]" = attached("myqx_async.services.jobs.Jobs")
    recharge: "attached[Recharge]" = attached("myqx_async.services.recharge.Recharge")
    accounts: "attached[Accounts]" = attached("myqx_async.services.accounts.Accounts")

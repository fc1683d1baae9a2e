"""The client of a MyQ X Central Server."""

from typing import TYPE_CHECKING

from myqx_async.product import ProductClient
from print_async.service import attached

if TYPE_CHECKING:
    from myqx_async.services.central.cards import Cards
    from myqx_async.services.central.pins import Pins
    from myqx_async.services.central.users import Users


class MyQXCentral(ProductClient):
    """A MyQ X Central Server: its REST API, version 2.

        async with MyQXCentral("https://central.acme.com:8093", ClientCredentials("id", "secret", scope="users")) as it:
            made = await it.users.create(NewUser(username="new.user", fullname="New User"))
            pin = (await it.pins.create(made.id)).pin.reveal()

    All of it takes the application's own token (`myqx_async.auth.ClientCredentials`), registered at the Central Server.

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

    users: "attached[Users]" = attached("myqx_async.services.central.users.Users")
    pins: "attached[Pins]" = attached("myqx_async.services.central.pins.Pins")
    cards: "attached[Cards]" = attached("myqx_async.services.central.cards.Cards")

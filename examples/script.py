"""An asyncio script: sign in to a MyQ X server and walk its users."""

import asyncio

from myqx_async import MyQX
from myqx_async.auth import ClientCredentials
from print_async import AiohttpTransport


async def main() -> None:
    grant = ClientCredentials("client-id", "client-secret", scope="users")
    async with MyQX("https://print.acme.com", grant, transport=AiohttpTransport(ca_file="myq-ca.pem")) as myqx:
        async for user in myqx.users.list(include=("aliases",)):
            print(user.id, user.username, user.aliases)


asyncio.run(main())

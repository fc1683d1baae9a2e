"""Record a conversation with a MyQ X server; the next time, answer from the recording: no server, and no secret."""

import asyncio
from pathlib import Path

from myqx_async import MyQX
from myqx_async.auth import ClientCredentials
from print_async import AiohttpTransport, RecordingTransport, ReplayTransport, Transport

RECORDING = Path("users.jsonl")


async def print_users(secret: str, transport: Transport) -> None:
    grant = ClientCredentials("client-id", secret, scope="users")
    async with MyQX("https://print.acme.com", grant, transport=transport) as myqx:
        async for user in myqx.users.list():
            print(user.id, user.fullname)


if RECORDING.exists():
    asyncio.run(print_users("anything", ReplayTransport(RECORDING)))
else:
    inner = AiohttpTransport(ca_file="myq-ca.pem")
    asyncio.run(print_users("client-secret", RecordingTransport(inner, RECORDING)))

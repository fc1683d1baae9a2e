"""The clients of `typed_get`: how each gets the same page with the same token, as its documents say to.

Each runs in a process of its own, and imports its library there.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.rounds import Work

_TOKEN = "x" * 600
_BEARER = {"Authorization": f"Bearer {_TOKEN}"}


@asynccontextmanager
async def ours(
    transport: str, url: str, group_id: str | None = None, ca_file: Path | None = None
) -> AsyncIterator[Work]:
    """Decoded into models: a page of 20 users, or a group."""
    import print_async
    from ezeep_async import Ezeep
    from ezeep_async.auth import RefreshToken

    made = getattr(print_async, transport)(ca_file=ca_file)
    grant = RefreshToken("client", "token")
    async with Ezeep(grant, account_url=url, management_url=url, print_url=url, transport=made) as ezeep:

        async def users() -> None:
            assert len(await ezeep.users.list(page_size=20, prefetch=0).collect()) == 20

        async def group() -> None:
            assert group_id is not None
            assert (await ezeep.groups.get(group_id)).id == group_id

        yield users if group_id is None else group


@asynccontextmanager
async def raw_aiohttp(url: str, ca_file: Path | None = None) -> AsyncIterator[Work]:
    """The bytes, and no more."""
    import aiohttp

    tls = True if ca_file is None else ssl.create_default_context(cafile=ca_file)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:

        async def get() -> bytes:
            async with session.get(url, headers=_BEARER) as response:
                return await response.read()

        yield get


@asynccontextmanager
async def raw_aiohttp_json(url: str) -> AsyncIterator[Work]:
    """Decoded by aiohttp into dicts."""
    import aiohttp

    async with aiohttp.ClientSession() as session:

        async def get() -> Any:
            async with session.get(url, headers=_BEARER) as response:
                return await response.json()

        yield get


@asynccontextmanager
async def httpx2_pydantic(url: str) -> AsyncIterator[Work]:
    """Decoded by pydantic into models."""
    import httpx2
    import pydantic

    page = _page(pydantic.BaseModel)
    async with httpx2.AsyncClient(headers=_BEARER) as client:

        async def get() -> Any:
            return page.model_validate_json((await client.get(url)).content)

        yield get


@asynccontextmanager
async def gidgethub(url: str) -> AsyncIterator[Work]:
    """Decoded into dicts."""
    import aiohttp
    from gidgethub.aiohttp import GitHubAPI

    async with aiohttp.ClientSession() as session:
        api = GitHubAPI(session, "benchmarks", oauth_token=_TOKEN)

        async def get() -> Any:
            return await api.getitem(url)

        yield get


@asynccontextmanager
async def azure_core(url: str) -> AsyncIterator[Work]:
    """Decoded into dicts, with the policies of the clients that are generated on azure-core."""
    from azure.core import AsyncPipelineClient
    from azure.core.credentials import AccessToken
    from azure.core.pipeline import policies
    from azure.core.pipeline.transport import AioHttpTransport
    from azure.core.rest import HttpRequest

    class Credential:
        async def get_token(self, *_: str, **__: object) -> AccessToken:
            return AccessToken(_TOKEN, 2**40)

    stack = [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy("benchmarks"),
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        policies.AsyncRedirectPolicy(),
        policies.AsyncRetryPolicy(),
        policies.AsyncBearerTokenCredentialPolicy(Credential(), "scope"),
        policies.NetworkTraceLoggingPolicy(),
        policies.DistributedTracingPolicy(),
        policies.SensitiveHeaderCleanupPolicy(),
        policies.HttpLoggingPolicy(),
    ]
    async with AsyncPipelineClient(url, policies=stack, transport=AioHttpTransport()) as client:

        async def get() -> Any:
            response = await client.send_request(HttpRequest("GET", url), enforce_https=False)
            response.raise_for_status()
            return response.json()

        yield get


@asynccontextmanager
async def authlib(url: str) -> AsyncIterator[Work]:
    """Decoded into dicts."""
    from authlib.integrations.httpx_client import AsyncOAuth2Client

    token = {"access_token": _TOKEN, "token_type": "Bearer", "expires_at": 2**40}
    async with AsyncOAuth2Client("client", token=token) as client:

        async def get() -> Any:
            return (await client.get(url)).json()

        yield get


@asynccontextmanager
async def openai_sdk(url: str) -> AsyncIterator[Work]:
    """Decoded into models, with the way that the SDK has for what it has no method for."""
    import openai

    page = _page(openai.BaseModel)
    async with openai.AsyncOpenAI(api_key=_TOKEN, base_url=url) as client:

        async def get() -> Any:
            return await client.get(url, cast_to=page)

        yield get


def _page(base: Any) -> Any:
    """Return a model of the page, of a kind that pydantic makes."""
    import pydantic

    membership = pydantic.create_model("Membership", __base__=base, group_id=str)
    user = pydantic.create_model(
        "User",
        __base__=base,
        id=str,
        local_printing_enabled=(bool | None, None),
        self_service_enabled=(bool | None, None),
        myprinters_enabled=(bool | None, None),
        groups=(list[membership], []),  # type: ignore[valid-type]
    )
    return pydantic.create_model(
        "Page", __base__=base, count=(int | None, None), next=(str | None, None), results=list[user]
    )

"""The peers of `typed_get`: how each of them gets the same page with the same token, as its documents say to."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import httpx2
import openai
import pydantic
from authlib.integrations.httpx_client import AsyncOAuth2Client
from azure.core import AsyncPipelineClient
from azure.core.credentials import AccessToken
from azure.core.pipeline import policies
from azure.core.pipeline.transport import AioHttpTransport
from azure.core.rest import HttpRequest
from gidgethub.aiohttp import GitHubAPI

from benchmarks.rounds import Work

_TOKEN = "x" * 600
_BEARER = {"Authorization": f"Bearer {_TOKEN}"}


class _Membership(pydantic.BaseModel):
    group_id: str


class _User(pydantic.BaseModel):
    id: str
    local_printing_enabled: bool | None = None
    self_service_enabled: bool | None = None
    myprinters_enabled: bool | None = None
    groups: list[_Membership] = []


class _Page(pydantic.BaseModel):
    count: int | None = None
    next: str | None = None
    results: list[_User]


class _OpenAIPage(openai.BaseModel):
    count: int | None = None
    next: str | None = None
    results: list[_User]


@asynccontextmanager
async def raw_aiohttp(url: str, context: ssl.SSLContext | bool = True) -> AsyncIterator[Work]:
    """The bytes, and no more."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:

        async def get() -> bytes:
            async with session.get(url, headers=_BEARER) as response:
                return await response.read()

        yield get


@asynccontextmanager
async def raw_aiohttp_json(url: str) -> AsyncIterator[Work]:
    """Decoded by aiohttp into dicts."""
    async with aiohttp.ClientSession() as session:

        async def get() -> Any:
            async with session.get(url, headers=_BEARER) as response:
                return await response.json()

        yield get


@asynccontextmanager
async def httpx2_pydantic(url: str) -> AsyncIterator[Work]:
    """Decoded by pydantic into models."""
    async with httpx2.AsyncClient(headers=_BEARER) as client:

        async def get() -> _Page:
            return _Page.model_validate_json((await client.get(url)).content)

        yield get


@asynccontextmanager
async def gidgethub(url: str) -> AsyncIterator[Work]:
    """Decoded into dicts."""
    async with aiohttp.ClientSession() as session:
        api = GitHubAPI(session, "benchmarks", oauth_token=_TOKEN)

        async def get() -> Any:
            return await api.getitem(url)

        yield get


class _Credential:
    async def get_token(self, *_: str, **__: object) -> AccessToken:
        return AccessToken(_TOKEN, 2**40)


@asynccontextmanager
async def azure_core(url: str) -> AsyncIterator[Work]:
    """Decoded into dicts, with the policies of the clients that are generated on azure-core."""
    stack = [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy("benchmarks"),
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        policies.AsyncRedirectPolicy(),
        policies.AsyncRetryPolicy(),
        policies.AsyncBearerTokenCredentialPolicy(_Credential(), "scope"),
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
    token = {"access_token": _TOKEN, "token_type": "Bearer", "expires_at": 2**40}
    async with AsyncOAuth2Client("client", token=token) as client:

        async def get() -> Any:
            return (await client.get(url)).json()

        yield get


@asynccontextmanager
async def openai_sdk(url: str) -> AsyncIterator[Work]:
    """Decoded into models, with the way that the SDK has for what it has no method for."""
    async with openai.AsyncOpenAI(api_key=_TOKEN, base_url=url) as client:

        async def get() -> _OpenAIPage:
            return await client.get(url, cast_to=_OpenAIPage)

        yield get

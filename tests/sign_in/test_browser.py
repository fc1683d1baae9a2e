"""Both sign-in pages walked in a real browser, from the first URL to a token of the person who signed in."""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest

from ezeep_async import Ezeep
from ezeep_async.auth import AuthorizationCode as EzeepCode
from ezeep_async.simulator import EzeepSimulator
from myqx_async import MyQX
from myqx_async.auth import AuthorizationCode as MyQCode
from myqx_async.models import UserChanges
from myqx_async.simulator import MyQXSimulator
from print_async.auth.authorization import AuthorizationRequest
from print_async.auth.loopback import sign_in
from print_async.errors import AuthorizationRefused
from print_async.transports.aiohttp import AiohttpTransport

pytestmark = pytest.mark.slow

SCOPE = "users offline.access"
Answer = tuple[AuthorizationRequest, str]
Knock = Callable[..., Awaitable[tuple["asyncio.Task[Answer]", str]]]


@pytest.fixture
async def knock() -> AsyncIterator[Knock]:
    """Begin sign-ins: each gives the task that waits for the browser, and the URL it would open."""
    tasks: list[asyncio.Task[Answer]] = []

    async def make(begin: Callable[[str], AuthorizationRequest], **options: Any) -> tuple[asyncio.Task[Answer], str]:
        loop = asyncio.get_running_loop()
        opened: asyncio.Future[str] = loop.create_future()

        def open_browser(url: str) -> None:
            loop.call_soon_threadsafe(opened.set_result, url)

        tasks.append(asyncio.create_task(sign_in(begin, open_browser=open_browser, **options)))
        return tasks[-1], await opened

    yield make
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def ezeep() -> AsyncIterator[EzeepSimulator]:
    """Run ezeep Blue with a sign-in page."""
    async with EzeepSimulator(20, sign_in_page=True) as simulator:
        yield simulator


@pytest.fixture
async def myqx() -> AsyncIterator[MyQXSimulator]:
    """Run MyQ X with a sign-in page."""
    async with MyQXSimulator(20, sign_in_page=True) as simulator:
        yield simulator


def begin_ezeep(simulator: EzeepSimulator) -> Callable[[str], AuthorizationRequest]:
    """Return what begins a sign-in to ezeep."""
    return lambda uri: EzeepCode.begin(simulator.client_id, redirect_uri=uri, account_url=simulator.account_url)


def begin_myqx(simulator: MyQXSimulator) -> Callable[[str], AuthorizationRequest]:
    """Return what begins a sign-in with MyQ."""
    return lambda uri: MyQCode.begin(simulator.url, simulator.client_id, redirect_uri=uri, scope=SCOPE)


def subject(token: str) -> object:
    """Return whose token it is."""
    claims = token.split(".")[1]
    return msgspec.json.decode(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"]


async def test_ezeep(browse, knock, ezeep):
    """A wrong password is said on the page; the right one leads back, and to that person's token, with PKCE."""
    page = await browse()
    waiting, url = await knock(begin_ezeep(ezeep))
    await page.open(url)
    await page.type("username", ezeep.directory.people.email(7))
    await page.type("password", "wrong")
    await page.click("sign-in")
    assert "not known here" in await page.text()
    assert not waiting.done()

    await page.type("password", ezeep.password)
    await page.click("sign-in")
    request, callback_url = await waiting

    assert "Done" in await page.text()
    assert await page.address() == request.redirect_uri
    grant = EzeepCode.finish(request, callback_url, client_id=ezeep.client_id)
    urls = {"management_url": ezeep.management_url, "print_url": ezeep.print_url}
    async with Ezeep(grant, account_url=ezeep.account_url, **urls) as client:
        token = await client.session.token()
        assert await client.users.list().first()
    assert subject(token.access_token.reveal()) == ezeep.directory.user_ids.at(7)
    assert ezeep.stats.token_requests == {"authorization_code": 1}


@pytest.mark.parametrize("way", ["password", "pin"])
async def test_myqx(browse, knock, myqx, way):
    """User name and password lead back over TLS, and so does a PIN, each to that user's token."""
    page = await browse("--ignore-certificate-errors")
    waiting, url = await knock(begin_myqx(myqx), redirect_uri="http://localhost:0/back?from=myq")
    who = myqx.credentials(4)
    await page.open(url)
    await page.type("pin", "wrong")
    await page.click("sign-in")
    assert "not known here" in await page.text()

    if way == "pin":
        await page.type("pin", who.pin)
    else:
        await page.type("user", who.username)
        await page.type("pwd", who.password)
    await page.click("sign-in")
    request, callback_url = await waiting

    assert "Done" in await page.text()
    assert await page.address() == request.redirect_uri.partition("?")[0]
    grant = MyQCode.finish(request, callback_url, client_id=myqx.client_id, client_secret=myqx.client_secret)
    async with MyQX(myqx.url, grant, transport=AiohttpTransport(ca_file=myqx.ca_file)) as client:
        await client.users.update_me(UserChanges(notes="signed in"))
    assert myqx.stats.mutations == {"user-updated:1005": 1}
    assert myqx.stats.token_requests == {"authorization_code": 1}


@pytest.mark.parametrize("vendor", ["ezeep", "myqx"])
async def test_giving_up(browse, knock, ezeep, myqx, vendor):
    """Whoever presses Cancel comes back to a page that says so, and the sign-in ends with `access_denied`."""
    page = await browse("--ignore-certificate-errors")
    waiting, url = await knock(begin_ezeep(ezeep) if vendor == "ezeep" else begin_myqx(myqx))
    await page.open(url)
    await page.click("cancel")

    with pytest.raises(AuthorizationRefused, match="access_denied") as caught:
        await waiting
    assert caught.value.error == "access_denied"
    assert "Not signed in" in await page.text()


async def test_an_answer_of_another_sign_in(browse, knock, ezeep):
    """An address with another state, planted in the browser, is refused on a page, and the person can still sign in."""
    page = await browse()
    waiting, url = await knock(begin_ezeep(ezeep), redirect_uri="http://127.0.0.1:0/code")
    await page.open(url)
    back = await page.run("new URL(location.href).searchParams.get('redirect_uri')")
    await page.open(f"{back}?code={ezeep.issue_code(back)}&state=planted")
    assert "Not accepted" in await page.text()
    assert not waiting.done()

    await page.open(url)
    await page.type("username", ezeep.directory.people.email(0))
    await page.type("password", ezeep.password)
    await page.click("sign-in")

    assert (await waiting)[0].redirect_uri == back

"""The simulators' sign-in pages, asked for without a browser."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from ezeep_async.simulator import EzeepSimulator
from myqx_async.simulator import MyQXSimulator

REDIRECT = "https://app.example/back?tenant=7"
QUERY = {"response_type": "code", "redirect_uri": REDIRECT, "state": "s1", "scope": "users printing"}
VENDORS = pytest.mark.parametrize("vendor", ["ezeep", "myqx"])


class Page:
    """A sign-in page, its fields, and what they must be filled with."""

    def __init__(self, session: aiohttp.ClientSession, url: str, client_id: str, **good: str) -> None:
        self._session = session
        self._url = url
        self._query = QUERY | {"client_id": client_id}
        self.good = good

    async def get(self, **query: str) -> tuple[int, str, URL]:
        """Open it."""
        return await self._ask("GET", query, None)

    async def post(self, action: str = "sign-in", **typed: str) -> tuple[int, str, URL]:
        """Press a button."""
        return await self._ask("POST", {}, {"action": action, **typed})

    async def _ask(self, method, query, data):
        options = {"params": self._query | query, "data": data, "allow_redirects": False, "ssl": False}
        async with self._session.request(method, self._url, **options) as answer:
            return answer.status, await answer.text(), URL(answer.headers.get("Location", ""))


@pytest.fixture
async def pages() -> AsyncIterator[dict[str, Page]]:
    """Serve both pages."""
    async with (
        EzeepSimulator(20, sign_in_page=True) as ezeep,
        MyQXSimulator(20, sign_in_page=True) as myqx,
        aiohttp.ClientSession() as session,
    ):
        email, who = ezeep.directory.people.email(3), myqx.credentials(3)
        ezeep_url, myqx_url = f"{ezeep.account_url}/oauth/authorize/", f"{myqx.url}/de/auth"
        yield {
            "ezeep": Page(session, ezeep_url, ezeep.client_id, username=email, password=ezeep.password),
            "myqx": Page(session, myqx_url, myqx.client_id, user=who.username, pwd=who.password),
            "pin": Page(session, myqx_url, myqx.client_id, pin=who.pin),
        }


@pytest.mark.parametrize("way", ["ezeep", "myqx", "pin"])
async def test_signing_in(pages, way):
    """The page is a form; what is right leads back with a code and the state, and keeps the target's own query."""
    page = pages[way]

    status, html, _ = await page.get()
    assert (status, all(f'name="{name}"' in html for name in page.good)) == (200, True)
    status, _, target = await page.post(**page.good)

    assert (status, target.query["tenant"], target.query["state"]) == (302, "7", "s1")
    assert target.query["code"]


@pytest.mark.parametrize("way", ["ezeep", "myqx", "pin"])
async def test_what_is_wrong(pages, way):
    """A wrong or missing secret shows the page again, without the secret, and gives no code."""
    page = pages[way]
    *_, secret = page.good
    for wrong in ({secret: '"><b>wrong'}, {secret: ""}, {}):
        status, html, target = await page.post(**(page.good | wrong if wrong else {}))
        assert (status, target) == (200, URL(""))
        assert "not known here" in html
        assert "wrong" not in html


@VENDORS
async def test_what_was_typed_is_shown_again(pages, vendor):
    """The user name stays in its field after a wrong attempt, and is text there whatever it is."""
    name = next(iter(pages[vendor].good))

    _, html, _ = await pages[vendor].post(**{name: '"><script>'})

    assert 'value="&quot;&gt;&lt;script&gt;"' in html


@VENDORS
async def test_giving_up(pages, vendor):
    """The other button leads back with `access_denied` and the state."""
    status, _, target = await pages[vendor].post("cancel")

    assert (status, dict(target.query)) == (302, {"tenant": "7", "error": "access_denied", "state": "s1"})


@VENDORS
async def test_a_wrong_client_sees_no_page(pages, vendor):
    """A request that is not the registered client's is refused before anybody can type a password."""
    status, html, _ = await pages[vendor].get(client_id="other")

    assert (status, "<form" in html) == (400, False)


@pytest.mark.parametrize("simulator", [EzeepSimulator, MyQXSimulator])
async def test_without_a_page(simulator):
    """Unless there is to be a page, nothing can be posted to it."""
    async with simulator(20) as sim, aiohttp.ClientSession() as session:
        url = f"{sim.account_url}/oauth/authorize/" if simulator is EzeepSimulator else f"{sim.url}/en/auth"
        page = Page(session, url, sim.client_id)
        assert (await page.get())[0] == 302
        assert (await page.post())[0] == 405

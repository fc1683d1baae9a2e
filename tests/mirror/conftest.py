"""Both vendors' simulators with their mirrors, and the rows that a mirror must have, read without our client."""

import json
import sqlite3
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest

import ezeep_async.mirror
import myqx_async.mirror
from ezeep_async import Ezeep
from ezeep_async.simulator import EzeepSimulator
from myqx_async import MyQX
from myqx_async.simulator import MyQXSimulator
from print_async.mirror import MirrorReport, mirror
from print_async.retry import RetryPolicy
from print_async.transports.aiohttp import AiohttpTransport

Tables = dict[str, list[dict[str, Any]]]
ONCE = RetryPolicy(attempts=1)


def tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Read all there is in a SQLite file: each table, sorted."""
    with closing(sqlite3.connect(path)) as file:
        names = [name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(file.execute(f"SELECT * FROM {name}"), key=repr) for name in names}  # noqa: S608


@attrs.frozen
class EzeepSite:
    """An ezeep organization."""

    sim: EzeepSimulator
    client: Ezeep
    total: int
    """How many items its lists have."""
    lists = ("groups", "users", "account users")

    def stages(self, page_size: int, concurrency: int):
        """Return what to copy."""
        return ezeep_async.mirror.stages(self.client, page_size=page_size, concurrency=concurrency)

    async def expected(self) -> Tables:
        """Walk the lists with plain aiohttp, and make the rows of what they say."""
        headers = {"Authorization": f"Bearer {self.sim.issue_access_token()}"}
        groups = await _follow(f"{self.sim.management_url}/printing/v1/groups/", headers)
        users = await _follow(f"{self.sim.management_url}/printing/v1/users/", headers)
        people = await _follow(f"{self.sim.account_url}/v1/users/", headers)
        origins = [group.pop("origin") for group in groups]
        for group, origin in zip(groups, origins, strict=True):
            group |= {"provider": origin["provider"], "foreign_id": origin.get("foreign_id")}
        memberships = [
            {"user_id": user["id"], "group_id": group["group_id"]} for user in users for group in user.pop("groups")
        ]
        for person in people:
            person["roles"] = " ".join(person["roles"])
            for part in ("azure_profile", "id_profile", "user_invitations"):
                del person[part]
        return {"groups": groups, "users": users, "memberships": memberships, "account_users": people}


@attrs.frozen
class MyQXSite:
    """A MyQ X server."""

    sim: MyQXSimulator
    client: MyQX
    total: int
    """How many items its lists have."""
    lists = ("users", "printers", "queues")

    def stages(self, page_size: int, concurrency: int):
        """Return what to copy."""
        return myqx_async.mirror.stages(self.client, page_size=page_size, concurrency=concurrency)

    async def expected(self) -> Tables:
        """Read the lists with plain aiohttp, each in one request, and make the rows of what they say."""
        api = f"{self.sim.url}/api"
        secrets = {"client_id": self.sim.client_id, "client_secret": self.sim.client_secret}
        wanted = {"grant_type": "client_credentials", "scope": "users printers queues", **secrets}
        tls = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=self.sim.ca_file))
        async with aiohttp.ClientSession(connector=tls) as session:
            async with session.post(f"{api}/auth/token", json=wanted) as response:
                headers = {"Authorization": f"Bearer {(await response.json())['access_token']}"}
            found = {}
            for name, query in {
                "users": "include=aliases,accounts,groups&limit=10000",
                "printers": "",
                "queues": "state=all&include=client",
            }.items():
                async with session.get(f"{api}/v3/{name}?{query}", headers=headers) as response:
                    found[name] = (await response.json())[name]
        return {name: [_flat(item) for item in items] for name, items in found.items()}


Site = EzeepSite | MyQXSite


def _flat(item: dict[str, Any]) -> dict[str, Any]:
    snake = {"".join(f"_{c.lower()}" if c.isupper() else c for c in name): value for name, value in item.items()}
    return {name: _text(value) if isinstance(value, list | dict) else value for name, value in snake.items()}


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _order(row: dict[str, Any]) -> str:
    return repr(sorted(row.items()))


async def _follow(url: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    items, link = [], url
    async with aiohttp.ClientSession(headers=headers) as session:
        while link:
            async with session.get(link) as response:
                page = await response.json()
            items += page["results"]
            link = page["next"]
    return items


@pytest.fixture
async def open_site() -> AsyncIterator[Any]:
    """Start a site of a vendor with so many users; the same seed gives the same users."""
    async with AsyncExitStack() as stack:

        async def start(vendor: str, users: int, **options: Any) -> Site:
            if vendor == "ezeep":
                sim = await stack.enter_async_context(EzeepSimulator(users, 8, seed=3, **options))
                urls = {name: getattr(sim, name) for name in ("account_url", "management_url", "print_url")}
                client = await stack.enter_async_context(Ezeep(sim.grant(), retry=ONCE, **urls))
                return EzeepSite(sim, client, 8 + 2 * users)
            server = await stack.enter_async_context(MyQXSimulator(users, 7, 6, seed=3, **options))
            transport = AiohttpTransport(ca_file=server.ca_file)
            myqx = await stack.enter_async_context(MyQX(server.url, server.grant(), transport=transport, retry=ONCE))
            return MyQXSite(server, myqx, 7 + 6 + users)

        yield start


@pytest.fixture(params=["ezeep", "myqx"])
def vendor(request: pytest.FixtureRequest) -> str:
    """Name each vendor."""
    return request.param


@pytest.fixture
async def site(open_site, vendor: str) -> Site:
    """Start a site with 70 users."""
    return await open_site(vendor, 70)


@pytest.fixture(scope="session")
def copy():
    """Mirror a site."""

    async def run(site: Site, path: Path, page_size: int = 20, concurrency: int = 1, **options: Any) -> MirrorReport:
        views = ezeep_async.mirror.VIEWS if isinstance(site, EzeepSite) else ()
        return await mirror(path, site.stages(page_size, concurrency), source="the site", views=views, **options)

    return run


@pytest.fixture(scope="session")
def read_tables():
    """Read all there is in a SQLite file."""
    return tables


@pytest.fixture(scope="session")
def read_rows():
    """Read a table's rows as dictionaries, without the mirror's own column and what was not answered."""

    def read(path: Path, table: str) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(path)) as file:
            file.row_factory = sqlite3.Row
            rows = [dict(row) for row in file.execute(f"SELECT * FROM {table}")]  # noqa: S608 - a name of ours
        return [{k: v for k, v in row.items() if v is not None and k != "mirror_run"} for row in rows]

    return read


@pytest.fixture(scope="session")
def assert_mirrors(read_rows):
    """Compare a file with what the server has, row by row."""

    def check(path: Path, expected: Tables) -> None:
        for table, rows in expected.items():
            wanted = ({name: value for name, value in row.items() if value is not None} for row in rows)
            assert sorted(read_rows(path, table), key=_order) == sorted(wanted, key=_order)

    return check

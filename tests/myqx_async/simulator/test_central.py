"""The Central Server's simulator, read by plain aiohttp."""

import random
import ssl
from itertools import pairwise

import aiohttp
import pytest

from myqx_async.simulator import MyQXCentralSimulator
from myqx_async.simulator.central_routes import Secrets


@pytest.fixture
async def central():
    """A Central Server, and a function that calls it."""
    async with MyQXCentralSimulator(50) as sim:
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=sim.ca_file))
        async with aiohttp.ClientSession(connector=connector) as session:
            body = {"client_id": sim.client_id, "client_secret": sim.client_secret}

            async def call(method, path, scope="users", index=None, **options):
                login = {"grant_type": "client_credentials"}
                if index is not None:
                    card = {"type": 1, "card": sim.credentials(index).card}
                    login = {"grant_type": "login_info", "login_info": card}
                token = {**body, **login, "scope": scope}
                async with session.post(f"{sim.url}/api/auth/token", json=token) as response:
                    given = await response.json()
                    if response.status != 200:
                        return response.status, given
                headers = {"Authorization": f"Bearer {given['access_token']}"}
                async with session.request(method, f"{sim.url}/api{path}", headers=headers, **options) as response:
                    return response.status, await response.json()

            yield sim, call


async def test_no_filter_finds_nobody(central) -> None:
    """No filter, a part alone, and an unknown filter give an empty result and no error."""
    _, call = central
    for query in ("", "?groups=true", "?colour=red", "?code=0&colour=red"):
        assert await call("GET", f"/v2/users{query}") == (200, {"users": [], "count": 0})


async def test_scopes_are_its_own(central) -> None:
    """It has three scopes and the one for staying; those of the Print Server are refused, and so is a wrong one."""
    _, call = central
    status, body = await call("GET", "/v2/users", scope="printers")
    assert (status, body["message"]) == (400, "Invalid scopes")
    for method, path in (("GET", ""), ("POST", ""), ("POST", "/1001/pins"), ("POST", "/1001/cards")):
        assert (await call(method, f"/v2/users{path}", scope="reports", json={}))[0] == 403


async def test_print_server_paths_are_not_there(central) -> None:
    """Nothing below /v3 is served, and no sign-in page."""
    _, call = central
    for path in ("/v3/users", "/v3/printers", "/v3/jobs/1"):
        assert (await call("GET", path))[0] == 404


async def test_a_user_needs_the_right(central) -> None:
    """A user's token lists users with the right to manage them, and makes no PINs."""
    _, call = central
    assert (await call("GET", "/v2/users?code=1", index=3))[0] == 403
    assert (await call("GET", "/v2/users?code=1", index=0))[0] == 200
    assert (await call("POST", "/v2/users/1001/pins", index=0, json={}))[0] == 403


async def test_filters_must_all_be_met(central) -> None:
    """A made card finds its owner, but not together with another user's e-mail."""
    sim, call = central
    _, made = await call("POST", "/v2/users/1003/cards", json={})
    name = sim.credentials(2).username
    _, found = await call("GET", f"/v2/users?card={made['card']}&name={name}")
    assert [user["id"] for user in found["users"]] == [1003]
    _, found = await call("GET", f"/v2/users?card={made['card']}&email={sim.credentials(3).username}@example.com")
    assert found["count"] == 0


@pytest.mark.parametrize(("users", "length"), [(1, 6), (999_999, 7), (5_000_000, 8)])
def test_pins_obey_the_rules(users: int, length: int) -> None:
    """PINs are digits, long enough for so many users, no run, and none is given twice."""
    secrets = Secrets(random.Random(1))
    pins = [secrets.new_pin(index, delete_old=False, users=users) for index in range(300)]
    assert {len(pin) for pin in pins} == {length}
    assert len(set(pins)) == 300
    assert all(len({int(b) - int(a) for a, b in pairwise(pin)}) > 1 for pin in pins)
    assert pins[0] not in repr(secrets)

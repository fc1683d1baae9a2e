"""A client that the environment describes."""

import pytest

from myqx_async.environment import myqx_from_environment
from myqx_async.simulator import MyQXSimulator


@pytest.fixture
async def sim():
    """A simulator, over TLS with an authority of its own."""
    async with MyQXSimulator(users=3) as simulator:
        yield simulator


@pytest.fixture
def told(sim, monkeypatch, tmp_path):
    """Set what leads to the simulator."""
    given = {"URL": sim.url, "CA_FILE": sim.ca_file, "CLIENT_ID": sim.client_id, "CLIENT_SECRET": sim.client_secret}
    for name, value in given.items():
        monkeypatch.setenv(f"MYQX_{name}", str(value))
    monkeypatch.setenv("PRINT_ASYNC_TOKENS", str(tmp_path / "tokens.json"))
    for name in ("PRINT_ASYNC_REDIS_URL", "PRINT_ASYNC_TOKENS_KEY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


async def test_clients_share_one_token(sim, told):
    """Any number of clients, one after the other, ask for one token."""
    for _ in range(3):
        async with myqx_from_environment(sim.url) as myqx:
            assert len(await myqx.users.list().collect()) == 3

    assert sim.stats.token_requests.total() == 1


@pytest.mark.parametrize("missing", ["MYQX_URL", "MYQX_CLIENT_ID", "MYQX_CLIENT_SECRET", "PRINT_ASYNC_TOKENS"])
async def test_what_is_missing(told, missing):
    """It says what it needs."""
    told(missing, "")

    with pytest.raises(ValueError, match=f"the environment describes no client: it needs .*{missing}"):
        async with myqx_from_environment():
            pass


async def test_another_server(sim, told):
    """A job about another server than the environment's is refused."""
    with pytest.raises(ValueError, match=r"the job is about https://print\.acme\.com; nothing was sent"):
        async with myqx_from_environment("https://print.acme.com"):
            pass
    assert sim.stats.requests == 0

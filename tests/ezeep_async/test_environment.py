"""A client that the environment describes."""

import pytest

from ezeep_async.environment import ezeep_from_environment
from ezeep_async.simulator import EzeepSimulator


@pytest.fixture
async def sim():
    """A simulator of three users."""
    async with EzeepSimulator(users=3) as simulator:
        yield simulator


@pytest.fixture
def told(sim, monkeypatch, tmp_path):
    """Set what leads to the simulator, but for the credential."""
    for name in ("account_url", "management_url", "print_url"):
        monkeypatch.setenv(f"EZEEP_{name.upper()}", getattr(sim, name))
    monkeypatch.setenv("EZEEP_CLIENT_ID", sim.client_id)
    monkeypatch.setenv("PRINT_ASYNC_TOKENS", str(tmp_path / "tokens.json"))
    for name in ("EZEEP_CLIENT_SECRET", "EZEEP_REFRESH_TOKEN", "PRINT_ASYNC_REDIS_URL", "PRINT_ASYNC_TOKENS_KEY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch.setenv


@pytest.mark.parametrize("in_file", [False, True])
@pytest.mark.parametrize("over_redis", [False, True])
async def test_clients_share_one_credential(sim, told, tmp_path, redis_server, in_file, over_redis):
    """A refresh token that works once serves any number of clients, through a file or Redis."""
    path = tmp_path / "secret"
    path.write_text(f"{sim.issue_refresh_token()}\n")
    told(*(("EZEEP_REFRESH_TOKEN_FILE", str(path)) if in_file else ("EZEEP_REFRESH_TOKEN", path.read_text().strip())))
    told("PRINT_ASYNC_REDIS_URL", redis_server.url if over_redis else "")

    for _ in range(3):
        async with ezeep_from_environment() as ezeep:
            assert len(await ezeep.users.list().collect()) == 3

    assert sim.stats.token_requests.total() == 1
    assert (tmp_path / "tokens.json").exists() != over_redis


async def test_what_somebody_has_signed_in_with(sim, told):
    """Without a refresh token it uses what is in the store under the client's name."""
    async with ezeep_from_environment() as ezeep:
        await ezeep.session.sign_in(sim.grant())
    async with ezeep_from_environment(sim.account_url) as ezeep:
        assert len(await ezeep.users.list().collect()) == 3

    assert sim.stats.token_requests.total() == 1


@pytest.mark.parametrize("missing", ["EZEEP_CLIENT_ID", "PRINT_ASYNC_TOKENS"])
async def test_what_is_missing(told, missing):
    """Without a client, or a store to share its token by, it says what is needed."""
    told(missing, "")

    with pytest.raises(ValueError, match=f"the environment describes no client: it needs .*{missing}"):
        async with ezeep_from_environment():
            pass


async def test_another_server(sim, told):
    """A job about another server than the environment's is refused."""
    told("EZEEP_REFRESH_TOKEN", sim.issue_refresh_token())

    with pytest.raises(ValueError, match=r"the job is about https://account\.ezeep\.com; nothing was sent"):
        async with ezeep_from_environment("https://account.ezeep.com"):
            pass
    assert sim.stats.requests == 0


@pytest.mark.parametrize(("rate", "said"), [(10.0, "set PRINT_ASYNC_REDIS_URL"), (0.0, "PRINT_ASYNC_REDIS_URL")])
async def test_a_rate_without_redis(sim, told, rate, said):
    """A rate that is to be shared needs Redis."""
    with pytest.raises(ValueError, match=said):
        async with ezeep_from_environment(per_second=rate):
            pass

"""The server's own settings, over real sockets and TLS."""

import pytest

from myqx_async.auth import PinLogin


@pytest.mark.parametrize("kind", ["client", "user"])
async def test_config(start, kind):
    """The settings come as the server has them, to any kind of token and without any scope in particular."""

    def person(sim):
        return PinLogin(sim.client_id, sim.client_secret, scope="jobs", pin=sim.credentials(2).pin)

    rig = await start(grant=person if kind == "user" else lambda sim: sim.grant("credit"))

    config = await rig.myqx.server.config()

    assert (config["language"], config["currency"]) == ("en", "EUR")
    assert config["jobFormats"] == ["pdf", "ps", "pcl"]

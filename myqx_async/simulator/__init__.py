"""MyQ X to test against, Print Server and Central Server: real sockets, real TLS, seeded data, faults on request.

    async with MyQXSimulator(users=20_000, token_seconds=5) as sim:
        ...  # talk to sim.url, trusting sim.ca_file

It is written from the vendor's public REST API documentation and imports nothing of the client, so that the two are
independent readings of the same text. Where that text is silent, each module says what it made up.

It needs `trustme` for its certificates: install `print-async[simulator]`.
"""

from myqx_async.simulator.caller import MyQCaller, Reply
from myqx_async.simulator.central import MyQXCentralSimulator
from myqx_async.simulator.population import Credentials
from myqx_async.simulator.settings import SCOPES
from myqx_async.simulator.simulator import MyQXSimulator

__all__ = ["SCOPES", "Credentials", "MyQCaller", "MyQXCentralSimulator", "MyQXSimulator", "Reply"]

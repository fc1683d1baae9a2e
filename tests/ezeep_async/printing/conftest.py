"""A client on a script instead of a network, for what no server does on request."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import attrs
import pytest

from ezeep_async import Ezeep
from ezeep_async.auth import RefreshToken
from ezeep_async.models import PrintTarget
from print_async.auth.refresh import RefreshPolicy
from print_async.retry import RetryPolicy
from print_async.testing import StubTransport, VirtualClock, json_response, token_response
from print_async.wire import Request, Response

UPLOAD_URL = "https://storage.example/userstorage/ERI_1?sv=2019&sig=a%2Bb%2Fc%3D&se=2030-01-01T00%3A00%3A00Z&sp=wl"


@attrs.frozen
class Script:
    """A client, the script that answers it, and its clock."""

    ezeep: Ezeep
    stub: StubTransport
    clock: VirtualClock
    printer: PrintTarget = PrintTarget("6f6e0c4a-0000-4000-8000-000000000001", "HP")
    queue: PrintTarget = PrintTarget("6f6e0c4a-0000-4000-8000-000000000002", "Any", is_queue=True)

    @property
    def requests(self) -> list[Request]:
        """What was sent, without the request for a token."""
        return self.stub.requests[1:]


@pytest.fixture
async def scripted() -> AsyncIterator[Callable[..., Awaitable[Script]]]:
    """Make clients whose requests are answered in order; the request for a token need not be thought of."""
    async with AsyncExitStack() as stack:

        async def make(*answers: object, attempts: int = 5) -> Script:
            stub, clock = StubTransport(token_response("access", refresh_token="next"), *answers), VirtualClock()  # type: ignore[arg-type]
            ezeep = Ezeep(
                RefreshToken("client", "refresh"),
                transport=stub,
                clock=clock,
                retry=RetryPolicy(base=0, attempts=attempts),
                refresh=RefreshPolicy(keep_alive=False),
            )
            return Script(await stack.enter_async_context(ezeep), stub, clock)

        yield make


@pytest.fixture
def uploaded() -> tuple[Response, Response]:
    """Answers of a successful upload, up to the print itself."""
    return json_response({"fileid": "ERI_1", "sasUri": UPLOAD_URL}), Response(201)

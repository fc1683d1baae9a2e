"""The contract of transports, as tests: for a transport of your own, subclass it and say how one is made.

```python
from print_async.testing.transports import TransportContract

class TestMyTransport(TransportContract):
    cannot = frozenset({"netrc"})

    @pytest.fixture
    def make_transport(self):
        return MyTransport
```

The fixture returns a function of the options `ca_file`, `ssl_context`, `verify`, `proxy`, `trust_env`, `connections`
and `timeouts`, as `AiohttpTransport` has them. `cannot` names what the library beneath cannot do, and the tests then
assert that it really does not, in the way that is safe:

- `ssl_context`: refused with a `ValueError` when the transport is made.
- `odd urls`: a URL with dot segments or quotes is refused with a `ValueError`; nothing is sent.
- `empty query`: the `?` of an empty query is not sent.
- `untyped bodies`: a body without a Content-Type goes out as `application/octet-stream`.
- `odd headers`: values of an answer's headers that are not ASCII are left out.
- `netrc`: `trust_env` does not read .netrc.
- `abort`: a request that is cancelled while its answer is awaited goes on in the background; its place is free.
- `phases`: from its place in the pool to the head of the answer it is in the phase `exchange`.
- `stale`: it cannot tell whether a connection that broke had been used before.

It needs pytest, pytest-asyncio and trustme. The servers are real sockets on 127.0.0.1, and nothing is waited for longer
than `PATIENCE` seconds.
"""

from print_async.testing._transports.failures import Failures
from print_async.testing._transports.keeping import Keeping
from print_async.testing._transports.lifetime import Lifetime
from print_async.testing._transports.peers import PATIENCE
from print_async.testing._transports.progress import Progress
from print_async.testing._transports.requests import Requests
from print_async.testing._transports.responses import Responses
from print_async.testing._transports.tls import Tls

__all__ = ["PATIENCE", "TransportContract"]


class TransportContract(Requests, Responses, Progress, Failures, Keeping, Lifetime, Tls):
    """What a transport must keep. Subclasses are collected by pytest if their names begin with `Test`."""

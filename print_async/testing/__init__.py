"""What the tests of an application stand on, and this project's own.

`StubTransport` answers without a network, `VirtualClock` passes an hour in a millisecond, and `Faults` tells a
simulator (`myqx_async.simulator`, `ezeep_async.simulator`) what is to go wrong.
"""

from print_async.testing.clock import VirtualClock
from print_async.testing.faults import Fault, FaultKind, Faults
from print_async.testing.transport import StubTransport, json_response, token_response

__all__ = ["Fault", "FaultKind", "Faults", "StubTransport", "VirtualClock", "json_response", "token_response"]

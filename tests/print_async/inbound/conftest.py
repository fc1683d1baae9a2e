"""Both servers on which an API can be mounted."""

from tests.print_async.inbound.serving import kind

__all__ = ["kind"]

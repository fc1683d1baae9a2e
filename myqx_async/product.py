"""What the clients of MyQ's products share: one server, one API below `/api`."""

from collections.abc import Sequence

from myqx_async.auth import server_url
from myqx_async.errors import read_error
from print_async.auth.grant import Grant
from print_async.auth.refresh import RefreshPolicy
from print_async.auth.session import AuthSession
from print_async.auth.stores.base import TokenStore
from print_async.caller import Caller
from print_async.client import Client
from print_async.clock import Clock
from print_async.limits import LimitPolicy
from print_async.retry import RetryPolicy
from print_async.telemetry import Hooks
from print_async.wire import Transport


class ProductClient(Client):
    """The client of one of MyQ's products.

    Args:
        url: Of the server, without `/api`.
        auth: A grant of `myqx_async.auth`, or a ready `AuthSession`.
        transport: MyQ's certificate usually comes from its own authority: `AiohttpTransport(ca_file="myq-ca.pem")`.
        store, refresh, limits, hooks, clock: For the session; see `print_async.AuthSession`.
        timeout: Seconds for each call in all, retries and pauses included; `None` for no limit.
        retry: What is sent again, and when.

    Raises:
        ValueError: The URL is no base URL, or is plain http to another machine.
    """

    def __init__(
        self,
        url: str,
        auth: Grant | AuthSession,
        *,
        transport: Transport | None = None,
        store: TokenStore | None = None,
        refresh: RefreshPolicy | None = None,
        limits: LimitPolicy | None = None,
        hooks: Sequence[Hooks] = (),
        timeout: float | None = None,
        retry: RetryPolicy | None = None,
        clock: Clock | None = None,
    ) -> None:
        base = server_url(url)
        super().__init__(
            auth,
            origins=(base,),
            read_error=read_error,
            transport=transport,
            store=store,
            refresh=refresh,
            limits=limits,
            hooks=hooks,
            timeout=timeout,
            retry=retry,
            clock=clock,
        )
        self._caller = self._api(f"{base}/api")

    def _api_of(self, path: str) -> Caller:  # noqa: ARG002 - there is one
        return self._caller

"""MyQ X, print servers that a company runs itself: an async client.

    from myqx_async import MyQX
    from myqx_async.auth import ClientCredentials

`myqx_async.models` has what it gives and takes, `print_async.errors` what it raises, `myqx_async.simulator` a server to
try it on.
"""

from typing import TYPE_CHECKING

from print_async.lazy import exports

if TYPE_CHECKING:
    from myqx_async.central import MyQXCentral
    from myqx_async.client import MyQX

__all__ = ["MyQX", "MyQXCentral"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = exports(globals(), {"central": ("MyQXCentral",), "client": ("MyQX",)})

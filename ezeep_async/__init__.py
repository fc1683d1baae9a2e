"""ezeep Blue, cloud printing: an async client.

    from ezeep_async import Ezeep
    from ezeep_async.auth import RefreshToken

`ezeep_async.models` has what it gives and takes, `print_async.errors` what it raises, `ezeep_async.simulator` a server
to try it on.
"""

from typing import TYPE_CHECKING

from print_async.lazy import exports

if TYPE_CHECKING:
    from ezeep_async.client import Ezeep

__all__ = ["Ezeep"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = exports(globals(), {"client": ("Ezeep",)})

"""A MyQ X Central Server to test against: its own address, tokens and users."""

import random
from typing import ClassVar

import attrs
from aiohttp import web

from myqx_async.simulator.access import Gate
from myqx_async.simulator.central_routes import CentralRoutes, Secrets
from myqx_async.simulator.oauth import SignInDesk
from myqx_async.simulator.search import Search
from myqx_async.simulator.settings import CENTRAL_SCOPES
from myqx_async.simulator.simulator import Site


@attrs.define(eq=False)
class MyQXCentralSimulator(Site):
    """A MyQ X Central Server on loopback, as an async context manager; see `Site`."""

    default_scope: ClassVar[str] = "users"
    client_scopes: tuple[str, ...] = attrs.field(default=CENTRAL_SCOPES, kw_only=True, converter=tuple[str, ...])
    """The scopes that the one registered application may ask for."""
    _secrets: Secrets = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._secrets = Secrets(random.Random(f"{self.seed}/central"))

    def pins(self, index: int) -> list[str]:
        """Return the PINs that hold of those that the user at `index`, from 0, has been given."""
        return list(self._secrets.pins.get(index, []))

    def cards(self, index: int) -> list[str]:
        """Return the cards that the user at `index`, from 0, has been given."""
        return list(self._secrets.cards.get(index, []))

    def _routes(self, desk: SignInDesk, gate: Gate, search: Search) -> list[web.RouteDef]:
        central = CentralRoutes(self, self.stats, gate, self._directory, search, self._secrets)
        return [web.post("/api/auth/token", desk.token), *central.routes()]

"""The operations of a Central Server, below `/api/v2/users`.

Sources: `en/rad/v4/get-users`, `en/rad/v4/create-user`, `en/rad/v4/generate-pin` and `en/rad/v4/register-id-card`; the
rules for PINs are those of `en/print-server/10.2/generating-pin`. Made up: the form of card numbers, that a filter
nobody knows finds nobody, and that all else is as at a Print Server: 409 for a name that is taken, a deleted user who
comes back.
"""

import random
from itertools import pairwise
from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import ANY, CLIENT, Gate
from myqx_async.simulator.answers import Refusal, answer, read
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.paging import wrap
from myqx_async.simulator.parts import describe
from myqx_async.simulator.search import Criteria, Search
from myqx_async.simulator.settings import Settings
from myqx_async.simulator.users import UserRoutes
from print_async.testing.simulator import Statistics

_SCOPE: Final = "users"
_PIN_LENGTH: Final = 6
_PATH: Final = "/api/v2/users"
_FILTERS: Final = frozenset({"login", "email", "card", "code"})


class NewPin(msgspec.Struct, rename="camel"):
    """The body that makes a PIN."""

    delete_old: bool = False


@attrs.define
class Secrets:
    """The PINs and cards that the server has made, by the index of their user."""

    chance: random.Random = attrs.field(repr=False)
    pins: dict[int, list[str]] = attrs.field(factory=dict[int, list[str]], repr=False)
    cards: dict[int, list[str]] = attrs.field(factory=dict[int, list[str]], repr=False)

    def new_pin(self, index: int, *, delete_old: bool, users: int) -> str:
        """Make a PIN that nobody has, as long as so many users need; its digits rise or fall by no constant step."""
        length = max(_PIN_LENGTH, len(str(users)) + 1)
        taken = {pin for pins in self.pins.values() for pin in pins}
        while True:
            pin = "".join(self.chance.choices("0123456789", k=length))
            if pin not in taken and len({int(b) - int(a) for a, b in pairwise(pin)}) > 1:
                break
        self.pins[index] = [*([] if delete_old else self.pins.get(index, [])), pin]
        return pin

    def new_card(self, index: int) -> str:
        """Register a card of a new number."""
        card = f"{self.chance.getrandbits(56):014X}"
        self.cards.setdefault(index, []).append(card)
        return card

    def owner(self, card: str) -> int | None:
        """Return whose card it is."""
        return next((index for index, cards in self.cards.items() if card in cards), None)


@attrs.frozen
class CentralRoutes:
    """The routes on users, their PINs and their cards."""

    settings: Settings
    stats: Statistics
    gate: Gate
    directory: Directory
    search: Search
    secrets: Secrets

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application."""
        users = UserRoutes(self.settings, self.stats, self.gate, self.directory, self.search)
        return [
            web.get(_PATH, self.find),
            web.post(_PATH, users.create),
            web.post(_PATH + "/{id:[0-9]{1,18}}/pins", self.new_pin),
            web.post(_PATH + "/{id:[0-9]{1,18}}/cards", self.new_card),
        ]

    async def find(self, request: web.Request) -> web.Response:
        """Answer the users who pass all filters; none, or a wrong one, finds nobody."""
        self.gate.must_manage_users(self.gate.admit(request, kinds=ANY, scope=_SCOPE))
        parts = {"groups"} if request.query.get("groups") in ("true", "1") else set[str]()
        page = [describe(self.directory, index, parts) for index in self._find(request)]
        return answer(wrap("users", page, len(page), count_is_page=True))

    async def new_pin(self, request: web.Request) -> web.Response:
        """Make a PIN; its value is answered whatever the settings say of writes, or it could not be had at all."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        asked, index = await read(request, NewPin), self._index(request)
        pin = self.secrets.new_pin(index, delete_old=asked.delete_old, users=self.directory.total)
        return self._made(request, {"pin": pin})

    async def new_card(self, request: web.Request) -> web.Response:
        """Register a card."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        await read(request, dict[str, object])
        return self._made(request, {"card": self.secrets.new_card(self._index(request))})

    def _made(self, request: web.Request, content: dict[str, str]) -> web.Response:
        (kind,) = content
        self.stats.mutations[f"{kind}-created:{request.match_info['id']}"] += 1
        return answer(content, status=201 if self.settings.success_status == 201 else 200)

    def _index(self, request: web.Request) -> int:
        index = self.directory.index(int(request.match_info["id"]))
        if index is None:
            raise Refusal(404, "User not found")
        return index

    def _find(self, request: web.Request) -> list[int]:
        filters = {name: value for name, value in request.query.items() if name != "groups"}
        for name in ("name", "username"):
            if name in filters and self.settings.name_filter in (name, "both"):
                filters["login"] = filters.pop(name)
        if not filters or not filters.keys() <= _FILTERS:
            return []
        card = filters.pop("card", None)
        owner = None if card is None else self.secrets.owner(card)
        found = self.search.find(
            Criteria(
                username=filters.get("login"),
                email=filters.get("email"),
                code=filters.get("code"),
                card=card if owner is None else None,
            )
        )
        return [index for index in found if owner in (None, index)]

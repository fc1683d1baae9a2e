"""The operations on users, below `/api/v3/users`.

Sources: `en/rad/v4/get-information-about-the-user`, `rad/v4/get-information-about-the-user`,
`en/rad/v4/change-user-properties`. Made up where those are silent: all of `GET /users/{id}` but its path; that the list
has inactive users too; that a write keeps what it does not mention and answers the user; 409 for a name that is taken.
"""

from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import ANY, CLIENT, USER, Gate
from myqx_async.simulator.answers import Refusal, answer, read
from myqx_async.simulator.directory import Directory, NameTaken
from myqx_async.simulator.paging import cut, includes, wrap
from myqx_async.simulator.parts import PARTS, describe
from myqx_async.simulator.search import Criteria, Search
from myqx_async.simulator.settings import Settings
from print_async.testing.simulator import Statistics

_SCOPE: Final = "users"
_PAGE: Final = frozenset({"limit", "start", "include"})
_FIND_PARTS: Final = PARTS - {"groups"}
_FILTERS: Final = {
    "username": "username",
    "email": "email",
    "code": "code",
    "card": "card",
    "syncSource": "sync_source",
    "group": "group",
}
_ACTIVE: Final = {"1": True, "0": False}


class Changes(msgspec.Struct, rename="camel"):
    """The body of a write: any field may be missing, and one that is there must be a string."""

    username: str | msgspec.UnsetType = msgspec.UNSET
    fullname: str | msgspec.UnsetType = msgspec.UNSET
    email: str | msgspec.UnsetType = msgspec.UNSET
    scan_storage: str | msgspec.UnsetType = msgspec.UNSET
    code: str | msgspec.UnsetType = msgspec.UNSET
    sync_source: str | msgspec.UnsetType = msgspec.UNSET
    lang: str | msgspec.UnsetType = msgspec.UNSET
    phone: str | msgspec.UnsetType = msgspec.UNSET
    ldap_domain: str | msgspec.UnsetType = msgspec.UNSET
    notes: str | msgspec.UnsetType = msgspec.UNSET

    def given(self) -> dict[str, str]:
        """Return the fields that were sent, or refuse them."""
        fields: dict[str, str] = {k: v for k, v in msgspec.structs.asdict(self).items() if v is not msgspec.UNSET}
        if fields.get("username") == "":
            raise Refusal(400, "username must not be empty")
        return fields


@attrs.frozen
class UserRoutes:
    """The routes on users."""

    settings: Settings
    stats: Statistics
    gate: Gate
    directory: Directory
    search: Search

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application; words before ids."""
        return [
            web.get("/api/v3/users", self.list),
            web.post("/api/v3/users", self.create),
            web.get("/api/v3/users/find", self.find),
            web.put("/api/v3/users/me", self.change_me),
            web.get("/api/v3/users/{id:[0-9]{1,99}}", self.get),
            web.put("/api/v3/users/{id:[0-9]{1,99}}", self.change),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer a page of all users, in order by id; a parameter that does not exist makes it empty."""
        self.gate.must_manage_users(self.gate.admit(request, kinds=ANY, scope=_SCOPE))
        criteria = Criteria() if request.query.keys() <= _PAGE else None
        return self._page(request, criteria, includes(request))

    async def find(self, request: web.Request) -> web.Response:
        """Answer a page of the users who pass all filters; none, or a wrong one, finds nobody."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        return self._page(request, _criteria(request), includes(request) & _FIND_PARTS)

    async def get(self, request: web.Request) -> web.Response:
        """Answer one user."""
        signin = self.gate.admit(request, kinds=ANY, scope=_SCOPE)
        index = self._index(request)
        self.gate.must_manage_users(signin, but=index)
        return answer(describe(self.directory, index, includes(request)))

    async def create(self, request: web.Request) -> web.Response:
        """Create a user, or bring a deleted one back."""
        self.gate.must_manage_users(self.gate.admit(request, kinds=ANY, scope=_SCOPE))
        fields = (await read(request, Changes)).given()
        if not fields.get("username") or not fields.get("fullname"):
            raise Refusal(400, "username and fullname are required")
        try:
            user, new = self.directory.create(fields)
        except NameTaken:
            raise Refusal(409, "User already exists") from None
        self.stats.mutations[f"user-{'created' if new else 'undeleted'}:{user.id}"] += 1
        content = {"id": user.id, "username": user.username, "fullname": user.fullname}
        return answer(content, status=self.settings.success_status)

    async def change_me(self, request: web.Request) -> web.Response:
        """Change the user who is signed in."""
        signin = self.gate.admit(request, kinds=USER)
        if signin.index is None or not self.directory.lives(signin.index):
            raise Refusal(404, "User not found")
        return await self._change(request, signin.index)

    async def change(self, request: web.Request) -> web.Response:
        """Change a user."""
        signin = self.gate.admit(request, kinds=ANY, scope=_SCOPE)
        index = self._index(request)
        self.gate.must_manage_users(signin, but=index)
        return await self._change(request, index)

    async def _change(self, request: web.Request, index: int) -> web.Response:
        fields = (await read(request, Changes)).given()
        try:
            user = self.directory.update(index, fields)
        except NameTaken:
            raise Refusal(409, "User already exists") from None
        self.stats.mutations[f"user-updated:{user.id}"] += 1
        return answer(user, status=self.settings.success_status)

    def _index(self, request: web.Request) -> int:
        index = self.directory.index(int(request.match_info["id"]))
        if index is None:
            raise Refusal(404, "User not found")
        return index

    def _page(self, request: web.Request, criteria: Criteria | None, parts: frozenset[str]) -> web.Response:
        found = () if criteria is None else self.search.find(criteria)
        page = [describe(self.directory, index, parts) for index in cut(request, found)]
        return answer(wrap("users", page, len(found), count_is_page=self.settings.count_is_page))


def _criteria(request: web.Request) -> Criteria | None:
    """Read the filters of a search, or `None` if they find nobody."""
    filters = {name: value for name, value in request.query.items() if name not in _PAGE}
    active = _ACTIVE.get(filters.pop("isActive", "1"))
    if not request.query.keys() - _PAGE or not filters.keys() <= _FILTERS.keys() or active is None:
        return None
    return Criteria(active=active, **{_FILTERS[name]: value for name, value in filters.items()})

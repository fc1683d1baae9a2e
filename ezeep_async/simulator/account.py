"""The account API under `/v1/`: who the users are.

Sources: apidocs.ezeep.com, rest_api/users; the vendor's repository ezeepAPi/printingapi, management_api/users.
"""

from typing import Any, cast

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import add_resource, answer, not_found, read_object
from ezeep_async.simulator.bearer import signed_in
from ezeep_async.simulator.directory import Directory
from ezeep_async.simulator.fields import Check, checked, text
from ezeep_async.simulator.paging import Lists
from print_async.testing.simulator import Statistics

_ROLES = ("admin", "user")
_CHANGES: dict[str, Check] = {
    "first_name": text(150),
    "last_name": text(150),
    "email": text(254, least=3),
    "roles": lambda value: None if roles_of(value) else "Not a valid role.",
}


@attrs.frozen(kw_only=True)
class AccountUsers:
    """`/v1/users/`. Who is no administrator sees only themselves."""

    directory: Directory
    statistics: Statistics
    lists: Lists

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(app, "/v1/users/", {"GET": self.list})
        app.router.add_route("GET", "/v1/users/me", self.me)  # the one path that is used without a slash
        app.router.add_route("GET", "/v1/users/me/", self.me)
        add_resource(app, "/v1/users/{id}/", {"GET": self.get, "PATCH": self.update})

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of users."""
        user, people = signed_in(request), self.directory.people
        visible = range(self.directory.users) if people.is_admin(user) else range(user, user + 1)
        return self.lists.by_offset_or_page(
            request, len(visible), lambda start, stop: [people.at(index) for index in visible[start:stop]]
        )

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer one user."""
        return answer(self.directory.people.at(self._index(request)))

    async def update(self, request: web.Request) -> web.StreamResponse:
        """Change the fields of a user that are sent. `roles` is a word in the sample, and a list in the answers."""
        index, people = self._index(request), self.directory.people
        fields: Any = checked(await read_object(request), _CHANGES)
        if "roles" in fields:
            fields["roles"] = roles_of(fields["roles"])
        people.change(index, fields)
        self.statistics.mutations[f"account-user-updated:{self.directory.user_ids.at(index)}"] += 1
        return answer(people.at(index))

    async def me(self, request: web.Request) -> web.StreamResponse:
        """Answer the user whose token the request carries."""
        return answer(self.directory.people.at(signed_in(request)))

    def _index(self, request: web.Request) -> int:
        user, index = signed_in(request), self.directory.find_user(request.match_info["id"])
        if index is None or not (index == user or self.directory.people.is_admin(user)):
            raise not_found()
        return index


def roles_of(value: object) -> tuple[str, ...]:
    """Read a role, or a list of roles; nothing where one is unknown."""
    roles = cast("list[str]", value) if isinstance(value, list) else [str(value)]
    return tuple(roles) if all(role in _ROLES for role in roles) else ()

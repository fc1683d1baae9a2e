"""The account API under `/v1/`: who the users are.

Sources: apidocs.ezeep.com, rest_api/users; the vendor's repository ezeepAPi/printingapi, management_api/users.
"""

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import add_resource, answer, not_found
from ezeep_async.simulator.bearer import signed_in
from ezeep_async.simulator.directory import Directory
from ezeep_async.simulator.paging import Lists


@attrs.frozen(kw_only=True)
class AccountUsers:
    """`/v1/users/`. Who is no administrator sees only themselves."""

    directory: Directory
    lists: Lists

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(app, "/v1/users/", {"GET": self.list})
        app.router.add_route("GET", "/v1/users/me", self.me)  # the one path that is used without a slash
        app.router.add_route("GET", "/v1/users/me/", self.me)
        add_resource(app, "/v1/users/{id}/", {"GET": self.get})

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of users."""
        user, people = signed_in(request), self.directory.people
        visible = range(self.directory.users) if people.is_admin(user) else range(user, user + 1)
        return self.lists.by_offset_or_page(
            request, len(visible), lambda start, stop: [people.at(index) for index in visible[start:stop]]
        )

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer one user."""
        user, index = signed_in(request), self.directory.find_user(request.match_info["id"])
        if index is None or not (index == user or self.directory.people.is_admin(user)):
            raise not_found()
        return answer(self.directory.people.at(index))

    async def me(self, request: web.Request) -> web.StreamResponse:
        """Answer the user whose token the request carries."""
        return answer(self.directory.people.at(signed_in(request)))

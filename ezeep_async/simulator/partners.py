"""Organizations: created by a partner, and listed for whoever is signed in.

Source: apidocs.ezeep.com, rest_api/organizations and auth/partner_token. The list was seen in a client only
(teknohus/ezeep).
"""

from typing import Any, cast

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import add_resource, answer, invalid, read_object
from ezeep_async.simulator.bearer import require_partner, signed_in
from ezeep_async.simulator.directory import Directory
from ezeep_async.simulator.fields import Check, checked, moment, one_of, text
from ezeep_async.simulator.identifiers import Identifiers
from ezeep_async.simulator.paging import Lists
from print_async.testing.simulator import Statistics

_NEW: dict[str, Check] = {
    "name": text(least=1),
    "currency_code": one_of("USD", "EUR"),
    "admin_user": text(),
    "admin_user_invitation": lambda value: None if isinstance(value, dict) else "Expected a dictionary.",
}
_INVITATION: dict[str, Check] = {"email": text(least=3), "expire_date": moment}
_ADMIN: dict[str, Check] = {"first_name": text(), "last_name": text(), "preferred_language": one_of("en", "de")}


@attrs.frozen(kw_only=True)
class Organizations:
    """The routes, and what was created."""

    directory: Directory
    statistics: Statistics
    lists: Lists
    create_status: int
    created: "list[dict[str, object]]" = attrs.field(factory=list)

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(app, "/partner/v1/organizations/", {"POST": self.create})
        add_resource(app, "/v1/organizations/", {"GET": self.list})

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Create an organization, with a user that there is or with one that is invited."""
        require_partner(request)
        fields: Any = checked(await read_object(request), _NEW, ("name", "currency_code"))
        if ("admin_user" in fields) == ("admin_user_invitation" in fields):
            raise invalid("non_field_errors", "Give one of admin_user and admin_user_invitation.")
        if "admin_user" in fields and self.directory.find_user(fields["admin_user"]) is None:
            raise invalid("admin_user", "Unknown user.")
        if "admin_user_invitation" in fields:
            _check_invitation(fields["admin_user_invitation"])
        number = len(self.created) + 1
        new_id = Identifiers.of(0, f"organizations of {self.directory.organization_id}").at(number)
        new: dict[str, object] = {"id": new_id, "name": fields["name"], "admin_user": fields.get("admin_user")}
        self.created.append(new)
        self.statistics.mutations[f"organization-created:{new_id}"] += 1
        return answer(new, self.create_status)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of the organizations of the signed-in user: the one, and those created with them as admin."""
        user_id = self.directory.user_ids.at(signed_in(request))
        found: list[object] = [{"id": self.directory.organization_id, "name": "Example"}]
        found += [{"id": each["id"], "name": each["name"]} for each in self.created if each["admin_user"] == user_id]
        return self.lists.by_offset(request, len(found), lambda start, stop: found[start:stop])


def _check_invitation(invitation: dict[str, object]) -> None:
    checked(invitation, _INVITATION, tuple(_INVITATION))
    user = invitation.get("user", {})
    if not isinstance(user, dict):
        raise invalid("user", "Expected a dictionary.")
    checked(cast("dict[str, object]", user), _ADMIN)

"""`/v1/userinvitations/`: users who were invited by e-mail.

Source: ezeepAPi/printingapi, management_api/users and information_of_user.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import attrs
from aiohttp import web

from ezeep_async.simulator.answers import add_resource, answer, not_found, read_object
from ezeep_async.simulator.fields import Check, checked, moment, text
from ezeep_async.simulator.identifiers import Identifiers
from ezeep_async.simulator.paging import Lists
from ezeep_async.simulator.records import Invitation
from print_async.testing.simulator import Statistics

_NEW: dict[str, Check] = {"email": text(254, least=3), "expire_date": moment}


@attrs.frozen(kw_only=True)
class UserInvitations:
    """The routes, and the invitations."""

    statistics: Statistics
    lists: Lists
    create_status: int
    now: Callable[[], float]
    ids: Identifiers
    sent: "dict[str, Invitation]" = attrs.field(factory=dict)

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        add_resource(app, "/v1/userinvitations/", {"GET": self.list, "POST": self.create})
        add_resource(app, "/v1/userinvitations/{id}/", {"PATCH": self.resend})

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a page of invitations."""
        found: list[object] = [*self.sent.values()]
        return self.lists.by_offset(request, len(found), lambda start, stop: found[start:stop])

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Invite somebody."""
        fields = checked(await read_object(request), _NEW, tuple(_NEW))
        expires = f"{str(fields['expire_date']).removesuffix('Z')}Z"
        new_id = self.ids.at(len(self.sent))
        self.sent[new_id] = Invitation(new_id, self._now(), str(fields["email"]), expires, "SENT", "OPEN")
        self.statistics.mutations[f"invitation-created:{new_id}"] += 1
        return answer(self.sent[new_id], self.create_status)

    async def resend(self, request: web.Request) -> web.StreamResponse:
        """Send an invitation again, and answer nothing but its id."""
        await request.read()
        invitation = self.sent.get(request.match_info["id"].lower())
        if invitation is None:
            raise not_found()
        self.sent[invitation.id] = attrs.evolve(invitation, updated=self._now())
        self.statistics.mutations[f"invitation-resent:{invitation.id}"] += 1
        return answer({"id": invitation.id})

    def _now(self) -> str:
        return f"{datetime.fromtimestamp(self.now(), UTC):%Y-%m-%dT%H:%M:%S.%f}Z"

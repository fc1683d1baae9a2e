"""Invitations of users (source: management_api/users, quick-guides/user-management)."""

from ezeep_async.models.invitations import Invitation, NewInvitation
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.paging import Pager
from print_async.service import Call, Service, operation

# Some tables print /v1/users/userinvitations/; the samples do not.
_LIST = "/v1/userinvitations/"


class UserInvitations(Service):
    """Users who were invited by e-mail."""

    @operation("POST", _LIST, source="management_api/users")
    async def create(self, call: Call, invitation: NewInvitation) -> Invitation:
        """Invite somebody. Not repeated after a failure: they could be written to twice."""
        return await call.fetch(Invitation, json=invitation)

    @operation("GET", _LIST, source="management_api/users")
    def list(
        self,
        call: Call,
        *,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[Invitation]:
        """Walk all invitations; see `print_async.Pager` for the arguments."""
        return pager(call, Invitation, page_size=page_size, prefetch=prefetch, concurrency=concurrency, resume=resume)

    @operation("PATCH", "/v1/userinvitations/{invitation_id}/", source="management_api/users/information_of_user")
    async def resend(self, call: Call, invitation_id: str) -> Invitation:
        """Send an invitation again, by the id of the invitation and not of the user. The answer has only the id.

        Not repeated after a failure: they could be written to twice. `NotFound` if there is no such invitation.
        """
        return await call.fetch(Invitation, path={"invitation_id": invitation_id})

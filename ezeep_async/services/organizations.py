"""Organizations (source: rest_api/organizations)."""

from ezeep_async.models.organizations import NewOrganization, Organization
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.auth.token import TokenKind
from print_async.paging import Pager
from print_async.service import Call, Service, operation


class Organizations(Service):
    """The organizations that a partner creates, and those of whoever is signed in."""

    @operation(
        "POST", "/partner/v1/organizations/", kinds=(TokenKind.CLIENT,), source="rest_api/organizations, partner_token"
    )
    async def create(self, call: Call, organization: NewOrganization) -> Organization:
        """Create an organization. Not repeated after a failure: it could be created twice.

        Raises:
            WrongTokenKind: The grant is not a partner's; see `ezeep_async.auth.PartnerCredentials`. Nothing was sent.
        """
        return await call.fetch(Organization, json=organization)

    @operation("GET", "/v1/organizations/", source="teknohus/ezeep, seen in a client and in no document")
    def list_mine(
        self,
        call: Call,
        *,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[Organization]:
        """Walk the organizations of the signed-in user; see `print_async.Pager` for the arguments.

        No document names it; a client of ezeep's was seen asking it.
        """
        return pager(call, Organization, page_size=page_size, prefetch=prefetch, concurrency=concurrency, resume=resume)

"""Groups of users (source: rest_api/groups, quick-guides/writing_an_integration)."""

from ezeep_async.models.groups import Group, GroupChanges, NewGroup
from ezeep_async.services.lists import PAGE_SIZE, pager
from print_async.paging import Pager
from print_async.service import Call, Service, operation

_SOURCE = "rest_api/groups"


class Groups(Service):
    """Groups of users, to which printers are assigned."""

    @operation("POST", "/printing/v1/groups/", source=_SOURCE)
    async def create(self, call: Call, group: NewGroup) -> Group:
        """Create a group. Not repeated after a failure: it could be created twice."""
        return await call.fetch(Group, json=group)

    @operation("GET", "/printing/v1/groups/", source=_SOURCE)
    def list(
        self,
        call: Call,
        *,
        page_size: int = PAGE_SIZE,
        prefetch: int = 1,
        concurrency: int = 1,
        resume: str | None = None,
    ) -> Pager[Group]:
        """Walk all groups; see `print_async.Pager` for the arguments."""
        return pager(call, Group, page_size=page_size, prefetch=prefetch, concurrency=concurrency, resume=resume)

    @operation("GET", "/printing/v1/groups/{group_id}/", source=_SOURCE)
    async def get(self, call: Call, group_id: str) -> Group:
        """Return one group; `NotFound` if there is none of that id (a UUID)."""
        return await call.fetch(Group, path={"group_id": group_id})

    @operation("PATCH", "/printing/v1/groups/{group_id}/", source=_SOURCE, idempotent=True)
    async def update(self, call: Call, group_id: str, changes: GroupChanges) -> Group:
        """Change what is set in `changes`, and return the group as it is then."""
        return await call.fetch(Group, path={"group_id": group_id}, json=changes)

    @operation("DELETE", "/printing/v1/groups/{group_id}/", source=_SOURCE)
    async def delete(self, call: Call, group_id: str) -> None:
        """Delete a group. `NotFound` if it is gone, also where an earlier try whose answer was lost deleted it."""
        await call.send(path={"group_id": group_id})

"""ID cards of a Central Server's users (source: rad/v4/register-id-card)."""

from myqx_async.models.users import CreatedCard
from print_async.auth.token import TokenKind
from print_async.service import Call, Service, operation


class Cards(Service):
    """The ID cards by which users sign in at a device. MyQ documents no way to register a number of one's own."""

    @operation(
        "POST",
        "/v2/users/{user_id}/cards",
        scopes=("users",),
        kinds=(TokenKind.CLIENT,),
        source="rad/v4/register-id-card",
    )
    async def create(self, call: Call, user_id: int) -> CreatedCard:
        """Register a card for a user and return its number, which the server chooses.

        Not repeated after a failure in which the server may have acted.
        """
        return await call.fetch(CreatedCard, path={"user_id": user_id}, json={})

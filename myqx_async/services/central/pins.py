"""PINs of a Central Server's users (source: rad/v4/generate-pin)."""

from myqx_async.models.users import CreatedPin, NewPin
from print_async.auth.token import TokenKind
from print_async.codec import UNSET, UnsetType
from print_async.service import Call, Service, operation


class Pins(Service):
    """The PINs by which users sign in at a device. The server chooses them; a user may have several."""

    @operation(
        "POST", "/v2/users/{user_id}/pins", scopes=("users",), kinds=(TokenKind.CLIENT,), source="rad/v4/generate-pin"
    )
    async def create(self, call: Call, user_id: int, *, delete_old: bool | UnsetType = UNSET) -> CreatedPin:
        """Make a PIN for a user and return it; the server shows it only here.

        Args:
            user_id: Of the user.
            delete_old: Whether the PINs the user has had end with that; false if it is not sent.

        Not repeated after a failure in which the server may have acted. If the answer is lost, so is the PIN:
        make another, with `delete_old`.
        """
        return await call.fetch(CreatedPin, path={"user_id": user_id}, json=NewPin(delete_old))

"""External Authentication: MyQ asks you who has typed in a PIN, or held a card to a reader.

Source: rad/v4/external-authentication-api. PIN and card number come in the URL, so they are in the access log of every
server and proxy on the way that keeps one; here they are not logged, and what you get is a `Secret`.
"""

import enum
from typing import Protocol
from urllib.parse import parse_qs

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.inbound.api import Api
from print_async.inbound.basic import BasicCredentials
from print_async.inbound.errors import AccessDenied, BadRequest, NotFound
from print_async.inbound.exchange import Answer, Call
from print_async.inbound.routes import Route
from print_async.secret import Secret

_FOUND, _INVALID, _NOT_FOUND = 0, 1, 2


class LoginType(enum.IntEnum):
    """What has been typed in or read. It numbers things otherwise than the REST API's sign-in does."""

    PIN = 0
    CARD = 1
    PIN_OR_CARD = 7


@attrs.frozen
class Found:
    """The user who signs in, by the name or the personal number that MyQ knows them by.

    Raises:
        ValueError: Both are empty.
    """

    username: str = ""
    personal_number: str = ""

    def __attrs_post_init__(self) -> None:
        if not (self.username or self.personal_number):
            raise ValueError("MyQ needs the user name or the personal number of a user who was found; both are empty")


class Authenticator(Protocol):
    """Who knows the users' PINs and cards."""

    async def authenticate(self, login_type: LoginType, value: Secret) -> Found:
        """Return whose PIN or card it is.

        `value` equals the plain text and can be looked up in a dict; for anything else, such as a database, take
        `value.reveal()`. Guesses are not counted or slowed down here: MyQ sits between you and who guesses.

        Raises:
            NotFound: Nobody's (`result` 2).
            AccessDenied: Somebody's who may not sign in: invalid or blocked (`result` 1).
        """
        ...


def external_authentication(authenticator: Authenticator, credentials: BasicCredentials) -> Api:
    """Return the API, to be mounted, through which MyQ asks who signs in.

    The URL in MyQ's settings is that of where it is mounted. `credentials` are what MyQ has beside it.
    """
    return Api("MyQ External Authentication", credentials, (Route("GET", "/", _Routes(authenticator).check),))


@attrs.frozen
class _Result:
    result: int
    username: str | UnsetType = UNSET
    personal_number: str | UnsetType = wire("personalNumber", UNSET)


@attrs.frozen
class _Routes:
    authenticator: Authenticator

    async def check(self, call: Call) -> Answer:
        login_type, value = _query(call)
        call.secrets.append(value)
        try:
            found = await self.authenticator.authenticate(login_type, value)
        except NotFound:
            return Answer.json(_Result(_NOT_FOUND))
        except AccessDenied:
            return Answer.json(_Result(_INVALID))
        return Answer.json(_Result(_FOUND, found.username or UNSET, found.personal_number or UNSET))


def _query(call: Call) -> tuple[LoginType, Secret]:
    try:
        fields = parse_qs(call.query.reveal(), errors="strict", max_num_fields=20)
        (login_type,), (value,) = fields["loginType"], fields["loginValue"]
        return LoginType(int(login_type)), Secret(value)
    except (KeyError, ValueError):
        raise BadRequest("loginType must be 0, 1 or 7, loginValue not empty, and each there once") from None

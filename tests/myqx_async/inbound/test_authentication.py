"""External Authentication: who has typed in a PIN, or held a card to a reader."""

import pytest

from myqx_async.inbound import AccessDenied, Found, LoginType, NotFound, external_authentication
from myqx_async.simulator import MyQCaller
from print_async import Secret
from tests.print_async.inbound.serving import CREDENTIALS, PASSWORD, USER, serve


class Reception:
    """Knows who has which PIN and card."""

    def __init__(self):
        self.asked = []
        self.users = {
            "4711": Found("john"),
            "0815": Found(personal_number="P-1"),
            "04A2+/ä": Found("jane", "P-2"),
        }

    async def authenticate(self, login_type, value):
        """Look it up."""
        self.asked.append((login_type, value))
        if value == "0000":
            raise AccessDenied
        if value == "6666":
            raise LookupError(f"{value} and {value.reveal()} are unlucky")
        if value not in self.users:
            raise NotFound
        return self.users[value]


@pytest.fixture
def reception():
    """The authenticator."""
    return Reception()


@pytest.fixture
async def myq(kind, reception):
    """MyQ, with the authenticator to ask."""
    async with (
        serve(kind, external_authentication(reception, CREDENTIALS)) as server,
        MyQCaller(server.url, USER, PASSWORD) as caller,
    ):
        yield caller


@pytest.mark.parametrize(
    ("login_type", "value", "answer"),
    [
        (0, "4711", {"result": 0, "username": "john"}),
        (7, "0815", {"result": 0, "personalNumber": "P-1"}),
        (1, "04A2+/ä", {"result": 0, "username": "jane", "personalNumber": "P-2"}),
        (0, "0000", {"result": 1}),
        (1, "1234", {"result": 2}),
    ],
)
async def test_the_documented_answers(myq, reception, login_type, value, answer):
    """Found, invalid and not found are answered as documented, and the value arrives as a secret."""
    reply = await myq.authenticate(login_type, value)

    assert (reply.status, reply.json()) == (200, answer)
    ((asked, secret),) = reception.asked
    assert asked is LoginType(login_type)
    assert isinstance(secret, Secret)
    assert secret.reveal() == value


@pytest.mark.parametrize(
    "query",
    [
        *("", "loginType=0", "loginValue=1", "loginType=0&loginValue=", "loginType=2&loginValue=1"),
        *("loginType=x&loginValue=1", "loginType=0&loginType=1&loginValue=1", "loginType=0&loginValue=1&loginValue=2"),
        *("loginType=0&loginValue=%ff", "logintype=0&loginvalue=1", "&".join(["loginType=0"] * 50)),
    ],
)
async def test_questions_that_are_none(myq, reception, query):
    """A question without a type that is documented, or with no value or two, is 400, and nobody is asked."""
    assert (await myq.call("GET", f"/?{query}")).status == 400
    assert reception.asked == []


async def test_other_paths_and_methods(myq):
    """There is one path and one method."""
    assert (await myq.call("GET", "/users?loginType=0&loginValue=4711")).status == 404
    reply = await myq.call("POST", "/?loginType=0&loginValue=4711")
    assert (reply.status, reply.headers["allow"]) == (405, "GET")


async def test_no_pin_is_logged(myq, caplog):
    """When the authenticator fails, MyQ gets 500, and the log a traceback without the PIN."""
    caplog.set_level("DEBUG", "print_async")

    assert (await myq.authenticate(0, "6666")).status == 500

    (record,) = (record for record in caplog.records if record.name.startswith("print_async"))
    assert "LookupError: *** and *** are unlucky" in record.getMessage()
    assert "6666" not in record.getMessage().replace('== "6666"', "")


def test_found_needs_a_name():
    """Who was found has a user name or a personal number."""
    with pytest.raises(ValueError, match="both are empty"):
        Found()

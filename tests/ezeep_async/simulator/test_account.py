"""Who the users are."""

from datetime import datetime

import pytest

UNKNOWN = "00000000-0000-4000-8000-000000000000"


async def test_user_has_the_documented_fields(visit):
    """Every field of a user is there with its type, null where the vendor has null."""
    visitor = await visit()

    users = await visitor.walk("/v1/users/", base=visitor.simulator.account_url)

    assert users[0].keys() == {
        "id",
        "email",
        "first_name",
        "last_name",
        "display_name",
        "date_joined",
        "azure_profile",
        "id_profile",
        "user_invitations",
        "roles",
        "is_verified",
    }
    assert {type(user["user_invitations"]) for user in users} == {type(None), list}
    assert {type(user["azure_profile"]) for user in users} == {type(None), dict}
    assert all((user["azure_profile"] is None) != (user["id_profile"] is None) for user in users)
    assert {user["is_verified"] for user in users} == {True, False}
    assert {tuple(user["roles"]) for user in users} == {("admin",), ("user",)}


async def test_dates_have_microseconds_in_utc(visit):
    """A date is ISO 8601 in UTC with six fractional digits."""
    user = (await (await visit()).account("/v1/users/me")).body

    assert datetime.strptime(user["date_joined"], "%Y-%m-%dT%H:%M:%S.%f%z").utcoffset().total_seconds() == 0
    assert user["date_joined"].endswith("Z")
    assert len(user["date_joined"]) == 27


async def test_one_user(visit):
    """A user is read by id as it is listed, with a 301 where the slash is missing."""
    visitor = await visit()
    listed = (await visitor.account("/v1/users/")).body["results"][7]
    path = f"/v1/users/{listed['id']}"

    assert (await visitor.account(f"{path}/")).body == listed
    assert (await visitor.account(path)).headers["Location"] == f"{path}/"


@pytest.mark.parametrize("unknown", [UNKNOWN, "nonsense", "0"])
async def test_unknown_user(visit, unknown):
    """An id that is not there answers 404 with a detail."""
    answer = await (await visit()).account(f"/v1/users/{unknown}/")

    assert (answer.status, answer.body.keys()) == (404, {"detail"})


@pytest.mark.parametrize("path", ["/sfapi/GetConfiguration/", "/sfapi/GetConfiguration", "/sfapi/getconfiguration/"])
async def test_configuration(visit, path):
    """The Print API answers its configuration, whatever the slash and the case of the path."""
    visitor = await visit()

    body = (await visitor.get(visitor.simulator.print_url + path)).body

    assert body["System"]["FILEEXT"].endswith(";")
    assert "pdf" in body["System"]["FILEEXT"].split(";")


async def test_print_api_has_no_more(visit):
    """What is not simulated of the Print API answers 404."""
    visitor = await visit()

    assert (await visitor.get(f"{visitor.simulator.print_url}/sfapi/Nothing/")).status == 404

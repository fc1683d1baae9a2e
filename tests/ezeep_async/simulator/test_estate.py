"""Printers, assignments and the rest of the management API, seen by a plain HTTP client."""

import pytest

ABSENT = "00000000-0000-4000-8000-000000000000"


async def group_ids(visitor):
    """Return the ids of all groups."""
    return [group["id"] for group in await visitor.walk("/printing/v1/groups/")]


async def test_fields_of_the_lists(visit):
    """The items have the documented fields, and next links begin with http."""
    visitor = await visit()
    fields = {
        "/printing/v1/assignments/": {"printer_id", "printer_name", "assignments"},
        "/printing/v1/printers/": {
            *("id", "name", "tp_id", "status", "vendor_name", "model_name", "location", "connector_id", "driver_id"),
            *("manual_driver_id", "supported_formats", "blob_capabilities", "pnp_id", "auto_driver_assignment_state"),
            *("can_modify_favorite", "is_favorite"),
        },
        "/printing/v1/connectors/": {
            *("id", "readable_name", "description", "type", "status", "location", "os_type", "serial_string"),
            "supported_formats",
        },
        "/printing/v1/drivers/?vendor=HP": {
            *("id", "name", "readable_name", "vendor", "os", "arch", "printers_using_driver", "blob_capabilities"),
        },
    }
    for path, expected in fields.items():
        page = (await visitor.get(f"{path}{'&' if '?' in path else '?'}limit=1")).body
        assert page["results"][0].keys() == expected, path
        assert page["next"].startswith("http://")


async def test_key_case_of_capabilities(visit):
    """Capabilities are in upper case on printers, and in lower case on drivers."""
    visitor = await visit()
    printers = await visitor.walk("/printing/v1/printers/")
    drivers = await visitor.walk("/printing/v1/drivers/?vendor=HP")

    blobs = [printer["blob_capabilities"] for printer in printers]
    assert None in blobs
    assert {key for blob in blobs if blob for key in blob} == {"Options", "Count", "Capabilities"}
    assert drivers[0]["blob_capabilities"].keys() == {"options", "count", "capabilities"}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"assignments": []},
        {"assignment": {}},
        {"assignment": [1]},
        {"assignment": [{"groups": 1}]},
        {"assignment": [{"groups": [1]}]},
        {"assignment": [{"groups": [{"group_id": ABSENT}]}]},
    ],
)
async def test_bodies_of_assignments(visit, method, body):
    """An assignment is under the key in the singular, and whole, for a DELETE as well; else it is a 400."""
    visitor = await visit()
    printer = (await visitor.walk("/printing/v1/assignments/"))[0]

    answer = await visitor.send(method, f"/printing/v1/assignments/{printer['printer_id']}/", json=body)

    assert (answer.status, answer.body.keys()) == (400, {"assignment"})
    assert (await visitor.walk("/printing/v1/assignments/"))[0] == printer


async def test_no_groups(visit):
    """An organization without groups has printers that nobody has."""
    visitor = await visit(groups=0)

    assert {str(each["assignments"]) for each in await visitor.walk("/printing/v1/assignments/")} == {"[]"}


async def test_groups_count_their_printers(visit):
    """The counter of a group follows the assignments."""
    visitor = await visit()
    group, *_ = await group_ids(visitor)
    before = (await visitor.get(f"/printing/v1/groups/{group}/")).body["num_printers"]
    printer = (await visitor.walk("/printing/v1/assignments/"))[-1]["printer_id"]
    body = {"assignment": [{"groups": [{"group_id": group}]}]}

    await visitor.send("PUT", f"/printing/v1/assignments/{printer}/", json=body)
    assert (await visitor.get(f"/printing/v1/groups/{group}/")).body["num_printers"] == before + 1
    assert (await visitor.send("DELETE", f"/printing/v1/assignments/{printer}/", json=body)).status == 204
    assert (await visitor.get(f"/printing/v1/groups/{group}/")).body["num_printers"] == before


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "names"),
    [
        ("POST", "/printing/v1/printers/", {"name": "n", "status": "Online"}, 400, {"connector_id"}),
        ("GET", "/printing/v1/drivers/", None, 400, {"vendor"}),
        ("GET", "/printing/v1/assignments/?group=x", None, 400, {"group"}),
        ("GET", "/printing/v1/printjobs/?status=LOST", None, 400, {"status"}),
        ("GET", "/printing/v1/printjobs/?o=name", None, 400, {"o"}),
        ("PUT", f"/printing/v1/printers/{ABSENT}/", {}, 404, {"detail"}),
        ("POST", "/reporting/reports/", {}, 404, {"detail"}),
        ("POST", "/webhooks/endpoints/", {}, 404, {"detail"}),
        ("POST", "/reporting/reports", {}, 403, {"detail"}),
        ("POST", "/webhooks/endpoints", {}, 403, {"detail"}),
        ("GET", "/webhooks/endpoints", None, 405, {"detail"}),
    ],
)
async def test_refusals(visit, method, path, body, status, names):
    """What is not documented, not allowed or not there is refused by the field, or as a whole."""
    visitor = await visit()

    answer = await visitor.send(method, path, **({} if body is None else {"json": body}))

    assert (answer.status, answer.body.keys()) == (status, names)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, {"name", "status"}),
        ({"name": " ", "status": "Improperly Configured", "tp_id": True}, {"name", "status", "tp_id"}),
        (
            {"name": 1, "status": "Online", "tp_id": 0, "supported_formats": "RAW"},
            {"name", "tp_id", "supported_formats"},
        ),
        ({"name": "n" * 256, "status": "Online"}, {"name"}),
    ],
)
async def test_a_printer_with_wrong_fields(visit, body, names):
    """All that is wrong about a printer is told at once; the status is spelt as the vendor spells it."""
    visitor = await visit()
    connector = (await visitor.walk("/printing/v1/connectors/"))[0]["id"]
    headers = {"Authorization": f"Bearer {visitor.token}", "X-Host-Id": connector}

    answer = await visitor.send("POST", "/printing/v1/printers/", json=body, headers=headers)

    assert (answer.status, answer.body.keys()) == (400, names)


@pytest.mark.parametrize(("roles", "status"), [("admin", 200), (["user"], 200), ("king", 400), ([], 400), (1, 400)])
async def test_roles(visit, roles, status):
    """A role is sent as a word, as in the sample, or as a list, as in the answers."""
    visitor = await visit()
    user = (await visitor.account("/v1/users/")).body["results"][3]["id"]

    answer = await visitor.send(
        "PATCH", f"/v1/users/{user}/", base=visitor.simulator.account_url, json={"roles": roles}
    )

    assert answer.status == status
    if status == 200:
        assert answer.body["roles"] == ([roles] if isinstance(roles, str) else roles)

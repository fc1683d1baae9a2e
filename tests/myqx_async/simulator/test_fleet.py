"""Printers, queues and the server's settings."""

from urllib.parse import quote

import pytest


async def _printers(visitor, path: str = "printers", **params: str) -> list[dict[str, object]]:
    answer = await visitor.get(path, await visitor.sign_in(), **params)
    assert answer.status == 200
    assert answer.body["count"] == len(answer.body["printers"])
    return answer.body["printers"]


@pytest.mark.parametrize("path", ["printers", "printers/"])
async def test_all_printers_come_with_the_documented_fields(visit, path: str) -> None:
    """With or without the slash the list has every printer once, in order, and all fourteen fields."""
    visitor = await visit(printers=20)
    printers = await _printers(visitor, path)
    assert [printer["id"] for printer in printers] == list(range(1, 21))
    assert set(printers[0]) == {
        *("id", "name", "state", "mode", "ipAddress", "serialNumber", "mac", "terminalId", "brand", "model"),
        *("notes", "location", "enforcedModel", "configurationId"),
    }


@pytest.mark.parametrize("name", ["name", "serialNumber", "mac"])
async def test_a_printer_is_found_by_what_is_its_own(visit, name: str) -> None:
    """Name, serial number and MAC address each find the one printer."""
    visitor = await visit(printers=20)
    printer = (await _printers(visitor))[6]
    assert await _printers(visitor, **{name: str(printer[name])}) == [printer]
    assert await _printers(visitor, **{name: "nothing"}) == []


@pytest.mark.parametrize("mode", ["online", "offline", "local"])
async def test_mode_is_a_filter(visit, mode: str) -> None:
    """Each mode finds some printers, all of them in that mode."""
    visitor = await visit(printers=20)
    assert {printer["mode"] for printer in await _printers(visitor, mode=mode)} == {mode}


@pytest.mark.parametrize("status", ["active", "local", "offline", "withIssue"])
async def test_a_status_and_its_path_agree(visit, status: str) -> None:
    """The filter and the path of that word give the same printers: some, and not all."""
    visitor = await visit(printers=20)
    found = await _printers(visitor, status=status)
    assert 0 < len(found) < 20
    assert await _printers(visitor, f"printers/{status}") == found


async def test_groups_are_paths_from_the_top(visit) -> None:
    """The top group has all printers, a group below it some, and a part of a name none."""
    visitor = await visit(printers=20)
    assert len(await _printers(visitor, group="All printers")) == 20
    assert 0 < len(await _printers(visitor, group="All printers/group 1")) < 20
    assert await _printers(visitor, group="All printers/gro") == []


async def test_printer_filters_must_all_be_met(visit) -> None:
    """Filters combine, and an unknown status finds nothing."""
    visitor = await visit(printers=20)
    both = await _printers(visitor, mode="offline", group="All printers/group 1")
    assert 0 < len(both) < len(await _printers(visitor, mode="offline"))
    assert await _printers(visitor, status="asleep") == []


async def test_the_last_printers_come_newest_first(visit) -> None:
    """printers/last is a short list, the newest printer first."""
    visitor = await visit(printers=20)
    assert [printer["id"] for printer in await _printers(visitor, "printers/last")] == [20, 19, 18, 17, 16]


async def test_one_printer_by_id(visit) -> None:
    """An id gives the bare printer, an unknown one 404."""
    visitor = await visit(printers=20)
    token = await visitor.sign_in()
    assert (await visitor.get("printers/7", token)).body == (await _printers(visitor))[6]
    for unknown in ("0", "21", "somewhere"):
        assert (await visitor.get(f"printers/{unknown}", token)).status == 404


async def test_queues_come_with_the_ports(visit) -> None:
    """The list has the documented fields and the two ports, and without include no client."""
    visitor = await visit()
    body = (await visitor.get("queues", await visitor.sign_in())).body
    assert set(body) == {"queues", "count", "ippsPort", "airPrintPort"}
    assert set(body["queues"][0]) == {"id", "name", "type", "private", "availableProtocols", "printerId"}


async def test_offline_queues_are_hidden_unless_asked_for(visit) -> None:
    """online is the default state, offline the rest, all is both; another word finds nothing."""
    visitor = await visit(queues=9)
    token = await visitor.sign_in()
    ids = {}
    for state in ("online", "offline", "all", "asleep"):
        body = (await visitor.get("queues", token, state=state)).body
        assert body["count"] == len(body["queues"])
        ids[state] = [queue["id"] for queue in body["queues"]]
    assert sorted(ids["online"] + ids["offline"]) == ids["all"] == list(range(1, 10))
    assert ids["offline"]
    assert ids["asleep"] == []
    assert [queue["id"] for queue in (await visitor.get("queues", token)).body["queues"]] == ids["online"]


@pytest.mark.parametrize("protocol", ["air", "ipps", "lpr", "raw"])
async def test_protocol_is_a_filter(visit, protocol: str) -> None:
    """Each protocol finds some queues, all of which speak it."""
    visitor = await visit(queues=9)
    found = (await visitor.get("queues", await visitor.sign_in(), protocol=protocol, state="all")).body["queues"]
    assert 0 < len(found) < 9
    assert all(protocol in queue["availableProtocols"] for queue in found)


async def test_a_queue_includes_its_client(visit) -> None:
    """include=client adds the interaction, in the list and by name."""
    visitor = await visit()
    token = await visitor.sign_in()
    listed = (await visitor.get("queues", token, include="client")).body["queues"][0]
    assert set(listed["client"]["interaction"]) == {"project", "paymentAccount"}
    assert (await visitor.get(f"queues/name:{quote(listed['name'])}", token, include="client")).body == listed


async def test_every_queue_is_had_by_its_name(visit) -> None:
    """Names with spaces, slashes, percent signs and umlauts work when encoded; an unknown one is 404."""
    visitor = await visit(queues=12)
    token = await visitor.sign_in()
    queues = (await visitor.get("queues", token, state="all")).body["queues"]
    assert {character for queue in queues for character in queue["name"]} >= set(" /%&Ü")
    for queue in queues:
        url = f"/api/v3/queues/name:{quote(queue['name'], safe='')}"
        assert (await visitor.call("GET", url, token)).body["id"] == queue["id"]
    assert (await visitor.get("queues/name:nothing", token)).status == 404


async def test_any_token_reads_the_configuration(visit) -> None:
    """The settings need a token and no scope; a client's and a user's both do."""
    visitor = await visit()
    for token in (await visitor.sign_in("jobs"), await visitor.log_in(3, "jobs")):
        body = (await visitor.get("server/config", token)).body
        assert {"language", "currency", "accountingMode"} <= set(body)
    assert (await visitor.get("server/config")).status == 401

"""Jobs and their release, read by plain aiohttp."""

import json

import aiohttp
import pytest

RELEASE = "/api/v3/printers/1/jobs/release"


async def _user(visit, **settings):
    visitor = await visit(**settings)
    return visitor, await visitor.log_in(0, "jobs")


async def _state(visitor, token: str, job: int) -> str:
    return (await visitor.get(f"jobs/{job}/state", token)).body["state"]


async def test_a_job_has_the_documented_fields(visit) -> None:
    """A job has these twelve fields and no other."""
    visitor, token = await _user(visit)
    job = (await visitor.get("jobs/1", token)).body
    assert set(job) == {
        *("id", "name", "date", "dateTime", "favorite", "cost", "duplex", "color"),
        *("pageCount", "colorCount", "copies", "paper"),
    }
    assert job["paper"] == {"state": 5}


async def test_a_release_takes_its_time(visit) -> None:
    """A job looks as before for a while after its release, is then processing, and then printed."""
    visitor, token = await _user(visit, release_seconds=2, print_seconds=5)
    body = {"jobIds": [1], "account": None}
    assert (await visitor.call("POST", RELEASE, token, json=body)).status == 200
    seen = []
    for _ in range(8):
        seen.append(await _state(visitor, token, 1))
        visitor.clock.time += 1
    assert seen == ["ready"] * 2 + ["processing"] * 5 + ["printed"]
    assert await _state(visitor, token, 2) == "ready"
    assert [job["id"] for job in (await visitor.get("printers/1/printAll", token)).body["jobs"]] == [2, 3]
    assert visitor.sim.job_state(1) == "printed"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"jobIds": [1]}, 400),
        ({"jobIds": [1], "account": "a"}, 400),
        ({"account": None}, 400),
        ({"jobIds": [1, 11], "account": None}, 404),
        ({"jobIds": [1, 2], "account": None}, 409),
        ({"jobIds": [1], "account": None, "releaseOptions": {"copies": "two"}}, 400),
    ],
)
async def test_a_bad_release_releases_nothing(visit, body: dict[str, object], status: int) -> None:
    """The account must be there and null, jobs must be one's own and not cancelled; else none is released."""
    visitor, token = await _user(visit)
    await visitor.call("DELETE", "/api/v3/jobs/2", token)
    assert (await visitor.call("POST", RELEASE, token, json=body)).status == status
    assert visitor.sim.stats.mutations == {"job-cancelled:2": 1}


@pytest.mark.parametrize(
    ("header", "status", "first", "last"),
    [
        (None, 200, 0, 999),
        ("bytes=0-0", 206, 0, 0),
        ("bytes=10-19", 206, 10, 19),
        ("bytes=990-", 206, 990, 999),
        ("bytes=990-5000", 206, 990, 999),
        ("bytes=-5", 200, 0, 999),
        ("bytes=0-1,5-6", 200, 0, 999),
        ("lines=1-2", 200, 0, 999),
    ],
)
async def test_ranges(visit, header: str | None, status: int, first: int, last: int) -> None:
    """A range of the documented form gives those bytes and says which; any other form gives everything."""
    visitor = await visit(job_bytes=1000)
    token = await visitor.sign_in("print")
    headers = {"Authorization": f"Bearer {token}"} | ({"Range": header} if header else {})
    url = f"{visitor.sim.url}/api/v3/jobs/1/data"
    async with visitor.session.get(url, headers=headers) as response:
        assert response.status == status
        assert await response.read() == visitor.sim.job_data(1)[first : last + 1]
        said = response.headers.get("Content-Range")
        assert said == (f"bytes {first}-{last}/1000" if status == 206 else None)


async def test_data_is_for_the_application(visit) -> None:
    """A job's data is 403 without the scope print, and to any user."""
    visitor = await visit()
    for token in (await visitor.sign_in("jobs"), await visitor.log_in(0, "print jobs")):
        assert (await visitor.get("jobs/1/data", token)).status == 403


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5-4", "bytes=2000-3000"])
async def test_a_range_beyond_the_end(visit, header: str) -> None:
    """A range with no byte in it is 416, in the shape of all errors; a server without ranges sends everything."""
    visitor = await visit(job_bytes=1000)
    token = await visitor.sign_in("print")
    answer = await visitor.call("GET", "/api/v3/jobs/1/data", token, headers={"Range": header})
    assert (answer.status, set(answer.body)) == (416, {"code", "message", "data"})
    visitor.sim.data_ranges = False
    headers = {"Authorization": f"Bearer {token}", "Range": header}
    async with visitor.session.get(f"{visitor.sim.url}/api/v3/jobs/1/data", headers=headers) as response:
        assert (response.status, len(await response.read())) == (200, 1000)


@pytest.mark.parametrize("cut", [0, 1, 500, 999])
async def test_cuts(visit, cut: int) -> None:
    """The connection is cut after exactly so many bytes, as often as told."""
    visitor = await visit(job_bytes=1000)
    token = await visitor.sign_in("print")
    visitor.sim.data_cuts.append(cut)
    got = bytearray()

    async def read() -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with visitor.session.get(f"{visitor.sim.url}/api/v3/jobs/1/data", headers=headers) as response:
            async for chunk in response.content.iter_any():
                got.extend(chunk)

    with pytest.raises(aiohttp.ClientPayloadError):
        await read()
    assert bytes(got) == visitor.sim.job_data(1)[:cut]
    assert visitor.sim.stats.dropped == 1
    await read()
    assert len(got) == cut + 1000


@pytest.mark.parametrize("shape", ["object", "array"])
async def test_the_two_shapes_of_a_change(visit, shape: str) -> None:
    """One of the two documented bodies is taken, the other refused."""
    visitor, token = await _user(visit, bulk_patch=shape)
    bodies = {"object": {"jobs": [{"id": 1, "favorite": True}]}, "array": [{"id": 1, "favorite": True}]}
    for name, body in bodies.items():
        answer = await visitor.call("PATCH", "/api/v3/jobs", token, json=body)
        assert answer.status == (200 if name == shape else 400)
    bad = {"object": {"jobs": [{"favorite": True}]}, "array": [{"favorite": True}]}
    assert (await visitor.call("PATCH", "/api/v3/jobs", token, json=bad[shape])).status == 400
    assert (await visitor.get("jobs/1", token)).body["favorite"]


async def test_without_a_body(visit) -> None:
    """With success_body off, writes whose answer is not documented have none."""
    visitor, token = await _user(visit, success_body=False, success_status=201)
    answer = await visitor.call("PATCH", "/api/v3/jobs/1", token, json={"favorite": True})
    assert (answer.status, answer.body) == (201, None)


async def test_what_is_announced_has_no_data(visit) -> None:
    """An announced job is the user's, can be released, and its data is 404."""
    visitor, token = await _user(visit)
    body = {"queue": "Follow me", "name": "x", "uuid": "u"}
    made = (await visitor.call("POST", "/api/v3/jobs/client", token, json=body)).body["id"]
    assert visitor.sim.job_ids(0) == [1, 2, 3, made]
    assert (await visitor.get(f"jobs/{made}/data", await visitor.sign_in("print"))).status == 404
    assert (await visitor.call("POST", "/api/v3/jobs/client", token, json={"queue": "q"})).status == 400
    with pytest.raises(LookupError):
        visitor.sim.job_data(10**6)


async def test_jobs_survive_a_restart_and_a_seed(visit) -> None:
    """The same seed makes the same jobs and data, and another seed other data."""
    one, same, other = [(await visit(seed=seed)).sim for seed in (1, 1, 2)]
    assert one.job_data(1) == same.job_data(1) != other.job_data(1)
    assert one.job_data(1) != one.job_data(2)
    assert json.dumps(one.job_ids(3)) == json.dumps(same.job_ids(3))

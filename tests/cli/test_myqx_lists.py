"""`myqx users` and `myqx jobs`."""

import json

import pytest

from myqx_async.simulator import MyQXSimulator


@pytest.fixture
async def sim():
    """Run a MyQ X server of thirty users."""
    async with MyQXSimulator(30) as simulator:
        yield simulator


@pytest.fixture
def at(sim):
    """Return where the server is."""
    return {"MYQX_URL": sim.url, "MYQX_CA_FILE": str(sim.ca_file)}


@pytest.fixture
def myqx(run, sim, at):
    """Run a command as the application."""

    async def command(*arguments: object, **more: str):
        own = {"MYQX_CLIENT_ID": sim.client_id, "MYQX_CLIENT_SECRET": sim.client_secret}
        return await run("myqx_async", *arguments, **at, **own, **more)

    return command


async def test_find(sim, myqx):
    """Users are found by what is told, and shown for people and for programs."""
    user = sim.credentials(3)

    shown = await myqx("users", "find", "--username", user.username)
    as_json = await myqx("users", "find", "--email", f"{user.username}@example.com", "--json")

    assert (shown.code, shown.err, as_json.err) == (0, "", "")
    assert shown.out.splitlines()[2].split()[:2] == [str(user.user_id), user.username]
    (found,) = json.loads(as_json.out)
    assert (found["id"], found["sync_source"], "groups" in found) == (user.user_id, "CSV", False)


async def test_find_many(sim, myqx):
    """A group may have many, of which no more are shown than was asked for; the inactive ones are apart."""
    some = await myqx("users", "find", "--group", "Sales", "--limit", 3, "--json")
    inactive = await myqx("users", "find", "--group", "Sales", "--inactive")
    nobody = await myqx("users", "find", "--code", "000")

    assert len(json.loads(some.out)) == 3
    assert (inactive.code, nobody.code, nobody.out) == (0, 0, "")
    assert "nobody was found" in nobody.err


async def test_find_by_card(sim, myqx):
    """A card number comes from the environment, and shows nowhere; it is no argument."""
    card = sim.credentials(5).card

    found = await myqx("users", "find", "--card", "--json", MYQX_CARD=card)
    without = await myqx("users", "find", "--card")
    argument = await myqx("users", "find", "--card", card)

    assert [each["id"] for each in json.loads(found.out)] == [sim.credentials(5).user_id]
    assert card not in found.out + found.err
    assert (without.code, "MYQX_CARD_FILE" in without.err, argument.code) == (2, True, 2)


async def test_find_without_anything(sim, myqx):
    """A search for nothing in particular is refused, with what can be searched for."""
    result = await myqx("users", "find")

    assert (result.code, "at least one of username" in result.err) == (2, True)


@pytest.fixture
async def person(sim, run, at):
    """Sign in as a person, and run commands as them."""
    who = sim.credentials(2)
    login = ("login", "--client-id", sim.client_id, "--user", who.username, "--scope", "jobs")
    secrets = {"MYQX_CLIENT_SECRET": sim.client_secret, "MYQX_PASSWORD": who.password}
    assert (await run("myqx_async", *login, **at, **secrets)).code == 0

    async def command(*arguments: object):
        return await run("myqx_async", *arguments, **at)

    return command


async def test_jobs(sim, person):
    """Of each job there is what is known and its state, in the order asked for; one that is not there is named."""
    first, second, _ = sim.job_ids(2)

    shown = await person("jobs", "show", second, first)
    as_json = await person("jobs", "show", first, 999_999, "--json")

    assert (shown.code, as_json.code) == (0, 1)
    assert [line.split()[:2] for line in shown.out.splitlines()[2:]] == [[str(second), "ready"], [str(first), "ready"]]
    here, gone = json.loads(as_json.out)
    assert (here["name"], here["state"], here["found"]) == ("report.pdf", "ready", True)
    assert gone == {"id": 999_999, "found": False, "state": None}


async def test_jobs_as_the_application(myqx):
    """The application has no jobs of its own, and is told how to sign in as somebody who has."""
    result = await myqx("jobs", "show", 1)

    assert result.code == 1
    assert "user token" in result.err
    assert "`myqx login` with `--scope 'jobs'`" in result.err


async def test_save(sim, myqx, tmp_path):
    """The document of a job is saved, and a part from an interrupted run is gone on with."""
    job = sim.job_ids(4)[1]
    data = sim.job_data(job)
    (tmp_path / "job.bin.part").write_bytes(data[:20_000])

    result = await myqx("jobs", "save", job, "job.bin", "--json")

    assert json.loads(result.out) == {"id": job, "path": "job.bin", "bytes": len(data)}
    assert (tmp_path / "job.bin").read_bytes() == data
    assert (await myqx("jobs", "save", job, "other.bin")).out == f"{len(data)} bytes of job {job}: other.bin\n"
    assert (await myqx("jobs", "save", 999_999, "none.bin")).code == 1
    assert not (tmp_path / "none.bin").exists()


async def test_simulate(run):
    """All of it can be tried without a server."""
    found = await run("myqx_async", "users", "find", "--group", "Sales", "--simulate", "--json")
    jobs = await run("myqx_async", "jobs", "show", 1, 2, "--simulate", "--json")

    assert (found.code, jobs.code) == (0, 0)
    assert len(json.loads(found.out)) > 1
    assert [each["state"] for each in json.loads(jobs.out)] == ["ready", "ready"]

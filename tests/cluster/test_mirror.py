"""A mirror over a cluster, beside a local one of the same server: the same rows, whatever dies when."""

import asyncio
import os
import signal
import sqlite3
import time
from contextlib import closing
from functools import partial

import attrs
import pytest
import worker_jobs

import ezeep_async.mirror
import myqx_async.mirror
from ezeep_async import Ezeep
from ezeep_async.simulator import EzeepSimulator
from myqx_async import MyQX
from myqx_async.simulator import MyQXSimulator
from print_async.cluster import Workers, mirror_on
from print_async.errors import ServerError
from print_async.mirror import mirror
from print_async.testing import Fault, FaultKind

PAGE, STRETCH = 20, 60


@attrs.frozen
class Site:
    """A server, and how it is mirrored."""

    sim: EzeepSimulator | MyQXSimulator
    client: Ezeep | MyQX
    workers: Workers
    tables: tuple[str, ...]
    stages: object
    """Makes the stages from a client, here and on workers."""

    async def here(self, path, **options):
        """Mirror it from this process."""
        return await mirror(path, self.stages(self.client), source="the site", **options)

    async def there(self, path, stretch=STRETCH, **options):
        """Mirror it over the cluster."""
        return await mirror_on(self.workers, path, self.stages, source="the site", stretch=stretch, **options)

    def rows(self, path):
        """Read the rows of a mirror, in no order."""
        with closing(sqlite3.connect(path)) as file:
            return {table: sorted(file.execute(f"SELECT * FROM {table}"), key=repr) for table in self.tables}  # noqa: S608


@pytest.fixture
async def ezeep_site(scheduler, redis_server):
    """An ezeep organization with 500 users in 400 groups, and workers that share its credential over Redis."""
    async with EzeepSimulator(500, 400) as sim:
        urls = {name: getattr(sim, name) for name in ("account_url", "management_url", "print_url")}
        told = {f"EZEEP_{name.upper()}": url for name, url in urls.items()}
        told |= {"EZEEP_CLIENT_ID": sim.client_id, "EZEEP_REFRESH_TOKEN": sim.issue_refresh_token()}
        told["PRINT_ASYNC_REDIS_URL"] = redis_server.url
        opener = partial(worker_jobs.open_vendor, "ezeep_async", told)
        async with Ezeep(sim.grant(), **urls) as ezeep, Workers(scheduler, opener) as workers:
            stages = partial(ezeep_async.mirror.stages, page_size=PAGE, prefetch=0)
            yield Site(sim, ezeep, workers, ("groups", "users", "memberships", "account_users"), stages)


@pytest.fixture
async def myqx_site(scheduler, redis_server):
    """A MyQ X server with 500 users."""
    async with MyQXSimulator(500, 30, 12, tls=False) as sim:
        told = {"MYQX_URL": sim.url, "MYQX_CLIENT_ID": sim.client_id, "MYQX_CLIENT_SECRET": sim.client_secret}
        told["PRINT_ASYNC_REDIS_URL"] = redis_server.url
        opener = partial(worker_jobs.open_vendor, "myqx_async", told)
        async with MyQX(sim.url, sim.grant()) as myqx, Workers(scheduler, opener) as workers:
            stages = partial(myqx_async.mirror.stages, page_size=PAGE)
            yield Site(sim, myqx, workers, ("users", "printers", "queues"), stages)


@pytest.fixture(params=["ezeep", "myqx"])
def site(request):
    """Start a site of each vendor."""
    return request.getfixturevalue(f"{request.param}_site")


async def test_the_same_rows(site, tmp_path):
    """It has the rows of a local mirror and tells the same of them; the whole cluster has asked for one token."""
    local = await site.here(tmp_path / "here.sqlite")
    before = site.sim.stats.token_requests.total()

    report = await site.there(tmp_path / "there.sqlite")

    assert site.rows(tmp_path / "there.sqlite") == site.rows(tmp_path / "here.sqlite")
    assert (report.items, report.resumed_at, report.removed, report.unsettled) == (local.items, 0, 0, ())
    assert site.sim.stats.token_requests.total() - before == 1
    assert site.sim.stats.unauthorized == 0


async def test_every_worker_reads(ezeep_site, tmp_path):
    """The work is spread: all workers have sent requests."""
    await ezeep_site.there(tmp_path / "there.sqlite")

    assert all(calls > 5 for calls in await ezeep_site.workers.each(worker_jobs.calls))


async def test_a_worker_is_killed(site, tmp_path):
    """A worker dies midway by SIGKILL: the same rows, and not a request with a bad token."""
    victims = await site.workers.each(worker_jobs.worker_id)
    await site.here(tmp_path / "here.sqlite")

    def kill_one(progress) -> None:
        if victims and progress.stage == "users" and progress.items > 200:
            os.kill(victims.pop(), signal.SIGKILL)
            victims.clear()

    report = await site.there(tmp_path / "there.sqlite", progress=kill_one)

    assert victims == []
    assert site.rows(tmp_path / "there.sqlite") == site.rows(tmp_path / "here.sqlite")
    assert report.unsettled == ()
    assert site.sim.stats.unauthorized == 0


@pytest.mark.parametrize(("first", "second"), [("there", "there"), ("here", "there"), ("there", "here")])
async def test_interrupted_and_gone_on_with(site, tmp_path, first, second):
    """Cancelled midway, here or there, the next run goes on, there or here, and the file is that of a whole run."""
    path, seen = tmp_path / "cut.sqlite", []
    await site.here(tmp_path / "whole.sqlite")
    whole = site.rows(tmp_path / "whole.sqlite")

    def cut(progress) -> None:
        if progress.stage == "users" and progress.items >= 200:
            running.cancel()

    running = asyncio.ensure_future(getattr(site, first)(path, progress=cut))
    with pytest.raises(asyncio.CancelledError):
        await running
    report = await getattr(site, second)(path, progress=seen.append)

    assert site.rows(path) == whole
    assert report.resumed_at >= 200
    assert report.resumed_at + report.items == sum(len(whole[table]) for table in whole if table != "memberships")
    assert {each.stage: each.items for each in seen if each.done} == {
        stage: len(whole[stage.replace(" ", "_")]) for stage in {each.stage for each in seen}
    }


async def test_rows_that_the_server_has_no_longer(ezeep_site, tmp_path):
    """The next run after a whole one begins anew, and removes what is gone."""
    await ezeep_site.there(tmp_path / "there.sqlite")
    for group in (0, 50, 399):
        ezeep_site.sim.directory.delete_group(group)

    report = await ezeep_site.there(tmp_path / "there.sqlite")
    await ezeep_site.here(tmp_path / "here.sqlite")

    assert report.removed >= 3
    runs = [
        {row[:-1] for row in ezeep_site.rows(tmp_path / name)["groups"]} for name in ("there.sqlite", "here.sqlite")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0]) == 397


@pytest.fixture
def moving(ezeep_site):
    """Delete so many of the first groups when the first of them have been written."""

    def delete(count: int):
        left = list(range(count))

        def progress(seen) -> None:
            while left and seen.stage == "groups" and seen.items:
                ezeep_site.sim.directory.delete_group(left.pop())

        return progress

    return delete


async def test_rows_that_move(ezeep_site, moving, tmp_path):
    """Rows that move to the front while the list is read, by less than a page, are not missed."""
    path = tmp_path / "there.sqlite"

    report = await ezeep_site.there(path, stretch=PAGE, concurrency=1, progress=moving(10))

    kept = {ezeep_site.sim.directory.group(index).id for index in range(10, 400)}
    assert kept <= {row[0] for row in ezeep_site.rows(path)["groups"]}
    assert report.unsettled == ()


async def test_rows_that_move_by_more(ezeep_site, moving, tmp_path):
    """Where they move by more than a page, the report says so, and nothing is removed until a run that is certain."""
    path = tmp_path / "there.sqlite"
    await ezeep_site.there(path)

    report = await ezeep_site.there(path, stretch=PAGE, concurrency=1, progress=moving(35))
    rows = len(ezeep_site.rows(path)["groups"])
    again = await ezeep_site.there(path)

    assert report.unsettled == ("groups",)
    assert rows == 400
    assert again.unsettled == ()
    assert len(ezeep_site.rows(path)["groups"]) == 365


async def test_rows_that_come(ezeep_site, tmp_path):
    """What comes to the end of a list while it is read is read as well."""
    sim, made = ezeep_site.sim, []

    def create(seen) -> None:
        if seen.stage == "groups" and len(made) < 15:
            made.append(sim.directory.create_group({"name": "new"}).id)

    await ezeep_site.there(tmp_path / "there.sqlite", progress=create)

    assert len(made) > 3
    assert set(made[:3]) <= {row[0] for row in ezeep_site.rows(tmp_path / "there.sqlite")["groups"]}


async def test_lists_that_are_not_paged(scheduler, redis_server, tmp_path):
    """A server that gives whole lists, whatever page was asked for, is mirrored as well."""
    async with EzeepSimulator(70, 10, bare_lists=True) as sim:
        told = {"EZEEP_ACCOUNT_URL": sim.account_url, "EZEEP_MANAGEMENT_URL": sim.management_url}
        told |= {"EZEEP_CLIENT_ID": sim.client_id, "EZEEP_REFRESH_TOKEN": sim.issue_refresh_token()}
        told["PRINT_ASYNC_REDIS_URL"] = redis_server.url
        async with Workers(scheduler, partial(worker_jobs.open_vendor, "ezeep_async", told)) as workers:
            report = await mirror_on(workers, tmp_path / "bare.sqlite", ezeep_async.mirror.stages, source="bare")

    assert (report.items, report.unsettled) == (150, ())


async def test_a_server_that_fails(ezeep_site, tmp_path):
    """An error of the server ends the run as it does a local one; the next run goes on."""
    path = tmp_path / "there.sqlite"
    faults = ezeep_site.sim.faults

    def fail(seen) -> None:
        if seen.stage == "users" and seen.items > 100 and not faults.rules:
            faults.add(Fault(kind=FaultKind.STATUS, status=500, path="/printing/v1/users/"))

    with pytest.raises(ServerError, match="was answered 500"):
        await ezeep_site.there(path, progress=fail)
    faults.clear()

    report = await ezeep_site.there(path)
    await ezeep_site.here(tmp_path / "here.sqlite")

    assert report.resumed_at > 100
    assert ezeep_site.rows(path) == ezeep_site.rows(tmp_path / "here.sqlite")


async def test_one_rate_for_all_workers(site, scheduler, tmp_path):
    """With a rate, all workers together keep to it: so many requests take their time."""
    rate = 25.0
    opener = partial(site.workers._open_client, per_second=rate)
    async with Workers(scheduler, opener) as workers:
        before, began = site.sim.stats.requests, time.monotonic()
        await attrs.evolve(site, workers=workers).there(tmp_path / "there.sqlite")
        took, sent = time.monotonic() - began, site.sim.stats.requests - before

    assert sent > 30
    assert took > (sent - 3) / rate  # the first goes at once, and token requests have a way of their own


@pytest.mark.parametrize("wrong", [{"stretch": 0}, {"concurrency": 0}])
async def test_arguments_that_make_no_sense(tmp_path, wrong):
    """They are refused before anything is read, and no file is made."""
    with pytest.raises(ValueError, match="at least 1"):
        await mirror_on(Workers("tcp://nobody.example:1", open), tmp_path / "x", list, source="x", **wrong)
    assert not list(tmp_path.iterdir())

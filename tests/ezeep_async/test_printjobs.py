"""The list of print jobs, over real sockets."""

import pytest

from ezeep_async.models import PrintJobStatus, PrintRequest


async def submit(rig, position: int):
    """Print something on the printer at a position."""
    printer = (await rig.ezeep.print_api.printers())[position]
    url = f"https://example.com/{position}.pdf"
    await rig.ezeep.print_api.print_url(PrintRequest(file_url=url, type="pdf", printer_id=printer.id, alias="mine"))
    return printer


@pytest.mark.parametrize("newest_first", [True, False])
async def test_order(start, newest_first):
    """Jobs come in the order that was asked for, page by page, as the server sent them."""
    rig = await start()
    found = await rig.ezeep.printjobs.list(newest_first=newest_first, page_size=3).collect()

    created = [job["created"] for job in found]
    assert created == sorted(created, reverse=newest_first)
    assert found == (rig.sim.history.jobs[::-1] if newest_first else rig.sim.history.jobs)
    assert len(await rig.ezeep.printjobs.list().collect()) == len(found)


async def test_by_status(start):
    """Jobs of each status are found, and together they are all."""
    rig = await start()
    total = 0
    for status in PrintJobStatus:
        found = await rig.ezeep.printjobs.list(status=status).collect()
        assert {job["status"] for job in found} == {status.value}
        total += len(found)

    assert total == len(rig.sim.history.jobs)


async def test_what_was_printed_is_listed(start):
    """A job that the Print API took is in the list, and waits there for its release where the printer is a queue."""
    rig = await start()
    await submit(rig, 0)
    queue = await submit(rig, 3)

    stored, done = await rig.ezeep.printjobs.list(newest_first=True).collect(limit=2)

    assert (stored["status"], stored["printer_id"], done["status"]) == ("INQUEUE", queue.id, "DONE")
    waiting = await rig.ezeep.printjobs.list(status=PrintJobStatus.IN_QUEUE).collect()
    assert stored in waiting


async def test_resume(start):
    """A walk goes on where another stopped, and not in a list of another status."""
    rig = await start()
    walk = rig.ezeep.printjobs.list(newest_first=False, page_size=2)
    begun = await walk.collect(limit=3)

    rest = await rig.ezeep.printjobs.list(newest_first=False, resume=walk.cursor).collect()

    assert begun + rest == rig.sim.history.jobs
    with pytest.raises(ValueError, match="cursor"):
        rig.ezeep.printjobs.list(status=PrintJobStatus.DONE, resume=walk.cursor)

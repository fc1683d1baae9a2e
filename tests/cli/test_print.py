"""`ezeep print`, `printers` and `jobs`: as processes, against a simulator and the built-in one."""

import asyncio
import json
import signal
import sys
from hashlib import sha256

import pytest

from ezeep_async.simulator import EzeepSimulator
from print_async.testing import Fault, FaultKind

LARGE = "HP Universal, 2nd floor"
LABELS = "Brother Label & Co"


@pytest.fixture
async def sim():
    """Run an ezeep simulator whose jobs are done at the first look."""
    async with EzeepSimulator(5) as simulator:
        simulator.prints.statuses = (0,)
        yield simulator


@pytest.fixture
def environment(sim):
    """Return what a command needs to find the simulator."""
    urls = {f"EZEEP_{name.upper()}": getattr(sim, name) for name in ("account_url", "management_url", "print_url")}
    return {**urls, "EZEEP_CLIENT_ID": sim.client_id, "EZEEP_REFRESH_TOKEN": sim.issue_refresh_token()}


@pytest.fixture
def ezeep(run, environment, tmp_path):
    """Run a command of ezeep's, in a folder with a document."""
    (tmp_path / "report.pdf").write_bytes(b"%PDF" * 100_000)

    async def command(*arguments: object):
        return await run("ezeep_async", *arguments, **environment)

    return command


def only(sim) -> dict:
    """Return the one request that was taken for printing."""
    (job,) = sim.prints.accepted
    return job.body


async def test_print(sim, ezeep):
    """A file goes to the printer of that name with all that was asked for, and the command ends with its job."""
    options = ("--copies", 2, "--duplex", "short", "--color", "--paper", "A4", "--orientation", "landscape")
    more = ("--tray", "Tray 2", "--resolution", 600, "--pages", "1-2;4", "--alias", "Plan.pdf", "--delete-after")

    result = await ezeep("print", "report.pdf", "--printer", LARGE, *options, *more)

    assert (result.code, result.out) == (0, f"printed: Plan.pdf on {LARGE}, 1 page\n"), result.err
    body = only(sim)
    assert (body["alias"], body["type"], body["printanddelete"]) == ("Plan.pdf", "pdf", True)
    assert body["properties"] == {
        "copies": 2,
        "duplex": True,
        "duplexmode": 3,
        "color": True,
        "paper": "A4",
        "paperid": 9,
        "orientation": 2,
        "defaultSource": 2,
        "trayname": "Tray 2",
        "resolution": "600",
        "PageRanges": "1-2;4",
    }
    assert "upload: 400.0 kB, done\n" in result.err
    assert "handed over to" in result.err
    assert "job finished" in result.err


async def test_print_by_id_on_a_size_of_its_own(sim, ezeep):
    """The id of a printer does as well, and a size is paper too."""
    printer = sim.prints.printers[0].id

    result = await ezeep("print", "report.pdf", "-p", printer, "--paper", "62x100.5mm", "--no-color", "--duplex", "off")

    assert result.code == 0, result.err
    body = only(sim)
    assert body["printerid"] == printer
    sizes = {"paperid": 256, "paperwidth": 620, "paperlength": 1005}
    assert body["properties"] == {**sizes, "color": False, "duplex": False, "duplexmode": 1}


async def test_json(sim, ezeep):
    """With --json there is one object on standard output, and nothing else."""
    result = await ezeep("print", "report.pdf", "--printer", LARGE, "--json")

    told = json.loads(result.out)
    (job,) = sim.prints.accepted
    assert told == {
        "outcome": "printed",
        "printer": LARGE,
        "printer_id": job.printer.id,
        "job_id": job.job_id,
        "file_id": job.file_id,
        "document": "report.pdf",
        "code": 0,
        "pages": 1,
        "submitted_at": None,
    }


async def test_without_waiting(sim, ezeep):
    """With --no-wait the command ends when the document is handed over, and asks for no status."""
    result = await ezeep("print", "report.pdf", "--printer", LARGE, "--no-wait", "--json")

    assert (result.code, json.loads(result.out)["outcome"]) == (0, "handed over")
    assert not sim.stats.routes["GET /sfapi/Status/"]


async def test_a_queue(sim, ezeep):
    """What a queue stores is not waited for, and said to be stored."""
    result = await ezeep("print", "report.pdf", "--printer", "Anyprinter")

    assert (result.code, result.out) == (0, "stored in Anyprinter, until it is released at a printer\n")


async def test_a_url(sim, ezeep):
    """A URL is fetched by ezeep, and nothing is uploaded."""
    result = await ezeep("print", "https://files.example/plan.pdf?key=1", "--printer", LARGE)

    assert result.code == 0, result.err
    assert only(sim)["fileurl"] == "https://files.example/plan.pdf?key=1"
    assert not sim.blobs.stats.requests


async def test_standard_input(sim, environment, tmp_path):
    """A document may come through a pipe, if its type is told."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "ezeep_async", "print", "-", "--printer", LARGE, "--type", "txt"),
        env={**environment, "PRINT_ASYNC_TOKENS": str(tmp_path / "tokens.json")},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await process.communicate(b"hello")

    assert process.returncode == 0, err
    assert only(sim)["type"] == "txt"
    (part,) = sim.blobs.blobs[only(sim)["fileid"]].parts
    assert part.sha256 == sha256(b"hello").hexdigest()


async def test_standard_input_of_no_type(sim, ezeep):
    """What comes through a pipe and could be anything is refused before anything is sent."""
    result = await ezeep("print", "-", "--printer", LARGE)

    assert (result.code, "--type" in result.err) == (2, True)
    assert not sim.stats.requests


async def test_no_such_printer(sim, ezeep):
    """Where no printer matches, those that are there are shown."""
    result = await ezeep("print", "report.pdf", "--printer", "Xerox")

    assert (result.code, result.out) == (2, "")
    assert "error: there is no printer 'Xerox'. Nothing was printed\n" in result.err
    assert all(printer.id in result.err for printer in sim.prints.printers)
    assert not sim.prints.accepted


async def test_a_name_of_several_printers(sim, ezeep):
    """Where several printers match, those are shown, and no other; by its id one of them is taken."""
    first, second, *others = sim.prints.printers
    object.__setattr__(second, "name", first.name)

    result = await ezeep("print", "report.pdf", "--printer", first.name)
    by_id = await ezeep("print", "report.pdf", "--printer", second.id)

    assert (result.code, by_id.code) == (2, 0)
    assert "2 printers are named" in result.err
    assert first.id in result.err
    assert second.id in result.err
    assert not [other for other in others if other.id in result.err]


async def test_what_a_printer_cannot_do(sim, ezeep):
    """Options that do not fit are refused with every reason, and with what the printer can do; nothing goes up."""
    result = await ezeep("print", "report.pdf", "--printer", LABELS, "--color", "--duplex", "long", "--paper", "A3")

    assert (result.code, result.out) == (2, "")
    for text in ("black and white only", "one side only", "no paper 'A3'", "resolution  300", "tray  none"):
        assert text in result.err
    assert not sim.blobs.stats.requests


@pytest.mark.parametrize(
    "wrong",
    [
        ("--copies", 0),
        ("--duplex", "wide"),
        ("--pages", "2-1"),
        ("--paper", ""),
        ("--paper", "0x5mm"),
        ("--timeout", -1),
    ],
)
async def test_options_that_make_no_sense(sim, ezeep, wrong):
    """An option that no printer could follow is refused before anything is sent."""
    result = await ezeep("print", "report.pdf", "--printer", LARGE, *wrong)

    assert result.code == 2
    assert not sim.stats.requests


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE])
async def test_nobody_knows_whether_it_is_printed(sim, ezeep, kind):
    """Where the answer is lost, the status is 3, it says what to look for, and nothing is sent twice."""
    sim.faults.add(Fault(kind=kind, method="POST", path="/sfapi/Print"))

    result = await ezeep("print", "report.pdf", "--printer", LARGE)
    as_json = await ezeep("print", "report.pdf", "--printer", LARGE, "--json")

    assert (result.code, result.out, as_json.code) == (3, "", 3)
    told = json.loads(as_json.out)
    assert (told["outcome"], told["document"], told["printer"]) == ("unknown", "report.pdf", LARGE)
    assert told["file_id"].startswith("ERI_")
    assert told["submitted_at"]
    for text in ("what to look for:", "report.pdf", sim.prints.printers[0].id, "file id", "handed over"):
        assert text in result.err
    assert sim.stats.routes["POST /sfapi/Print/"] == 2
    assert sim.prints.doubles == 0


async def test_a_job_that_fails(sim, ezeep):
    """A failed job has the status 1, and what is known of why."""
    sim.prints.statuses = (3011,)

    result = await ezeep("print", "report.pdf", "--printer", LARGE, "--json")

    assert (result.code, json.loads(result.out)["outcome"], json.loads(result.out)["code"]) == (1, "failed", 3011)
    assert "3011" in result.err


@pytest.mark.parametrize("fault", [None, Fault(kind=FaultKind.STATUS, status=404, path="/sfapi/Status")])
async def test_a_job_that_goes_on(sim, ezeep, fault):
    """A job whose end is not seen, in time or at all, has the status 4, and is not to be printed again."""
    sim.prints.statuses = (129,)
    if fault is not None:
        sim.faults.add(fault)

    result = await ezeep("print", "report.pdf", "--printer", LARGE, "--timeout", 0, "--json")

    assert (result.code, json.loads(result.out)["outcome"]) == (4, "goes on")
    assert "do not print" in result.err


async def test_interrupted(sim, start, environment, tmp_path):
    """Interrupted while it waits, it does not say that the same command may be run again."""
    sim.prints.statuses = (129,)
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    command = await start("ezeep_async", "print", "report.pdf", "--printer", LARGE, **environment)
    await command.until("job printing")

    result = await command.end(signal.SIGINT)

    assert result.code == 130
    assert "look at the printer or its queue before you print it again" in result.err


async def test_simulate(run, tmp_path):
    """All of it can be tried without an account."""
    (tmp_path / "hello.txt").write_text("hello")

    printed, listed, jobs = await asyncio.gather(
        run("ezeep_async", "print", "hello.txt", "--printer", LARGE, "--simulate"),
        run("ezeep_async", "printers", "--simulate"),
        run("ezeep_async", "jobs", "--simulate"),
    )

    assert (printed.code, printed.out) == (0, f"printed: hello.txt on {LARGE}, 1 page\n")
    assert [line for line in printed.err.splitlines() if line.startswith("job ")] == [
        "job waiting",
        "job printing, 0 of 1 pages",
        "job finished",
    ]
    assert (listed.code, LABELS in listed.out, jobs.code, "INQUEUE" in jobs.out) == (0, True, 0, True)


async def test_printers(sim, ezeep):
    """The printers are listed, for people and for programs, and a name cannot command the terminal."""
    object.__setattr__(sim.prints.printers[1], "name", "\x1b[31m[red]Evil[/red]")
    shown, as_json = await ezeep("printers"), await ezeep("printers", "--json")

    assert (shown.code, shown.err, as_json.err) == (0, "", "")
    assert [each["id"] for each in json.loads(as_json.out)] == [printer.id for printer in sim.prints.printers]
    assert json.loads(as_json.out)[3] | {"id": ""} == {"id": "", "name": "Anyprinter", "location": "", "is_queue": True}
    assert "\x1b" not in shown.out
    assert "\N{REPLACEMENT CHARACTER}[31m[red]Evil[/red]" in shown.out
    assert len(shown.out.splitlines()) == 2 + len(sim.prints.printers), "each has a line of its own where nobody looks"


async def test_jobs(sim, ezeep):
    """Jobs are listed as they come, the newest first, so many and of such a status as was asked for."""
    sim.history.old = [{"printjob_id": f"j{n}", "status": "DONE", "user": {"id": n}} for n in range(150)]

    shown, two = await ezeep("jobs", "--status", "done", "--limit", 120), await ezeep("jobs", "--json", "--limit", 2)

    assert shown.code == 0
    assert [line.split() for line in shown.out.splitlines()[2:]] == [[f"j{n}", "DONE"] for n in range(149, 29, -1)]
    assert "with --json there are also: user" in shown.err
    assert json.loads(two.out) == sim.history.old[:-3:-1]
    none = await ezeep("jobs", "--status", "ERROR")
    assert (none.code, none.out) == (0, "")
    assert (await ezeep("jobs", "--status", "odd")).code == 2

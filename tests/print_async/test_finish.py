"""Work that is not left halfway: under any number of cancellations, and errors on the way."""

import asyncio

import pytest

from print_async.finish import two_ends, uninterrupted


class Thing:
    """Something with two ends, each of which takes a while and may go wrong."""

    def __init__(self, **failures: Exception) -> None:
        self.failures = failures
        self.log: list[str] = []

    def __str__(self) -> str:
        return "the thing"

    async def step(self, name: str) -> None:
        """Do one of the steps, slowly."""
        self.log.append(f"{name}...")
        for _ in range(5):
            await asyncio.sleep(0)
        self.log.append(name)
        if name in self.failures:
            raise self.failures[name]

    async def begin(self) -> "Thing":
        """Begin."""
        await self.step("begin")
        return self

    def block(self):
        """Return the block that begins and ends it."""
        return two_ends(self.begin, succeed=lambda thing: thing.step("succeed"), fail=lambda thing: thing.step("fail"))

    async def use(self, error: BaseException | None = None) -> None:
        """Use it once, raising an error inside or not."""
        async with self.block():
            self.log.append("body")
            if error is not None:
                raise error


async def cancelled_after(turns: list[int], thing: Thing, error: BaseException | None = None) -> BaseException | None:
    """Use a thing, cancel that after so many turns of the loop each, and return what came out."""
    task = asyncio.create_task(thing.use(error))
    for count in turns:
        for _ in range(count):
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait({task})
    try:
        await task
    except (asyncio.CancelledError, Exception) as raised:  # noqa: BLE001 - it is what the test looks at
        return raised
    return None


@pytest.mark.parametrize("again", [None, 0, 1, 3])
@pytest.mark.parametrize("turns", range(1, 16))
async def test_every_end_is_reached(turns, again):
    """Whenever it is cancelled, once or twice, what was begun reaches just one end, and the cancellation goes on."""
    thing = Thing()

    raised = await cancelled_after([turns] if again is None else [turns, again], thing)

    assert isinstance(raised, asyncio.CancelledError)
    assert thing.log[:2] == ["begin...", "begin"]
    rest = [name for name in thing.log[2:] if name != "body"]
    assert rest in (["fail...", "fail"], ["succeed...", "succeed"])


async def test_success():
    """A body that raises nothing leads to the one end, and one that raises to the other."""
    thing, error = Thing(), ValueError("x")
    await thing.use()
    assert thing.log[-2:] == ["succeed...", "succeed"]

    with pytest.raises(ValueError, match="x") as raised:
        await thing.use(error)

    assert raised.value is error
    assert thing.log[-2:] == ["fail...", "fail"]


async def test_nothing_begun():
    """Where beginning fails, there is nothing to end."""
    thing = Thing(begin=OSError("no"))

    with pytest.raises(OSError, match="no"):
        await thing.use()

    assert thing.log == ["begin...", "begin"]
    assert isinstance(await cancelled_after([2], thing), asyncio.CancelledError)
    assert "fail" not in thing.log


async def test_an_end_that_fails():
    """The success that fails is raised; the failure that fails is a note on what is on its way."""
    with pytest.raises(OSError, match="full"):
        await Thing(succeed=OSError("full")).use()

    with pytest.raises(ValueError, match="x") as raised:
        await Thing(fail=OSError("full")).use(ValueError("x"))

    assert raised.value.__notes__ == ["full"]


async def test_both_at_once():
    """A cancellation goes before an error, which is its cause; notes are on what is raised."""
    thing = Thing(fail=OSError("full"))
    raised = await cancelled_after([10], thing, ValueError("x"))

    assert isinstance(raised, asyncio.CancelledError)
    assert isinstance(raised.__cause__, ValueError)
    assert raised.__notes__ == ["full"]

    raised = await cancelled_after([10], Thing(succeed=OSError("late")))
    assert isinstance(raised.__cause__, OSError)
    assert raised.__notes__ == ["by then: late"]

    raised = await cancelled_after([10], Thing())
    assert raised.__cause__ is None
    assert raised.__notes__ == ["by then: the thing"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(3)])
async def test_the_end_of_the_program(error):
    """What ends the program is held up by the end of the thing, and by nothing else."""
    thing = Thing()
    with pytest.raises(type(error)):
        await thing.use(error)

    assert thing.log[-1] == "fail"


async def test_work_that_is_cut_off():
    """Work that somebody else has cancelled is not taken for done."""
    work = asyncio.create_task(asyncio.sleep(60))
    asyncio.get_running_loop().call_soon(work.cancel)

    done, cancelled = await uninterrupted(work)

    assert (done.cancelled(), cancelled) == (True, None)


async def test_the_first_cancellation_counts():
    """However often it is cancelled, the first one is handed back, and the work is done."""

    async def work() -> int:
        for _ in range(20):
            await asyncio.sleep(0)
        return 7

    async def wait() -> tuple[int, BaseException | None]:
        done, cancelled = await uninterrupted(work())
        return done.result(), cancelled

    task = asyncio.create_task(wait())
    for message in ("first", "second", "third"):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel(message)

    result, cancelled = await task
    assert (result, cancelled.args) == (7, ("first",))

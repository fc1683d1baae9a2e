"""What every test stands on: the `--slow` option, a watch on left-over tasks, and a repair of aioresponses."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from types import SimpleNamespace

import aiohttp
import aioresponses.core
import pytest


class _MockedResponse(aiohttp.ClientResponse):
    """What aioresponses 0.7.9 makes its answers from: it does not know the argument that aiohttp 3.14 wants."""

    def __init__(self, *args: object, **options: object) -> None:
        if "stream_writer" in inspect.signature(aiohttp.ClientResponse).parameters:
            options.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **options)  # type: ignore[arg-type]


aioresponses.core.ClientResponse = _MockedResponse


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--slow`."""
    parser.addoption("--slow", action="store_true", help="run the torture tests as well, as CI does")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what is slow, unless asked for."""
    if config.getoption("--slow"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="slow: give --slow to run it"))


@pytest.fixture(autouse=True)
def no_task_is_left(request: pytest.FixtureRequest) -> None:
    """Let an async test fail that leaves a task behind; being the first fixture, it looks when the others are gone."""
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("task_watch")


@pytest.fixture
async def task_watch() -> AsyncIterator[None]:
    """Look at the end for tasks that are still there; those that are just ending get half a second."""
    before = asyncio.all_tasks()
    yield
    deadline = asyncio.get_running_loop().time() + 0.5
    while left := asyncio.all_tasks() - before - {asyncio.current_task()}:
        if asyncio.get_running_loop().time() > deadline:
            pytest.fail(f"tasks left behind: {left}")
        await asyncio.sleep(0.001)

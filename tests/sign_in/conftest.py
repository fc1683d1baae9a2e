"""A real browser: headless Chromium, driven over the DevTools protocol as a person would drive it."""

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import attrs
import pytest

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
PATIENCE = 60
"""Seconds after which a browser that does not answer fails the test instead of hanging it."""


@attrs.define(eq=False)
class Page:
    """One tab."""

    socket: aiohttp.ClientWebSocketResponse
    session: str = ""
    _number: int = 0
    _loads: int = 0

    async def command(self, method: str, **params: Any) -> Any:
        """Send a command of the protocol and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        await self.socket.send_json(message | ({"sessionId": self.session} if self.session else {}))
        while (said := await self._receive()).get("id") != self._number:
            pass
        assert "error" not in said, said
        return said["result"]

    async def open(self, url: str) -> None:
        """Go to a URL, and wait for it to be shown."""
        answer = await self.command("Page.navigate", url=url)
        assert "errorText" not in answer, answer
        await self.loaded()

    async def loaded(self) -> None:
        """Wait until the next page is shown."""
        while not self._loads:
            await self._receive()
        self._loads -= 1

    async def type(self, field: str, text: str) -> None:
        """Type into the field with an id."""
        await self.run(f"document.getElementById({json.dumps(field)}).focus()")
        await self.command("Input.insertText", text=text)

    async def click(self, button: str) -> None:
        """Click the button with an id, and wait for the page it leads to."""
        box = await self.run(
            f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])"
            f"(document.getElementById({json.dumps(button)}).getBoundingClientRect())"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.command("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)
        await self.loaded()

    async def text(self) -> str:
        """Return what the person reads."""
        return await self.run("document.body.innerText")

    async def address(self) -> str:
        """Return what the address bar says."""
        return await self.run("location.href")

    async def run(self, script: str) -> Any:
        """Evaluate JavaScript in the page."""
        answer = await self.command("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    async def _receive(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            said: dict[str, Any] = await self.socket.receive_json()
        self._loads += said.get("method") == "Page.loadEventFired"
        return said


@asynccontextmanager
async def chromium(*switches: str) -> AsyncIterator[str]:
    """Start the browser, and yield the URL of its DevTools."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            CHROMIUM,
            *SWITCHES,
            *switches,
            f"--user-data-dir={profile}",
            env=os.environ | {"HOME": profile},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stderr is not None
        drain = None
        try:
            async with asyncio.timeout(PATIENCE):
                while not (line := (await process.stderr.readline()).decode()).startswith("DevTools listening on "):
                    assert line, "chromium has ended"
            drain = asyncio.create_task(process.stderr.read())
            yield line.removeprefix("DevTools listening on ").strip()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
            if drain is not None:
                await drain


Browse = Callable[..., Awaitable[Page]]


@pytest.fixture
def installed() -> None:
    """Skip where there is no browser."""
    if not CHROMIUM.exists():
        pytest.skip(f"there is no {CHROMIUM}: apt-get install chromium")


@pytest.fixture
async def browse(installed: None) -> AsyncIterator[Browse]:
    """Open tabs, each in a Chromium of its own."""
    async with AsyncExitStack() as stack:

        async def make(*switches: str) -> Page:
            devtools = await stack.enter_async_context(chromium(*switches))
            session = await stack.enter_async_context(aiohttp.ClientSession())
            page = Page(await stack.enter_async_context(session.ws_connect(devtools, max_msg_size=0)))
            target = await page.command("Target.createTarget", url="about:blank")
            attached = await page.command("Target.attachToTarget", targetId=target["targetId"], flatten=True)
            page.session = attached["sessionId"]
            await page.command("Page.enable")
            return page

        yield make

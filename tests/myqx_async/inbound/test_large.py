"""Scans of hundreds of megabytes, there and back, in constant memory."""

import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from myqx_async.simulator import MyQCaller
from tests.print_async.inbound.serving import AUTHORIZATION, PASSWORD, USER

MEBIBYTE = 1024**2
SIZE = 200
ALLOWED = 16 * 1024
"""KiB that the server may grow by."""


async def scan(digest) -> AsyncIterator[bytes]:
    """Yield a scan, a mebibyte at a time."""
    for index in range(SIZE):
        chunk = index.to_bytes(8, "big") * (MEBIBYTE // 8)
        digest.update(chunk)
        yield chunk


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
async def test_a_large_scan(kind, tmp_path):
    """A scan of 200 MiB goes up, chunked, and down again, unchanged, while the server's memory stays as it was."""
    child = Path(__file__).with_name("child_storage.py")
    command = [sys.executable, str(child), kind, str(tmp_path)]
    sent, received, length = hashlib.sha256(), hashlib.sha256(), 0
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: ASYNC220
        port, before = map(int, process.stdout.readline().split())
        url = f"http://127.0.0.1:{port}/mounted/here"
        async with MyQCaller(url, USER, PASSWORD) as myq:
            assert (await myq.upload("john", "scan.pdf", scan(sent))).status == 201
        headers = dict([AUTHORIZATION.split(": ")])
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(f"{url}/files/john/scan.pdf") as answer,
        ):
            assert answer.status == 200
            async for chunk in answer.content.iter_any():
                received.update(chunk)
                length += len(chunk)
        process.stdin.close()
        after = int(process.stdout.readline())

    assert (length, received.digest()) == (SIZE * MEBIBYTE, sent.digest())
    print(f"{kind}: {before} KiB before, {after} KiB at the peak")
    assert after - before < ALLOWED

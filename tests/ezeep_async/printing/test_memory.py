"""Large documents in little memory, measured in a process of their own."""

import asyncio
import hashlib
import json
import sys
from pathlib import Path

import pytest

from ezeep_async.printing import blob
from tests.ezeep_async.printing.child_upload import MEGABYTE

CHILD = Path(__file__).parent / "child_upload.py"
MEGABYTES = 300


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["disk", "stream"])
async def test_a_large_document(start, tmp_path, kind):
    """300 MB are printed from disk and from a stream with a few blocks in memory, and arrive byte for byte."""
    rig = await start()
    told = {**rig.urls, "client_id": rig.sim.client_id, "token": rig.sim.issue_refresh_token()}

    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", str(CHILD), kind, str(MEGABYTES), str(tmp_path / "a.pdf"), json.dumps(told)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complaints = await child.communicate()
    assert (child.returncode, complaints) == (0, b"")

    found = json.loads(said)
    size = MEGABYTES * len(MEGABYTE)
    assert found["grown"] < 80 * len(MEGABYTE)
    assert (found["done"], found["steps"]) == (size, -(-size // blob.BLOCK_SIZE))
    parts = rig.sim.blobs.blobs[rig.sim.prints.accepted[1].file_id].parts
    block = hashlib.sha256(MEGABYTE * (blob.BLOCK_SIZE // len(MEGABYTE))).hexdigest()
    assert sum(part.size for part in parts) == size
    assert {part.sha256 for part in parts[:-1]} == {block}
    assert rig.sim.blobs.authorized == 0

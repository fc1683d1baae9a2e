"""docs/inbound.md, run."""

import asyncio
import re
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from tests.print_async.inbound.serving import Served, run_uvicorn

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/inbound.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def names():
    """What the short blocks define, run one after the other."""
    found: dict[str, object] = {}
    for block in BLOCKS[:3]:
        exec(block, found)  # noqa: S102 - our own documentation
    return found


@pytest.mark.parametrize("example", ["myqx_storage", "myqx_account"])
def test_the_examples_are_embedded(example):
    """What the page shows is the example file, word for word."""
    assert (ROOT / f"examples/{example}.py").read_text(encoding="utf-8").rstrip() in BLOCKS


async def test_the_pages_test_passes(names):
    """The test that the page shows passes as it stands."""
    await names["test_cards"]()


async def test_the_pages_receiver_works_in_both(names):
    """The receiver that the page shows takes a delivery on both servers, and does its work once."""
    body = b'{"content": {"printjob": {"printjob_id": "7"}}}'
    authorization = "Authorization: Basic ZXplZXA6YSBsb25nIHJhbmRvbSBwYXNzd29yZA=="
    async with TestServer(names["app"]) as server, run_uvicorn(names["fastapi_app"]) as port:
        for each in (Served(server.port, "/ezeep-webhooks"), Served(port, "/ezeep-webhooks")):
            head = each.head("POST", "/", f"Content-Length: {len(body)}", authorization=authorization)
            assert (await asyncio.to_thread(each.exchange, head + body)).status == 204
    assert names["done"] == ["7"]

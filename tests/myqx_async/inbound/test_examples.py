"""The examples, run: a folder as storage, a SQLite table as account."""

import asyncio
import socket
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from runpy import run_path

import pytest
from aiohttp.test_utils import TestServer

from myqx_async.inbound import external_storage
from myqx_async.simulator import MyQCaller
from tests.print_async.inbound.serving import CREDENTIALS, run_uvicorn, serve, until

EXAMPLES = Path(__file__).parents[3] / "examples"


def example(name: str) -> dict[str, object]:
    """Return the names that an example defines."""
    return run_path(str(EXAMPLES / f"{name}.py"), run_name="example")


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """What the examples want to know."""
    monkeypatch.setenv("MYQ_PASSWORD", "pässword")
    monkeypatch.setenv("ACCOUNTS", str(tmp_path / "accounts.sqlite"))


async def test_the_storage(tmp_path):
    """The storage example keeps, lists, gives back, replaces and deletes files, each user's apart."""
    app = example("myqx_storage")["create_app"](tmp_path)
    async with TestServer(app) as server, MyQCaller(f"{server.make_url('/myq-storage')}", "myq", "pässword") as myq:
        assert (await myq.list_folder("john")).json() == {"items": [], "count": 0}
        for content in (b"older", b"%PDF-1.7"):
            assert (await myq.upload("john", "scans/2026/Scan 1.pdf", content)).status == 201
        await myq.upload("jane", "jane.pdf", b"x")

        (folder,) = (await myq.list_folder("john")).json()["items"]
        assert (folder["id"], folder["kind"]) == ("scans", "dir")
        (file,) = (await myq.list_folder("john", "scans/2026")).json()["items"]
        assert file.pop("lastModified") > 1_700_000_000
        wanted = {"id": "scans/2026/Scan 1.pdf", "name": "Scan 1.pdf", "kind": "file"}
        assert file == {**wanted, "fileSize": 8, "mimeType": "application/pdf"}

        downloaded = await myq.download("john", file["id"])
        assert (downloaded.body, downloaded.headers["content-type"]) == (b"%PDF-1.7", "application/pdf")
        assert (await myq.delete("john", file["id"])).status == 204
        gone = [await myq.download("john", file["id"]), await myq.delete("john", file["id"])]
        gone += [await myq.list_folder("john", "nothing"), await myq.download("john", "scans")]
        assert [reply.status for reply in gone] == [404, 404, 404, 404]
        assert (await myq.upload("john", "scans/2026", b"x")).status == 409
        assert (await myq.upload("jane", "jane.pdf/x", b"x")).status == 409
    assert list((tmp_path / "incoming").iterdir()) == []


async def test_a_scan_that_breaks_off_is_not_kept(kind, tmp_path):
    """When MyQ goes away in the middle of a scan, half of it is not kept, nor is the earlier file touched."""
    storage = example("myqx_storage")["FolderStorage"](tmp_path)
    async with serve(kind, external_storage(storage, CREDENTIALS)) as server:
        good = server.head("POST", "/files/john/scan.pdf", "Content-Length: 5") + b"older"
        assert (await asyncio.to_thread(server.exchange, good)).status == 201
        for how, part in (("Content-Length: 1000", b"half"), ("Transfer-Encoding: chunked", b"4\r\nhalf\r\n")):
            with server.connect() as connection:
                connection.sendall(server.head("POST", "/files/john/scan.pdf", how) + part)
                await until(lambda: list((tmp_path / "incoming").iterdir()))
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            await until(lambda: not list((tmp_path / "incoming").iterdir()))
    assert [path.read_bytes() for path in (tmp_path / "users").rglob("*") if path.is_file()] == [b"older"]


async def test_the_account(tmp_path):
    """The account example starts sessions, blocks money once however many ask for it, and gives it back at the end."""
    app = example("myqx_account")["create_app"]()
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite")) as database, database:
        database.execute("INSERT INTO accounts VALUES ('john', 1010)")
    async with run_uvicorn(app) as port, MyQCaller(f"http://127.0.0.1:{port}/myq-account", "myq", "pässword") as myq:
        first, second = [(await myq.start_session("john")).json()["id"] for _ in range(2)]
        assert (await myq.balance(first)).body == b'{"balance":10.10}'

        replies = await asyncio.gather(*(myq.block(session, Decimal("4.005")) for session in (first, second) * 5))
        assert sorted(reply.status for reply in replies) == [204, 204, *[409] * 8]
        assert (await myq.balance(second)).json() == {"balance": Decimal("2.08")}

        assert (await myq.end_session(first)).status == 204
        assert (await myq.end_session(second)).status == 204
        ended = [await myq.balance(first), await myq.block(first, Decimal(1)), await myq.end_session(first)]
        assert [reply.status for reply in [*ended, await myq.start_session("nobody")]] == [404, 404, 404, 404]
        third = (await myq.start_session("john")).json()["id"]
        assert third not in (first, second)
        assert (await myq.balance(third)).json() == {"balance": Decimal("10.10")}

"""A server of ezeep's user list that answers each page after a set time, in a process of its own.

It is a bare protocol that cuts its pages out of text made beforehand: even with 64 requests at a time it has time to
spare, which a web framework would not have.
"""

import asyncio
import json
import re
import sys
from contextlib import AbstractContextManager

from benchmarks.bare import serve, started

LATENCY = 0.005
_PATH = "/printing/v1/users/"
_WANTED = re.compile(rb"GET [^ ]*[?&]limit=(\d+)&offset=(\d+) ")
_HOST = re.compile(rb"(?i)\nhost: *([^\r ]+)")
_LENGTH = re.compile(rb"(?i)content-length: *(\d+)")
_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
_TOKEN = json.dumps({"access_token": "x" * 600, "expires_in": 3600, "refresh_token": "y"})


class _List:
    """So many users, as one text of rows of one width."""

    def __init__(self, users: int) -> None:
        rows = [_row(number) for number in range(users)]
        self._users = users
        self._width = len(rows[0]) + 1
        self._text = ",".join(rows).encode()

    def page(self, limit: int, offset: int, host: str) -> bytes:
        """Make the answer of a page."""
        stop = min(offset + limit, self._users)
        link = f'"http://{host}{_PATH}?limit={limit}&offset={stop}"' if stop < self._users else "null"
        rows = self._text[offset * self._width : stop * self._width - 1]
        begin = f'{{"count":{self._users},"next":{link},"previous":null,"results":['.encode()
        return b"".join((_HEAD.format(len(begin) + len(rows) + 2).encode(), begin, rows, b"]}"))


def _row(number: int) -> str:
    user = {
        "id": f"0050a068-cc7b-4490-951a-{number:012}",
        "local_printing_enabled": True,
        "self_service_enabled": True,
        "myprinters_enabled": False,
        "groups": [
            {"group_id": "19b5963a-35eb-416c-9ca4-a4c2950385fb"},
            {"group_id": "9e05c98e-77b0-4915-8143-0dfc77a54d65"},
        ],
    }
    return json.dumps(user)


class _Connection(asyncio.Protocol):
    """One request after the other: a page for a GET, a token for a POST."""

    def __init__(self, users: _List) -> None:
        self._users = users
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or (length and len(body) < int(length[1])):
            return
        self._received = b""
        if (wanted := _WANTED.match(head)) is None:
            self._transport.write(f"{_HEAD.format(len(_TOKEN))}{_TOKEN}".encode())
        else:
            host = _HOST.search(head)
            assert host is not None
            answer = self._users.page(int(wanted[1]), int(wanted[2]), host[1].decode())
            asyncio.get_running_loop().call_later(LATENCY, self._transport.write, answer)


async def _serve(users: int) -> None:
    rows = _List(users)
    await serve(lambda: _Connection(rows))


def running(users: int) -> AbstractContextManager[str]:
    """Start the server and give its URL."""
    return started("benchmarks.page_server", str(users))


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))

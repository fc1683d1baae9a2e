"""The other direction: MyQ X as the caller, to try and test a server of yours that it is to call.

Written from `rad/v4/external-storage-adapter`, `rad/v4/external-account-api` and `rad/v4/external-authentication-api`.
What MyQ makes of an answer is documented for hardly any, so each call just returns it.
"""

import json
from base64 import b64encode
from collections.abc import AsyncIterable
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
import attrs


@attrs.frozen
class Reply:
    """What the server answered, of whatever status."""

    status: int
    headers: dict[str, str] = attrs.field(repr=False)
    """Names in lower case."""
    body: bytes = attrs.field(repr=False)

    def json(self) -> Any:
        """Return the body as plain data, with numbers that have a fraction as `Decimal`; `ValueError` if it is none."""
        return json.loads(self.body, parse_float=Decimal)


class MyQCaller:
    """A MyQ X server that calls yours, as an async context manager.

        async with MyQCaller("http://127.0.0.1:8080/myq-storage", "myq", "password") as myq:
            assert (await myq.upload("john", "scans/1.pdf", b"%PDF")).status == 201

    Args:
        url: Where the API is mounted, as an administrator would type it in.
        username: For HTTP Basic.
        password: For HTTP Basic.
    """

    def __init__(self, url: str, username: str, password: str) -> None:
        self._url = url.rstrip("/")
        self._authorization = "Basic " + b64encode(f"{username}:{password}".encode()).decode()
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(headers={"Authorization": self._authorization})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def list_folder(self, username: str, path: str = "") -> Reply:
        """List a folder; the path is relative, with slashes, and empty for the root (made up: no page shows that)."""
        return await self.call("GET", f"/folders/{_segment(username)}/{_segment(path)}")

    async def download(self, username: str, path: str) -> Reply:
        """Fetch a file."""
        return await self.call("GET", f"/files/{_segment(username)}/{_segment(path)}")

    async def upload(self, username: str, path: str, content: bytes | AsyncIterable[bytes]) -> Reply:
        """Send a file; one whose length is not known beforehand goes out chunked."""
        return await self.call("POST", f"/files/{_segment(username)}/{_segment(path)}", content)

    async def delete(self, username: str, path: str) -> Reply:
        """Delete a file."""
        return await self.call("DELETE", f"/files/{_segment(username)}/{_segment(path)}")

    async def authenticate(self, login_type: int, value: str) -> Reply:
        """Ask who signs in: with a PIN (0), a card (1), or either (7)."""
        return await self.call("GET", f"/?{urlencode({'loginType': login_type, 'loginValue': value})}")

    async def start_session(
        self, username: str, *, aliases: tuple[str, ...] = (), cards: tuple[str, ...] = (), personal_number: str = ""
    ) -> Reply:
        """Start a session on a user's account."""
        fields = {"username": username, "aliases": aliases, "cards": cards, "personalnumber": personal_number}
        return await self.call("POST", "/sessions", json.dumps(fields).encode(), "application/json")

    async def balance(self, session_id: int) -> Reply:
        """Ask for the balance."""
        return await self.call("GET", f"/sessions/{session_id}")

    async def block(self, session_id: int, amount: Decimal) -> Reply:
        """Set an amount aside."""
        body = f'{{"amount": {amount}}}'.encode()
        return await self.call("POST", f"/sessions/{session_id}/block", body, "application/json")

    async def end_session(self, session_id: int) -> Reply:
        """End a session."""
        return await self.call("DELETE", f"/sessions/{session_id}")

    async def call(
        self,
        method: str,
        path: str,
        body: bytes | AsyncIterable[bytes] | None = None,
        content_type: str = "application/octet-stream",
    ) -> Reply:
        """Send a request, byte for byte to that path (with its query) below the URL.

        Raises:
            RuntimeError: The caller has not been entered with `async with`.
            aiohttp.ClientError: There is no answer, or not a whole one.
        """
        if self._session is None:
            raise RuntimeError("the caller is not running: enter it with `async with` first")
        from yarl import URL  # what aiohttp encodes with; a string would lose its %2F

        headers = {} if body is None else {"Content-Type": content_type}
        url = URL(self._url + path, encoded=True)
        async with self._session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
            names = {name.lower(): value for name, value in answer.headers.items()}
            return Reply(answer.status, names, await answer.read())


def _segment(text: str) -> str:
    return quote(text, safe="")

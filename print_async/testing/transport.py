"""A transport without a network."""

import inspect
from collections.abc import Awaitable, Callable

from print_async.errors import ClientClosed
from print_async.wire import Body, Headers, Request, Response

Answer = Response | Exception | Callable[[Request], Response | Awaitable[Response]]


class StubTransport:
    """Answers requests from a script, and remembers what it was sent.

    Args:
        answers: One for each request, in order: a `Response`, an exception to raise, or a function of the request,
            plain or async. After the last one, `otherwise` answers.
        otherwise: The function for all further requests. Without it, a request too many is an `AssertionError`.

        stub = StubTransport(token_response("a"), json_response({"users": [], "count": 0}))
    """

    def __init__(self, *answers: Answer, otherwise: Answer | None = None) -> None:
        self._answers = list(answers)
        self._otherwise = otherwise
        self.requests: list[Request] = []
        self.closed: bool = False

    async def send(self, request: Request) -> Response:
        """Return or raise the next answer."""
        if self.closed:
            raise ClientClosed("the transport is closed")
        self.requests.append(request)
        answer = self._answers.pop(0) if self._answers else self._otherwise
        if answer is None:
            raise AssertionError(f"a request too many: {request!r}")
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Response):
            return answer
        outcome = answer(request)
        return await outcome if inspect.isawaitable(outcome) else outcome

    async def aclose(self) -> None:
        """Refuse what comes after."""
        self.closed = True


def json_response(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Make a JSON response of plain data."""
    content = Body.json(value).content
    assert isinstance(content, bytes)  # noqa: S101 - Body.json makes bytes; this tells the type checker
    return Response(status, Headers({"Content-Type": "application/json", **(headers or {})}.items()), content)


def token_response(
    access_token: str, *, expires_in: object = 3600, refresh_token: str | None = None, scope: str | None = None
) -> Response:
    """Make the answer of a token endpoint (RFC 6749 section 5.1)."""
    fields = {
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": expires_in,
        "refresh_token": refresh_token,
        "scope": scope,
    }
    return json_response({name: value for name, value in fields.items() if value is not None})

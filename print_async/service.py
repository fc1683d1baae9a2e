"""What every service object shares: an operation is a method that knows what the documents say of it.

    class Users(Service):
        @operation("GET", "/v3/users/{user_id}", scopes=("users",), source="rad/v4/get-information-about-the-user")
        async def get(self, call: Call, user_id: int) -> User:
            return await call.fetch(User, path={"user_id": user_id})

The decorator binds the operation to the client and hands it in as `call`; callers never see that argument. What it
knows can be asked for: `operation_of(MyQX.users.get)`, `required_scopes(MyQX.users.get, MyQX.printers.list)`.
"""

import copy
import functools
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload
from urllib.parse import quote, urlencode

import attrs

from print_async.auth.needs import Needs
from print_async.auth.token import TokenKind
from print_async.caller import Caller
from print_async.clock import Clock
from print_async.codec import UNSET, UnsetType, decode
from print_async.retry import RetryPolicy
from print_async.secret import reveal
from print_async.wire import Body, Request, Response

T = TypeVar("T")
R = TypeVar("R")
P = ParamSpec("P")
S = TypeVar("S", bound="Service")

Query = Mapping[str, object]
"""Query parameters; `None` and `UNSET` are left out, and several values are joined by commas."""

IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE"})


@attrs.frozen
class Operation:
    """One operation of a vendor's API, as documented."""

    method: str
    path: str
    """Below the API's base URL, with `{names}` for its parameters."""
    needs: Needs
    """The scopes and kinds of token it takes."""
    idempotent: bool
    """Whether sending it twice is the same as sending it once: it may be retried after any failure."""
    source: str
    """The vendor's page."""


class Service:
    """A group of operations of one API."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def with_options(
        self,
        *,
        timeout: float | UnsetType | None = UNSET,
        retry: RetryPolicy | UnsetType = UNSET,
    ) -> Self:
        """Return the same service, with options of its own for the calls made through it.

            await myqx.users.with_options(timeout=5).get(7)

        Args:
            timeout: Seconds for each call in all, retries and pauses included; `None` for no limit. Of a call whose
                answer is left on the wire, until that begins.
            retry: What is sent again, and when.

        Raises:
            ValueError: `timeout` is not above 0.
        """
        options = self._caller.options.but(timeout=timeout, retry=retry)
        other = copy.copy(self)
        other._caller = self._caller.with_options(options)  # noqa: SLF001 - one of ours
        return other


class Call:
    """One operation, bound to the client it is called on."""

    __slots__ = ("_caller", "_operation")

    def __init__(self, caller: Caller, operation: Operation) -> None:
        self._caller = caller
        self._operation = operation

    @property
    def base(self) -> str:
        """The base URL of the API."""
        return self._caller.base

    @property
    def operation(self) -> Operation:
        """What is documented of it."""
        return self._operation

    @property
    def clock(self) -> Clock:
        """What the client waits on."""
        return self._caller.clock

    @property
    def retry(self) -> RetryPolicy:
        """What the client sends again, and when."""
        return self._caller.retry

    async def send(
        self,
        *,
        path: Mapping[str, object] | None = None,
        query: Query | None = None,
        json: object = UNSET,
        url: str | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> Response:
        """Make the call and return the raw response, which is a success.

        Args:
            path: Values for the names in the operation's path.
            query: Query parameters.
            json: A model or plain data for the body.
            url: The whole URL instead, where the server gave it (a next link).
            headers: What the operation wants beyond what every call has.
            stream: Leave the body of the answer on the wire, to be read from `Response.stream`, and closed.
        """
        operation = self._operation
        target = url or with_query(self._caller.base + fill(operation.path, path or {}), query)
        body = None if json is UNSET else Body.json(json)
        request = Request(operation.method, target, headers or {}, body, stream)
        return await self._caller.send(request, idempotent=operation.idempotent, needs=operation.needs)

    async def fetch(
        self,
        model: type[T],
        *,
        path: Mapping[str, object] | None = None,
        query: Query | None = None,
        json: object = UNSET,
    ) -> T:
        """Make the call and decode the answer into a model; `DecodeError` where it does not fit."""
        return decode((await self.send(path=path, query=query, json=json)).body, model)


def operation(
    method: str,
    path: str,
    *,
    source: str,
    scopes: Iterable[str] = (),
    kinds: Iterable[TokenKind] = (),
    idempotent: bool | None = None,
) -> Callable[[Callable[Concatenate[S, Call, P], R]], Callable[Concatenate[S, P], R]]:
    """Declare a method of a `Service` to be an operation of the vendor's API.

    Args:
        method, path: As documented; `{names}` in the path are filled in by the call.
        source: The page that documents it.
        scopes: Scopes that its token must have.
        kinds: Kinds of token it takes; any by default.
        idempotent: Whether it may be sent twice; by default what HTTP says of the method (RFC 9110 section 9.2.2).
    """
    declared = Operation(
        method,
        path,
        Needs(f"{method} {path}", frozenset(scopes), frozenset(kinds)),
        method in IDEMPOTENT_METHODS if idempotent is None else idempotent,
        source,
    )

    def declare(function: Callable[Concatenate[S, Call, P], R]) -> Callable[Concatenate[S, P], R]:
        @functools.wraps(function)
        def method_of_service(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return function(self, Call(self._caller, declared), *args, **kwargs)

        method_of_service.__dict__["operation"] = declared
        return method_of_service

    return declare


def operation_of(method: Callable[..., object]) -> Operation:
    """Return what is documented of a service method, bound or not.

    Raises:
        TypeError: It is no operation.
    """
    found = getattr(method, "operation", None)
    if not isinstance(found, Operation):
        raise TypeError(f"{method!r} is no operation of a service")
    return found


def required_scopes(*methods: Callable[..., object]) -> frozenset[str]:
    """Return the scopes that these service methods need together: what to ask an administrator for."""
    return frozenset[str]().union(*(operation_of(method).needs.scopes for method in methods))


class attached(Generic[S]):  # noqa: N801 - reads as the decorator-like declaration it is
    """Makes a service an attribute of a client: the class on the client's class, the bound service on a client.

    It is imported when it is first asked for: all together take as long as the rest of a client, and most programs use
    two or three.

    Args:
        service: Module and name of the service's class.
        caller: Name of the client's attribute that holds the `Caller` of its API.
    """

    def __init__(self, service: str, caller: str = "_caller") -> None:
        self._service = service
        self._caller = caller

    def __set_name__(self, owner: type[object], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, client: None, owner: type[object]) -> type[S]: ...
    @overload
    def __get__(self, client: object, owner: type[object]) -> S: ...
    def __get__(self, client: object | None, owner: type[object]) -> S | type[S]:
        module, _, name = self._service.rpartition(".")
        kind: type[S] = getattr(import_module(module), name)
        if client is None:
            return kind
        service = kind(getattr(client, self._caller))
        client.__dict__[self._name] = service
        return service


def fill(path: str, values: Mapping[str, object]) -> str:
    """Fill the names of a path with values, percent-encoded so that each stays one segment.

    Raises:
        ValueError: A value is empty, or a dot segment, which would name another resource.
    """
    if not values and "{" not in path:
        return path
    segments = {name: quote(_text(value), safe="") for name, value in values.items()}
    for name, segment in segments.items():
        if segment in ("", ".", ".."):
            raise ValueError(f"{name} must not be {str(values[name])!r}: it is one segment of the path {path}")
    return path.format_map(segments)


def with_query(url: str, query: Query | None) -> str:
    """Append query parameters to a URL."""
    if not query:
        return url
    pairs = [(name, _text(value)) for name, value in query.items() if value is not None and value is not UNSET]
    if not pairs:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(pairs, quote_via=quote, safe=',')}"


def names_of(names: Iterable[str]) -> tuple[str, ...] | None:
    """Return names for a query parameter that takes several, `None` for none.

    Raises:
        TypeError: A lone string, which would be taken for as many names as it has letters.
    """
    if isinstance(names, str):
        raise TypeError(f"several names are wanted, such as ({names!r},), not the string {names!r}")
    return tuple(names) or None


def _text(value: Any) -> str:
    if isinstance(value, str):
        return reveal(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(_text, value)) if isinstance(value, Iterable) else str(value)

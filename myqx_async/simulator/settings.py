"""What a simulator can be told. Each switch stands for something that the documents leave open, or for a size."""

import time
from collections.abc import Callable
from typing import Final, Literal

import attrs

CLIENT_ID: Final = "5B0C2F7E-93D1-4A86-8E44-1D7A60C9F352"
CLIENT_SECRET: Final = "c41f09be77d2586ac3350e1b9f84d67a20e5b913"  # noqa: S105 - it guards made-up data only

SCOPES: Final = (
    "cert.manage",
    "cert.read",
    "credit",
    "impersonate",
    "jobs",
    "jobs.process",
    "offline.access",
    "print",
    "print.services",
    "printers",
    "queues",
    "reports",
    "scan",
    "terminal",
    "terminal.read",
    "user.session",
    "users",
)
"""Every scope of the Print Server that the documents list (`rad/v4/scopes-1`)."""

CENTRAL_SCOPES: Final = ("credit", "offline.access", "reports", "users")
"""Every scope of the Central Server: the three that the documents list (`rad/v4/scopes`), and the one for staying."""

OFFLINE_ACCESS: Final = "offline.access"


@attrs.define(eq=False)
class Settings:
    """The configuration of a simulator. All but the sizes and the port may be changed while it runs."""

    users: int = attrs.field(default=200, validator=attrs.validators.ge(1))
    """How many seeded users there are. A user is made when asked for, so a million costs nothing at the start."""
    printers: int = attrs.field(default=20, validator=attrs.validators.ge(0))
    queues: int = attrs.field(default=5, validator=attrs.validators.ge(0))
    seed: int = attrs.field(default=0, kw_only=True)
    """The same seed and sizes give the same data, down to passwords and card numbers."""
    token_seconds: float = attrs.field(default=1800, kw_only=True, validator=attrs.validators.gt(0))
    """The lifetime of an access token; 1800 in every documented sample."""
    refresh_token_seconds: float | None = attrs.field(default=None, kw_only=True)
    """The lifetime of a refresh token, from its issue; `None` for no end."""
    rotate: bool = attrs.field(default=True, kw_only=True)
    """Whether a refresh token works once and its successor comes with the answer; else it stays the same."""
    detect_reuse: bool = attrs.field(default=True, kw_only=True)
    """Whether a spent refresh token that comes again ends the whole sign-in, access tokens included."""
    client_id: str = attrs.field(default=CLIENT_ID, kw_only=True)
    client_secret: str = attrs.field(default=CLIENT_SECRET, kw_only=True, repr=False)
    client_scopes: tuple[str, ...] = attrs.field(default=SCOPES, kw_only=True, converter=tuple[str, ...])
    """The scopes that the one registered application may ask for."""
    sign_in_page: bool = attrs.field(default=False, kw_only=True)
    """Whether `/{lang}/auth` serves a page to sign in on; else it redirects at once, as for the first user."""
    strict_scopes: bool = attrs.field(default=True, kw_only=True)
    """Whether a scope that is not allowed is refused (`Invalid scopes`); else it is left out of the grant."""
    oauth_errors: bool = attrs.field(default=False, kw_only=True)
    """Whether the token endpoint refuses in the shape of RFC 6749 rather than in that of the API."""
    success_status: int = attrs.field(default=200, kw_only=True, validator=attrs.validators.in_((200, 201, 204)))
    """The HTTP status of a write that worked. 204 answers no body, not even a created user's."""
    success_body: bool = attrs.field(default=True, kw_only=True)
    """Whether a write that worked answers what it has written, where the documents do not show an answer."""
    trailing_slash: bool = attrs.field(default=True, kw_only=True)
    """Whether the paths that the documents show with a slash at the end are served so; looked at when it is entered."""
    bulk_patch: Literal["object", "array"] = attrs.field(default="object", kw_only=True)
    """Which body `PATCH /v3/jobs` takes: `{"jobs": [...]}`, or a bare array of the same, as older pages show it."""
    jobs_each: int = attrs.field(default=3, kw_only=True, validator=attrs.validators.in_(range(10)))
    """How many jobs each seeded user has at the start."""
    job_bytes: int = attrs.field(default=50_000, kw_only=True, validator=attrs.validators.ge(0))
    """The length of each job's data."""
    release_seconds: float = attrs.field(default=2.0, kw_only=True, validator=attrs.validators.ge(0))
    """How long after a release was accepted a job begins to be printed: until then it looks as before."""
    print_seconds: float = attrs.field(default=5.0, kw_only=True, validator=attrs.validators.ge(0))
    """How long a job is then `processing`."""
    accounts: bool = attrs.field(default=False, kw_only=True)
    """Whether credit or quota is in use, so that a release may name an account; else it must be null."""
    external_payments: bool = attrs.field(default=True, kw_only=True)
    """Whether the payment provider `external` is enabled, as the server's credit settings say."""
    name_filter: Literal["name", "username", "both"] = attrs.field(default="both", kw_only=True)
    """What the Central Server calls its filter by user name: its page has one in a table, the other in an example."""
    data_ranges: bool = attrs.field(default=True, kw_only=True)
    """Whether ranges of a job's data can be had; else the header is passed over and all of it sent."""
    data_cuts: list[int] = attrs.field(factory=list[int], kw_only=True)
    """After how many bytes the connection is cut, for each of the next answers with a job's data; then no more."""
    count_is_page: bool = attrs.field(default=False, kw_only=True)
    """Whether `count` beside a list tells the items on this page, rather than all there are."""
    code_differs: bool = attrs.field(default=False, kw_only=True)
    """Whether `code` in an error's body is something else than the HTTP status."""
    tls: bool = attrs.field(default=True, kw_only=True)
    """Whether to speak TLS, as the product always does."""
    latency: float = attrs.field(default=0.0, kw_only=True, validator=attrs.validators.ge(0))
    """Seconds that every request waits before it is handled."""
    now: Callable[[], float] = attrs.field(default=time.time, kw_only=True, repr=False)
    """The clock by which tokens expire, in seconds since 1970."""
    port: int = attrs.field(default=0, kw_only=True)
    """The TCP port on 127.0.0.1; 0 takes a free one."""

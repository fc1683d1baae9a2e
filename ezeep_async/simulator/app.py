"""The simulator as a whole: three servers on one state, and a storage beside them."""

import ssl
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

import attrs
from aiohttp import web

from ezeep_async.simulator.assignments import Assignments
from ezeep_async.simulator.blob_storage import BlobStorage
from ezeep_async.simulator.directory import Directory
from ezeep_async.simulator.fleet import Fleet
from ezeep_async.simulator.history import History, PrintJobList
from ezeep_async.simulator.identifiers import Identifiers
from ezeep_async.simulator.invitations import UserInvitations
from ezeep_async.simulator.oauth import OAuth
from ezeep_async.simulator.paging import Lists
from ezeep_async.simulator.pairing import PairingPolicy, Pairings
from ezeep_async.simulator.partners import Organizations
from ezeep_async.simulator.print_jobs import PrintJobs
from ezeep_async.simulator.print_printers import printers
from ezeep_async.simulator.printer_management import PrinterManagement
from ezeep_async.simulator.reporting import Reports
from ezeep_async.simulator.sign_in import sign_in_page
from ezeep_async.simulator.tokens import Family, TokenPolicy, Tokens
from ezeep_async.simulator.webhooks import Webhooks
from ezeep_async.simulator.wiring import Routes, Wiring
from print_async.testing.faults import Faults
from print_async.testing.simulator import Server, Statistics

if TYPE_CHECKING:
    from ezeep_async.auth import RefreshToken

_SCOPE = "printing"


@attrs.define(eq=False)
class EzeepSimulator:
    """ezeep Blue on loopback, as an async context manager.

    The account, the management and the print API are three origins on one state. The storage for uploads is a fourth,
    with statistics and faults of its own, and no token is meant for it. What the documents leave open is a switch. The
    same seed gives the same organization; tokens are different each time.
    """

    users: int = 200
    """How many users there are; each is computed when asked for, so a million cost no more than one."""
    groups: int | None = None
    """How many groups there are at the start; `None` for one per fifty users, and three at least."""
    seed: int = attrs.field(default=0, kw_only=True)
    token_seconds: float = attrs.field(default=3600, kw_only=True)
    """How long an access token lives."""
    refresh_token_seconds: float | None = attrs.field(default=None, kw_only=True)
    """How long a refresh token lives; `None` for no end. The documents contradict each other."""
    rotate: bool = attrs.field(default=True, kw_only=True)
    """Whether a refresh spends the refresh token and brings a new one."""
    detect_reuse: bool = attrs.field(default=True, kw_only=True)
    """Whether a spent refresh token that comes back kills its family, access tokens included."""
    client_id: str = attrs.field(default="ezeep-simulator", kw_only=True)
    client_secret: str = attrs.field(default="", kw_only=True, repr=False)
    """The secret of a confidential client; empty for a public one."""
    redirect_uris: tuple[str, ...] | None = attrs.field(default=None, kw_only=True)
    """The registered redirect URIs; `None` takes any."""
    password: str = attrs.field(default="ezeep-simulator", kw_only=True, repr=False)
    """The password of every user, for the password grant; user names are the e-mail addresses."""
    sign_in_page: bool = attrs.field(default=False, kw_only=True)
    """Whether `/oauth/authorize/` serves a page to sign in on; else it redirects at once, as for the first user."""
    pairing_seconds: float | None = attrs.field(default=None, kw_only=True)
    """How long a pairing can be approved and its code spent; `None` for no end, for the documents name none."""
    pairing_interval: float = attrs.field(default=0.0, kw_only=True)
    """Seconds between two questions about a pairing, below which the answer is `slow_down`."""
    create_status: int = attrs.field(default=201, kw_only=True)
    delete_status: int = attrs.field(default=204, kw_only=True)
    revoke_status: int = attrs.field(default=200, kw_only=True)
    bare_lists: bool = attrs.field(default=False, kw_only=True)
    """Whether lists are whole JSON arrays and not pages in an envelope."""
    default_page: int = attrs.field(default=20, kw_only=True)
    max_page: int = attrs.field(default=100, kw_only=True)
    """The most items a page has, whatever is asked for."""
    port: int = attrs.field(default=0, kw_only=True)
    """The port of the account API; management, print and the storage follow on the next three. 0 for free ports."""
    ssl_context: ssl.SSLContext | None = attrs.field(default=None, kw_only=True, repr=False)
    """Serve https with this; links to next pages begin with `http://` all the same, as the vendor's do."""
    latency: float = attrs.field(default=0.0, kw_only=True)
    """Seconds that every answer takes at least; may be changed at any time."""
    now: Callable[[], float] = attrs.field(default=time.time, kw_only=True, repr=False)
    """The clock of all lifetimes, in seconds since 1970."""
    stats: Statistics = attrs.field(factory=Statistics, init=False)
    """What the three APIs have seen."""
    faults: Faults = attrs.field(init=False)
    """What goes wrong on purpose, on all three APIs."""
    directory: Directory = attrs.field(init=False, repr=False)
    """The organization itself, for looking at and for changing behind a client's back."""
    blobs: BlobStorage = attrs.field(init=False, repr=False)
    """The storage: what was uploaded, and what else came."""
    prints: PrintJobs = attrs.field(init=False, repr=False)
    """The printers and the jobs, and the switches of printing."""
    fleet: Fleet = attrs.field(init=False, repr=False)
    """The connectors, the printers and drivers of the management API, and which groups have them."""
    history: History = attrs.field(init=False, repr=False)
    """The list of print jobs."""
    webhooks: Webhooks = attrs.field(init=False, repr=False)
    """The webhook endpoints that were created."""
    reports: Reports = attrs.field(init=False, repr=False)
    """The reports that were ordered."""
    invitations: UserInvitations = attrs.field(init=False, repr=False)
    """The users that were invited."""
    organizations: Organizations = attrs.field(init=False, repr=False)
    """The organizations that a partner has created."""
    _lists: Lists = attrs.field(init=False, repr=False)
    _tokens: Tokens = attrs.field(init=False, repr=False)
    _pairings: Pairings = attrs.field(init=False, repr=False)
    _urls: list[str] = attrs.field(factory=list, init=False, repr=False)
    _stack: AsyncExitStack = attrs.field(factory=AsyncExitStack, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.faults = Faults(seed=self.seed)
        self.directory = Directory(self.users, self.groups, self.seed)
        self.blobs = BlobStorage(self.now, faults=Faults(seed=self.seed))
        self.prints = PrintJobs(printers(self.seed), self.blobs, self.stats)
        self._lists = Lists(self.default_page, self.max_page, self.bare_lists)
        self.fleet = Fleet(self.directory, self.seed)
        self.directory.count_printers = self.fleet.count_of
        self.history = History(self.prints)
        self.webhooks = Webhooks(statistics=self.stats, create_status=self.create_status)
        self.reports = Reports(directory=self.directory, statistics=self.stats, now=self.now)
        self.invitations = UserInvitations(
            statistics=self.stats,
            lists=self._lists,
            create_status=self.create_status,
            now=self.now,
            ids=Identifiers.of(self.seed, "user invitations"),
        )
        self.organizations = Organizations(
            directory=self.directory, statistics=self.stats, lists=self._lists, create_status=self.create_status
        )
        policy = TokenPolicy(
            now=self.now,
            token_seconds=self.token_seconds,
            refresh_token_seconds=self.refresh_token_seconds,
            rotate=self.rotate,
            detect_reuse=self.detect_reuse,
        )
        self._tokens = Tokens(policy, self.stats, self._claims)
        self._pairings = Pairings(PairingPolicy(self.now, self.pairing_seconds, self.pairing_interval))

    @property
    def account_url(self) -> str:
        """The base URL of OAuth and the account API, without a slash at the end."""
        return self._url(0)

    @property
    def management_url(self) -> str:
        """The base URL of the management API, without a slash at the end."""
        return self._url(1)

    @property
    def print_url(self) -> str:
        """The base URL of the Print API, without a slash at the end."""
        return self._url(2)

    @property
    def blob_url(self) -> str:
        """The base URL of the storage, without a slash at the end."""
        return self._url(3)

    @property
    def organization_id(self) -> str:
        """The id of the one organization, which access tokens name as `org`."""
        return self.directory.organization_id

    def issue_refresh_token(self, scope: str = _SCOPE) -> str:
        """Return a refresh token of a new sign-in of the first user, an administrator."""
        return self._tokens.issue_refresh(Family(0, scope))

    def issue_access_token(self) -> str:
        """Return an access token of a new sign-in of the first user."""
        return self._tokens.issue_access(Family(0, _SCOPE))

    def issue_code(self, redirect_uri: str, code_challenge: str | None = None) -> str:
        """Return an authorization code as the redirect brings it, with a PKCE challenge (S256) if one is given."""
        return self._tokens.issue_code(redirect_uri, code_challenge, _SCOPE)

    def approve_pairing(self, code: str, user: int = 0) -> None:
        """Approve a pairing as the user of that index, as the page does for the first one.

        Raises:
            ValueError: No pairing of that code waits for an answer.
        """
        self._pairings.approve(code, user)

    def refuse_pairing(self, code: str) -> None:
        """Refuse a pairing; raises as `approve_pairing` does."""
        self._pairings.refuse(code)

    def revoke_all(self) -> None:
        """Make every code, pairing, access and refresh token worthless."""
        self._tokens.revoke_all()
        self._pairings.clear()

    def expire_access_tokens(self) -> None:
        """Make every access token worthless, as if its time were over; refresh tokens stay good."""
        self._tokens.expire_access_tokens()

    def grant(self, scope: str = _SCOPE) -> "RefreshToken":
        """Return a grant for a client, with a fresh refresh token of that scope."""
        # Here and not above: nothing of the client may be needed to run the simulator.
        from ezeep_async.auth import RefreshToken

        token = self.issue_refresh_token(scope)
        return RefreshToken(self.client_id, token, client_secret=self.client_secret, scope=scope)

    async def __aenter__(self) -> Self:
        ports = [self.port + position if self.port else 0 for position in range(4)]
        async with AsyncExitStack() as stack:
            stack.callback(self._urls.clear)
            for app, port in zip(self._applications(), ports, strict=True):
                server = Server(app, ssl_context=self.ssl_context, port=port)
                self._urls.append((await stack.enter_async_context(server)).url)
            self._stack = stack.pop_all()
        self._tokens.issuer = self.account_url
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def _applications(self) -> tuple[web.Application, ...]:
        wiring = Wiring(
            directory=self.directory,
            tokens=self._tokens,
            statistics=self.stats,
            faults=self.faults,
            lists=self._lists,
            latency=lambda: self.latency,
        )
        oauth = OAuth(
            tokens=self._tokens,
            pairings=self._pairings,
            statistics=self.stats,
            client_id=self.client_id,
            client_secret=self.client_secret,
            redirect_uris=self.redirect_uris,
            sign_in=self._sign_in,
            revoke_status=self.revoke_status,
            organization_id=self.organization_id,
            page=sign_in_page(self._sign_in) if self.sign_in_page else None,
        )
        management = wiring.management(
            create_status=self.create_status, delete_status=self.delete_status, more=self._of_management()
        )
        printing = wiring.printing(self.prints, self.blobs, lambda: self.blob_url)
        account = wiring.account(oauth, (self.invitations, self.organizations))
        return account, management, printing, self.blobs.application()

    def _of_management(self) -> tuple[Routes, ...]:
        assignments = Assignments(
            fleet=self.fleet, statistics=self.stats, lists=self._lists, delete_status=self.delete_status
        )
        printers = PrinterManagement(
            fleet=self.fleet, statistics=self.stats, lists=self._lists, create_status=self.create_status
        )
        jobs = PrintJobList(history=self.history, lists=self._lists)
        return assignments, printers, jobs, self.reports, self.webhooks

    def _sign_in(self, email: str, password: str) -> int | None:
        return self.directory.people.index_of_email(email) if password == self.password else None

    def _claims(self, user: int) -> dict[str, str]:
        directory = self.directory
        role = "admin" if directory.people.is_admin(user) else "user"
        return {"sub": directory.user_ids.at(user), "org": directory.organization_id, "rol": role}

    def _url(self, position: int) -> str:
        if not self._urls:
            raise RuntimeError("the simulator is not running: enter it with `async with` first")
        return self._urls[position]

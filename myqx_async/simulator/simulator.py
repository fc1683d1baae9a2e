"""The simulators as a whole: their settings, and while one is entered a server that lives by them."""

import ssl
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, ClassVar, Self

import attrs
from aiohttp import web

from myqx_async.simulator.access import Gate
from myqx_async.simulator.answers import speak
from myqx_async.simulator.authority import Authority
from myqx_async.simulator.credit import Ledger
from myqx_async.simulator.credit_recharge import RechargeBook, RechargeRoutes
from myqx_async.simulator.credit_routes import CreditRoutes
from myqx_async.simulator.directory import Directory
from myqx_async.simulator.job_routes import JobRoutes
from myqx_async.simulator.jobs import Record, Spooler
from myqx_async.simulator.oauth import SignInDesk
from myqx_async.simulator.population import Credentials, Population
from myqx_async.simulator.printers import Fleet, PrinterRoutes
from myqx_async.simulator.profiles import Profile, ProfileRoutes, make_profiles
from myqx_async.simulator.queues import QueueRoutes, Spool, make_spools
from myqx_async.simulator.search import Search
from myqx_async.simulator.server import ServerRoutes
from myqx_async.simulator.settings import Settings
from myqx_async.simulator.tokens import TokenOffice
from myqx_async.simulator.users import UserRoutes
from print_async.testing.faults import Faults
from print_async.testing.simulator import Server, Statistics, observe

if TYPE_CHECKING:
    from myqx_async.auth import ClientCredentials


@attrs.define(eq=False)
class Site(Settings):
    """What the simulated products share: a server on loopback as an async context manager, with its tokens and users.

    What it holds (users changed, tokens issued) outlives its server, so it can be left and entered again like a server
    that restarts; only the port and the certificate authority are new then.
    """

    default_scope: ClassVar[str] = "users"
    """The scopes that `grant` asks for unless told otherwise, separated by spaces."""
    stats: Statistics = attrs.field(factory=Statistics, init=False, repr=False)
    """What it has seen; `mutations` counts what took effect: `user-created:{id}`, `job-released:{id}` and so on."""
    faults: Faults = attrs.field(init=False, repr=False)
    """What goes wrong, and when; empty at first."""
    _tokens: TokenOffice = attrs.field(init=False, repr=False)
    _directory: Directory = attrs.field(init=False, repr=False)
    _running: AsyncExitStack | None = attrs.field(default=None, init=False, repr=False)
    _server: Server | None = attrs.field(default=None, init=False, repr=False)
    _authority: Authority | None = attrs.field(default=None, init=False, repr=False)
    _ca_file: Path | None = attrs.field(default=None, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self.faults = Faults(seed=self.seed)
        self._tokens = TokenOffice(self, self.stats)
        self._directory = Directory(Population(self.seed), self.users)

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end and without `/api`."""
        if self._server is None:
            raise _not_running()
        return self._server.url

    @property
    def ca_pem(self) -> bytes:
        """The certificate of the authority that a client must trust, in PEM."""
        if self._authority is None:
            raise _not_running() if self.tls else RuntimeError("without TLS there is no certificate authority")
        return self._authority.pem

    @property
    def ca_file(self) -> Path:
        """A file with `ca_pem`, there until the simulator is left."""
        if self._ca_file is None:
            raise _not_running() if self.tls else RuntimeError("without TLS there is no certificate authority")
        return self._ca_file

    def credentials(self, index: int) -> Credentials:
        """Return what the user at `index`, from 0, signs in with. Users 19, 39, 59, … are inactive."""
        return self._directory.credentials(index)

    def grant(self, scope: str | None = None) -> "ClientCredentials":
        """Return the client's own `myqx_async.auth.ClientCredentials` for the registered application.

        `scope` is the names asked for, separated by spaces; `default_scope` without it.
        """
        # The one way into the client, taken only when asked for: all else here must work without it.
        from myqx_async.auth import ClientCredentials

        return ClientCredentials(self.client_id, self.client_secret, scope=scope or self.default_scope)

    def issue_code(self, redirect_uri: str, scope: str) -> str:
        """Return an authorization code, as though the user at index 0 had signed in in a browser."""
        return self._tokens.issue_code(redirect_uri, scope)

    def expire_access_tokens(self) -> None:
        """Make every access token issued so far invalid; refresh tokens hold."""
        self._tokens.expire_access_tokens()

    def revoke_all(self) -> None:
        """Make every token and code issued so far invalid."""
        self._tokens.revoke_all()

    def delete_user(self, user_id: int) -> None:
        """Delete a user, which the API has no documented call for. Creating the name again brings the user back."""
        index = self._directory.index(user_id)
        if index is None:
            raise LookupError(f"there is no user {user_id}")
        self._directory.delete(index)

    async def __aenter__(self) -> Self:
        if self._running is not None:
            raise RuntimeError("the simulator is running already")
        async with AsyncExitStack() as stack:
            context = self._certify(stack) if self.tls else None
            self._server = await stack.enter_async_context(Server(self._app(), ssl_context=context, port=self.port))
            self._running = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stack, self._running = self._running, None
        self._server = self._authority = self._ca_file = None
        if stack is not None:
            await stack.aclose()

    def _certify(self, stack: AsyncExitStack) -> ssl.SSLContext:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="myqx-simulator-")))
        self._authority = Authority.create()
        self._ca_file = folder / "myq-ca.pem"
        self._ca_file.write_bytes(self._authority.pem)
        return self._authority.context

    def _app(self) -> web.Application:
        app = web.Application(middlewares=[observe(self.stats, self.faults), speak(self)])
        search, gate = Search(self._directory), Gate(self._tokens, self._directory)
        app.add_routes(self._routes(SignInDesk(self, self.stats, self._tokens, self._directory, search), gate, search))
        return app

    def _routes(self, desk: SignInDesk, gate: Gate, search: Search) -> list[web.RouteDef]:
        """Return all that the product serves."""
        raise NotImplementedError


@attrs.define(eq=False)
class MyQXSimulator(Site):
    """A MyQ X Print Server on loopback, as an async context manager; see `Site`."""

    default_scope: ClassVar[str] = "users printers queues"
    ledger: Ledger = attrs.field(factory=Ledger, init=False, repr=False)
    """Users' balances, by their index, and what is blocked of them."""
    recharges: RechargeBook = attrs.field(factory=RechargeBook, init=False, repr=False)
    """The payments that recharge credit."""
    _fleet: Fleet = attrs.field(init=False, repr=False)
    _spools: list[Spool] = attrs.field(init=False, repr=False)
    _profiles: list[Profile] = attrs.field(factory=make_profiles, init=False, repr=False)
    _spooler: Spooler = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        self._fleet = Fleet(self.printers, self.seed)
        self._spools = make_spools(self.queues, self.printers)
        self._spooler = Spooler(self, self._directory)

    def job_ids(self, index: int) -> list[int]:
        """Return the ids of the jobs that the user at `index`, from 0, has now; no documented call lists them."""
        return [record.job.id for record in self._spooler.of(index)]

    def job_state(self, job_id: int) -> str:
        """Return what a job is doing by now."""
        return self._spooler.state(self._job(job_id))

    def job_data(self, job_id: int) -> bytes:
        """Return a job's document."""
        return self._spooler.data(self._job(job_id))

    def _job(self, job_id: int) -> Record:
        record = self._spooler.find(job_id)
        if record is None:
            raise LookupError(f"there is no job {job_id}")
        return record

    def _routes(self, desk: SignInDesk, gate: Gate, search: Search) -> list[web.RouteDef]:
        """Return all that the product serves; words before ids, so profiles before printers."""
        return [
            *desk.routes(),
            *ServerRoutes(gate).routes(),
            *UserRoutes(self, self.stats, gate, self._directory, search).routes(),
            *ProfileRoutes(self, self.stats, gate, self._profiles).routes(),
            *PrinterRoutes(self, self.stats, gate, self._directory, self._fleet).routes(),
            *QueueRoutes(self, self.stats, gate, self._directory, self._fleet, self._spools).routes(),
            *JobRoutes(self, self.stats, gate, self._directory, self._spooler, self._fleet).routes(),
            *CreditRoutes(self, self.stats, gate, self._directory, self.ledger).routes(),
            *RechargeRoutes(self, self.stats, gate, self._directory, self.ledger, self.recharges).routes(),
        ]


def _not_running() -> RuntimeError:
    return RuntimeError("the simulator is not running: enter it with `async with` first")

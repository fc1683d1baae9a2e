"""The client that a command works with: of whoever signed in, of the environment, or of a simulator."""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated

import attrs
import typer

from myqx_async.auth import ClientCredentials, PasswordLogin, StoredCredential, server_url
from myqx_async.client import MyQX
from print_async.auth.grant import Grant
from print_async.console.cluster import Environment
from print_async.console.profiles import recall, token_file, token_store
from print_async.console.run import summarize_simulator
from print_async.environment import TOKENS, find_secret
from print_async.errors import InsufficientScope, WrongTokenKind
from print_async.secret import Secret
from print_async.transports.aiohttp import AiohttpTransport

VENDOR = "myqx"

_SCOPE = "users printers queues"

Url = Annotated[str | None, typer.Option("--url", envvar="MYQX_URL", help="Of the server, without /api.")]
CaFile = Annotated[
    Path | None,
    typer.Option("--ca-file", envvar="MYQX_CA_FILE", help="PEM file of the server's certificate authority."),
]


@attrs.frozen
class Profile:
    """Whose credential is in the token store, and at which server it is good."""

    url: str
    ca_file: str | None
    client_id: str
    client_secret: Secret
    scope: str
    way: str
    """How they signed in, in the words of `status`."""
    application: bool
    """Whether it is the application itself, which can sign in again whenever it has to."""

    def client(self, ca_file: Path | None = None) -> MyQX:
        """Make a client of the credential in the store."""
        trusted = ca_file or self.ca_file
        return MyQX(self.url, self._grant(), transport=AiohttpTransport(ca_file=trusted), store=token_store())

    def environment(self, ca_file: Path | None = None) -> Environment | None:
        """Return what `myqx_from_environment` makes such a client of, but for the store; `None` for a person's."""
        trusted = ca_file or self.ca_file
        return (
            {
                "MYQX_URL": self.url,
                "MYQX_CLIENT_ID": self.client_id,
                "MYQX_CLIENT_SECRET": self.client_secret,
                "MYQX_CA_FILE": "" if trusted is None else str(Path(trusted).absolute()),
            }
            if self.application
            else None
        )

    def _grant(self) -> Grant:
        if self.application:
            return ClientCredentials(self.client_id, self.client_secret, scope=self.scope)
        return StoredCredential(self.client_id, self.client_secret)


@attrs.frozen
class Connection:
    """A client, and what it is connected to."""

    myqx: MyQX
    source: str
    way: str
    environment: Environment | None = None
    """In which other processes on this machine find the same credential; `None` where there is no such thing."""


@attrs.frozen(kw_only=True)
class Server:
    """What a command works with, as its options say."""

    url: Url = None
    ca_file: CaFile = None
    simulate: Annotated[bool, typer.Option("--simulate", help="Use the built-in simulator instead.")] = False
    users: Annotated[int, typer.Option("--users", min=0, help="With --simulate: how many users it has.")] = 2_000
    token_seconds: Annotated[float, typer.Option(help="With --simulate: how long its tokens live.")] = 1800.0
    latency: Annotated[float, typer.Option(min=0, help="With --simulate: seconds before each answer.")] = 0.01

    def connect(self, scope: str = _SCOPE, *, person: bool = False) -> AbstractAsyncContextManager[Connection]:
        """Open the client for a command.

        Args:
            scope: What the environment's application asks for, and the simulator's; who is signed in has their own.
            person: Whether it is a person that signs in at the simulator, and not the application.
        """
        return self._simulated(scope, person) if self.simulate else connected(self.url, self.ca_file, scope)

    @asynccontextmanager
    async def _simulated(self, scope: str, person: bool) -> AsyncIterator[Connection]:
        from myqx_async.simulator import MyQXSimulator

        async with MyQXSimulator(self.users, token_seconds=self.token_seconds, latency=self.latency) as simulator:
            grant: Grant = simulator.grant(scope)
            if person:
                user, client = simulator.credentials(0), (simulator.client_id, simulator.client_secret)
                grant = PasswordLogin(*client, scope=scope, user=user.username, password=Secret(user.password))
            transport = AiohttpTransport(ca_file=simulator.ca_file)
            secret, ca_file = Secret(simulator.client_secret), simulator.ca_file
            profile = Profile(simulator.url, str(ca_file), simulator.client_id, secret, scope, "", application=True)
            async with MyQX(simulator.url, grant, transport=transport) as myqx:
                source = f"simulator with {self.users} users"
                yield Connection(myqx, source, "client credentials", profile.environment())
            summarize_simulator(simulator.stats)


@asynccontextmanager
async def connected(url: str | None, ca_file: Path | None, scope: str = _SCOPE) -> AsyncIterator[Connection]:
    """Open the client of the environment's application; without one, of whoever signed in.

    Raises:
        ValueError: There is neither, or who signed in did so at another server.
    """
    client_secret = find_secret("MYQX_CLIENT_SECRET")
    profile = None if client_secret is not None else recall(VENDOR, Profile)
    if profile is not None:
        _check_server(profile, url)
    else:
        profile = _from_environment(url, client_secret, scope)
    async with profile.client(ca_file) as myqx:
        try:
            environment = profile.environment(ca_file)
            if environment is not None:
                environment = {**environment, TOKENS: str(token_file())}
            yield Connection(myqx, profile.url, profile.way, environment)
        except (InsufficientScope, WrongTokenKind) as error:
            error.add_note(f"Here that is `myqx login` with `--scope '{scope}'`")
            raise


def _check_server(profile: Profile, url: str | None) -> None:
    if url is not None and server_url(url) != profile.url:
        raise ValueError(
            f"whoever is signed in is so at {profile.url}, and not at {url}. Nothing was sent. Run `myqx login` there, "
            "or correct the URL"
        )


def _from_environment(url: str | None, client_secret: Secret | None, scope: str) -> Profile:
    client_id = os.environ.get("MYQX_CLIENT_ID")
    if url is None or not client_id or client_secret is None:
        values = {"MYQX_URL (or --url)": url, "MYQX_CLIENT_ID": client_id, "MYQX_CLIENT_SECRET": client_secret}
        wanted = " and ".join(name for name, value in values.items() if not value)
        raise ValueError(
            f"nobody is signed in: run `myqx login`, or set {wanted} in the environment, or try --simulate"
        )
    return Profile(url, None, client_id, client_secret, scope, "client credentials", application=True)

"""The client that a command works with: of whoever signed in, of the environment, or of a simulator."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import attrs
import typer

from ezeep_async.auth import RefreshToken, StoredCredential
from ezeep_async.client import Ezeep
from ezeep_async.environment import server_urls
from print_async.auth.grant import Grant
from print_async.console.cluster import Environment
from print_async.console.profiles import recall, token_file, token_store
from print_async.console.run import summarize_simulator
from print_async.environment import TOKENS, find_secret
from print_async.secret import Secret

VENDOR = "ezeep"


@attrs.frozen
class Profile:
    """Whose credential is in the token store, and at which servers it is good."""

    client_id: str
    client_secret: Secret
    scope: str
    account_url: str
    management_url: str
    print_url: str

    @classmethod
    def make(cls, client_id: str, client_secret: Secret, scope: str) -> "Profile":
        """Make one at the servers that the environment names, ezeep's own by default."""
        return cls(client_id, client_secret, scope, *server_urls())

    def client(self, grant: Grant | None = None) -> Ezeep:
        """Make a client: of the credential in the store, or of another grant."""
        return Ezeep(
            grant or StoredCredential(self.client_id, client_secret=self.client_secret, scope=self.scope),
            account_url=self.account_url,
            management_url=self.management_url,
            print_url=self.print_url,
            store=token_store(),
        )

    def check(self) -> None:
        """Refuse to use a credential where the environment now names other servers than it was given for."""
        for told, own in zip(server_urls(default=False), attrs.astuple(self)[3:], strict=True):
            if told and told != own:
                raise ValueError(
                    f"whoever is signed in is so at {own}, and the environment says {told}. Nothing was sent. Run "
                    "`ezeep login` there, or correct the environment"
                )

    def environment(self, refresh_token: Secret | None) -> Environment:
        """Return what `ezeep_from_environment` makes such a client of, but for the store."""
        found = {
            "EZEEP_CLIENT_ID": self.client_id,
            "EZEEP_CLIENT_SECRET": self.client_secret,
            "EZEEP_ACCOUNT_URL": self.account_url,
            "EZEEP_MANAGEMENT_URL": self.management_url,
            "EZEEP_PRINT_URL": self.print_url,
        }
        return found if refresh_token is None else {**found, "EZEEP_REFRESH_TOKEN": refresh_token}


@attrs.frozen
class Connection:
    """A client, and what it is connected to."""

    ezeep: Ezeep
    source: str
    environment: Environment = attrs.field(factory=dict[str, str])
    """In which other processes on this machine find the same credential."""


@attrs.frozen(kw_only=True)
class Server:
    """What a command works with, as its options say."""

    simulate: Annotated[bool, typer.Option("--simulate", help="Use the built-in simulator instead of ezeep.")] = False
    users: Annotated[int, typer.Option("--users", min=0, help="With --simulate: how many users it has.")] = 2_000
    token_seconds: Annotated[float, typer.Option(help="With --simulate: how long its tokens live.")] = 3600.0
    latency: Annotated[float, typer.Option(min=0, help="With --simulate: seconds before each answer.")] = 0.01

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Connection]:
        """Open the client for a command.

        Raises:
            ValueError: Nobody is signed in.
        """
        if not self.simulate:
            async with signed_in() as connection:
                yield connection
            return
        from ezeep_async.simulator import EzeepSimulator

        async with EzeepSimulator(self.users, token_seconds=self.token_seconds, latency=self.latency) as simulator:
            grant = simulator.grant()
            urls = simulator.account_url, simulator.management_url, simulator.print_url
            profile = Profile(grant.client_id, grant.client_secret, grant.scope, *urls)
            async with Ezeep(grant, account_url=urls[0], management_url=urls[1], print_url=urls[2]) as ezeep:
                yield Connection(ezeep, f"simulator with {self.users} users", profile.environment(grant.refresh_token))
            summarize_simulator(simulator.stats)


@asynccontextmanager
async def signed_in() -> AsyncIterator[Connection]:
    """Open the client of the environment's refresh token; without one, of whoever signed in.

    Raises:
        ValueError: There is neither.
    """
    refresh_token = find_secret("EZEEP_REFRESH_TOKEN")
    if refresh_token is None:
        profile = recall(VENDOR, Profile)
        if profile is None:
            raise ValueError(_missing("EZEEP_CLIENT_ID", "EZEEP_REFRESH_TOKEN"))
        profile.check()
        client = profile.client()
    else:
        if not os.environ.get("EZEEP_CLIENT_ID"):
            raise ValueError(_missing("EZEEP_CLIENT_ID"))
        profile = Profile.make(os.environ["EZEEP_CLIENT_ID"], find_secret("EZEEP_CLIENT_SECRET") or Secret(""), "")
        client = profile.client(RefreshToken(profile.client_id, refresh_token, client_secret=profile.client_secret))
    async with client as ezeep:
        environment = {**profile.environment(refresh_token), TOKENS: str(token_file())}
        yield Connection(ezeep, profile.account_url, environment)


def _missing(*names: str) -> str:
    wanted = " and ".join(name for name in names if not os.environ.get(name))
    return f"nobody is signed in: run `ezeep login`, or set {wanted} in the environment, or try --simulate"

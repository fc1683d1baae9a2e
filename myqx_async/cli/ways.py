"""The ways to sign in with `myqx login`, and how each gets its secrets."""

from enum import Enum

from myqx_async.auth import (
    AuthorizationCode,
    CardLogin,
    CardPasswordLogin,
    CardPinLogin,
    PasswordLogin,
    PinLogin,
)
from myqx_async.cli.connection import Profile
from print_async.auth.grant import Grant
from print_async.auth.loopback import sign_in
from print_async.console.browser import open_browser
from print_async.console.secrets import read_secret
from print_async.secret import Secret


class Way(Enum):
    """What somebody signs in with."""

    CLIENT_CREDENTIALS = "client credentials"
    BROWSER = "browser"
    PIN = "PIN"
    CARD = "card"
    CARD_AND_PIN = "card and PIN"
    CARD_AND_PASSWORD = "card and password"  # noqa: S105 - a way, not a secret
    USER_AND_PASSWORD = "user and password"  # noqa: S105 - a way, not a secret


_WAYS = {
    frozenset({"--client-credentials"}): Way.CLIENT_CREDENTIALS,
    frozenset({"--browser"}): Way.BROWSER,
    frozenset({"--pin"}): Way.PIN,
    frozenset({"--card"}): Way.CARD,
    frozenset({"--card", "--pin"}): Way.CARD_AND_PIN,
    frozenset({"--card", "--password"}): Way.CARD_AND_PASSWORD,
    frozenset({"--user"}): Way.USER_AND_PASSWORD,
    frozenset({"--user", "--password"}): Way.USER_AND_PASSWORD,
}


def way_of(given: frozenset[str]) -> Way:
    """Return the way that a combination of options stands for.

    Raises:
        ValueError: It stands for none.
    """
    if given not in _WAYS:
        known = ", ".join(" ".join(sorted(options)) for options in _WAYS)
        said = " ".join(sorted(given)) or "nothing"
        raise ValueError(f"say how to sign in, with one of: {known}. Given was {said}")
    return _WAYS[given]


def device_login(way: Way, profile: Profile, user: str | None) -> Grant:
    """Make the grant of somebody who signs in as at a device; asks for what is secret."""
    client = profile.client_id, profile.client_secret
    match way:
        case Way.PIN:
            return PinLogin(*client, scope=profile.scope, pin=_pin())
        case Way.CARD:
            return CardLogin(*client, scope=profile.scope, card=_card())
        case Way.CARD_AND_PIN:
            return CardPinLogin(*client, scope=profile.scope, card=_card(), pin=_pin())
        case Way.CARD_AND_PASSWORD:
            return CardPasswordLogin(*client, scope=profile.scope, card=_card(), password=_password())
        case _:
            return PasswordLogin(*client, scope=profile.scope, user=user or "", password=_password())


async def through_the_browser(profile: Profile, redirect_uri: str, timeout: float) -> AuthorizationCode:  # noqa: ASYNC109 - for a person
    """Sign somebody in with "Sign in with MyQ"."""
    request, callback_url = await sign_in(
        lambda uri: AuthorizationCode.begin(profile.url, profile.client_id, redirect_uri=uri, scope=profile.scope),
        open_browser=open_browser,
        redirect_uri=redirect_uri,
        timeout=timeout,
    )
    return AuthorizationCode.finish(
        request, callback_url, client_id=profile.client_id, client_secret=profile.client_secret
    )


def _pin() -> Secret:
    return read_secret("MYQX_PIN", "PIN")


def _card() -> Secret:
    return read_secret("MYQX_CARD", "card number")


def _password() -> Secret:
    return read_secret("MYQX_PASSWORD", "password")

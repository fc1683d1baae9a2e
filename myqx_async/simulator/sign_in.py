"""The page on which a user signs in, "Sign in with MyQ" (source: rad/v4/authorization-code-grant)."""

from collections.abc import Mapping

from myqx_async.simulator.search import Search
from print_async.testing.simulator import Field, SignInPage

_FIELDS = (Field("user", "User name"), Field("pwd", "Password", hidden=True), Field("pin", "or PIN", hidden=True))


def sign_in_page(search: Search) -> SignInPage:
    """Make the page: it takes user name and password, or a PIN."""

    def check(typed: Mapping[str, str]) -> int | None:
        if pin := typed.get("pin"):
            return search.sign_in(pin=pin)
        return search.sign_in(user=typed.get("user", ""), pwd=typed.get("pwd", ""))

    return SignInPage("Sign in with MyQ", _FIELDS, check)

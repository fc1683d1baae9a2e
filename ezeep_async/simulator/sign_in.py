"""The page on which a person signs in to ezeep, with e-mail address and password (source: auth/auth_code_flow)."""

from collections.abc import Callable, Mapping

from print_async.testing.simulator import Field, SignInPage

_FIELDS = (Field("username", "E-mail address"), Field("password", "Password", hidden=True))


def sign_in_page(sign_in: Callable[[str, str], int | None]) -> SignInPage:
    """Make the page. `sign_in` returns the index of the user that an address and a password belong to."""

    def check(typed: Mapping[str, str]) -> int | None:
        return sign_in(typed.get("username", ""), typed.get("password", ""))

    return SignInPage("Sign in to ezeep", _FIELDS, check)

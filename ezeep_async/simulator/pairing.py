"""The pairings: codes that a person approves in a browser, and a device without one spends.

Source: apidocs.ezeep.com, auth/device_auth_flow. It is silent on what the token endpoint says before the approval and
after a refusal; both follow RFC 8628 section 3.5. The vendor's page is behind its sign-in, and this one is not.
"""

import secrets
from collections.abc import Callable
from enum import Enum
from html import escape

import attrs
from aiohttp import web

from ezeep_async.simulator.tokens import Family, InvalidGrant

MODES = ("user", "device")
PAGE = "/oauth/authorize/pairing/"
"""Where the person decides."""
_CODE_BYTES = 8


class PairingRefused(Exception):
    """A code that cannot be spent, now or ever; `code` is that of RFC 8628."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _State(Enum):
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


@attrs.define
class _Pairing:
    scope: str
    begun_at: float
    user: int = 0
    state: _State = _State.PENDING
    asked_at: float | None = None


@attrs.frozen
class PairingPolicy:
    """What the documents leave open about pairings, and the clock."""

    now: Callable[[], float]
    seconds: float | None
    """How long a code lives; `None` for no end."""
    interval: float
    """Seconds between two questions."""


@attrs.define
class Pairings:
    """Every pairing that was begun and not yet spent."""

    policy: PairingPolicy
    _pairings: dict[str, _Pairing] = attrs.field(factory=dict, init=False, repr=False)

    def begin(self, scope: str) -> str:
        """Begin a pairing and return its code."""
        code = secrets.token_urlsafe(_CODE_BYTES)
        self._pairings[code] = _Pairing(scope, self.policy.now())
        return code

    def approve(self, code: str, user: int) -> None:
        """Approve a pairing as that user."""
        pairing = self._waiting(code)
        pairing.user, pairing.state = user, _State.APPROVED

    def refuse(self, code: str) -> None:
        """Refuse a pairing."""
        self._waiting(code).state = _State.REFUSED

    def redeem(self, code: str) -> Family:
        """Spend the code of a pairing that was approved, for a new family."""
        pairing, now = self._pairings.get(code), self.policy.now()
        if pairing is None:
            raise InvalidGrant
        if self._is_over(pairing):
            raise PairingRefused("expired_token")
        if pairing.state is _State.REFUSED:
            raise PairingRefused("access_denied")
        asked_at, pairing.asked_at = pairing.asked_at, now
        if asked_at is not None and now < asked_at + self.policy.interval:
            raise PairingRefused("slow_down")
        if pairing.state is _State.PENDING:
            raise PairingRefused("authorization_pending")
        del self._pairings[code]
        return Family(pairing.user, pairing.scope)

    def clear(self) -> None:
        """Make every code worthless."""
        self._pairings.clear()

    def page(self, code: str) -> web.Response:
        """Show the page of a pairing."""
        try:
            self._waiting(code)
        except ValueError:
            return _page(404, "<h1>No such pairing</h1><p>It is unknown, decided already, or too old.</p>")
        shown = escape(code)
        return _page(
            200,
            f'<h1>Pair a device?</h1><p>Its code is <code>{shown}</code>.</p><form method="post" action="{PAGE}">'
            f'<input type="hidden" name="pairing_code" value="{shown}">'
            '<button name="answer" value="approve">Approve</button>'
            '<button name="answer" value="refuse">Refuse</button></form>',
        )

    def decide(self, code: str, *, approved: bool) -> web.Response:
        """Take what the person has chosen on the page."""
        try:
            if approved:
                self.approve(code, user=0)
            else:
                self.refuse(code)
        except ValueError:
            return self.page(code)
        return _page(200, f"<h1>{'Paired' if approved else 'Refused'}</h1><p>You can close this page.</p>")

    def _waiting(self, code: str) -> _Pairing:
        pairing = self._pairings.get(code)
        if pairing is None or pairing.state is not _State.PENDING or self._is_over(pairing):
            raise ValueError("no pairing of this code waits for an answer")
        return pairing

    def _is_over(self, pairing: _Pairing) -> bool:
        return self.policy.seconds is not None and self.policy.now() >= pairing.begun_at + self.policy.seconds


def _page(status: int, content: str) -> web.Response:
    text = f'<!doctype html><html lang="en"><title>ezeep Blue simulator</title>{content}</html>'
    return web.Response(status=status, text=text, content_type="text/html")

"""Which names say that what stands under them is a secret: of headers, parameters, form fields and JSON fields.

The names are those of OAuth and HTTP, and words that people use for such things. In doubt a name counts: a value that
is masked for nothing costs a line of the recording its readability, one that is not costs the secret.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

import attrs

OAUTH = frozenset({"code", "state", "nonce", "code_challenge"})
"""Secret, or made at random, in OAuth; elsewhere anything, so they count only where a request is one of OAuth."""
_COMPANIONS = frozenset({"grant_type", "response_type", "client_id", "redirect_uri"})

_PINS = frozenset({"pin", "card", "idcard", "otp", "totp", "puk", "cvc", "cvv", "pass", "passcode", "password", "pwd"})
_WORDS = _PINS | {"sig", "sas", "jwt", "bearer", "authorization"}
_ENDINGS = (
    *("token", "secret", "password", "passwd", "passphrase", "passcode", "pwd"),
    *("credential", "signature", "assertion", "cookie"),
)
_JOINED = re.compile(
    r"(api|access|private|shared|account|subscription|signing|encryption|master|host|function)s?key"
    r"|codeverifier|devicecode|usercode|sessid|sessionid"
)
# Words behind which there is something about a secret, or a URL, whose own secrets are looked for in it.
_ABOUT = frozenset(
    """
    type types url uri href endpoint endpoints name names length size count limit policy format expires expiry
    expiration expired at in date time timeout lifetime ttl enabled disabled required allowed supported present
    version algorithm alg method methods scheme status state reader hint label title description mode language
    """.split()  # noqa: SIM905 - one on each line would be a page
)
_HINTS = (
    *("token", "secret", "pass", "pwd", "pin", "card", "sig", "key", "auth", "cred", "code", "nonce", "sess", "otp"),
    *("puk", "cvc", "cvv", "sas", "jwt", "bearer", "assertion", "cookie"),
)
_LIKELY = re.compile(r"token|secret|pass|pwd|pin|card|sig|key|auth|cred|code|nonce|session|otp", re.IGNORECASE)
_RANDOM = re.compile(r"(?=\D*\d)(?=[^A-Za-z]*[A-Za-z])[\w+/=.~-]{16,}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_BETWEEN = re.compile(r"[\W_]+")
_MASKED = frozenset("*\u2022")


def looks_random(value: str) -> bool:
    """Tell whether a text could be a token or a key: long, in one piece, of letters and digits."""
    return _RANDOM.fullmatch(value) is not None


def maskable(value: str) -> bool:
    """Tell whether there is anything to mask: not where there is nothing, or asterisks only."""
    return not _MASKED.issuperset(value)


def is_oauth(names: Iterable[str]) -> bool:
    """Tell whether fields of these names are those of an OAuth request, or of the way back from a sign-in page."""
    found = set(names)
    return bool(found & _COMPANIONS) or {"code", "state"} <= found


def _squashed(name: str) -> str:
    return _BETWEEN.sub("", name).lower()


def _squashed_all(names: Iterable[str]) -> frozenset[str]:
    found = [names] if isinstance(names, str) else list(names)
    if isinstance(names, str) or not all(isinstance(name, str) for name in found):
        raise TypeError("secrets are several names of fields, such as ('badge', 'door_code')")
    return frozenset(map(_squashed, found))


@attrs.frozen
class SecretNames:
    """The names of secrets, and more of them that only the caller knows.

    Args:
        more: Further names. Case, and what is neither letter nor digit, do not count.

    Raises:
        TypeError: It is one text, or holds something else than texts.
    """

    more: frozenset[str] = attrs.field(converter=_squashed_all)

    def sure(self, name: str) -> bool:
        """Tell whether all that stands under a name is secret."""
        return _sure(name) or (bool(self.more) and _squashed(name) in self.more)

    def secret(self, name: str, value: str) -> bool:
        """Tell whether a value under a name is to be masked."""
        return maskable(value) and (self.sure(name) or (_LIKELY.search(name) is not None and looks_random(value)))

    def may_be_in(self, text: str) -> bool:
        """Tell whether one of these names can be in a text, quickly."""
        lower = text.lower()
        if any(hint in lower for hint in _HINTS):
            return True
        return bool(self.more) and any(name in _squashed(lower) for name in self.more)

    def number(self, name: str) -> bool:
        """Tell whether even a number under a name is secret. A token is none, a PIN or a card may be."""
        return self.sure(name) and (_squashed(name) in self.more or not _PINS.isdisjoint(_words(name)))


def about(name: str) -> bool:
    """Tell whether a name is one of things that are no secret, also in the middle of one: its type, its length."""
    return not _ABOUT.isdisjoint(_words(name)[-1:])


@lru_cache(maxsize=4096)
def _sure(name: str) -> bool:
    if about(name):
        return False
    words = _words(name)
    return bool(_JOINED.search(_squashed(name))) or any(word in _WORDS or word.endswith(_ENDINGS) for word in words)


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    words = (word.lower() for word in _WORD.findall(name))
    return tuple(word if word in _ABOUT or word in _WORDS else word.removesuffix("s") for word in words)

"""Everything of a conversation, with placeholders in the place of secrets.

What is masked becomes known by that, and is then masked wherever else it appears. So everything is masked twice: once
to get to know, and once for good.
"""

from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import unquote_plus

from print_async.secret import Secret
from print_async.transports.recording.names import OAUTH, SecretNames, about, is_oauth, looks_random, maskable
from print_async.transports.recording.quoted import find_named
from print_async.transports.recording.vault import PIECE, SHORT, Span, Vault, replaced
from print_async.transports.recording.views import View, views

_CREDENTIALS = frozenset({"authorization", "proxy-authorization"})
_BETWEEN = "\"'\n\"'"
"""Put between texts, it ends whatever `find_named` takes for a value."""


class Masker:
    """Masks what is secret for its name, its form, or because it has been a secret before.

    Args:
        names: The names of secrets.
    """

    def __init__(self, names: SecretNames) -> None:
        self._names = names
        self._vault = Vault()

    @property
    def known(self) -> int:
        """How many secrets are known."""
        return len(self._vault)

    def learn(self, secrets: Iterable[Secret]) -> None:
        """Get to know secrets, and those inside of them, as in a signed URL."""
        for secret in secrets:
            if secret:
                self._vault.placeholder(secret.reveal())
                self.text(secret.reveal())

    def text(self, text: str) -> str:
        """Mask a text of any kind."""
        if len(text) < PIECE:
            return text
        spans: list[Span] = []
        named: list[tuple[int, int]] = []
        for view in views(text):
            if not view.plus:
                spans += self._named(view, named, as_it_is=view.text is text)
            spans += ((*view.place(start, end), mark) for start, end, mark in self._vault.find(view.text))
        return replaced(text, spans) if spans else text

    def key(self, key: str) -> str:
        """Mask the name of a field. Short secrets are words that names may well have in them."""
        if len(key) < SHORT:
            return key
        spans = [
            (*view.place(start, end), mark)
            for view in views(key)
            for start, end, mark in self._vault.find(view.text, short=False)
        ]
        return replaced(key, spans) if spans else key

    def binary(self, data: bytes) -> bytes:
        """Mask what is no text: only known secrets, and only long ones."""
        text = data.decode("utf-8", "surrogateescape")
        spans = list(self._vault.find(text, short=False))
        return replaced(text, spans).encode("utf-8", "surrogateescape") if spans else data

    def url(self, url: str, *, callback: bool = False) -> str:
        """Mask a URL. The one a browser comes back to from a sign-in page (`callback`) has a code and a state in it."""
        rest, number_sign, fragment = url.partition("#")
        place, mark, query = rest.partition("?")
        query, fragment = self.form(query, oauth=callback), self.form(fragment, oauth=callback)
        return f"{self._place(place)}{mark}{query}{number_sign}{fragment}"

    def form(self, form: str, *, oauth: bool = False) -> str:
        """Mask a form, or the query of a URL; one of OAuth, if it is known to be, or looks like it."""
        pairs = [pair.partition("=") for pair in form.split("&")]
        oauth = oauth or is_oauth(unquote_plus(name) for name, _, _ in pairs)
        return "&".join(f"{self.key(name)}{sign}{self._parameter(name, raw, oauth)}" for name, sign, raw in pairs)

    def header(self, name: str, value: str) -> str:
        """Mask the value of a header, of a request or a response."""
        lower = name.lower()
        if lower in _CREDENTIALS:
            return self._credentials(value)
        if lower == "cookie":
            return "; ".join(self._cookie(cookie) for cookie in value.split("; "))
        if lower == "set-cookie":
            cookie, sign, attributes = value.partition(";")
            return f"{self._cookie(cookie)}{sign}{self.text(attributes)}"
        if lower == "location":
            return self.url(value, callback=True)
        return self._vault.placeholder(value) if self._names.secret(name, value) else self.text(value)

    def secret_header(self, name: str, value: Secret) -> str:
        """Mask the value of a header that is a secret, whatever its name."""
        if name.lower() in _CREDENTIALS:
            return self._credentials(value.reveal())
        return self._vault.placeholder(value.reveal()) if value else ""

    def json(self, value: object) -> object:
        """Mask decoded JSON. A number that is a secret becomes a text."""
        names, texts = _strings(value)
        keys = {name: self.key(name) for name in names}
        return self._json("", value, keys, self._all(texts), within=False, oauth=False)

    def _json(
        self, name: str, value: object, keys: Mapping[str, str], texts: Mapping[str, str], *, within: bool, oauth: bool
    ) -> object:
        within = (within or self._names.sure(name)) and not about(name)
        if isinstance(value, dict):
            oauth = oauth or "grant_type" in value
            each = ((key, self._json(key, one, keys, texts, within=within, oauth=oauth)) for key, one in value.items())
            return {keys[key]: one for key, one in each}
        if isinstance(value, list):
            return [self._json(name, one, keys, texts, within=within, oauth=oauth) for one in value]
        if isinstance(value, str):
            secret = self._names.secret(name, value) or (maskable(value) and (within or (oauth and name in OAUTH)))
            return self._vault.placeholder(value) if secret else texts.get(value, value)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and self._names.number(name):
            return self._vault.placeholder(str(value))
        return value

    def _all(self, texts: list[str]) -> dict[str, str]:
        """Mask texts; those that stay as they are are left out. Most do, so many are looked at together."""
        if not texts or not self._suspicious(_BETWEEN.join(texts)):
            return {}
        if len(texts) == 1:
            return {texts[0]: self.text(texts[0])}
        half = len(texts) // 2
        return self._all(texts[:half]) | self._all(texts[half:])

    def _suspicious(self, text: str) -> bool:
        return any(
            next(self._vault.find(view.text), None)
            or next(find_named(view.text, self._names, encoded=view.text is text), None)
            for view in views(text)
        )

    def _named(self, view: View, named: list[tuple[int, int]], *, as_it_is: bool) -> Iterator[Span]:
        for start, end, secret in find_named(view.text, self._names, encoded=as_it_is):
            first, last = view.place(start, end)
            if not any(begin <= first and last <= stop for begin, stop in named):
                named.append((first, last))
                # As it is written, if that is known: a plus may be a plus.
                yield first, last, self._vault.known(view.text[start:end]) or self._vault.placeholder(secret)

    def _place(self, place: str) -> str:
        scheme, sign, rest = place.partition("://")
        if not sign:
            return self.text(place)
        authority, slash, path = rest.partition("/")
        user, at, host = authority.rpartition("@")
        # Not the host: a PIN may be the number of a port.
        return f"{scheme}://{self._user(user)}{at}{host}{self.text(slash + path)}"

    def _user(self, user: str) -> str:
        name, colon, password = user.partition(":")
        if not colon:
            return self._raw(name) if name else ""
        return f"{self.text(name)}:{self._raw(password) if password else ''}"

    def _parameter(self, name: str, raw: str, oauth: bool) -> str:
        name, value = unquote_plus(name), unquote_plus(raw)
        if self._names.secret(name, value) or (value and oauth and name in OAUTH):
            return self._raw(raw)
        return self.text(raw)

    def _raw(self, raw: str) -> str:
        return self._vault.known(raw) or self._vault.placeholder(unquote_plus(raw))

    def _cookie(self, cookie: str) -> str:
        name, sign, value = cookie.partition("=")
        return f"{name}{sign}{self._vault.placeholder(value) if value else ''}"

    def _credentials(self, value: str) -> str:
        scheme, space, rest = value.partition(" ")
        if not rest:
            return self._vault.placeholder(value) if value else ""
        pair = _basic(rest) if scheme.lower() == "basic" else None
        if pair is None:
            return f"{scheme}{space}{self._vault.placeholder(rest)}"
        user, password = pair
        if password:
            self._vault.also_written(rest, password)
            return f"{scheme} {self.text(user)}:{self._vault.placeholder(password)}"
        return f"{scheme} {self._vault.placeholder(user) if looks_random(user) else self.text(user)}:"


def basic(value: str) -> str:
    """Return the value of a header with HTTP Basic in it decoded, as a recording has it, and any other as it is."""
    scheme, _, rest = value.partition(" ")
    pair = _basic(rest) if scheme.lower() == "basic" else None
    return value if pair is None else f"{scheme} {':'.join(pair)}"


def _strings(value: object) -> tuple[list[str], list[str]]:
    """Return the names of fields in decoded JSON, and the texts in it, each once."""
    names, texts, todo = dict[str, None](), dict[str, None](), [value]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            names |= dict.fromkeys(one)
            todo += one.values()
        elif isinstance(one, list):
            todo += one
        elif isinstance(one, str):
            texts[one] = None
    return list(names), list(texts)


def _basic(rest: str) -> tuple[str, str] | None:
    try:
        user, colon, password = b64decode(rest, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return None
    return (user, password) if colon else None

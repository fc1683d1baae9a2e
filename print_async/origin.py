"""What a credential is bound to: a scheme, a host and a port. And how a base URL is read."""

import ipaddress
from typing import Self
from urllib.parse import urlsplit

import attrs

_DEFAULT_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class Origin:
    """A web origin (RFC 6454): two URLs share a credential only if theirs are equal."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Self:
        """Read the origin of an absolute http or https URL.

        Raises:
            ValueError: It is not one, or it names a user (`https://user@host/`).
        """
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise ValueError(f"not an absolute http or https URL: {presentable(url)!r}")
        if "@" in parts.netloc:
            raise ValueError("a URL with a user name or password in it is not accepted; pass the credential as a grant")
        port = _DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
        return cls(parts.scheme, parts.hostname, port)

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine itself, by address or as `localhost`."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def base_url(url: str) -> str:
    """Check a base URL and return it without a trailing slash.

    Raises:
        ValueError: It has a query, a fragment, a user name or a dot segment, or is plain http to anything but this
            machine: a token would travel in the clear.
    """
    origin = Origin.of(url)
    parts = urlsplit(url)
    if set(url) & set("?# \\") or not url.isprintable() or {".", ".."} & set(parts.path.split("/")):
        raise ValueError(f"a base URL is scheme, host, port and a path, and no more: {presentable(url)!r}")
    if origin.scheme == "http" and not origin.is_loopback:
        raise ValueError(f"{origin} is plain http: a token would travel in the clear. Use https")
    return url.rstrip("/")


def presentable(url: str) -> str:
    """Return what of a URL may be shown: neither query nor user, both of which can hold a secret."""
    return url.split("?", 1)[0].split("@")[-1]

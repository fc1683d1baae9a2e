"""The simulator's private certificate authority, as each MyQ X installation has one."""

import ssl
from typing import Self

import attrs


@attrs.frozen
class Authority:
    """A fresh authority, and a server that it vouches for on localhost and 127.0.0.1."""

    pem: bytes
    """The authority's own certificate, which a client must trust."""
    context: ssl.SSLContext = attrs.field(repr=False)
    """The server's side of TLS, its certificate loaded."""

    @classmethod
    def create(cls) -> Self:
        """Make an authority and let it sign a server certificate."""
        try:
            import trustme
        except ImportError as error:
            raise ImportError("the simulator's TLS needs trustme: install print-async[simulator]") from error
        authority = trustme.CA(organization_name="MyQ X simulator")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        return cls(authority.cert_pem.bytes(), context)

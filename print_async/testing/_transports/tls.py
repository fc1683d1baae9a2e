"""Which servers' certificates a transport accepts."""

# ruff: noqa: S101 - these are tests

import logging
import ssl
from pathlib import Path

import pytest

from print_async.errors import CertificateRejected
from print_async.testing._transports.peers import SIGNED, Certificates, Make, Rooms, Serve, answering, said
from print_async.wire import Request, Transport

_OK = answering(lambda _: said(b"ok"))


class Tls(Rooms):
    """Which servers' certificates a transport accepts."""

    async def test_unknown_authority(self, serve: Serve, transport: Transport, certificates: Certificates) -> None:
        """A private authority is refused before anything is sent, and the message says what to pass where, and why."""
        url = await serve(_OK, certificates.context())
        with pytest.raises(CertificateRejected) as caught:
            await transport.send(Request("GET", url + SIGNED))
        error, text = caught.value, str(caught.value)
        assert (error.sent, error.retryable, error.phase, error.url) == (False, False, "connect", url + "/x")
        assert (error.__cause__, error.__context__) == (None, None)
        assert "ca_file" in text
        assert "--ca-file" in text
        assert "planted" not in text

    async def test_wrong_name(self, serve: Serve, make: Make, certificates: Certificates) -> None:
        """A certificate of a trusted authority for another name is refused."""
        url = await serve(_OK, certificates.context("other.example"))
        with pytest.raises(CertificateRejected):
            await make(ca_file=certificates.ca_file).send(Request("GET", url))

    async def test_expired(self, serve: Serve, make: Make, certificates: Certificates) -> None:
        """A certificate of a trusted authority that has expired is refused, and the message says so."""
        url = await serve(_OK, certificates.context(expired=True))
        with pytest.raises(CertificateRejected, match="expired"):
            await make(ca_file=certificates.ca_file).send(Request("GET", url))

    async def test_given_authority(self, serve: Serve, make: Make, certificates: Certificates) -> None:
        """With `ca_file` the private authority's server is accepted, for one request after another."""
        url, transport = await serve(_OK, certificates.context()), make(ca_file=Path(certificates.ca_file))
        assert [(await transport.send(Request("GET", url))).body for _ in range(2)] == [b"ok", b"ok"]

    async def test_several_authorities(
        self, serve: Serve, make: Make, certificates: Certificates, tmp_path: Path
    ) -> None:
        """A `ca_file` may hold several authorities, and text between them."""
        import trustme

        both = tmp_path / "both.pem"
        both.write_bytes(trustme.CA().cert_pem.bytes() + b"# MyQ\n" + certificates.authority.cert_pem.bytes())
        url = await serve(_OK, certificates.context())
        assert (await make(ca_file=both).send(Request("GET", url))).body == b"ok"

    async def test_given_context(self, serve: Serve, make: Make, certificates: Certificates) -> None:
        """With `ssl_context` the caller's own rules hold; a transport that cannot says so when it is made."""
        context = ssl.create_default_context(cafile=certificates.ca_file)
        if "ssl_context" in self.cannot:
            with pytest.raises(ValueError, match="ssl_context"):
                make(ssl_context=context)
            return
        url = await serve(_OK, certificates.context())
        assert (await make(ssl_context=context).send(Request("GET", url))).body == b"ok"

    @pytest.mark.parametrize("expired", [False, True])
    async def test_verification_off(
        self, serve: Serve, make: Make, certificates: Certificates, caplog: pytest.LogCaptureFixture, *, expired: bool
    ) -> None:
        """With `verify=False` any certificate will do, and a warning says what that means."""
        with caplog.at_level(logging.WARNING, "print_async"):
            transport = make(verify=False)
        assert "NOT checked" in caplog.text
        url = await serve(_OK, certificates.context("other.example", expired=expired))
        assert (await transport.send(Request("GET", url))).body == b"ok"

    async def test_default_does_not_warn(self, make_transport: Make, caplog: pytest.LogCaptureFixture) -> None:
        """A transport that verifies has nothing to warn of."""
        make_transport()
        assert not caplog.records

    async def test_what_is_no_authority(self, make_transport: Make, tmp_path: Path) -> None:
        """A missing or garbled `ca_file` fails when the transport is made, not at the first request."""
        with pytest.raises(FileNotFoundError):
            make_transport(ca_file=tmp_path / "none.pem")
        garbled = tmp_path / "garbled.pem"
        garbled.write_text("no certificate")
        with pytest.raises(ValueError, match=r"garbled\.pem is no PEM file"):
            make_transport(ca_file=garbled)

    @pytest.mark.parametrize(
        "options",
        [
            {"ca_file": "x.pem", "verify": False},
            {"ca_file": "x.pem", "ssl_context": ssl.create_default_context()},
            {"ssl_context": ssl.create_default_context(), "verify": False},
            {"connections": 0},
            {"proxy": "ftp://proxy.example"},
            {"proxy": "proxy.example:3128"},
        ],
    )
    async def test_arguments_that_exclude_each_other(self, make_transport: Make, options: dict[str, object]) -> None:
        """Contradictory or impossible arguments are a `ValueError`, before a file is read."""
        with pytest.raises(ValueError, match=r"one of|at least one|HTTP proxy"):
            make_transport(**options)

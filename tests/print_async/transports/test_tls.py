"""Which servers' certificates are accepted."""

import logging
import ssl

import pytest
from aiohttp import web

from print_async.errors import CertificateRejected
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Request

GET = "GET"


async def ok(request):
    """Answer."""
    return web.Response(text="ok")


async def test_an_unknown_authority_is_refused_with_advice(serve, transport, certified):
    """A private authority is refused before anything is sent, and the message says what to pass where, and why."""
    url = await serve(ok, certified("localhost"))
    with pytest.raises(CertificateRejected) as caught:
        await transport.send(Request(GET, url + "/x?sig=signature"))
    error, text = caught.value, str(caught.value)
    assert (error.sent, error.retryable, error.phase, error.url) == (False, False, "connect", url + "/x")
    assert "ca_file" in text
    assert "--ca-file" in text
    assert "CERTIFICATE_VERIFY_FAILED" in text or "unable to get local issuer" in text
    assert "signature" not in text


async def test_a_wrong_name_is_refused(serve, make, certified, ca_file):
    """A certificate of a trusted authority for another name is refused, and the message says so."""
    url = await serve(ok, certified("other.example"))
    with pytest.raises(CertificateRejected, match="ostname mismatch"):
        await make(ca_file=ca_file).send(Request(GET, url))


async def test_a_given_authority_is_accepted(serve, make, certified, ca_file):
    """With `ca_file` the private authority's server is accepted, for one request after another."""
    url, transport = await serve(ok, certified("localhost")), make(ca_file=ca_file)
    assert [(await transport.send(Request(GET, url))).body for _ in range(2)] == [b"ok", b"ok"]


async def test_a_given_context_is_used(serve, make, certified, ca_file):
    """With `ssl_context` the caller's own rules hold."""
    context = ssl.create_default_context(cafile=ca_file)
    url = await serve(ok, certified("localhost"))
    assert (await make(ssl_context=context).send(Request(GET, url))).body == b"ok"


async def test_verification_off_accepts_all_and_warns(serve, make, certified, caplog):
    """With `verify=False` any certificate will do, and a warning says what that means."""
    with caplog.at_level(logging.WARNING, "print_async"):
        transport = make(verify=False)
    assert "NOT checked" in caplog.text
    url = await serve(ok, certified("other.example"))
    assert (await transport.send(Request(GET, url))).body == b"ok"


async def test_the_default_does_not_warn(make, caplog):
    """A transport that verifies has nothing to warn of."""
    make()
    assert not caplog.records


def test_what_is_no_authority_is_refused_at_once(tmp_path):
    """A missing or garbled `ca_file` fails when the transport is made, not at the first request."""
    with pytest.raises(FileNotFoundError):
        AiohttpTransport(ca_file=tmp_path / "none.pem")
    garbled = tmp_path / "garbled.pem"
    garbled.write_text("no certificate")
    with pytest.raises(ValueError, match=r"garbled\.pem is no PEM file"):
        AiohttpTransport(ca_file=garbled)


@pytest.mark.parametrize(
    "options",
    [
        {"ca_file": "x.pem", "verify": False},
        {"ca_file": "x.pem", "ssl_context": ssl.create_default_context()},
        {"ssl_context": ssl.create_default_context(), "verify": False},
        {"connections": 0},
    ],
)
def test_arguments_that_exclude_each_other_are_refused(options):
    """Contradictory arguments are a `ValueError`, before a file is read."""
    with pytest.raises(ValueError, match=r"one of|at least one"):
        AiohttpTransport(**options)

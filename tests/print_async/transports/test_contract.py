"""The contract of transports, kept by those that come with this."""

import pytest

from print_async.testing.transports import TransportContract
from print_async.transports.aiohttp import AiohttpTransport
from print_async.transports.httpx2 import Httpx2Transport
from print_async.transports.pyreqwest import PyreqwestTransport


def test_no_part_of_the_contract_hides_a_test_of_another():
    """Every test of every part is collected under its own name."""
    names = [name for part in TransportContract.__mro__ for name in vars(part) if name.startswith("test_")]
    assert len(names) == len(set(names))
    assert len(names) > 60


class TestAiohttp(TransportContract):
    cannot = frozenset({"empty query", "untyped bodies"})

    @pytest.fixture
    def make_transport(self):
        """Make the default transport."""
        return AiohttpTransport


class TestHttpx2(TransportContract):
    cannot = frozenset({"netrc"})

    @pytest.fixture
    def make_transport(self):
        """Make a transport on httpx2."""
        return Httpx2Transport


class TestPyreqwest(TransportContract):
    cannot = frozenset({"abort", "netrc", "odd headers", "odd urls", "phases", "ssl_context", "stale"})

    @pytest.fixture
    def make_transport(self):
        """Make a transport on pyreqwest."""
        return PyreqwestTransport

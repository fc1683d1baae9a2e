"""A recording changes nothing of what a transport does: it keeps the same contract."""

from itertools import count

import pytest

from print_async.testing.transports import TransportContract
from print_async.transports.aiohttp import AiohttpTransport
from print_async.transports.recording.recorder import RecordingTransport


class TestRecordingAiohttp(TransportContract):
    cannot = frozenset({"empty query", "untyped bodies"})

    @pytest.fixture
    def make_transport(self, tmp_path):
        """Make the default transport, recorded, each to a file of its own."""
        numbers = count()

        def make(**options):
            inner = AiohttpTransport(**options)
            # Small bodies recorded, large ones by their hash: both are in the contract, and it is over sooner.
            return RecordingTransport(inner, tmp_path / f"{next(numbers)}.jsonl", body_limit=2**16)

        return make

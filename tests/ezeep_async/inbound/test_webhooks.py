"""The receiver of ezeep's webhooks."""

import json

import aiohttp
import attrs
import pytest

from ezeep_async.inbound import PrintJobReport, webhook_receiver
from print_async.auth.grant import basic_authorization
from tests.print_async.inbound.serving import CREDENTIALS, PASSWORD, USER, serve

PRINT_JOB = {
    "printjob_id": "4c0d8b67-0000-0000-0000-000000000001",
    "filename": "letter.pdf",
    "status": "succeeded",
    "created": "2026-01-02T03:04:05.678901Z",
    "user_id": "4c0d8b67-0000-0000-0000-000000000002",
    "user_name": "John Smith",
    "user_email": "john@example.com",
    "printer_id": "4c0d8b67-0000-0000-0000-000000000003",
    "printer_name": "Reception",
    "connector_id": "4c0d8b67-0000-0000-0000-000000000004",
    "connector_name": "Hub 1",
    "type": "network",
    "color": True,
    "duplex": False,
    "copies": 2,
    "paper": "A4",
    "total_printed_pages": 4,
    "co2_impact": 17,
}


class Inbox:
    """What has arrived."""

    def __init__(self):
        self.events = []
        self.error = None

    async def __call__(self, event):
        """Take an event, or fail."""
        if self.error:
            raise self.error
        self.events.append(event)


@pytest.fixture
def inbox():
    """The handler."""
    return Inbox()


@pytest.fixture
async def deliver(kind, inbox):
    """Deliver a body as ezeep would, and return the status."""
    async with (
        serve(kind, webhook_receiver(inbox, CREDENTIALS, max_event=10_000), "/ezeep/hooks") as server,
        aiohttp.ClientSession() as session,
    ):

        async def send(body, password=PASSWORD, method="POST"):
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
            authorization = basic_authorization(USER, password).reveal()
            headers = {"Content-Type": "application/json", "Authorization": authorization}
            async with session.request(method, f"{server.url}/", data=body, headers=headers) as answer:
                await answer.read()
                return answer.status

        yield send


async def test_a_print_job(deliver, inbox):
    """A delivery arrives typed, as well as raw, and is answered with 204."""
    delivery = {"content": {"printjob": PRINT_JOB}, "topic": "printjob_succeeded"}

    assert await deliver(delivery) == 204

    (event,) = inbox.events
    assert attrs.asdict(event.print_job) == PRINT_JOB
    assert event.raw == delivery
    assert "topic" not in repr(event)


@pytest.mark.parametrize("field", PRINT_JOB)
async def test_fields_that_are_missing(deliver, inbox, field):
    """Nothing is promised, so any field may be missing, or null."""
    rest = {name: value for name, value in PRINT_JOB.items() if name != field}

    assert [await deliver({"content": {"printjob": job}}) for job in (rest, {**rest, field: None})] == [204, 204]
    assert [getattr(event.print_job, field) for event in inbox.events] == [None, None]
    assert inbox.events[0].print_job == attrs.evolve(PrintJobReport(**PRINT_JOB), **{field: None})


@pytest.mark.parametrize("delivery", [{}, {"content": None}, {"content": {}}, {"content": {"printjob": None}}])
async def test_other_events(deliver, inbox, delivery):
    """A delivery without a print job is an event all the same."""
    assert await deliver(delivery) == 204
    assert (inbox.events[0].print_job, inbox.events[0].raw) == (None, delivery)


@pytest.mark.parametrize(
    "content", ["text", {"printjob": []}, {"printjob": {"copies": "two", "filename": "secret.pdf"}}]
)
async def test_deliveries_of_another_shape(deliver, inbox, content, caplog):
    """A delivery that is not as it was seen to be is not lost: it arrives raw, and the log says what differs."""
    assert await deliver({"content": content}) == 204

    assert (inbox.events[0].print_job, inbox.events[0].raw) == (None, {"content": content})
    assert "$.content" in caplog.text
    assert "secret.pdf" not in caplog.text


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b'"x"', b"\xff", b"[" * 5000, b'{"a": \x01}'])
async def test_what_is_no_delivery(deliver, inbox, body):
    """What is no JSON object is 400."""
    assert await deliver(body) == 400
    assert inbox.events == []


async def test_a_handler_that_fails(deliver, inbox, caplog):
    """When the handler fails ezeep gets 500, so that it may deliver again; the failure is logged once."""
    inbox.error = RuntimeError("the database is down")

    assert await deliver({"content": {"printjob": PRINT_JOB}}) == 500
    assert len([record for record in caplog.records if record.name == "print_async.inbound"]) == 1
    assert "the database is down" in caplog.text

    inbox.error = None
    assert await deliver({"content": {"printjob": PRINT_JOB}}) == 204


async def test_who_may_deliver(deliver, inbox):
    """Nobody without the password delivers anything, by no other method, and nothing too large."""
    assert await deliver({}, password="wrong") == 401
    assert await deliver({}, method="PUT") == 405
    assert await deliver({"content": "x" * 10_000}) == 413
    assert inbox.events == []

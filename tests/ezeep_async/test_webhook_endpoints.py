"""Webhook endpoints, over real sockets."""

import attrs
import pytest

from ezeep_async.models import AuthenticationScheme, NewWebhookEndpoint, WebhookTopic
from print_async.errors import BadRequest, ConnectionLost, Forbidden, NotFound
from print_async.secret import Secret
from print_async.testing import Fault, FaultKind

NEW = NewWebhookEndpoint(
    name="Accounting",
    url="https://hooks.example.com/ezeep?a=b",
    topics=(WebhookTopic.PRINT_JOB_FAILED,),
    authentication_scheme=AuthenticationScheme.BASIC,
    basic_username="ezeep",
    basic_password="pass:wörd",
)


async def test_create(start):
    """An endpoint is created with its password, which shows nowhere."""
    rig = await start(grant=lambda sim: sim.grant("printing webhooks"))

    made = await rig.ezeep.webhooks.create_endpoint(NEW)

    assert (made.name, made.url, made.topics, made.disabled) == (NEW.name, NEW.url, NEW.topics, False)
    assert (made.authentication_scheme, made.basic_username) == (AuthenticationScheme.BASIC, "ezeep")
    assert isinstance(made.basic_password, Secret)
    assert made.basic_password.reveal() == "pass:wörd"
    assert "wörd" not in f"{made!r} {NEW!r}"
    (there,) = rig.sim.webhooks.endpoints
    assert (there["endpoint_id"], there["basic_password"]) == (made.endpoint_id, "pass:wörd")


async def test_create_without_a_password(start):
    """An endpoint needs no more than a name and a URL."""
    rig = await start(grant=lambda sim: sim.grant("webhooks"))

    made = await rig.ezeep.webhooks.create_endpoint(NewWebhookEndpoint(name="n", url="https://h.example"))

    assert (made.topics, made.authentication_scheme, made.basic_password) == ((), None, None)


async def test_refusals(start):
    """A token without the scope, a topic nobody knows, and a path with a slash are refused."""
    rig = await start(grant=lambda sim: sim.grant("webhooks"))

    with pytest.raises(BadRequest, match="topics"):
        await rig.ezeep.webhooks.create_endpoint(attrs.evolve(NEW, topics=(WebhookTopic("printjob_lost"),)))
    with pytest.raises(NotFound):
        await rig.ezeep.request("POST", "/webhooks/endpoints/", json=NEW)
    async with rig.join(attrs.evolve(rig.sim.grant("webhooks.readonly"), scope="")) as reader:
        with pytest.raises(Forbidden):
            await reader.webhooks.create_endpoint(NEW)
    assert rig.sim.webhooks.endpoints == []


async def test_a_lost_answer(start):
    """A creation is not repeated."""
    rig = await start(grant=lambda sim: sim.grant("webhooks"))
    rig.sim.faults.add(Fault(kind=FaultKind.DROP_AFTER, path="/webhooks"))

    with pytest.raises(ConnectionLost) as lost:
        await rig.ezeep.webhooks.create_endpoint(NEW)

    assert "wörd" not in f"{lost.value!r} {lost.value}"
    assert len(rig.sim.webhooks.endpoints) == 1


@pytest.mark.parametrize("url", ["", "http://h.example/", "https:///path", "h.example", "ftp://h.example", "https://["])
def test_urls_that_are_refused(url):
    """Only an absolute https URL is taken."""
    with pytest.raises(ValueError, match=r"https|URL"):
        NewWebhookEndpoint(name="n", url=url)


@pytest.mark.parametrize(
    "options",
    [
        {"basic_username": "u"},
        {"basic_password": "p"},
        {"authentication_scheme": AuthenticationScheme.BASIC},
        {"basic_username": "u", "basic_password": "p"},
        {"basic_username": "u:v", "basic_password": "p", "authentication_scheme": AuthenticationScheme.BASIC},
        {"basic_username": "u", "basic_password": "", "authentication_scheme": AuthenticationScheme.BASIC},
        {"basic_username": "", "basic_password": "p", "authentication_scheme": AuthenticationScheme.BASIC},
    ],
)
def test_half_a_credential(options):
    """Scheme, name and password come together, and the name has no colon in it."""
    with pytest.raises(ValueError, match=r"basic_\w+ must|basic_username"):
        NewWebhookEndpoint(name="n", url="https://h.example", **options)


def test_other_bad_input():
    """No name, and a lone topic that would be taken for its letters, are refused at once."""
    with pytest.raises(ValueError, match="name"):
        NewWebhookEndpoint(name="", url="https://h.example")
    with pytest.raises(TypeError, match="topics"):
        NewWebhookEndpoint(name="n", url="https://h.example", topics=WebhookTopic.PRINT_JOB_FAILED)

"""Getting a newer token: from the store, else by the refresh token, else by signing in."""

import attrs
import pytest

from print_async.auth.refresh import RefreshPolicy
from print_async.auth.renewal import Renewal
from print_async.auth.stores.record import Record
from print_async.errors import ConnectFailed, LoginRequired, TokenRequestFailed
from print_async.testing import StubTransport, json_response, token_response

HOUR = 3600.0
KEY = "fake:app@https://print.example"


@pytest.fixture
def make(world, base, fake_grant):
    """Make the renewal of a credential, without jitter."""

    def make(*, transport=None, store=None, at=base, **grant):
        transport = transport or StubTransport(otherwise=world.server)
        store = store or world.store
        return Renewal(fake_grant(**grant), at, transport, store, RefreshPolicy(), world.clock, lambda: 0.5)

    return make


def kinds(server):
    """Return the `grant_type` of each token request, shortened."""
    return [request["grant_type"].removesuffix("_token") for request in server.token_requests]


async def test_signs_in_refreshes_and_saves(make, server, world):
    """The first token comes by signing in, the next by its refresh token; both are saved, a generation apart."""
    renewal = make()
    first = await renewal.next(None)
    assert (first.token.access_token, first.token.generation, first.source) == ("token-1", 1, "sign-in")
    assert first.authorization == "Bearer token-1"
    assert await world.stored() == first.token
    second = await renewal.next(first)
    assert (second.token.access_token, second.token.generation, second.source) == ("token-2", 2, "refresh")
    assert await world.stored() == second.token
    assert server.token_requests[1] == {"grant_type": "refresh_token", "refresh_token": "refresh-1"}


async def test_server_that_does_not_rotate(make, server):
    """A refresh answered without a new refresh token leaves the old one in use (RFC 6749 section 6)."""
    server.script = [token_response("a", refresh_token="lasting"), token_response("b"), token_response("c")]
    renewal, held = make(unattended=False), None
    for _ in range(3):
        held = await renewal.next(held)
    assert held.token.refresh_token == "lasting"
    assert [request.get("refresh_token") for request in server.token_requests] == [None, "lasting", "lasting"]


async def test_no_refresh_token(make, server):
    """Without a refresh token, a grant that needs nobody signs in again."""
    server.rotating = False
    renewal = make()
    await renewal.next(await renewal.next(None))
    assert kinds(server) == ["password", "password"]


async def test_no_refresh_token_and_nobody_there(make, server):
    """Without a refresh token, a grant that works once asks for a person and sends nothing."""
    server.rotating = False
    renewal = make(unattended=False)
    held = await renewal.next(None)
    with pytest.raises(LoginRequired, match="sign in again"):
        await renewal.next(held)
    assert server.asked == 1


@pytest.mark.parametrize("age", [0.0, 1000.0, 3000.0], ids=["new", "fresh", "stale"])
async def test_stored_token_is_adopted(make, server, world, age):
    """A stored token with life left is taken as it is; its age is counted on the wall clock."""
    await world.clock.advance(5000)
    await world.put(world.token(age=age, generation=8, refresh="r"))
    held = await make().next(None)
    assert (held.token.access_token, held.source, server.asked) == ("stored", "store", 0)
    assert held.window.stale_at == pytest.approx(5000 - age + 2700)
    assert held.window.expired_at == pytest.approx(5000 - age + 3590)


@pytest.mark.parametrize("age", [HOUR, 3595.0, 1e6, -11.0, -1e6], ids=str)
@pytest.mark.parametrize("unattended", [True, False])
async def test_expired_stored_token_is_spent(make, server, world, age, unattended):
    """A stored token that has expired, or is from the future, leads to one request, which spends its refresh token."""
    await world.put(world.token(age=age, generation=8, refresh="stored-refresh"))
    held = await make(unattended=unattended).next(None)
    assert (held.token.access_token, held.token.generation, held.source) == ("token-1", 9, "refresh")
    assert server.token_requests == [{"grant_type": "refresh_token", "refresh_token": "stored-refresh"}]
    assert (await world.stored()).generation == 9


async def test_expired_stored_token_without_refresh_token(make, server, world):
    """A stored token with neither life nor refresh token is followed by a sign-in, a generation on."""
    await world.put(world.token(age=HOUR, generation=8))
    assert (await make().next(None)).token.generation == 9
    assert kinds(server) == ["password"]


async def test_sibling_was_faster(make, server, world):
    """A newer generation in the store is used without a token request of our own."""
    renewal = make()
    held = await renewal.next(None)
    await world.put(world.token("sibling", generation=5, refresh="r"))
    held = await renewal.next(held)
    assert (held.token.access_token, held.token.generation, server.asked) == ("sibling", 5, 1)


@pytest.mark.parametrize("generation", [1, 2])
async def test_older_generation_is_not_taken(make, server, world, generation):
    """A token in the store that is no newer than the one held is not taken for new."""
    held = await make(store=type(world.store)()).next(None)
    held = attrs.evolve(held, token=attrs.evolve(held.token, generation=2))
    await world.put(world.token("old", generation=generation))
    held = await make().next(held)
    assert (held.token.access_token, held.token.generation, server.asked) == ("token-2", 3, 2)


async def test_older_generation_is_not_written_back(make, world):
    """Where somebody without our lock has written a newer generation meanwhile, ours does not replace it."""

    def overtaken(request):
        world.store._records[KEY] = Record(world.token("newer", generation=10))
        return token_response("ours")

    await make(transport=StubTransport(overtaken)).next(None)
    assert (await world.stored()).access_token == "newer"


@pytest.mark.parametrize("unattended", [True, False])
async def test_refused_because_a_sibling_spent_it(make, world, invalid_grant, unattended):
    """If the refresh token was spent by somebody without our lock, the token they left is used, and nothing refused."""
    held = await make().next(None)

    def spent(request):
        world.store._records[KEY] = Record(world.token("sibling", generation=2, refresh="r"))
        return invalid_grant

    transport = StubTransport(spent)
    held = await make(transport=transport, unattended=unattended).next(held)
    assert (held.token.access_token, held.source, len(transport.requests)) == ("sibling", "store", 1)


async def test_refused_refresh_signs_in_again(make, server, world, invalid_grant):
    """If the refresh token is refused, a grant that needs nobody signs in again, and forgets the dead refresh token."""
    server.rotating = False
    server.script = [token_response("a", refresh_token="once"), invalid_grant]
    renewal = make()
    held = await renewal.next(await renewal.next(None))
    assert (held.token.access_token, held.token.generation, held.source) == ("token-3", 2, "sign-in")
    assert kinds(server) == ["password", "refresh", "password"]
    assert await world.stored() == held.token
    assert held.token.refresh_token is None


async def test_refused_refresh_with_nobody_there(make, server, invalid_grant):
    """If the refresh token is refused and the grant works once, that is said, and the server is asked no more."""
    server.otherwise = invalid_grant
    server.script = [token_response("a", refresh_token="once")]
    renewal = make(unattended=False)
    held = await renewal.next(None)
    errors = []
    for _ in range(3):
        with pytest.raises(LoginRequired, match="invalid_grant: revoked") as caught:
            await renewal.next(held)
        errors.append(caught.value)
    assert server.asked == 2
    assert len({id(error) for error in errors}) == 3


@pytest.mark.parametrize("unattended", [True, False])
async def test_refused_sign_in(make, server, world, invalid_grant, unattended):
    """A refused sign-in is not repeated, until the store has a token that somebody else got."""
    server.otherwise = invalid_grant
    renewal = make(unattended=unattended)
    for _ in range(3):
        with pytest.raises(LoginRequired):
            await renewal.next(None)
    assert server.asked == 1
    await world.put(world.token("sibling"))
    assert (await renewal.next(None)).token.access_token == "sibling"
    await world.put(world.token("expired", generation=2, age=HOUR, refresh="fresh-refresh"))
    server.otherwise = None
    assert (await renewal.next(None)).token.generation == 3
    assert server.token_requests[-1]["refresh_token"] == "fresh-refresh"


@pytest.mark.parametrize("failure", [ConnectFailed("down"), json_response({"error": "server_error"}, 503)], ids=str)
async def test_failure_is_not_a_refusal(make, server, failure):
    """After a failure in transit the same refresh token is tried again, and the credential is not given up."""
    server.script = [token_response("a", refresh_token="once"), failure]
    renewal = make(unattended=False)
    held = await renewal.next(None)
    with pytest.raises(TokenRequestFailed):
        await renewal.next(held)
    assert (await renewal.next(held)).token.generation == 2
    assert [request.get("refresh_token") for request in server.token_requests] == [
        None,
        "once",
        "once",
    ]


async def test_life_counts_from_sending(make, server, world):
    """The window of a new token begins when it was asked for, not when the answer came."""
    transport = StubTransport(lambda _: slowly(world, token_response("a", expires_in=100)))
    held = await make(transport=transport).next(None)
    assert (held.window.stale_at, held.window.expired_at) == pytest.approx((75, 90))
    assert world.clock.monotonic() == 30


async def slowly(world, answer):
    """Answer after half a minute, in which somebody sets the wall clock."""
    await world.clock.advance(30)
    world.clock.set_wall_clock(0.0)
    return answer


async def test_one_store_for_several_servers(make, server):
    """The same client id on another server is another credential."""
    await make().next(None)
    other = make(at="https://other.example", transport=StubTransport(token_response("other")))
    assert (await other.next(None)).token.access_token == "other"

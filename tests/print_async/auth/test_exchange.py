"""One token request: a token, a refusal, or a failure."""

import pytest

from print_async.auth.exchange import exchange
from print_async.errors import CertificateRejected, ConnectFailed, ConnectionLost, LoginRequired, TokenRequestFailed
from print_async.testing import StubTransport, json_response, token_response
from print_async.wire import Headers, Response

ACCESS = {"access_token": "a"}


@pytest.fixture
def ask(fake_grant, base, clock):
    """Make one exchange that ends with that answer."""

    async def ask(answer, **options):
        grant = fake_grant(**options)
        return await exchange(grant, grant.sign_in(base), StubTransport(answer), clock, 7)

    return ask


async def test_token(ask, clock):
    """A token response becomes a token of the generation asked for."""
    token = await ask(token_response("a", expires_in="60", scope="read", refresh_token="r"))
    assert (token.access_token, token.expires_in, token.scope, token.refresh_token) == ("a", 60.0, {"read"}, "r")
    assert (token.generation, token.issued_at) == (7, clock.time())


async def test_life_counts_from_sending(ask, clock):
    """A token was issued when the request for it was sent, however long the answer took."""
    sent = clock.time()

    async def slowly(request):
        await clock.advance(30)
        return token_response("a")

    assert (await ask(slowly)).issued_at == sent


@pytest.mark.parametrize("status", [200, 201])
async def test_any_success_will_do(ask, status):
    """A token may come with any status of success."""
    assert (await ask(json_response(ACCESS, status))).access_token == "a"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        pytest.param(json_response({"error": "invalid_grant"}, 400), "invalid_grant", id="invalid_grant"),
        pytest.param(json_response({"error": "invalid_client"}, 401), "invalid_client", id="invalid_client"),
        pytest.param(json_response({"error": "access_denied"}, 403), "access_denied", id="403"),
        pytest.param(json_response({"error": "invalid_grant"}), "invalid_grant", id="200 with an error"),
        pytest.param(json_response({**ACCESS, "error": "invalid_scope"}), "invalid_scope", id="200 with both"),
        pytest.param(json_response({**ACCESS, "error": "invalid_scope"}, 400), "invalid_scope", id="400 with both"),
        pytest.param(json_response({"code": 2001, "message": "bad PIN"}, 400), "2001", id="vendor's own"),
        pytest.param(json_response({"code": 2001, "message": "bad PIN"}), "2001", id="vendor's own with 200"),
    ],
)
async def test_refusal(ask, answer, code):
    """A refusal that names an error is final, whatever dialect it is in, and also with a status of success."""
    with pytest.raises(LoginRequired, match=code) as caught:
        await ask(answer)
    assert caught.value.error == code
    assert not caught.value.retryable


async def test_refusal_says_what_the_server_says(ask, invalid_grant):
    """The error carries code and description and names the endpoint, without its query."""
    with pytest.raises(LoginRequired, match=r"https://print.example/token refused .* invalid_grant: revoked") as caught:
        await ask(invalid_grant)
    assert (caught.value.error, caught.value.description) == ("invalid_grant", "revoked")
    assert "planted" not in str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(json_response({"error": "temporarily_unavailable"}, 400), id="temporarily_unavailable"),
        pytest.param(json_response({"error": "slow_down"}, 400), id="slow_down"),
        pytest.param(json_response({"error": "server_error"}), id="server_error with 200"),
        pytest.param(json_response({"error": "invalid_grant"}, 429), id="429"),
        pytest.param(json_response({"error": "invalid_grant"}, 503), id="503"),
        pytest.param(json_response({"error": {"code": 1}}, 400), id="error is no string"),
        pytest.param(json_response({}, 400), id="400 without a word"),
        pytest.param(json_response({}), id="empty object"),
        pytest.param(json_response([ACCESS]), id="array"),
        pytest.param(json_response("a"), id="string"),
        pytest.param(json_response({"access_token": None}), id="null token"),
        pytest.param(json_response({"access_token": 7}), id="number for a token"),
        pytest.param(json_response({"access_token": ""}), id="empty token"),
        pytest.param(json_response(ACCESS, 302), id="redirect"),
        pytest.param(json_response(ACCESS, 500), id="500 with a token"),
        pytest.param(Response(200, Headers(), b"<html>Sign in to the Wi-Fi</html>"), id="HTML"),
        pytest.param(Response(401, Headers(), b"<html>proxy</html>"), id="HTML with 401"),
        pytest.param(Response(200, Headers(), b""), id="nothing"),
        pytest.param(Response(200, Headers(), b'{"access_token": "a'), id="cut short"),
        pytest.param(Response(200, Headers(), b"\xff\xfe"), id="not UTF-8"),
    ],
)
async def test_failure_that_may_pass(ask, answer):
    """Whatever is neither a token nor a refusal is a failure that may pass, and tells the status."""
    with pytest.raises(TokenRequestFailed) as caught:
        await ask(answer)
    assert caught.value.status == answer.status
    assert caught.value.retryable


async def test_nonsense_names_the_likely_cause(ask):
    """An answer that is no token response points to the base URL and to proxies."""
    with pytest.raises(TokenRequestFailed, match=r"answered 200 with something .* Is the base URL right"):
        await ask(Response(200, Headers(), b"<html>"))


@pytest.mark.parametrize(
    ("value", "seconds"), [("120", 120.0), ("Sun, 15 Jun 2025 15:08:40 GMT", 120.0), ("soon", None), (None, None)]
)
@pytest.mark.parametrize("body", [{"error": "server_error"}, {}], ids=["refusal", "nonsense"])
async def test_retry_after(ask, value, seconds, body):
    """Retry-After is read, as seconds or as a date, from a refusal as from nonsense."""
    with pytest.raises(TokenRequestFailed) as caught:
        await ask(json_response(body, 503, {} if value is None else {"Retry-After": value}))
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("error", "retryable"),
    [(ConnectFailed("down", sent=False), True), (ConnectionLost("cut"), False), (CertificateRejected("bad"), False)],
)
async def test_transport_error(ask, error, retryable):
    """A failure on the wire is a failed token request that keeps its cause, and what it says of a retry."""
    with pytest.raises(TokenRequestFailed) as caught:
        await ask(error)
    assert caught.value.__cause__ is error
    assert (caught.value.status, caught.value.retryable) == (None, retryable)

"""The authorization code flow up to the code."""

import copy
import pickle
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from print_async.auth.authorization import AuthorizationRequest, code_challenge
from print_async.errors import AuthorizationRefused
from print_async.secret import Secret

REDIRECT = "https://app.example/back?tenant=7"


def begin(**changes):
    """Begin a sign-in."""
    arguments = {"client_id": "app", "redirect_uri": REDIRECT, "scope": "read write", "extra": {}, "pkce": True}
    return AuthorizationRequest.make("https://print.example/authorize", **{**arguments, **changes})


def query(request):
    """Return the query of the sign-in URL."""
    return {name: value for name, (value,) in parse_qs(urlsplit(request.url).query, keep_blank_values=True).items()}


def callback(request, **fields):
    """Return the URL that the browser comes back to."""
    return f"{REDIRECT}&{urlencode({'state': request.state.reveal(), **fields})}"


def test_challenge_vector():
    """The S256 challenge is that of RFC 7636, appendix B, also of a verifier that is a secret."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert code_challenge(Secret(verifier)) == code_challenge(verifier)


def test_url():
    """The URL carries what RFC 6749 section 4.1.1 and RFC 7636 ask for, and the vendor's own parameters."""
    request = begin(extra={"prompt": "login"})
    assert request.url.startswith("https://print.example/authorize?")
    assert query(request) == {
        "response_type": "code",
        "client_id": "app",
        "redirect_uri": REDIRECT,
        "scope": "read write",
        "state": request.state.reveal(),
        "code_challenge": code_challenge(request.code_verifier),
        "code_challenge_method": "S256",
        "prompt": "login",
    }


def test_without_pkce_and_scope():
    """What the server does not know, or is left to it, is not in the URL; nor is ever the verifier."""
    request = begin(pkce=False, scope="")
    assert set(query(request)) == {"response_type", "client_id", "redirect_uri", "state"}
    assert request.code_verifier.reveal() not in begin().url


def test_each_sign_in_is_its_own():
    """State and verifier are random, of at least 256 bits, and the verifier is as long as RFC 7636 allows."""
    first, second = begin(), begin()
    assert first.state != second.state
    assert first.code_verifier != second.code_verifier
    assert len(first.state.reveal()) >= 43
    assert 43 <= len(first.code_verifier.reveal()) <= 128


@pytest.mark.parametrize("uri", ["", "/back", "app.example/back"])
def test_relative_redirect(uri):
    """A redirect URI that is not absolute is refused before the person is sent anywhere."""
    with pytest.raises(ValueError, match="absolute"):
        begin(redirect_uri=uri)


def test_code():
    """A callback with our state gives the code, decoded, as a secret."""
    request = begin()
    code = request.read_callback(callback(request, code="a+b/c="))
    assert code == "a+b/c="
    assert isinstance(code, Secret)


@pytest.mark.parametrize(
    "state",
    [None, "", "planted-other", "ä", "{state}x", "{short}"],
    ids=["missing", "empty", "other", "not ASCII", "longer", "shorter"],
)
@pytest.mark.parametrize("fields", [{"code": "planted-code"}, {"error": "access_denied"}], ids=["code", "error"])
def test_wrong_state(state, fields):
    """Without exactly our state neither a code nor an error is believed, and the text shows neither of the two."""
    request = begin()
    plain = request.state.reveal()
    if state is not None:
        fields = {**fields, "state": state.format(state=plain, short=plain[:-1])}
    with pytest.raises(AuthorizationRefused) as caught:
        request.read_callback(f"{REDIRECT}&{urlencode(fields)}")
    assert caught.value.error == "state_mismatch"
    assert "planted" not in str(caught.value)
    assert plain not in str(caught.value)


def test_error_from_the_sign_in_page():
    """The server's error code and description reach the caller, also where a code came with them."""
    request = begin()
    back = callback(request, error="access_denied", error_description="not you", code="planted-code")
    with pytest.raises(AuthorizationRefused, match="access_denied: not you") as caught:
        request.read_callback(back)
    assert caught.value.error == "access_denied"
    for twin in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):  # noqa: S301
        assert (str(twin), twin.error) == (str(caught.value), "access_denied")


@pytest.mark.parametrize("fields", [{}, {"code": ""}], ids=["missing", "empty"])
def test_no_code(fields):
    """A callback without a code, or with an empty one, is refused."""
    request = begin()
    with pytest.raises(AuthorizationRefused) as caught:
        request.read_callback(callback(request, **fields))
    assert caught.value.error == "no_code"


def test_repr():
    """The repr shows neither state nor verifier, nor the URL that has the state in it."""
    request = begin()
    for secret in (request.state, request.code_verifier):
        assert secret.reveal() not in f"{request!r} {request}"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(request)

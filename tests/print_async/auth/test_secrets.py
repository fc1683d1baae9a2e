"""No display, error, traceback or pickle gives a secret away."""

import copy
import pickle
import traceback

import pytest

from print_async.auth.refresh import Window
from print_async.auth.renewal import Held
from print_async.errors import LoginRequired, PrintAsyncError, TokenRequestFailed
from print_async.secret import Secret
from print_async.testing import json_response, token_response

PLANTED = {"password": "planted-password", "refresh": "planted-refresh"}
REFUSED, PASSING = ("invalid_grant", 400), ("server_error", 503)


def shown(error: PrintAsyncError) -> str:
    """Return all that an error tells, in whatever way it is asked."""
    twins = [error, copy.copy(error), pickle.loads(pickle.dumps(error))]  # noqa: S301
    told = [f"{twin} {twin!r} {twin.args} {vars(twin)}" for twin in twins]
    return " ".join([*told, repr(pickle.dumps(error)), *traceback.format_exception(error)])


async def fail(world, fake_grant, *answers) -> PrintAsyncError:
    """Return the error of a session that gets those answers when its token has to be refreshed."""
    first = token_response("planted-access", refresh_token=PLANTED["refresh"])
    world.server.script = [first, *answers]
    session = world.session(grant=fake_grant(unattended=len(answers) > 1))
    await session.token()
    session.invalidate(1)
    with pytest.raises((LoginRequired, TokenRequestFailed)) as caught:
        await session.token()
    return caught.value


@pytest.mark.parametrize(("code", "status"), [REFUSED, PASSING])
@pytest.mark.parametrize("secret", PLANTED)
async def test_server_that_quotes(world, fake_grant, code, status, secret):
    """A secret that the server quotes in its description is masked, be it the grant's or the one that was spent."""
    said = {"error": code, "error_description": f"no such thing: {PLANTED[secret]!r}"}
    error = await fail(world, fake_grant, json_response(said, status))
    assert "no such thing" in str(error)
    assert PLANTED[secret] not in shown(error)


@pytest.mark.parametrize("secret", PLANTED)
async def test_server_that_quotes_in_the_code(world, fake_grant, secret):
    """A secret that the server quotes in its error code is masked as well."""
    error = await fail(world, fake_grant, json_response({"error": f"bad {PLANTED[secret]}"}, 400))
    assert PLANTED[secret] not in shown(error)


async def test_server_that_quotes_at_sign_in(world, fake_grant):
    """A quoted password is masked in the refusal of a sign-in that follows a refused refresh."""
    said = {"error": "invalid_grant", "error_description": f"wrong password {PLANTED['password']}"}
    error = await fail(world, fake_grant, json_response({"error": "invalid_grant"}, 400), json_response(said, 400))
    assert error.description == "wrong password ***"
    assert "planted" not in shown(error)


async def test_answer_with_token_and_error(world, fake_grant):
    """A token in an answer that is refused for its error is not shown."""
    said = {"access_token": "planted-other", "error": "invalid_scope", "error_description": "narrowed"}
    assert "planted" not in shown(await fail(world, fake_grant, json_response(said)))


@pytest.mark.parametrize(("code", "status"), [REFUSED, PASSING])
async def test_traceback_with_locals(world, fake_grant, code, status):
    """Error reports that show local variables show no secret of ours."""
    error = await fail(world, fake_grant, json_response({"error": code}, status))
    seen, told = error, []
    while seen is not None:
        report = traceback.TracebackException.from_exception(seen, capture_locals=True)
        told += [str(frame.locals) for frame in report.stack if "tests" not in frame.filename]
        seen = seen.__context__
    assert len(told) > 3
    assert "planted" not in " ".join(told)


async def test_refusal_survives_pickling(world, fake_grant):
    """A `LoginRequired` comes out of a pickle, or a process pool, with all it told."""
    error = await fail(world, fake_grant, json_response({"error": "invalid_grant", "error_description": "gone"}, 400))
    twin = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (type(twin), str(twin), twin.error, twin.description) == (LoginRequired, str(error), "invalid_grant", "gone")


def test_held_token(world):
    """What the session holds shows neither the token nor the header made of it."""
    token = world.token("planted-access", refresh="planted-refresh")
    held = Held(token, Window(0.0, 1.0), "store", Secret("Bearer planted-access"))
    assert "planted" not in f"{held!r} {token!r}"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(held)


async def test_requests_and_session(world):
    """The repr of a session, of a token request and of an API request shows no secret."""
    session = world.session()
    await session.token()
    grant = session._grant
    told = [grant.sign_in("https://print.example"), grant.refresh("https://print.example", Secret("planted-refresh"))]
    assert "planted" not in " ".join(map(repr, [session, session._renewal, session._held, *told]))

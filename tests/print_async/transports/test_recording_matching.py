"""Which recorded exchange a replay takes for a request, and what it says where there is none."""

from base64 import b64encode

import pytest

from print_async.errors import NotRecorded
from print_async.testing import json_response, token_response
from print_async.wire import Body, Request, Response
from tests.canary.finding import everything_of
from tests.print_async.transports.recordings import GET, URL, bearer, exchanges, parts, record, refusal


def put(body=None, query=""):
    """Make a request with a body."""
    return Request("PUT", URL + query, body=body)


OTHERS = [
    (GET, put(), "the method (GET)"),
    (Request("GET", URL + "/users/7"), Request("GET", URL + "/users/8"), "the URL"),
    (put(query="?page=1&x=1"), put(query="?page=planted&x=1"), "the query, page."),
    (put(query="?a=1"), put(query="?a=1&b=planted"), "the query, b."),
    (put(Body.json({"a": {"b": [1, 2]}, "c": 1})), put(Body.json({"a": {"b": [1, "planted"]}, "d": 1})),
     "$.a.b[1]; $.c; $.d."),
    (put(Body.json([1])), put(Body.json([True])), "$[0]."),
    (put(Body.json([1])), put(Body.json([1, 2])), "in $."),
    (put(Body.json({})), put(Body(b"planted")), "the body, which is no JSON."),
    (put(Body.form({"a": "1"})), put(Body.form({"a": "planted"})), "the form, a."),
    (put(Body(b"text")), put(Body(b"planted")), "the text of the body."),
    (put(Body(b"\xff")), put(Body(b"planted")), "the body (7 bytes)."),
    (put(), put(Body(b"planted")), "the body (7 bytes)."),
    (put(Body(b"planted")), put(), "the text of the body."),
    (put(Body(bytes(2000))), put(Body(bytes(2001))), "the body (2001 bytes)."),
    (put(Body(bytes(2000))), put(Body(b"x")), "the body (1 bytes)."),
]  # fmt: skip


@pytest.mark.parametrize(("recorded", "asked", "said"), OTHERS)
async def test_what_was_not_recorded(path, recorded, asked, said):
    """A request that differs is told which recorded one is nearest, and in what it differs, without what is there."""
    far = Request("DELETE", "https://other.example/quite/another/one", body=Body(b"x"))
    replay = await record(path, (far, Response(200)), (recorded, Response(200)), body_limit=1024)
    message = await refusal(replay, asked)
    assert message.startswith(
        f"{asked.method} {asked.url.partition('?')[0]} is not in talk.jsonl. Nearest is exchange 2, "
    )
    assert said in message
    assert "planted" not in message
    assert (await replay.send(recorded)).status == 200


async def test_recording_of_nothing(path):
    """With nothing recorded there is nothing near."""
    assert "has no exchange" in await refusal(await record(path), GET)


async def test_error_shows_no_secret(path):
    """What is said of a request that was not recorded, its traceback with its locals included, shows no secret."""
    replay = await record(path, (Request("POST", URL, body=Body.form({"a": "1"})), Response(200)))
    body = Body.form({"password": "planted", "planted note": "x"})
    request = Request("POST", URL + "?sig=planted", {**bearer("planted"), "Cookie": "sid=planted"}, body)
    with pytest.raises(NotRecorded) as caught:
        await replay.send(request)
    assert "planted" not in everything_of(caught.value)


async def test_secrets_that_are_brought_may_be_any(path):
    """A password or a verifier made at random is not compared; what stands beside it is."""
    fields = {"grant_type": "authorization_code", "code": "c0de", "code_verifier": "at-random-1", "scope": "users"}
    basic = {"Authorization": "Basic " + b64encode(b"app:hunter2-hunter2").decode()}
    request = Request("POST", URL + "?state=x&client_id=app", basic, Body.form(fields))
    replay = await record(path, (request, token_response("token-of-ours")))
    fields = {**fields, "code": "an/other", "code_verifier": "at-random-2"}
    assert "the form, scope" in await refusal(
        replay, Request("POST", request.url, body=Body.form({**fields, "scope": "jobs"}))
    )
    again = Request("POST", URL + "?state=y&client_id=app", body=Body.form(fields))
    assert (await replay.send(again)).json()["access_token"] == "secret-5"


async def test_secrets_that_are_given_must_be_the_same(path):
    """A refresh token that a recorded answer gave must come back as the replay gives it."""
    sign_in, refresh = (Body.form({"grant_type": kind, "refresh_token": f"{kind}-1"}) for kind in ("brought", "given"))
    first, second = token_response("access-of-ours-1", refresh_token="given-1"), token_response("access-of-ours-2")
    talk = (Request("POST", URL, body=sign_in), first), (Request("POST", URL, body=refresh), second)
    replay = await record(path, *talk)
    token = (await replay.send(Request("POST", URL, body=sign_in))).json()["refresh_token"]
    assert token == "secret-3"
    await refusal(replay, Request("POST", URL, body=refresh))
    again = Body.form({"grant_type": "given", "refresh_token": token})
    assert (await replay.send(Request("POST", URL, body=again))).status == 200


async def test_placeholders_tell_secrets_apart(path):
    """Who brings a placeholder instead of a secret gets the answer that its secret got, whoever comes first."""
    people = ("anna", "1111"), ("bert", "2222")
    talk = [(Request("POST", URL, body=Body.json({"pin": pin})), json_response({"name": name})) for name, pin in people]
    replay = await record(path, *talk)
    for name, placeholder in (("bert", "secret-2"), ("anna", "secret-1")):
        got = await replay.send(Request("POST", URL, body=Body.json({"pin": placeholder})))
        assert got.json() == {"name": name}


async def test_token_decides_between_the_same_requests(path):
    """Of two users who ask for the same, each gets what was answered to the one with that token."""
    sign_in = [Request("POST", URL + "/token", body=Body.form({"username": name})) for name in ("anna", "bert")]
    me = [Request("GET", URL + "/me", bearer(f"token-of-{name}")) for name in ("anna", "bert")]
    tokens = [token_response(f"token-of-{name}") for name in ("anna", "bert")]
    talk = [*zip(sign_in, tokens, strict=True), (me[0], json_response("anna")), (me[1], json_response("bert"))]
    replay = await record(path, *talk)
    given = [(await replay.send(each)).json()["access_token"] for each in sign_in]
    for name, token in (("bert", given[1]), ("anna", given[0])):
        assert (await replay.send(Request("GET", URL + "/me", bearer(token)))).json() == name


async def test_another_token_is_no_reason_to_refuse(path):
    """Tokens are refreshed at another time in a replay; a request is answered also where another one was used."""
    replay = await record(path, (Request("GET", URL, bearer("token-of-ours")), Response(200)))
    assert (await replay.send(Request("GET", URL, bearer("another")))).status == 200


async def test_range_decides_between_the_same_requests(path):
    """Of several parts of one file the one is given that was asked for."""
    ranges = [Request("GET", URL, {"Range": f"bytes={start}-"}) for start in (0, 100, 200)]
    replay = await record(path, *((each, Response(206, body=each.headers["Range"].encode())) for each in ranges))
    for each in reversed(ranges):
        assert (await replay.send(each)).body == each.headers["Range"].encode()


async def test_what_is_equal_comes_before_what_may_be_any(path):
    """A PIN that is masked in a path as well does not take the place of what was asked for in so many words."""
    pin = Request("POST", URL, body=Body.json({"pin": "1234"}))
    paths = [Request("GET", f"{URL}/users/{number}") for number in (1234, 1235)]
    replay = await record(
        path, (pin, Response(200)), *((each, Response(200, body=each.url.encode())) for each in paths)
    )
    assert exchanges(path)[1]["request"]["url"] == URL + "/users/secret-1"
    assert (await replay.send(paths[1])).body.endswith(b"1235")
    assert (await replay.send(paths[0])).body.endswith(b"secret-1")


async def test_number_that_is_a_secret(path):
    """A PIN that was sent as a number is known again as one."""
    request = Request("POST", URL, body=Body.json({"pin": 1234}))
    replay = await record(path, (request, Response(200)))
    assert (await replay.send(Request("POST", URL, body=Body.json({"pin": 4711})))).status == 200


async def test_signed_url(path):
    """A signed URL from an answer can be used as it comes, with more behind it."""
    signed = f"{URL}/blob?sv=1&sig=a%2Bb%2Fc%3D%3D&se=2"
    put = Request("PUT", signed + "&comp=block", body=Body(b"x"))
    replay = await record(path, (GET, json_response({"uri": signed})), (put, Response(201)))
    again = (await replay.send(GET)).json()["uri"]
    assert again == f"{URL}/blob?sv=1&sig=secret-1&se=2"
    assert (await replay.send(Request("PUT", again + "&comp=block", body=Body(b"x")))).status == 201


async def test_large_form(path):
    """Of a form or JSON over the limit no more is known than that it was one: the same kind of request is answered."""
    large = [Request("PUT", URL, body=Body.json(["x" * (size + number)])) for number, size in enumerate((2000, 2000))]
    replay = await record(path, (large[0], Response(200)), body_limit=1024)
    assert (await replay.send(large[1])).status == 200


async def test_request_in_pieces(path):
    """A body in pieces is the same body as one in bytes; one over the limit is known by its hash."""
    talk = [
        (Request("PUT", URL, body=Body(b"onetwo")), Response(200)),
        (Request("PUT", URL, body=Body(bytes(2000))), Response(201)),
    ]
    replay = await record(path, *talk, body_limit=1024)
    assert (await replay.send(Request("PUT", URL, body=Body(parts(bytes(1000), bytes(1000)))))).status == 201
    assert (await replay.send(Request("PUT", URL, body=Body(parts(b"one", b"two"), "text/plain", 6)))).status == 200

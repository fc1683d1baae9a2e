"""Requests, responses and headers: what they carry, and what they do not show."""

from urllib.parse import parse_qsl

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.codec import UNSET, UnsetType, wire
from print_async.errors import DecodeError
from print_async.origin import presentable
from print_async.secret import Secret
from print_async.wire import Body, Headers, Request, Response, Timeouts

PLAIN = "hunter2"


def test_headers_by_any_case():
    """A header is found under its name in any case, first value first, and all values are kept."""
    headers = Headers([("Set-Cookie", "a"), ("SET-COOKIE", "b"), ("ETag", "c")])

    assert headers.get("set-cookie") == "a"
    assert headers.get_all("Set-cookie") == ["a", "b"]
    assert headers.get("etag") == "c"
    assert headers.get("Age") is None
    assert list(headers) == list(headers) == [("Set-Cookie", "a"), ("SET-COOKIE", "b"), ("ETag", "c")]


def test_headers_of_an_iterator():
    """Headers made of an iterator can be read more than once."""
    headers = Headers(iter([("A", "1")]))

    assert headers.get("a") == headers.get("a") == "1"
    assert list(Headers()) == []


@pytest.mark.parametrize(
    "shown",
    [
        Request("GET", f"https://print.example/x?sig={PLAIN}", {"Authorization": f"Bearer {PLAIN}"}),
        Request("POST", "https://print.example/x", body=Body.json({"pin": PLAIN})),
        Body.form({"pin": PLAIN}),
        Response(200, Headers([("Set-Cookie", PLAIN)]), PLAIN.encode()),
    ],
)
def test_reprs_hide_what_they_carry(shown):
    """Neither bodies, nor header values, nor queries are in a repr; the names of headers are."""
    assert PLAIN not in repr(shown) + str(shown)


def test_reprs_show_what_helps():
    """Method, URL and the names of headers are in a repr."""
    request = Request("GET", "https://print.example/x?sig=1", {"Authorization": PLAIN, "Accept": "x"})

    assert all(part in repr(request) for part in ("GET", "https://print.example/x", "Authorization", "Accept"))
    assert "Age" in repr(Response(200, Headers([("Age", "1")])))


@given(st.text(), st.text())
def test_presentable(before, after):
    """Nothing behind the question mark is left of a URL."""
    assert presentable(f"{before}?{after}") == before.split("?")[0].split("@")[-1]


def test_json_body():
    """A JSON body has its type and length, can be sent again, and leaves out what is UNSET."""
    model = attrs.make_class("Card", {"number": attrs.field(type=str | UnsetType, default=UNSET), "id": wire("ID", 7)})
    body = Body.json(model())

    assert (body.content, body.content_type) == (b'{"ID":7}', "application/json")
    assert (body.length, body.replayable) == (8, True)
    assert Body.json({"ä": None}).length == len('{"ä":null}'.encode())


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1)))
def test_form_body(fields):
    """A form has every field, and a secret goes out as its text."""
    body = Body.form({name: Secret(value) for name, value in fields.items()})

    assert dict(parse_qsl(body.content.decode(), strict_parsing=bool(fields))) == fields
    assert body == Body.form(fields)
    assert (body.length, body.content_type) == (len(body.content), "application/x-www-form-urlencoded")


def test_response_json():
    """A body is read as plain data, and what is no JSON is a DecodeError that does not quote it."""
    assert Response(200, body=b'{"a": [1, null]}').json() == {"a": [1, None]}
    with pytest.raises(DecodeError, match="not JSON") as refused:
        Response(200, body=PLAIN.encode()).json()
    assert PLAIN not in str(refused.value)


async def test_closing_a_response():
    """Closing gives back a body that is still on the wire, and does nothing to one that is read."""
    closed = []

    class Stream:
        async def aclose(self):
            closed.append(self)

    await Response(200, stream=Stream()).aclose()
    await Response(200).aclose()

    assert len(closed) == 1


def test_values_do_not_change():
    """Requests, bodies and timeouts are frozen, so a retry sends what the first attempt sent."""
    for value, name in ((Request("GET", "x"), "url"), (Body(b""), "content"), (Timeouts(), "read")):
        with pytest.raises(AttributeError):
            setattr(value, name, None)

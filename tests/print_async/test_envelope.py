"""Pages on the wire: a bare array, or an object around it."""

import attrs
import msgspec
import pytest

from print_async.codec import wire
from print_async.envelope import Envelope, envelope_decoder
from print_async.errors import DecodeError
from print_async.model import model


@attrs.frozen
class Item:
    id: int


@model
class Named:
    id: int = wire("ID")


@pytest.fixture(params=[Item, Named])
def kind(request):
    """Both kinds of model: the class, its name of the id, and its decoder."""
    return request.param, "ID" if request.param is Named else "id", envelope_decoder(request.param, "users")


def test_object(kind):
    """Items, count and next link come out of the object; whatever else is in it is passed over."""
    model, name, read = kind
    page = {"users": [{name: 1}, {name: 2, "x": 1}], "count": 9, "next": "?offset=2", "previous": None, "@x": {}}

    assert read(msgspec.json.encode(page)) == Envelope([model(1), model(2)], 9, "?offset=2")


@pytest.mark.parametrize("more", [{}, {"count": None, "next": None}])
def test_count_and_next_may_be_missing(kind, more):
    """Without a count or next link, or with null for them, they are None."""
    _, _, read = kind

    assert read(msgspec.json.encode({"users": [], **more})) == Envelope([], None, None)


@pytest.mark.parametrize("space", [b"", b" \r\n\t"])
def test_bare(kind, space):
    """A bare array is a page with neither count nor next link."""
    model, name, read = kind

    assert read(space + msgspec.json.encode([{name: 1}])) == Envelope([model(1)])
    assert read(space + b"[]") == Envelope([])


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"null", b"1", b'"users"', b'{"users":null}', b'{"users":{}}', b'{"users":"ab"}', b'{"users":[1]}',
     b'{"users":[],"count":"1"}', b'{"users":[],"next":1}', b"[1]", b"[[]]", b'{"groups":[]}'],
)  # fmt: skip
def test_refused(kind, data):
    """What is neither shape is a DecodeError: a list must not look empty because it has another name."""
    with pytest.raises(DecodeError):
        kind[2](data)


def test_models_do_not_mix():
    """Decoders of other models or names do not get in each other's way."""
    assert envelope_decoder(Item, "users")(b'{"users":[{"id":1}],"groups":[]}').items == [Item(1)]
    assert envelope_decoder(Item, "groups")(b'{"users":[],"groups":[{"id":2}]}').items == [Item(2)]
    assert envelope_decoder(Named, "users")(b'{"users":[{"ID":3}]}').items == [Named(3)]

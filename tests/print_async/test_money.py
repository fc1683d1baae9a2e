"""Amounts of money: exact from what is typed in to what is on the wire, and back."""

import json
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.codec import UNSET, UnsetType, decode, encode, wire
from print_async.errors import DecodeError
from print_async.model import model
from print_async.money import positive_amount


@attrs.frozen
class Plain:
    amount: Decimal


@model
class Aliased:
    amount: Decimal = wire("theAmount")


@attrs.frozen
class Request:
    amount: Decimal | UnsetType = UNSET


def exact(text: str | bytes) -> object:
    """Read JSON with every digit of its numbers."""
    return json.loads(text, parse_float=Decimal, parse_int=Decimal)


@given(value=st.decimals(allow_nan=False, allow_infinity=False), kind=st.sampled_from([Plain, Aliased]))
def test_there_and_back(value, kind):
    """A decimal goes out as a JSON number of the same digits, and comes back as it went, from either kind of model."""
    data = encode(kind(value))

    ((_, sent),) = exact(data).items()
    assert sent.as_tuple() == value.as_tuple()
    assert decode(data, kind).amount.as_tuple() == value.as_tuple()


@given(number=st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_any_number_that_a_server_writes(number):
    """Whatever JSON number a server writes is read to its last digit, never by way of a float."""
    assert decode(f'{{"amount": {number}}}'.encode(), Plain).amount == Decimal(number)
    assert decode(f'{{"theAmount": {number}}}'.encode(), Aliased).amount == Decimal(number)


@pytest.mark.parametrize("value", ["true", "null", "[]", "{}", '"much"'])
def test_what_is_no_number(value):
    """What is no number is refused."""
    with pytest.raises(DecodeError, match=r"not a Plain"):
        decode(f'{{"amount": {value}}}'.encode(), Plain)


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_json_cannot_say(value):
    """A decimal that is no number is refused rather than written as something that is no JSON."""
    for wanted in (Plain(Decimal(value)), Request(Decimal(value)), {"amount": [Decimal(value)]}):
        with pytest.raises(ValueError, match="no number"):
            encode(wanted)


def test_in_plain_data_and_requests():
    """A decimal is a number wherever it is, and left out where it is not set."""
    assert encode([Decimal("1.10"), {"x": Request(Decimal("2.50"))}, Request()]) == b'[1.10,{"x":{"amount":2.50}},{}]'


@given(st.decimals(min_value="1e-50", allow_nan=False, allow_infinity=False) | st.integers(min_value=1))
def test_positive_amounts(value):
    """A decimal or an int above zero is taken to its last digit."""
    amount = positive_amount(value)

    assert type(amount) is Decimal
    assert amount.as_tuple() == Decimal(value).as_tuple()


@pytest.mark.parametrize("value", [1.5, 1.0, float("nan"), "1.5", True, None, b"1"])
def test_what_is_no_amount(value):
    """A float is refused, because it is not exact, and so is whatever else is neither decimal nor int."""
    with pytest.raises(TypeError, match="Decimal or an int"):
        positive_amount(value)


def test_a_float_is_told_what_to_write():
    """The refusal of a float shows how to write it."""
    with pytest.raises(TypeError, match=r"not exact: Decimal\('0.1'\)"):
        positive_amount(0.1)


@pytest.mark.parametrize("value", [0, -1, "0", "-0.01", "NaN", "sNaN", "Infinity", "-Infinity"])
def test_not_above_zero(value):
    """Nothing, debts and what is no number are refused."""
    with pytest.raises(ValueError, match="above zero"):
        positive_amount(Decimal(value))

"""Amounts of money: exact decimals, in a currency that goes without saying."""

from decimal import Decimal


def positive_amount(value: Decimal | int) -> Decimal:
    """Return an amount that somebody is to pay or get, as it was given, to the last digit.

    Raises:
        TypeError: It is neither a `Decimal` nor an `int`. A float is none, for it holds 0.1 only nearly.
        ValueError: It is not a number above zero.
    """
    if isinstance(value, float):
        raise TypeError(f"an amount of money is a Decimal or an int, for a float is not exact: Decimal({str(value)!r})")
    if isinstance(value, bool) or not isinstance(value, (Decimal, int)):
        raise TypeError(f"an amount of money is a Decimal or an int, and no {type(value).__name__}")
    amount = Decimal(value)
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"an amount of money must be a number above zero: {amount}")
    return amount

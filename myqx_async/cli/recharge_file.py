"""The CSV file that says whose credit is to be recharged, and by how much."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import attrs

from print_async.console.journal import Key
from print_async.money import positive_amount

_AMOUNT = re.compile(r"[0-9]{1,15}(\.[0-9]{1,10})?")
_SHOWN = 20


@attrs.frozen
class Row:
    """A row of the file."""

    line: int
    user: str
    """Id or user name, as it is there."""
    amount: Decimal
    nth: int
    """Which of the rows with this user and amount it is, from 1."""

    @property
    def key(self) -> Key:
        """What tells it from all others, also when lines are added to the file, taken out, or in another order."""
        return self.user, f"{self.amount.normalize():f}", str(self.nth)


def read_rows(file: Path) -> list[Row]:
    """Read the whole file, and check every row.

    Raises:
        ValueError: Something is wrong; the message names every line that is, up to a number.
        OSError: It cannot be read.
    """
    rows, problems, seen = list[Row](), list[str](), Counter[tuple[str, Decimal]]()
    for line, cells in _cells(file):
        user = (cells.get("user") or "").strip()
        try:
            if None in cells:
                raise ValueError("it has more cells than the first line (is there a comma in the amount?)")
            if not user:
                raise ValueError("no user")
            amount = _amount((cells.get("amount") or "").strip())
        except ValueError as error:
            problems.append(f"line {line}: {error}")
        else:
            seen[user, amount] += 1
            rows.append(Row(line, user, amount, seen[user, amount]))
    if problems:
        more = f"\n  and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
        shown = "".join(f"\n  {problem}" for problem in problems[:_SHOWN])
        raise ValueError(f"{file} was not taken, and nothing was changed:{shown}{more}")
    if not rows:
        raise ValueError(f"{file} has no rows")
    return rows


def _cells(file: Path) -> Iterator[tuple[int, dict[str | None, str]]]:
    with file.open(newline="", encoding="utf-8-sig") as opened:
        reader = csv.DictReader(opened, strict=True)
        try:
            if not {"user", "amount"} <= set(reader.fieldnames or ()):
                raise ValueError(f"{file} needs a first line that names the columns `user` and `amount`, with a comma")
            for cells in reader:
                yield reader.line_num, dict(cells)
        except csv.Error as error:
            raise ValueError(f"{file}, line {reader.line_num}: {error}") from None


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text!r} is no amount: write it as in 20 or 12.50")
    return positive_amount(Decimal(text))

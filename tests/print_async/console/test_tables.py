"""What is shown fits the terminal, is whole where there is none, and commands nobody's terminal."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from print_async.console.tables import cell, show_json, show_records, show_table

LONG = "a rather long name of a printer on the second floor of a building far away"
UUID = "df048afa-9579-4441-95fd-9917a8da8355"


def test_at_a_terminal(monkeypatch, capsys):
    """At a terminal no line is longer than it is wide, an id is not broken, and nothing is left out."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")

    show_table(("name", "id", "location"), [(LONG, UUID, LONG)])

    lines = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(UUID in line for line in lines)
    assert all("".join(lines).count(word) >= 2 for word in ("rather", "second", "away"))


def test_without_a_terminal(monkeypatch, capsys):
    """Where nobody looks, each row has one line, however wide; markup is shown as it is."""
    monkeypatch.setenv("COLUMNS", "40")

    show_table(("name", "id", "queue"), [(LONG, UUID, True), ("[red]x", None, False)])

    _, _, first, second = capsys.readouterr().out.splitlines()
    assert first.split() == [*LONG.split(), UUID, "yes"]
    assert second.split() == ["[red]x", "no"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "yes"),
        (Decimal("1E+2"), "100"),
        (Decimal("0.10"), "0.10"),
        ("a\nb\x1b[2J\x9b", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[2J\N{REPLACEMENT CHARACTER}"),
        ("Übersicht 印刷", "Übersicht 印刷"),
    ],
)
def test_a_cell(value, shown):
    """A value is shown in words, on one line, without control characters."""
    assert cell(value) == shown


def test_records(capsys):
    """Of things whose fields nobody knows, plain ones are shown, and the others are named."""
    show_records([{"a": 1, "b": {"x": 1}, "c": None}, {"a": 2, "d": "x", "e": 1, "f": 1, "g": 1}])

    shown = capsys.readouterr()
    assert [line.split() for line in shown.out.splitlines()] == [
        ["a", "c", "d", "e", "f"],
        [shown.out.splitlines()[1]],
        ["1"],
        ["2", "x", "1", "1"],
    ]
    assert shown.err == "with --json there are also: b, g\n"


def test_json(capsys):
    """Money is a text with all its digits, and a time ISO 8601; what has no form in JSON is refused."""
    show_json({"amount": Decimal("1E+2"), "at": datetime(2026, 1, 2, tzinfo=UTC)})

    assert json.loads(capsys.readouterr().out) == {"amount": "100", "at": "2026-01-02T00:00:00+00:00"}
    with pytest.raises(TypeError, match="set"):
        show_json({1, 2})

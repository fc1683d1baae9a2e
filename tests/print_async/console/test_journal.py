"""What was begun is never taken for what was not, whatever dies when."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from print_async.console import journal as module
from print_async.console.journal import Journal, Standing, missing, read_journal

ABOUT = {"server": "https://print.example", "provider": "external"}
KEYS = st.sampled_from([("anna", "5", "1"), ("anna", "5", "2"), ("jiří", "0.5", "1")])
LAST = st.sampled_from([Standing.DONE, Standing.NOT_DONE, Standing.UNKNOWN, None])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal is."""
    return tmp_path / "rows.csv.journal"


def test_what_was_written_is_read(path):
    """A piece of work stands where its last line says, with what was noted; begun without an end, it is unknown."""
    with Journal.open(path, ABOUT) as journal:
        journal.write(("a",), Standing.BEGUN, payment="1", line=2)
        journal.write(("b",), Standing.BEGUN)
        journal.write(("a",), Standing.DONE, payment="1", user=None)

    entries = read_journal(path, ABOUT)
    assert {key: entry.standing for key, entry in entries.items()} == {
        ("a",): Standing.DONE,
        ("b",): Standing.UNKNOWN,
    }
    assert entries["a",].facts["payment"] == "1"
    assert "user" not in entries["a",].facts
    assert missing(entries, [("b",)]) == [("a",)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(work=st.lists(st.tuples(KEYS, LAST), min_size=1, max_size=6), share=st.floats(0, 1))
def test_cut_off_anywhere(path, work, share):
    """Cut off at any byte, it can be read and written on, and what had been written whole is not forgotten."""
    path.unlink(missing_ok=True)
    whole: list[tuple[int, dict]] = [(0, {})]  # sizes of the file, and what was known then
    known: dict = {}
    with Journal.open(path, ABOUT) as journal:
        for key, last in work:
            for standing in filter(None, (Standing.BEGUN, last)):
                journal.write(key, standing)
                known = known | {key: Standing.UNKNOWN if standing is Standing.BEGUN else standing}
                whole.append((path.stat().st_size, known))
    cut = round(share * path.stat().st_size)
    os.truncate(path, cut)

    # Only the end of the line may be missing from what counts as whole.
    expected = [state for size, state in whole if size - 1 <= cut][-1]
    assert {key: entry.standing for key, entry in read_journal(path, ABOUT).items()} == expected

    with Journal.open(path, ABOUT) as journal:
        journal.write(("new",), Standing.DONE)
    after = {key: entry.standing for key, entry in read_journal(path, ABOUT).items()}
    assert after == expected | {("new",): Standing.DONE}


def test_it_is_on_the_disk(path, monkeypatch):
    """A write returns after the file was synced, and the folder that has a new one."""
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_ino))

    with Journal.open(path, ABOUT) as journal:
        assert synced == [path.parent.stat().st_ino]
        journal.write(("a",), Standing.BEGUN)
        assert synced[1:] == [path.stat().st_ino] * 2


def test_a_disk_that_is_full(path, monkeypatch):
    """After a write that failed nothing more is written, and the half line is not in the way later."""
    write = os.write
    with Journal.open(path, ABOUT) as journal:
        journal.write(("a",), Standing.BEGUN)

        def half(file: int, data: bytes) -> int:
            write(file, data[:10])
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(module.os, "write", half)
            with pytest.raises(OSError, match="No space"):
                journal.write(("a",), Standing.DONE)
        with pytest.raises(OSError, match="nothing more is begun"):
            journal.write(("b",), Standing.BEGUN)

    with Journal.open(path, ABOUT) as journal:
        assert {key: entry.standing for key, entry in journal.entries.items()} == {("a",): Standing.UNKNOWN}
        journal.write(("b",), Standing.DONE)
    assert read_journal(path, ABOUT)["b",].standing is Standing.DONE


def test_of_something_else(path):
    """A journal of something else is refused; one that says nothing yet is not."""
    with Journal.open(path, {"server": "elsewhere"}):
        pass
    with Journal.open(path, ABOUT) as journal:
        journal.write(("a",), Standing.DONE)

    with (
        pytest.raises(ValueError, match=r"server elsewhere.*correct its first line"),
        Journal.open(path, {"server": "elsewhere"}),
    ):
        pass


def test_one_at_a_time(path):
    """While it is open, nobody else opens it."""
    with Journal.open(path, ABOUT), pytest.raises(ValueError, match="in use"), Journal.open(path, ABOUT):
        pass
    with Journal.open(path, ABOUT):
        pass


@pytest.mark.parametrize(
    "line", ["nonsense", '{"key": ["a"], "standing": "perhaps"}', "[]", '{"standing": "done"}', "3"]
)
def test_a_line_that_nobody_understands(path, line):
    """A line in the middle that cannot be read is named, and nothing is done on what is left."""
    with Journal.open(path, ABOUT) as journal:
        journal.write(("a",), Standing.DONE)
    path.write_text(f"{path.read_text()}{line}\n")

    with pytest.raises(ValueError, match=r"line 3 of .*journal cannot be read"):
        read_journal(path, ABOUT)


def test_edited_by_hand(path):
    """What a person writes counts, with the line ends of any editor."""
    with Journal.open(path, ABOUT) as journal:
        journal.write(("a",), Standing.BEGUN)
    edited = path.read_text().replace('"begun"', '"done"').replace("\n", "\r\n")
    path.write_bytes(f"{edited}\r\n".encode())
    assert read_journal(path, ABOUT)["a",].standing is Standing.DONE

    path.write_text(edited.replace("\r\n", "\n").rstrip("\n"))
    with Journal.open(path, ABOUT) as journal:
        assert journal.entries["a",].standing is Standing.DONE
        journal.write(("b",), Standing.DONE)
    assert len(read_journal(path, ABOUT)) == 2

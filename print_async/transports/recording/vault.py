"""The secrets that are known, their placeholders, and where in a text they are."""

import re
from collections.abc import Iterator
from string import ascii_uppercase

SHORT = 8
"""A shorter secret is looked for only where it stands alone."""
PIECE = 4
"""A shorter one than this is not looked for at all: it is masked in its own field only."""
PLACEHOLDER = re.compile(r"secret-([0-9]+)~?")
"""The `~` parts a placeholder from a digit behind it."""
Span = tuple[int, int, str]
"""From where to where, and the placeholder."""
_LOWER = {ord(letter): letter.lower() for letter in ascii_uppercase}
_BEFORE = re.compile(r"\w[.-]?\Z")
_AFTER = re.compile(r"[.-]?\w")


class Vault:
    """The secrets that are known. It shows none of them, and is not written anywhere."""

    def __init__(self) -> None:
        self._placeholders: dict[str, str] = {}
        self._index: dict[str, list[tuple[str, str, str]]] = {}

    def placeholder(self, secret: str) -> str:
        """Return what stands for a secret, the same each time. From now on it is known."""
        found = self._placeholders.get(secret)
        if found is None:
            found = self._placeholders[secret] = f"secret-{len(self._placeholders) + 1}"
            self._look_for(secret, found)
        return found

    def known(self, secret: str) -> str | None:
        """Return what stands for a secret, if it is known."""
        return self._placeholders.get(secret)

    def also_written(self, spelling: str, secret: str) -> None:
        """Say that a secret is also written in another way."""
        self._look_for(spelling, self.placeholder(secret))

    def find(self, text: str, *, short: bool = True) -> Iterator[Span]:
        """Yield where in a text known secrets are, long ones in any case of their letters.

        Args:
            text: Where to look.
            short: Look for short ones as well.
        """
        folded = _folded(text)
        for piece in self._pieces_in(folded):
            at = folded.find(piece)
            while at >= 0:
                end = at + PIECE
                for secret, lower, placeholder in self._index[piece]:
                    start = end - len(secret)
                    if len(secret) >= SHORT:
                        if start >= 0 and folded.startswith(lower, start):
                            yield start, end, placeholder
                    elif short and start >= 0 and text.startswith(secret, start) and _alone(text, start, end):
                        yield start, end, placeholder
                at = folded.find(piece, at + 1)

    def __len__(self) -> int:
        return len(self._placeholders)

    def _pieces_in(self, folded: str) -> list[str]:
        # Few secrets are looked for one by one, which is fast; many all at once, which takes no longer for more.
        if len(self._index) * 8 < len(folded):
            return [piece for piece in self._index if piece in folded]
        pieces = {folded[at : at + PIECE] for at in range(len(folded) - PIECE + 1)}
        return sorted(pieces & self._index.keys())

    def _look_for(self, spelling: str, placeholder: str) -> None:
        if len(spelling) >= PIECE:
            lower = _folded(spelling)
            # By its end: tokens of one kind often begin alike.
            known = self._index.setdefault(lower[-PIECE:], [])
            if all(spelling != each for each, _, _ in known):
                known.append((spelling, lower, placeholder))


def replaced(text: str, spans: list[Span]) -> str:
    """Return a text with placeholders in the place of secrets. Those that overlap become one, that of the longest."""
    parts: list[str] = []
    at = 0
    for start, end, placeholder in _merged(spans):
        parts += (text[at:start], placeholder)
        if text[end : end + 1].isdigit():
            parts.append("~")
        at = end
    return "".join([*parts, text[at:]])


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    length = 0
    for start, end, placeholder in sorted(spans, key=lambda span: (span[0], -span[1])):
        if merged and start < merged[-1][1]:
            first, last, kept = merged[-1]
            longer = end - start > length
            length = max(length, end - start)
            merged[-1] = first, max(last, end), placeholder if longer else kept
        else:
            merged.append((start, end, placeholder))
            length = end - start
    return merged


def _folded(text: str) -> str:
    # ASCII only: other letters can become two in lower case, or another one at the end of a word.
    return text.lower() if text.isascii() else text.translate(_LOWER)


def _alone(text: str, start: int, end: int) -> bool:
    return not _BEFORE.search(text[max(0, start - 2) : start]) and not _AFTER.match(text, end)

"""Uuids that are computed from an index and lead back to it, so a million of them need no table."""

import hashlib

import attrs

_MASK_64 = (1 << 64) - 1
_MASK_48 = (1 << 48) - 1


def key_of(seed: int, purpose: str) -> int:
    """Derive the 64-bit key of one purpose, the same for the same seed on every machine."""
    return int.from_bytes(hashlib.blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest())


def mix(value: int) -> int:
    """Spread a number over 64 bits (the finaliser of splitmix64): cheap draws without any state."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK_64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK_64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK_64
    return value ^ (value >> 31)


@attrs.frozen
class Identifiers:
    """The uuids of one kind of thing: version 4 in shape, different for each seed and kind.

    The last 48 bits are the index times an odd number, which can be undone; the others are a draw over key and index,
    which is how an id that was never given out is told from one that was.
    """

    key: int
    _factor: int = attrs.field(init=False)
    _inverse: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        factor = (self.key | 1) & _MASK_48
        object.__setattr__(self, "_factor", factor)
        object.__setattr__(self, "_inverse", pow(factor, -1, _MASK_48 + 1))

    @classmethod
    def of(cls, seed: int, kind: str) -> "Identifiers":
        """Make the ids of one kind, such as `users`."""
        return cls(key_of(seed, f"id of {kind}"))

    def at(self, index: int) -> str:
        """Return the uuid of an index, as lower-case text with dashes."""
        draw = mix(self.key ^ index)
        node = (index * self._factor ^ self.key >> 16) & _MASK_48
        head = f"{draw >> 32:08x}-{draw >> 16 & 0xFFFF:04x}-4{draw & 0xFFF:03x}"
        return f"{head}-{0x8000 | self.key & 0x3FFF:04x}-{node:012x}"

    def index(self, uuid: str) -> int | None:
        """Return the index an uuid was made of, or `None` for one that is not ours."""
        try:
            node = int(uuid[-12:], 16)
        except ValueError:
            return None
        index = ((node ^ self.key >> 16) & _MASK_48) * self._inverse & _MASK_48
        return index if self.at(index) == uuid.lower() else None

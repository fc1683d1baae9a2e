"""The parts of a user that `include` adds. The documents name them and do not describe them: the shapes are made up."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

import msgspec

from myqx_async.simulator.directory import Directory
from myqx_async.simulator.population import GROUP_SEPARATOR, User


def _aliases(directory: Directory, index: int) -> list[str]:
    return [directory.population.alias(index)]


def _delegates(directory: Directory, index: int) -> list[dict[str, object]]:
    neighbour = (index + 1) % directory.total
    if neighbour == index or not directory.lives(neighbour):
        return []
    user = directory.user(neighbour)
    return [{"id": user.id, "username": user.username, "fullname": user.fullname}]


def _policies(_: Directory, index: int) -> list[dict[str, object]]:
    return [{"name": "color", "allowed": index % 3 != 0}, {"name": "copy", "allowed": True}]


def _accounts(_: Directory, index: int) -> list[dict[str, object]]:
    return [{"reference": f"internal-{index}", "name": "Internal credit", "balance": {"amount": float(index % 50)}}]


def _permissions(directory: Directory, index: int) -> list[str]:
    return ["Manage users"] if directory.traits(index).manages_users else []


def _groups(directory: Directory, index: int) -> list[dict[str, object]]:
    return [{"name": path.rpartition(GROUP_SEPARATOR)[2], "path": path} for path in directory.traits(index).groups]


_MAKERS: Final[Mapping[str, Callable[[Directory, int], object]]] = {
    "aliases": _aliases,
    "delegates": _delegates,
    "policies": _policies,
    "accounts": _accounts,
    "permissions": _permissions,
    "groups": _groups,
}

PARTS: Final = frozenset(_MAKERS)
"""The names that `include` takes."""


def describe(directory: Directory, index: int, parts: Collection[str]) -> User | dict[str, object]:
    """Return a user with those parts, ready to be encoded; names that are not parts are passed over."""
    user = directory.user(index)
    known = [name for name in _MAKERS if name in parts]
    if not known:
        return user
    fields: dict[str, object] = msgspec.to_builtins(user)
    return fields | {name: _MAKERS[name](directory, index) for name in known}

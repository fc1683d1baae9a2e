"""Names that are imported from their modules when they are first used, so that a package costs next to nothing.

At the end of a package's `__init__`, out of the sight of type checkers, which are told by plain imports:

    if not TYPE_CHECKING:
        __getattr__, __dir__ = exports(globals(), {"client": ("Ezeep",)})
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def exports(
    package: dict[str, Any], homes: Mapping[str, tuple[str, ...]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the `__getattr__` and the `__dir__` of a package.

    Args:
        package: Its globals.
        homes: Its modules, and the names that are at home in each.
    """
    home_of = {name: home for home, names in homes.items() for name in names}

    def find(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package['__name__']!r} has no attribute {name!r}")
        package[name] = getattr(import_module(f"{package['__name__']}.{home_of[name]}"), name)
        return package[name]

    return find, lambda: sorted({*package, *home_of})

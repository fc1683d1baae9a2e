"""Makes `api-coverage.md` out of the code and the lists in `operations/`: `python docs/api_coverage.py`.

The lists have every operation that is known of the vendors' APIs, and how it is known:

- documented: by a page of the vendor, with method and path;
- listed: by method and path, and no more; the answer is inferred;
- observed: in a client, and in no document;
- inferred: from documented ones;
- by name: method or path is a guess, so it has no method here; `client.request` reaches it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import attrs

from ezeep_async import Ezeep
from myqx_async import MyQX, MyQXCentral
from print_async.service import Operation, Service, operation_of

HERE = Path(__file__).parent
CLIENTS = {"ezeep": (Ezeep,), "myqx": (MyQX, MyQXCentral)}
TITLES = {"ezeep": "ezeep Blue", "myqx": "MyQ X"}


@attrs.frozen
class Listed:
    """One operation of a list."""

    id: str
    method: str
    path: str
    status: str
    done_by: str | None = None
    """What does it, where that is no method of a service."""
    left_out: str | None = None
    """Why nothing does it, where that is not for want of a method and a path."""

    @property
    def typed(self) -> bool:
        """Whether it should be there."""
        return self.status != "by name" and self.left_out is None

    @property
    def key(self) -> tuple[str, str]:
        """What it is found by in the code."""
        return self.method, normal(self.path)


@attrs.frozen
class Method:
    """One method of a service."""

    name: str
    operation: Operation

    @property
    def key(self) -> tuple[str, str]:
        """What it is found by in a list."""
        return self.operation.method, normal(self.operation.path)


def normal(path: str) -> str:
    """Return a path without the names of its parameters, and without the slash at its end."""
    return re.sub(r"\{[^}]*\}", "{}", path).rstrip("/")


def listed(vendor: str) -> list[Listed]:
    """Return the list of a vendor."""
    return [Listed(**row) for row in json.loads((HERE / "operations" / f"{vendor}.json").read_text("utf-8"))]


def methods(vendor: str) -> Iterator[Method]:
    """Find all operations of a vendor's clients."""
    for client in CLIENTS[vendor]:
        for service_name in vars(client):
            service = getattr(client, service_name)
            if isinstance(service, type) and issubclass(service, Service):
                yield from _methods(f"{client.__name__}.{service_name}", service)


def _methods(prefix: str, service: type[Service]) -> Iterator[Method]:
    for name, value in vars(service).items():
        try:
            yield Method(f"{prefix}.{name}", operation_of(value))
        except TypeError:
            continue


def page() -> str:
    """Return the page."""
    parts = [
        "# What of the vendors' APIs is covered",
        "",
        "Made by `python docs/api_coverage.py`, from the code and the lists in `docs/operations/`, whose kinds it "
        "explains. What is known by name only has no method here; `client.request` reaches it.",
    ]
    for vendor, title in TITLES.items():
        rows = listed(vendor)
        typed = [row for row in rows if row.typed]
        parts += ["", f"## {title}", "", f"{len(typed)} operations are typed, {len(rows) - len(typed)} are not.", ""]
        parts += ["| operation | known | here | scopes | token | repeatable |", "| --- | --- | --- | --- | --- | --- |"]
        parts += [_row(row, [each for each in methods(vendor) if each.key == row.key]) for row in rows]
    return "\n".join(parts) + "\n"


def _row(row: Listed, found: list[Method]) -> str:
    call = f"`{row.method} {row.path}`"
    if row.done_by is not None or not row.typed or not found:
        return f"| {call} | {row.status} | {f'`{row.done_by}`' if row.done_by else row.left_out or ''} | | | |"
    names = ", ".join(f"`{each.name}`" for each in found)
    operation = found[0].operation
    scopes = ", ".join(sorted(operation.needs.scopes))
    kinds = ", ".join(sorted(kind.value for kind in operation.needs.kinds)) or "any"
    return f"| {call} | {row.status} | {names} | {scopes} | {kinds} | {'yes' if operation.idempotent else 'no'} |"


if __name__ == "__main__":
    (HERE / "api-coverage.md").write_text(page(), encoding="utf-8")

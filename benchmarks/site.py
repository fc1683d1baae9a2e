"""What the servers of the benchmarks answer: files, rendered before anything is measured.

`GET /path/?offset=20` is answered with the file `path/page20.json`, and without an offset with `path/page.json`.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_USER = {
    "local_printing_enabled": True,
    "self_service_enabled": True,
    "myprinters_enabled": False,
    "groups": [
        {"group_id": "19b5963a-35eb-416c-9ca4-a4c2950385fb"},
        {"group_id": "9e05c98e-77b0-4915-8143-0dfc77a54d65"},
    ],
}
PAGE = json.dumps(
    {
        "count": 20,
        "next": None,
        "previous": None,
        "results": [{"id": f"0050a068-cc7b-4490-951a-06920a61{number:04}", **_USER} for number in range(20)],
    }
).encode()
"""20 users."""
TOKEN = json.dumps({"access_token": "x" * 600, "expires_in": 3600, "refresh_token": "y"}).encode()
"""What every sign-in is answered."""
GROUP_ID = "19b5963a-35eb-416c-9ca4-a4c2950385fb"
_GROUP = {
    "id": GROUP_ID,
    "name": "Second floor",
    "description": "Everybody on the second floor",
    "local_printing_enabled": True,
    "myprinters_enabled": False,
    "origin": {"provider": "Ezeep"},
    "organization_id": "e2b0a9ab-5a2c-4a3a-a7b5-1a3e7a2ee4a6",
    "num_members": 20,
    "num_printers": 3,
}
GROUP = json.dumps(_GROUP).encode()


def write_page(folder: Path, _: str) -> None:
    """Write a page of 20 users, and a group."""
    _write(folder, "printing/v1/users", "0", PAGE)
    _write(folder, f"printing/v1/groups/{GROUP_ID}", "", GROUP)


def write_file(folder: Path, _: str, *, size: int) -> None:
    """Write one file of that many bytes."""
    _write(folder, "file", "", b"x" * size)


def write_directory(folder: Path, url: str, *, users: int, page_size: int = 100) -> None:
    """Write a whole directory: one group, and that many users with the links between their pages."""
    lists = {
        "printing/v1/groups": (1, lambda numbers: [_GROUP for _ in numbers]),
        "printing/v1/users": (users, lambda numbers: [_user(number) for number in numbers]),
        "v1/users": (users, lambda numbers: [_account(number) for number in numbers]),
    }
    for path, (count, items) in lists.items():
        for start, page in _pages(f"{url}/{path}/", count, page_size, items):
            _write(folder, path, str(start), json.dumps(page).encode())


def _pages(link: str, count: int, size: int, items: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    # Who walks a list several pages at a time asks for each from the last row of the one before it.
    for start in sorted({*range(0, count, size), *range(0, count, size - 1)}):
        stop = min(start + size, count)
        yield (
            start,
            {
                "count": count,
                "next": f"{link}?limit={size}&offset={stop}" if stop < count else None,
                "previous": f"{link}?limit={size}&offset={start - size}" if start else None,
                "results": items(range(start, stop)),
            },
        )


def _id(number: int) -> str:
    # Spread over the whole range, as random ids are: rows that come in the order of their key cost SQLite less.
    spread = f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128:032x}"
    return f"{spread[:8]}-{spread[8:12]}-{spread[12:16]}-{spread[16:20]}-{spread[20:]}"


def _user(number: int) -> dict[str, Any]:
    return {
        "id": _id(number),
        "local_printing_enabled": True,
        "self_service_enabled": number % 2 == 0,
        "myprinters_enabled": False,
        "groups": [{"group_id": _id(10**9 + number % 500)}, {"group_id": _id(10**9 + 500 + number % 7)}],
    }


def _account(number: int) -> dict[str, Any]:
    return {
        "id": _id(number),
        "email": f"user{number}@example.com",
        "first_name": f"First{number}",
        "last_name": f"Last{number}",
        "display_name": f"First{number} Last{number}",
        "date_joined": "2024-05-13T08:15:30.123456Z",
        "azure_profile": None,
        "id_profile": None,
        "user_invitations": None,
        "roles": ["user"],
        "is_verified": True,
    }


def _write(folder: Path, path: str, offset: str, content: bytes) -> None:
    file = folder / path / f"page{offset}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)

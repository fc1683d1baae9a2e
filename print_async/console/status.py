"""What the `status` commands show of a credential: everything but its secrets."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import typer

from print_async.auth.token import TokenInfo
from print_async.console.profiles import token_file
from print_async.environment import REDIS_URL, find_secret
from print_async.origin import presentable

Facts = Mapping[str, str | bool | list[str] | datetime | None]
"""Facts by name; `None` and an empty list are for what is not known."""


def token_facts(info: TokenInfo) -> Facts:
    """Return what is known of a token."""
    server = find_secret(REDIS_URL)
    return {
        "scopes": None if info.scope is None else sorted(info.scope),
        "missing scopes": sorted(info.missing_scope),
        "expires": _moment(info.expires_at),
        "refreshed from": _moment(info.refresh_at),
        "can be refreshed": info.has_refresh_token,
        "token file": str(token_file()) if server is None else None,
        "token server": None if server is None else presentable(server.reveal()),
    }


def show(facts: Facts, *, as_json: bool) -> None:
    """Print facts: as a table, or as a JSON object with `_` for the spaces in names, and times in ISO 8601."""
    if as_json:
        typer.echo(json.dumps({name.replace(" ", "_"): _plain(value) for name, value in facts.items()}))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        if value not in (None, []):
            typer.echo(f"{name:>{width}}  {_text(value)}")


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(round(at), UTC)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(value)
    if not isinstance(value, datetime):
        return str(value)
    minutes = (value - datetime.now(UTC)).total_seconds() / 60
    return f"{value.astimezone():%Y-%m-%d %H:%M:%S} ({f'in {minutes:.0f} min' if minutes > 0 else 'now'})"

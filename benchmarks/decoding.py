"""Decoding a page of a list, beside msgspec's own structs, pydantic and cattrs, which have the same fields and types.

The peers' classes are made of our models' fields, so all of them read the same names into the same Python names. The
rows are as the vendors document them. It is CPU time: nothing here waits for anything.
"""

import functools
import json
import operator
import time
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Union, get_args, get_origin

import attrs
import cattrs.preconf.json
import msgspec
import pydantic
from cattrs.gen import make_dict_structure_fn, override

import ezeep_async.models as ezeep
import myqx_async.models as myqx
from benchmarks.result import Result
from print_async.codec import wire_name
from print_async.envelope import envelope_decoder

Decode = Callable[[bytes], object]
Make = Callable[[type, dict[str, Any]], Any]
"""Makes a peer's class: of the model, and the types of its fields."""

_UUID = "0050a068-cc7b-4490-951a-06920a61{:04}"
_MEMBERSHIPS = [
    {"group_id": "19b5963a-35eb-416c-9ca4-a4c2950385fb"},
    {"group_id": "9e05c98e-77b0-4915-8143-0dfc77a54d65"},
]


def _ezeep_user(number: int) -> dict[str, Any]:
    return {
        "id": _UUID.format(number),
        "local_printing_enabled": True,
        "self_service_enabled": True,
        "myprinters_enabled": False,
        "groups": _MEMBERSHIPS[: 1 + number % 2],
    }


def _account_user(number: int) -> dict[str, Any]:
    return {
        "id": _UUID.format(number),
        "email": f"user.{number}@example.com",
        "first_name": "First",
        "last_name": f"User {number}",
        "display_name": f"First User {number}",
        "date_joined": "2021-03-04T09:12:45.318204Z",
        "azure_profile": None,
        "id_profile": {
            "oid": _UUID.format(number),
            "preferred_username": f"user.{number}@example.com",
            "name": "First",
        },
        "user_invitations": None,
        "roles": ["user"],
        "is_verified": True,
    }


def _myq_user(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "username": f"user.{number}",
        "fullname": f"First User {number}",
        "email": f"user.{number}@example.com",
        "scanStorage": f"user.{number}@example.com",
        "code": str(number),
        "syncSource": "LDAP",
        "lang": "en",
        "phone": "+420 000 000 000",
        "ldapDomain": "example.com",
        "notes": "",
    }


def _myq_printer(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Office {number}",
        "state": "active",
        "mode": "online",
        "ipAddress": "192.0.2.12",
        "serialNumber": f"SN{number:06}",
        "mac": "00:00:5E:00:53:12",
        "terminalId": "",
        "brand": "Acme",
        "model": "Acme C300",
        "notes": "",
        "location": "1st floor",
        "enforcedModel": "",
        "configurationId": 1,
    }


_LISTS: dict[str, tuple[type, str, Callable[[int], dict[str, Any]]]] = {
    "ezeep users": (ezeep.User, "results", _ezeep_user),
    "ezeep account users": (ezeep.AccountUser, "results", _account_user),
    "MyQ users": (myqx.User, "users", _myq_user),
    "MyQ printers": (myqx.Printer, "printers", _myq_printer),
}
_SIZES = (20, 100, 1000)
_TARGETS = {"msgspec.Struct": 1.5, "pydantic": 1 / 3.5}


def measure(*, quick: bool) -> Iterator[Result]:
    """Decode pages of each list, in three sizes."""
    for title, (model, name, row) in _LISTS.items():
        peers = {
            "msgspec.Struct": _msgspec(model, name),
            "pydantic": _pydantic(model, name),
            "cattrs": _cattrs(model, name),
        }
        for size in _SIZES:
            data = json.dumps({name: [row(number) for number in range(size)], "count": size}).encode()
            decoders = {"ours": envelope_decoder(model, name), **peers}
            spent = _interleaved(
                decoders, data, rounds=7 if quick else 51, calls=max(1, (500 if quick else 2000) // size)
            )
            for peer in peers:
                yield Result(f"decoding {size} {title}", "us", spent["ours"], spent[peer], peer, _TARGETS.get(peer))


def _interleaved(decoders: Mapping[str, Decode], data: bytes, *, rounds: int, calls: int) -> dict[str, list[float]]:
    """Return the CPU times per page, in microseconds."""
    spent: dict[str, list[float]] = {name: [] for name in decoders}
    for number in range(rounds + 1):
        for name in list(decoders)[:: -1 if number % 2 else 1]:
            decode = decoders[name]
            started = time.process_time()
            for _ in range(calls):
                decode(data)
            spent[name].append((time.process_time() - started) / calls * 1e6)
    return {name: times[1:] for name, times in spent.items()}  # the first round warms up


def _msgspec(model: type, name: str) -> Decode:
    def make(kind: type, of: dict[str, Any]) -> Any:
        fields = [
            (f.name, of[f.name], *(() if f.default is attrs.NOTHING else (f.default,))) for f in attrs.fields(kind)
        ]
        return msgspec.defstruct(kind.__name__, fields, rename=_wire_names(kind))

    return msgspec.json.Decoder(_rebuilt(_page(model, name), make)).decode


def _pydantic(model: type, name: str) -> Decode:
    def make(kind: type, of: dict[str, Any]) -> Any:
        names, config = _wire_names(kind), pydantic.ConfigDict(protected_namespaces=())
        fields = {
            f.name: (of[f.name], pydantic.Field(... if f.default is attrs.NOTHING else f.default, alias=names[f.name]))
            for f in attrs.fields(kind)
        }
        return pydantic.create_model(kind.__name__, __config__=config, **fields)

    return _rebuilt(_page(model, name), make).model_validate_json


def _cattrs(model: type, name: str) -> Decode:
    converter = cattrs.preconf.json.make_converter()

    def make(kind: type, of: dict[str, Any]) -> Any:
        fields = {f.name: attrs.field(type=of[f.name], default=f.default) for f in attrs.fields(kind)}
        made = attrs.make_class(kind.__name__, fields, frozen=True)
        names = {field: override(rename=on_the_wire) for field, on_the_wire in _wire_names(kind).items()}
        converter.register_structure_hook(made, make_dict_structure_fn(made, converter, **names))
        return made

    page = _rebuilt(_page(model, name), make)
    return lambda data: converter.loads(data, page)


def _page(model: type, name: str) -> type:
    fields = {name: attrs.field(type=list[model]), "count": attrs.field(type=int | None, default=None)}
    return attrs.make_class("Page", fields)


def _rebuilt(kind: Any, make: Make) -> Any:
    """Return a type with every model in it made anew."""
    if attrs.has(kind):
        attrs.resolve_types(kind)
        return make(kind, {field.name: _rebuilt(field.type, make) for field in attrs.fields(kind)})
    parts = tuple(_rebuilt(part, make) for part in get_args(kind))
    if get_origin(kind) in (Union, types.UnionType):
        return functools.reduce(operator.or_, parts)
    return get_origin(kind)[parts] if parts else kind


def _wire_names(kind: type) -> dict[str, str]:
    return {field.name: wire_name(field) for field in attrs.fields(kind)}

"""What can be imported, what importing costs, and that all of it is described."""

import ast
import importlib
import importlib.resources
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

import ezeep_async
import myqx_async
import print_async
from print_async.service import Service, attached

PACKAGES = ("print_async", "ezeep_async", "myqx_async")
PARTS = ("ezeep_async.models", "ezeep_async.simulator", "myqx_async.models", "myqx_async.simulator")
LISTED = (*PACKAGES, "print_async.cluster", "print_async.testing", *PARTS)
LAZY = (*PACKAGES, "ezeep_async.models", "myqx_async.models")
HEAVY = {"aiohttp", "yarl", "httpx2", "httpcore2", "pyreqwest", "redis", "opentelemetry", "keyring", "cryptography",
         "filelock", "typer", "rich", "trustme", "cattrs", "fastapi", "pydantic", "distributed", "dask",
         "pyarrow"}  # fmt: skip


def modules() -> list[str]:
    """Return the names of all modules."""
    found = list(PACKAGES)
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        found += [module.name for module in pkgutil.walk_packages(path, f"{package}.")]
    return found


MODULES = modules()


def run(code: str) -> str:
    """Run code in a fresh interpreter and return what it prints."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", LISTED)
def test_every_listed_name_is_there(name):
    """All that a package lists can be imported from it, is found by `dir`, and is listed in order and once."""
    module = importlib.import_module(name)

    for listed in module.__all__:
        assert getattr(module, listed) is not None, listed
    assert set(module.__all__) <= set(dir(module))
    assert len(set(module.__all__)) == len(module.__all__)


@pytest.mark.parametrize("name", LAZY)
def test_type_checkers_are_told_the_same(name):
    """What type checkers see imported into a package is what its names are, no more and no less."""
    module = importlib.import_module(name)
    block = next(node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.If))
    told = {alias.name: each.module for each in block.body for alias in each.names}

    assert set(told) == set(module.__all__)
    for listed, home in told.items():
        assert getattr(module, listed) is getattr(importlib.import_module(home), listed)


@pytest.mark.parametrize("name", LAZY)
def test_an_unknown_name(name):
    """A name that is not there is an `AttributeError` that names it."""
    with pytest.raises(AttributeError, match=rf"{name}.*NoSuchThing"):
        importlib.import_module(name).NoSuchThing  # noqa: B018


@pytest.mark.parametrize("statement", [*(f"import {name}" for name in LAZY), "from ezeep_async import Ezeep",
                                       "from myqx_async import MyQX, MyQXCentral"])  # fmt: skip
def test_importing_costs_next_to_nothing(statement):
    """Importing packages and clients loads no HTTP library, nothing of any extra, and not the codec's longer way."""
    assert run(f"{statement}; import sys; print(*{HEAVY!r} & set(sys.modules))") == ""


@pytest.mark.parametrize("name", ["ezeep_async", "myqx_async"])
def test_importing_a_package_loads_none_of_its_modules(name):
    """Its client is loaded when it is asked for, and then without any service; a service comes without the others."""
    client = {"ezeep_async": "Ezeep", "myqx_async": "MyQX"}[name]
    loaded = f"print('loaded:', *sorted(each for each in sys.modules if each.startswith('{name}.')))"
    alone, with_client, with_users = run(
        f"import sys, {name}; {loaded}; {name}.{client}; {loaded}; {name}.{client}.users; {loaded}"
    ).split("\n")

    assert alone == "loaded:"
    assert f"{name}.client" in with_client
    assert f"{name}.services" not in with_client
    assert f"{name}.models" not in with_client
    services = {each for each in with_users.split() if each.startswith(f"{name}.services.")}
    assert services == {f"{name}.services.users", f"{name}.services.lists"}


@pytest.mark.parametrize("client", [ezeep_async.Ezeep, myqx_async.MyQX, myqx_async.MyQXCentral])
def test_services_of_clients(client):
    """Every service that a client names is there."""
    names = [name for name, member in vars(client).items() if isinstance(member, attached)]

    assert len(names) > 2
    assert all(issubclass(getattr(client, name), Service) for name in names)


@pytest.mark.parametrize("name", print_async.__all__)
def test_names_are_loaded_when_they_are_used(name):
    """Each name of the core is there on first use, and even the transport's does not load aiohttp."""
    assert getattr(print_async, name) is getattr(importlib.import_module("print_async"), name)
    if name == "AiohttpTransport":
        loaded = run("import sys, print_async; print_async.AiohttpTransport(); print('aiohttp' in sys.modules)")
        assert loaded == "False"


def test_what_is_about_clusters_loads_no_cluster():
    """Importing it, and making what it has, loads neither distributed nor redis."""
    code = (
        "import sys; from print_async.cluster import *; Workers('tcp://host:1', open);"
        "RedisPacer('redis://host', 'name', 1.0); RedisOnce('redis://host', 'name');"
        f"print(*{HEAVY!r} & set(sys.modules))"
    )

    assert run(code) == ""


def test_making_a_client_loads_no_http_library():
    """A client can be made, and its operations looked at, before aiohttp is loaded."""
    code = (
        "import sys; from myqx_async import MyQX; from myqx_async.auth import ClientCredentials as C;"
        "MyQX('https://print.example', C('id', 'secret', scope='users')).users.list();"
        "print('aiohttp' in sys.modules, 'typer' in sys.modules)"
    )

    assert run(code) == "False False"


@pytest.mark.parametrize("name", MODULES)
def test_every_module_can_be_imported(name):
    """Every module imports without doing anything, and says what it is."""
    module = importlib.import_module(name)

    assert (module.__doc__ or "").strip(), f"{name} has no docstring"


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield the public classes and functions of a module, and the public methods and properties of its classes."""
    for name, value in vars(module).items():
        if name.startswith("_") or getattr(value, "__module__", None) != module.__name__:
            continue
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            yield name, value
            for method, member in vars(value).items():
                plain = member.__func__ if isinstance(member, classmethod | staticmethod) else member
                if not method.startswith("_") and (inspect.isfunction(plain) or isinstance(plain, property)):
                    yield f"{name}.{method}", plain


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_is_described(name):
    """Each public class, function, method and property has a docstring of its own."""
    silent = [what for what, value in public(importlib.import_module(name)) if not (value.__doc__ or "").strip()]

    assert silent == []


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_typed(package):
    """Type checkers of those who use a package believe its annotations."""
    assert (importlib.resources.files(package) / "py.typed").is_file()

"""What can be imported, what importing costs, and that all of it is described."""

import importlib
import importlib.resources
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest

import print_async

PACKAGES = ("print_async", "ezeep_async", "myqx_async")
PARTS = ("ezeep_async.models", "ezeep_async.simulator", "myqx_async.models", "myqx_async.simulator")
LISTED = (*PACKAGES, "print_async.testing", *PARTS)
HEAVY = {"aiohttp", "yarl", "typer", "rich", "trustme", "cattrs", "opentelemetry"}


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


def test_an_unknown_name():
    """A name that is not there is an `AttributeError` that names it."""
    with pytest.raises(AttributeError, match=r"print_async.*NoSuchThing"):
        print_async.NoSuchThing  # noqa: B018


@pytest.mark.parametrize("names", ["print_async", "ezeep_async, myqx_async", ", ".join(PACKAGES)])
def test_importing_costs_next_to_nothing(names):
    """Importing the packages loads neither an HTTP library, nor the command line's, nor the longer way of the codec."""
    assert run(f"import {names}, sys; print(*{HEAVY!r} & set(sys.modules))") == ""


@pytest.mark.parametrize("name", print_async.__all__)
def test_names_are_loaded_when_they_are_used(name):
    """Each name of the core is there on first use, and even the transport's does not load aiohttp."""
    assert getattr(print_async, name) is getattr(importlib.import_module("print_async"), name)
    if name == "AiohttpTransport":
        loaded = run("import sys, print_async; print_async.AiohttpTransport(); print('aiohttp' in sys.modules)")
        assert loaded == "False"


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

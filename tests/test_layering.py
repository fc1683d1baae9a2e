"""Who may know whom: read from the imports of the source, so that nothing has to be run."""

import ast
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("print_async", "ezeep_async", "myqx_async")
VENDORS = ("ezeep_async", "myqx_async")
SOURCES = {path.relative_to(ROOT).as_posix(): path for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
SERVERS = ("print_async/testing/simulator.py", "ezeep_async/simulator/", "myqx_async/simulator/")
CONSOLES = ("print_async/console/", "ezeep_async/cli/", "myqx_async/cli/")


@attrs.frozen
class Import:
    """One module that a module imports, and where."""

    module: str
    inside: tuple[str, ...] = ()
    """The classes and functions around it, from the outside in; `TYPE_CHECKING` for what only type checkers see."""

    def of(self, *packages: str) -> bool:
        """Tell whether it is one of these packages, or something in one."""
        return any(self.module == package or self.module.startswith(package + ".") for package in packages)

    @property
    def at_module_level(self) -> bool:
        """Whether importing the one imports the other."""
        return not self.inside


def imports(path: Path) -> list[Import]:
    """Return all imports of a file."""
    return list(_imports(ast.parse(path.read_bytes()), ()))


def _imports(node: ast.AST, inside: tuple[str, ...]) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, inside) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (Import(f"{child.module}.{alias.name}", inside) for alias in child.names)
        elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(child, (*inside, child.name))
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            yield from _imports(child, (*inside, "TYPE_CHECKING"))
        else:
            yield from _imports(child, inside)


IMPORTS = {name: imports(path) for name, path in SOURCES.items()}


def test_the_source_is_found():
    """There is something to look at, and the reader of imports sees what it should."""
    assert len(IMPORTS) > 80
    assert Import("aiohttp.web") in IMPORTS["print_async/testing/simulator.py"]
    assert Import("aiohttp", ("TYPE_CHECKING",)) in IMPORTS["print_async/transports/aiohttp.py"]


def test_no_import_is_relative():
    """Every import says in full what it imports."""
    relative = [
        name
        for name, path in SOURCES.items()
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert relative == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_core_knows_no_vendor_and_no_vendor_the_other(package):
    """`print_async` imports nothing of the vendors, and neither vendor anything of the other."""
    foreign = {"print_async": VENDORS, "ezeep_async": ("myqx_async",), "myqx_async": ("ezeep_async",)}[package]

    found = {name: [each.module for each in IMPORTS[name] if each.of(*foreign)] for name in IMPORTS}
    assert {name: modules for name, modules in found.items() if modules and name.startswith(package + "/")} == {}


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_simulator_is_independent_of_the_client(vendor):
    """A simulator is another reading of the documents: of its client it uses the grant, when asked for one."""
    folder = f"{vendor}/simulator/"
    for name in filter(lambda name: name.startswith(folder), IMPORTS):
        of_client = [each for each in IMPORTS[name] if each.of(vendor) and not each.of(f"{vendor}.simulator")]
        assert {each.inside for each in of_client} <= {("grant",), ("TYPE_CHECKING",)}, name
        assert all(each.of(f"{vendor}.auth") for each in of_client), name
        core = [each.module for each in IMPORTS[name] if each.of("print_async") and not each.of("print_async.testing")]
        assert core == [], name


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_client_does_not_need_its_simulator(vendor):
    """Outside the simulator, it is imported by the command line only, and there when it is wanted."""
    users = {
        name: {each.at_module_level for each in found if each.of(f"{vendor}.simulator")}
        for name, found in IMPORTS.items()
        if not name.startswith(f"{vendor}/simulator/")
    }

    assert {name for name, levels in users.items() if levels} <= {f"{vendor}/cli/connection.py"}
    assert True not in users[f"{vendor}/cli/connection.py"]


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        (("aiohttp", "yarl", "multidict"), (*SERVERS, "print_async/transports/_aiohttp_pool.py")),
        (("typer", "rich"), CONSOLES),
        (("trustme", "aioresponses", "hypothesis"), ()),
        (("pytest",), ("print_async/testing/stores.py", "print_async/testing/_transports/")),
        (("httpx2", "httpcore2", "pyreqwest"), ()),
        (("distributed", "dask"), ("print_async/cluster/plugin.py",)),
        (("redis", "pyarrow"), ()),
        (("cattrs",), ("print_async/_",)),
        (("opentelemetry",), ("print_async/telemetry/_recorder.py",)),
    ],
    ids=lambda value: value[0] if value else "nowhere",
)
def test_libraries_are_loaded_only_where_they_are_needed(library, allowed):
    """A library that costs time, or is an extra, is imported at module level by those alone who are nothing without."""
    users = [
        name for name, found in IMPORTS.items() if any(each.of(*library) and each.at_module_level for each in found)
    ]

    assert [name for name in users if not name.startswith(allowed or ("/",))] == []


def test_aiohttp_has_one_door():
    """Outside the servers, nobody but the transport, and the adapter for calls that come in, knows aiohttp at all."""
    users = {name for name, found in IMPORTS.items() if any(each.of("aiohttp", "yarl") for each in found)}

    doors = ("print_async/transports/", "print_async/inbound/aiohttp.py")
    assert {name for name in users if not name.startswith((*SERVERS, *doors))} == set()


@pytest.mark.parametrize(
    ("libraries", "door"), [(("httpx2", "httpcore2", "h2"), "httpx2"), (("pyreqwest",), "pyreqwest")]
)
def test_other_http_libraries_have_one_door(libraries, door):
    """Nobody but its transport knows a library that is an extra."""
    users = {name for name, found in IMPORTS.items() if any(each.of(*libraries) for each in found)}

    folder = "print_async/transports/"
    assert f"{folder}{door}.py" in users
    assert {name for name in users if not name.startswith((f"{folder}{door}.py", f"{folder}_{door}_"))} == set()


def test_a_cluster_has_one_door():
    """Nobody but the package that is about clusters knows distributed."""
    users = {name for name, found in IMPORTS.items() if any(each.of("distributed", "dask") for each in found)}

    assert "print_async/cluster/plugin.py" in users
    assert {name for name in users if not name.startswith("print_async/cluster/")} == set()


def test_nobody_imports_the_tests():
    """The packages stand without the tests, the examples and the benchmarks."""
    found = [
        name for name, found in IMPORTS.items() if any(each.of("tests", "examples", "benchmarks") for each in found)
    ]

    assert found == []

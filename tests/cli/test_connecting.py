"""Where the commands find their server and their credential, and what they say when something is amiss."""

import stat

import pytest


@pytest.fixture
async def myqx(serve, tmp_path):
    """Run a MyQ X simulator as a process of its own, and return its environment, the CA file apart."""
    environment = await serve(
        "myqx_async.simulator", "MYQX_CLIENT_SECRET", "--users", 120, "--ca-out", tmp_path / "ca.pem"
    )
    assert environment.pop("MYQX_CA_FILE") == str(tmp_path / "ca.pem")
    return environment


async def test_myqx_without_the_authority(run, myqx):
    """Without the CA file the command fails, naming the certificate as the cause and --ca-file as the way out."""
    url = myqx.pop("MYQX_URL")

    result = await run("myqx_async", "mirror", "--url", url, **myqx)

    assert result.code == 1
    assert "certificate is not accepted" in result.err
    assert "certificate verify failed" in result.err
    assert "--ca-file" in result.err


async def test_myqx_with_the_authority(run, tables, myqx, tmp_path):
    """With the CA file, by option or by environment, the command works, and the next run brings nothing new."""
    url = myqx["MYQX_URL"]
    by_option = await run("myqx_async", "mirror", "--url", url, "--ca-file", "ca.pem", **myqx)
    by_environment = await run("myqx_async", "mirror", MYQX_CA_FILE="ca.pem", **myqx)

    for result in (by_option, by_environment):
        assert result.code == 0
        assert result.number(r"(\d+) items in") == 145
        assert result.number(r"(\d+) rows removed") == 0
    assert len(tables(tmp_path / "fleet.sqlite")["users"]) == 120


async def test_myqx_with_a_wrong_authority_file(run, myqx, tmp_path):
    """A CA file that is not there, or is none, is a plain error."""
    (tmp_path / "notes.pem").write_text("no certificate")

    for name in ("nowhere.pem", "notes.pem"):
        result = await run("myqx_async", "mirror", "--ca-file", name, **myqx)
        assert result.code == 2
        assert result.err.startswith("error: ")
        assert name in result.err, "the message names the file"


async def test_myqx_with_a_wrong_secret(run, myqx, tmp_path):
    """A credential that is refused is a plain error that does not repeat it."""
    wrong = {**myqx, "MYQX_CLIENT_SECRET": "wr0ng-s3cret-canary"}

    result = await run("myqx_async", "mirror", "--ca-file", "ca.pem", **wrong)

    assert result.code == 1
    assert "refused" in result.err


@pytest.mark.parametrize(
    ("module", "environment", "missing"),
    [
        ("ezeep_async", {}, ["EZEEP_CLIENT_ID", "EZEEP_REFRESH_TOKEN"]),
        ("ezeep_async", {"EZEEP_CLIENT_ID": "app"}, ["EZEEP_REFRESH_TOKEN"]),
        ("ezeep_async", {"EZEEP_CLIENT_ID": "app", "EZEEP_REFRESH_TOKEN": ""}, ["EZEEP_REFRESH_TOKEN"]),
        ("myqx_async", {}, ["MYQX_URL", "--url", "MYQX_CLIENT_ID", "MYQX_CLIENT_SECRET"]),
        ("myqx_async", {"MYQX_URL": "https://print.example", "MYQX_CLIENT_ID": "app"}, ["MYQX_CLIENT_SECRET"]),
    ],
)
async def test_missing_credentials(run, tmp_path, module, environment, missing):
    """What is missing in the environment is named, and nothing else; no file is made."""
    result = await run(module, "mirror", **environment)

    assert result.code == 2
    assert all(name in result.err for name in [*missing, "--simulate"])
    assert not any(name in result.err for name in environment if name not in missing)
    assert not list(tmp_path.iterdir())


async def test_ezeep_by_environment(run, serve, tables, tmp_path):
    """With what the simulator prints as the environment, the command mirrors it; a client secret is used."""
    environment = await serve(
        "ezeep_async.simulator", "EZEEP_REFRESH_TOKEN", "--users", 150, "--client-secret", "s3cret-canary"
    )
    assert environment["EZEEP_CLIENT_SECRET"] == "s3cret-canary"

    result = await run("ezeep_async", "mirror", **environment)

    assert result.code == 0
    assert result.number(r"(\d+) items in") == 303
    assert len(tables(tmp_path / "directory.sqlite")["account_users"]) == 150


async def test_ezeep_with_the_same_environment_again(run, serve, tmp_path):
    """A refresh token in the environment works once, and serves every run: what came of it is in the token file."""
    environment = await serve("ezeep_async.simulator", "EZEEP_REFRESH_TOKEN", "--users", 1)

    for _ in range(3):
        assert (await run("ezeep_async", "mirror", **environment)).code == 0

    tokens = tmp_path / "tokens" / "tokens.json"
    assert stat.S_IMODE(tokens.stat().st_mode) == 0o600
    assert stat.S_IMODE(tokens.parent.stat().st_mode) == 0o700


async def test_ezeep_with_a_spent_token(run, serve):
    """A refresh token that is spent, its successor gone, is a plain error that tells what to do."""
    environment = await serve("ezeep_async.simulator", "EZEEP_REFRESH_TOKEN", "--users", 1)
    assert (await run("ezeep_async", "mirror", **environment)).code == 0

    result = await run("ezeep_async", "mirror", **environment, PRINT_ASYNC_TOKENS="elsewhere.json")

    assert result.code == 1
    assert result.err.startswith("error: ")
    assert "sign in" in result.err.lower()


@pytest.mark.parametrize(
    ("module", "environment"),
    [
        ("ezeep_async", {"EZEEP_ACCOUNT_URL": "http://127.0.0.1:9", "EZEEP_REFRESH_TOKEN": "canary-1"}),
        ("myqx_async", {"MYQX_URL": "http://127.0.0.1:9", "MYQX_CLIENT_SECRET": "canary-2"}),
    ],
)
async def test_nobody_there(run, module, environment):
    """A server that does not answer is a plain error that names it."""
    result = await run(module, "mirror", EZEEP_CLIENT_ID="app", MYQX_CLIENT_ID="app", **environment)

    assert result.code == 1
    assert "127.0.0.1:9" in result.err


@pytest.mark.parametrize("url", ["http://print.example", "https://print.example/api"])
async def test_a_url_that_is_none(run, url):
    """A URL that cannot be right is refused before anything is sent."""
    result = await run("myqx_async", "mirror", "--url", url, MYQX_CLIENT_ID="app", MYQX_CLIENT_SECRET="canary-3")

    assert result.code == 2
    assert result.err.startswith("error: ")

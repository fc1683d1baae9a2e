"""A process that crashes, or is looked into while it runs, shows no secret in any frame of ours."""

import asyncio
import contextlib
import faulthandler
import gc
import tempfile
from pathlib import Path

import pytest

import myqx_async.auth as myqx
from ezeep_async.cli.connection import Profile as EzeepProfile
from ezeep_async.models import PrintTarget
from myqx_async import MyQXCentral
from myqx_async.auth import StoredCredential
from myqx_async.cli.connection import Profile as MyQXProfile
from myqx_async.inbound import Authenticator, BasicCredentials, aiohttp_app, external_account, external_authentication
from myqx_async.models import NewConfigurationProfile
from myqx_async.services.printers import Printers
from print_async.auth.session import AuthSession
from print_async.caller import Caller
from print_async.errors import PrintAsyncError
from print_async.options import CallOptions
from print_async.retry import RetryPolicy
from print_async.secret import Secret
from print_async.testing import StubTransport, json_response, token_response
from print_async.testing.simulator import Server
from print_async.wire import Body, Request
from tests.canary.estate import SIGNED, TOKEN, Estate
from tests.canary.finding import CANARY, everything_of, found_in, said_in
from tests.canary.test_calls import ANY, GRANTS, failures, read_error

PACKAGES = tuple(str(Path(__file__).parents[2] / name) for name in ("print_async", "ezeep_async", "myqx_async"))


def frames_in(coroutine):
    """Yield the frames in which a coroutine waits, from the outermost to the innermost."""
    while coroutine is not None:
        names = {"c": ("cr_frame", "cr_await"), "g": ("gi_frame", "gi_yieldfrom"), "a": ("ag_frame", "ag_await")}
        frame, inner = names.get(type(coroutine).__name__[0], ("", ""))
        if getattr(coroutine, frame, None) is not None:
            yield getattr(coroutine, frame)
        coroutine = getattr(coroutine, inner, None)


def live():
    """Write out the local variables of all frames of ours that wait, and the stacks as faulthandler has them."""
    ours = []
    for task in asyncio.all_tasks():
        for frame in frames_in(task.get_coro()):
            if frame.f_code.co_filename.startswith(PACKAGES):
                ours += [f"{frame.f_code.co_qualname} {name} = {value!r}" for name, value in frame.f_locals.items()]
    with tempfile.TemporaryFile() as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return "\n".join([*ours, *map(repr, asyncio.all_tasks()), file.read().decode()])


@contextlib.asynccontextmanager
async def under_way(work):
    """Have something run meanwhile, whatever becomes of it."""
    task = asyncio.create_task(work)
    yield task
    task.cancel()
    await asyncio.wait({task})


@pytest.mark.parametrize("part", ["sign_in", "refresh", "api"])
@pytest.mark.parametrize("name", ["ezeep_refresh", "myqx_pin", "myqx_client"])
async def test_the_frames_of_a_session_at_work(logs, name, part):
    """In the middle of a sign-in, a refresh or a request, no frame of ours and no task shows a secret."""
    estate = Estate(part, "hangs")
    async with Server(estate.app) as server, AuthSession(GRANTS[name], origins=[server.url]) as session:
        if part == "refresh":
            session.invalidate((await session.token()).generation)
        estate.asked.clear()
        call = Request("POST", f"{server.url}/jobs{SIGNED}", body=Body.json({"pin": Secret(CANARY["pin"])}))
        async with under_way(session.send(call)):
            await estate.asked.wait()
            shown = live()
            estate.released.set()
    assert "AuthSession" in shown
    assert found_in(shown + said_in(logs)) == []


@pytest.mark.parametrize("part", ["sign_in", "refresh", "api"])
async def test_an_error_that_nobody_retrieves(logs, part):
    """A task whose error nobody looks at is logged by the loop, with where it was made; without a secret."""
    async with Server(Estate(part, "resets").app) as server:

        async def crash():
            raise (await failures(ANY, part, server.url))[0]

        task = asyncio.create_task(crash())
        await asyncio.wait({task})
        del task
        gc.collect()
    assert "never retrieved" in logs.text
    assert found_in(said_in(logs)) == []


async def test_another_sign_in(logs):
    """A session of a stored credential that is refused another sign-in shows nothing of either."""
    for how in ("dumps_form", "quotes", "resets"):
        async with Server(Estate("sign_in", how).app) as server:
            grant = StoredCredential("app", CANARY["client"], name="anna")
            assert found_in(repr(grant) + grant.identity) == []
            async with AuthSession(grant, origins=[server.url]) as session:
                with pytest.raises(PrintAsyncError) as caught:
                    await session.sign_in(GRANTS["myqx_pin"])
        assert found_in(everything_of(caught.value) + said_in(logs)) == []


def test_profiles():
    """What the command lines remember shows no client secret."""
    secret = Secret(CANARY["client"])
    ezeep = EzeepProfile.make("app", secret, "printing")
    kept = MyQXProfile("https://x", None, "app", secret, "users", "PIN", application=False)
    assert found_in(repr([ezeep, kept])) == []


BODIES = ['{"pin": ["canary-pin-7f3a"]}', '{"pin": "canary-pin-7f3a', '["canary-pin-7f3a", "canary-card-7f3a"]']


@pytest.mark.parametrize("body", [*BODIES, '{"card": {"a": "canary-card-7f3a"}, "pin": 4711}'])
async def test_a_pin_or_card_that_cannot_be_read(body):
    """An answer with a PIN or a card that is not of the documented shape is an error that does not show it."""
    answer = json_response(None)
    answer.body = body.encode()
    stub = StubTransport(token_response("access", scope="users"), otherwise=lambda _: answer)
    grant = myqx.ClientCredentials("app", "secret", scope="users")
    async with MyQXCentral("https://central.example", grant, transport=stub) as central:
        for create in (central.pins.create, central.cards.create):
            with pytest.raises(PrintAsyncError) as caught:
                await create(1)
            assert found_in(everything_of(caught.value)) == []


@pytest.mark.parametrize("template", ["{}", '{{"code": 400, "message": "{}", "data": ["{}"]}}', "{{"])
async def test_a_password_that_is_quoted(template):
    """A secret in a request that the server refuses and quotes is masked in the error, as it is or JSON-encoded."""

    def quote(request):
        if "token" in request.url:
            return json_response(TOKEN)
        sent = request.body.content.decode()
        return json_response({"code": 1, "message": template.format(sent, sent), "data": {"was": [sent]}}, 400)

    async with AuthSession(ANY, origins=["https://x.example"], transport=StubTransport(otherwise=quote)) as session:
        caller = Caller(
            session, "https://x.example/api", read_error=read_error, options=CallOptions(retry=RetryPolicy(attempts=1))
        )
        profile = NewConfigurationProfile(name="all", admin_pwd=Secret(CANARY["password"]))
        with pytest.raises(PrintAsyncError) as caught:
            await Printers(caller).create_configuration_profiles([profile])
    assert found_in(everything_of(caught.value)) == []


class Reception(Authenticator):
    """Fails, or keeps the caller waiting."""

    def __init__(self, how):
        self.how = how
        self.asked, self.released = asyncio.Event(), asyncio.Event()

    async def authenticate(self, login_type, value):
        """Repeat the value in all that can be raised."""
        self.asked.set()
        if self.how == "waits":
            await self.released.wait()
        raise RuntimeError(f"{login_type} {value} {value.reveal()}")

    async def start(self, holder):
        """Repeat the cards."""
        await self.authenticate(holder, holder.cards[0])


PASSWORD = CANARY["password"]


@pytest.mark.parametrize("how", ["waits", "fails"])
@pytest.mark.parametrize("api", ["authentication", "account", "damaged"])
async def test_an_inbound_call(logs, api, how):
    """PINs, cards and the caller's password show neither in logs nor in waiting frames of ours, also if it fails."""
    import aiohttp

    logs.set_level("WARNING", "aiohttp.access")  # where the URL is written, as everywhere on the way
    reception, credentials = Reception(how), BasicCredentials("myq", PASSWORD)
    make = external_authentication if api == "authentication" else external_account
    arguments = {
        "authentication": ("GET", "/", {"params": {"loginType": "0", "loginValue": CANARY["pin"]}}),
        "account": ("POST", "/sessions", {"json": {"username": "anna", "cards": [CANARY["card"]]}}),
        "damaged": ("POST", "/sessions", {"json": {"username": 5, "cards": [CANARY["card"]]}}),
    }
    method, path, options = arguments[api]
    async with Server(aiohttp_app(make(reception, credentials))) as server, aiohttp.ClientSession() as caller:

        async def call():
            headers = {"Authorization": aiohttp.encode_basic_auth("myq", PASSWORD, "utf-8")}
            async with caller.request(method, server.url + path, headers=headers, **options) as answer:
                return answer.status, await answer.text()

        async with under_way(call()) as task:
            if api != "damaged":
                await reception.asked.wait()
            shown = live() if how == "waits" else str(await task)
            reception.released.set()
    ours = [line for line in shown.splitlines() if "test_crash" not in line]
    assert found_in("\n".join(ours)) == []
    assert found_in(said_in(logs)) == []


async def test_a_print_under_way(logs):
    """While a document is uploaded, or printed by URL, no frame of ours shows the URL."""
    from ezeep_async import Ezeep

    printer = PrintTarget("6f6e0c4a-0000-4000-8000-000000000001", "HP")
    url = f"https://files.example/a.pdf{SIGNED}"

    async def answer(request):
        if "token" in request.url:
            return json_response(TOKEN)
        if "PrepareUpload" in request.url:
            return json_response({"fileid": "1", "sasUri": f"https://storage.example/a{SIGNED}"})
        asked.set()
        return await asyncio.Event().wait()

    works = (
        lambda ezeep: ezeep.print_url(url, printer),
        lambda ezeep: ezeep.print_file(b"x", printer, file_type="pdf"),
    )
    for work in works:
        asked = asyncio.Event()
        client = Ezeep(GRANTS["ezeep_refresh"], transport=StubTransport(otherwise=answer))
        async with client as ezeep, under_way(work(ezeep.printing)):
            await asked.wait()
            shown = live()
        assert "workflow" in shown or "Printing.print" in shown
        assert found_in(shown + said_in(logs)) == []

"""Printing shows neither the signed URL of an upload nor a credential in the URL of a document, whatever fails."""

import asyncio
from urllib.parse import quote

import pytest
from aiohttp import web

from ezeep_async import Ezeep
from ezeep_async.models import PrintTarget
from print_async.errors import PrintAsyncError
from print_async.retry import RetryPolicy
from print_async.secret import Secret
from print_async.testing.simulator import Server
from print_async.transports.aiohttp import AiohttpTransport
from print_async.wire import Timeouts
from tests.canary.estate import TOKEN
from tests.canary.finding import CANARY, everything_of, found_in, said_in
from tests.canary.test_calls import GRANTS

PRINTER = PrintTarget("6f6e0c4a-0000-4000-8000-000000000001", "HP")
SIGNATURE = quote(CANARY["signature"])
DOCUMENT_URL = f"https://user:{quote(CANARY['password'], safe='')}@files.example/a.pdf?sig={SIGNATURE}"


class PrintServer:
    """The token endpoint, the Print API and the storage, of which one part misbehaves."""

    def __init__(self, part, how):
        self.part, self.how = part, how
        self.url = ""
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self.answer)

    async def answer(self, request):
        """Misbehave if the request is for that part."""
        sent = await request.text()
        part = {"token": "token", "PrepareUpload": "prepare", "Print": "print", "blob": "blob"}.get(
            request.path.rstrip("/").rpartition("/")[2], "token"
        )
        if part == self.part:
            return await getattr(self, self.how)(request, sent)
        if part == "prepare":
            return web.json_response({"fileid": "ERI_1", "sasUri": f"{self.url}/blob?sv=1&sig={SIGNATURE}"})
        return web.json_response(TOKEN) if part == "token" else web.json_response({"jobid": "1"}, status=201)

    async def refuses(self, request, sent):
        """Quote the whole request, in all places."""
        quoted = f"{request.url} {request.rel_url} {sent} {request.headers}"
        headers = {"x-ms-error-code": SIGNATURE[:40], "Location": f"{self.url}/{request.rel_url}"}
        return web.json_response({"code": 64, "message": quoted, "hint": quoted}, status=400, headers=headers)

    async def redirects(self, request, sent):
        """Lead elsewhere, signature and all."""
        return web.Response(status=307, headers={"Location": f"https://elsewhere.example{request.rel_url}"})

    async def resets(self, request, sent):
        """Break off."""
        request.transport.abort()
        return web.Response()

    async def stalls(self, request, sent):
        """Say nothing for longer than anybody waits."""
        await asyncio.sleep(0.2)
        return web.Response()

    async def mumbles(self, request, sent):
        """Answer what is none."""
        return web.Response(text=f'{{"sasUri": "{self.url}/blob?sig={SIGNATURE}", "fileid": 5, "fileurl": {sent or 1}')

    async def misshapes(self, request, sent):
        """Answer JSON of another shape."""
        return web.json_response({"sasUri": f"{self.url}/blob?sig={SIGNATURE}", "fileid": [SIGNATURE], "jobid": [sent]})

    async def moves(self, request, sent):
        """Give a URL that nothing may be sent to."""
        return web.json_response({"sasUri": f"http://elsewhere.example/blob?sig={SIGNATURE}", "fileid": "ERI_1"})


FAULTS = [
    *(("blob", how) for how in ("refuses", "redirects", "resets", "stalls")),
    *(("prepare", how) for how in ("mumbles", "misshapes", "moves", "resets")),
    *(("print", how) for how in ("refuses", "redirects", "resets", "stalls", "mumbles", "misshapes")),
]


async def printing(part, how, work):
    """Print at a server that misbehaves, and return what is raised."""
    estate = PrintServer(part, how)
    async with Server(estate.app) as server:
        estate.url = server.url
        urls = dict.fromkeys(("account_url", "management_url", "print_url"), server.url)
        transport = AiohttpTransport(timeouts=Timeouts(read=0.05))
        async with Ezeep(GRANTS["ezeep_refresh"], transport=transport, retry=RetryPolicy(attempts=1), **urls) as ezeep:
            try:
                await work(ezeep.printing)
            except Exception as error:  # noqa: BLE001 - whatever it is, it must not show a secret
                return error
    return None


@pytest.mark.parametrize(("part", "how"), FAULTS)
async def test_an_upload(logs, part, how):
    """A failing upload, or hand-over, shows neither the signature nor a token."""
    raised = await printing(part, how, lambda printing: printing.print_file(b"%PDF", PRINTER, file_type="pdf"))
    assert isinstance(raised, PrintAsyncError)
    assert found_in(everything_of(raised)) == []
    assert found_in(said_in(logs)) == []


@pytest.mark.parametrize("wrap", [str, Secret])
@pytest.mark.parametrize("how", [how for part, how in FAULTS if part == "print"])
async def test_a_document_fetched(logs, how, wrap):
    """A failing print by URL shows nothing of a credential in that URL, also where the server quotes it."""
    raised = await printing("print", how, lambda printing: printing.print_url(wrap(DOCUMENT_URL), PRINTER))
    assert isinstance(raised, PrintAsyncError)
    assert found_in(everything_of(raised)) == []
    assert found_in(said_in(logs)) == []


@pytest.mark.parametrize("options", [{"timeout": -1}, {"file_type": "no type"}])
@pytest.mark.parametrize("url", [DOCUMENT_URL, DOCUMENT_URL.replace("https", "ftp"), f"https:?{DOCUMENT_URL}"])
async def test_a_document_that_is_not_asked_for(url, options):
    """Arguments that make no sense are refused without showing the URL beside them."""
    raised = await printing("none", "", lambda printing: printing.print_url(url, PRINTER, **options))
    assert isinstance(raised, ValueError)
    assert found_in(everything_of(raised)) == []


async def failing(*parts):
    """Yield some bytes, and fail."""
    for part in parts:
        yield part
    raise ZeroDivisionError


class Failing:
    """A file that can be read once."""

    def __init__(self):
        self.content = [b"%PDF" * 2**20]

    def read(self, size):
        """Return all there is, then fail."""
        return self.content.pop() if self.content else 1 / 0


def no_progress(_):
    """Fail in the middle of an upload."""
    raise ZeroDivisionError


BROKEN = {
    "progress": lambda printing: printing.print_file(b"%PDF", PRINTER, file_type="pdf", progress=no_progress),
    "stream": lambda printing: printing.print_file(failing(b"%PDF"), PRINTER, file_type="pdf"),
    "second block": lambda printing: printing.print_file(failing(bytes(2**23)), PRINTER, file_type="pdf"),
    "progress of blocks": lambda printing: printing.print_file(
        failing(bytes(2**23)), PRINTER, file_type="pdf", progress=no_progress
    ),
    "file": lambda printing: printing.print_file(Failing(), PRINTER, file_type="pdf"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_document_that_breaks_off(logs, name):
    """What a document or a progress callback raises in the middle of an upload brings no signature along."""
    raised = await printing("none", "", BROKEN[name])
    assert isinstance(raised, (ZeroDivisionError, PrintAsyncError, ExceptionGroup))
    assert found_in(everything_of(raised)) == []
    assert found_in(said_in(logs)) == []

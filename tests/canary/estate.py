"""A server that misbehaves as told, and quotes what it was sent. No test."""

import asyncio
import json
from urllib.parse import parse_qs, quote_plus

from aiohttp import web

from tests.canary.finding import CANARY

TOKEN = {"access_token": CANARY["access"], "refresh_token": CANARY["refresh"], "expires_in": 3600}
SIGNED = "?sig=" + quote_plus(CANARY["signature"])

# What a server answers: a status and JSON fields, or a text. It quotes the request's FORM, its VALUES and the HEADER.
ANSWERS = {
    "refuses": (400, {"error": "invalid_grant"}),
    "quotes": (400, {"error": "invalid_grant", "error_description": "unknown: VALUES"}),
    "dumps_form": (400, {"error": "invalid_grant", "error_description": "bad form: FORM"}),
    "dumps_header": (400, {"error": "invalid_client", "error_description": "bad header: HEADER"}),
    "misplaces": (401, {"error": "unknown: VALUES"}),
    "fails": (503, {"error": "server_error", "error_description": "VALUES"}),
    "contradicts": (400, {"error": "invalid_grant", **TOKEN}),
    "garbles": (200, "<html>FORM HEADER"),
    "forbids": (403, {"message": "no: HEADER", "hint": "HEADER"}),
    "mumbles": (200, f'{{"url": "https://x/{SIGNED}", "t": "{CANARY["access"]}"'),
}


def leaves(value):
    """List what is in JSON or a parsed form, however deep."""
    if not isinstance(value, (dict, list)):
        return [str(value)]
    return [leaf for one in (value.values() if isinstance(value, dict) else value) for leaf in leaves(one)]


def fill(template, form, header):
    """Put what was sent into an answer."""
    if isinstance(template, dict):
        return json.dumps({name: fill(str(value), form, header) for name, value in template.items()})
    values = " ".join(leaves(json.loads(form) if form.startswith("{") else parse_qs(form)))
    return template.replace("FORM", form).replace("VALUES", values).replace("HEADER", header)


class Estate:
    """A server that misbehaves in one part as told."""

    def __init__(self, part, how):
        self.part, self.how = part, how
        self.token_calls = 0
        self.asked, self.released = asyncio.Event(), asyncio.Event()
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self.answer)

    async def answer(self, request):
        """Misbehave if the request is for that part, else be content."""
        raw = await request.text()
        self.asked.set()
        part = "api" if "token" not in request.path else "refresh" if self.token_calls else "sign_in"
        self.token_calls += part != "api"
        if part != self.part and self.part != "sign_in":
            return web.json_response(TOKEN)
        if self.how in ANSWERS:
            status, template = ANSWERS[self.how]
            return web.Response(status=status, text=fill(template, raw, request.headers.get("Authorization", "")))
        answer = web.StreamResponse(headers={"Content-Length": "9999"})
        if self.how == "hangs":
            await self.released.wait()
        if self.how == "stalls":
            await asyncio.sleep(0.1)
        if self.how == "truncates":
            await answer.prepare(request)
            await answer.write(json.dumps(TOKEN).encode())
        request.transport.abort()
        return answer

"""Calls that a vendor's server makes to yours: what both vendors' APIs of that kind share.

    from print_async.inbound import BasicCredentials, aiohttp_app, asgi_app

An `Api` comes from the vendor's package (`myqx_async.inbound`, `ezeep_async.inbound`) and is mounted in a web
application of yours. What an implementation raises to say no is in `print_async.inbound.errors`.
"""

from print_async.inbound.aiohttp import aiohttp_app
from print_async.inbound.api import Api
from print_async.inbound.asgi import AsgiApp, asgi_app
from print_async.inbound.basic import BasicCredentials
from print_async.inbound.body import IncomingBody
from print_async.inbound.errors import AccessDenied, Conflict, InboundError, NotFound, Refused, UploadInterrupted
from print_async.inbound.paths import SafePath

__all__ = [
    "AccessDenied",
    "Api",
    "AsgiApp",
    "BasicCredentials",
    "Conflict",
    "InboundError",
    "IncomingBody",
    "NotFound",
    "Refused",
    "SafePath",
    "UploadInterrupted",
    "aiohttp_app",
    "asgi_app",
]

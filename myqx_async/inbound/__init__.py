"""The APIs that a MyQ X server calls: it keeps scans in your storage, asks you who signs in, and uses your accounts.

    from myqx_async.inbound import BasicCredentials, aiohttp_app, external_storage

    app.add_subapp("/myq-storage", aiohttp_app(external_storage(MyStorage(), BasicCredentials("myq", password))))

Implement `Storage`, `Authenticator` or `Account`; raise `NotFound`, `AccessDenied` or `Conflict` to say no.
"""

from myqx_async.inbound.account import Account, AccountHolder, Release, external_account
from myqx_async.inbound.authentication import Authenticator, Found, LoginType, external_authentication
from myqx_async.inbound.storage import Download, Entry, Storage, external_storage
from print_async.inbound import (
    AccessDenied,
    Api,
    BasicCredentials,
    Conflict,
    IncomingBody,
    NotFound,
    SafePath,
    UploadInterrupted,
    aiohttp_app,
    asgi_app,
)

__all__ = [
    "AccessDenied",
    "Account",
    "AccountHolder",
    "Api",
    "Authenticator",
    "BasicCredentials",
    "Conflict",
    "Download",
    "Entry",
    "Found",
    "IncomingBody",
    "LoginType",
    "NotFound",
    "Release",
    "SafePath",
    "Storage",
    "UploadInterrupted",
    "aiohttp_app",
    "asgi_app",
    "external_account",
    "external_authentication",
    "external_storage",
]

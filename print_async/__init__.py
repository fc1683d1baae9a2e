"""The vendor-neutral core of an async SDK for print estates.

The vendors' clients, `myqx_async.MyQX` and `ezeep_async.Ezeep`, stand on what is here: a session that keeps its token
fresh (`AuthSession`), lists that come in pages (`Pager`), batches with bounded concurrency (`map_bounded`,
`run_batch`), and the port to the network (`Transport`, by default `AiohttpTransport`).

Names are imported from their modules when they are first used, so importing this costs next to nothing.
"""

from typing import TYPE_CHECKING

from print_async.lazy import exports

if TYPE_CHECKING:
    from print_async.auth.needs import Needs
    from print_async.auth.refresh import RefreshPolicy
    from print_async.auth.session import AuthSession
    from print_async.auth.stores.base import TokenStore
    from print_async.auth.stores.file import FileTokenStore
    from print_async.auth.stores.keyring import KeyringTokenStore
    from print_async.auth.stores.memory import MemoryTokenStore
    from print_async.auth.stores.redis import RedisTokenStore
    from print_async.auth.token import Token, TokenInfo, TokenKind
    from print_async.batch import BatchReport, Outcome, map_bounded, run_batch
    from print_async.codec import UNSET, UnsetType
    from print_async.deadlines import Deadline, deadline
    from print_async.errors import DeadlineExceeded, PrintAsyncError, PrintError, PrintOutcomeUnknown
    from print_async.limits.lanes import bulk
    from print_async.limits.policy import LimitPolicy
    from print_async.page import Page
    from print_async.paging import Pager
    from print_async.raw import raw_responses
    from print_async.retry import RetryPolicy
    from print_async.secret import Secret
    from print_async.service import operation_of, required_scopes
    from print_async.telemetry.hooks import Hooks
    from print_async.telemetry.opentelemetry import opentelemetry_hooks
    from print_async.transports.aiohttp import AiohttpTransport
    from print_async.transports.httpx2 import Httpx2Transport
    from print_async.transports.pyreqwest import PyreqwestTransport
    from print_async.transports.recording.recorder import RecordingTransport
    from print_async.transports.recording.replay import ReplayTransport
    from print_async.wire import Body, Headers, Request, Response, Timeouts, Transport

__all__ = [
    "UNSET",
    "AiohttpTransport",
    "AuthSession",
    "BatchReport",
    "Body",
    "Deadline",
    "DeadlineExceeded",
    "FileTokenStore",
    "Headers",
    "Hooks",
    "Httpx2Transport",
    "KeyringTokenStore",
    "LimitPolicy",
    "MemoryTokenStore",
    "Needs",
    "Outcome",
    "Page",
    "Pager",
    "PrintAsyncError",
    "PrintError",
    "PrintOutcomeUnknown",
    "PyreqwestTransport",
    "RecordingTransport",
    "RedisTokenStore",
    "RefreshPolicy",
    "ReplayTransport",
    "Request",
    "Response",
    "RetryPolicy",
    "Secret",
    "Timeouts",
    "Token",
    "TokenInfo",
    "TokenKind",
    "TokenStore",
    "Transport",
    "UnsetType",
    "bulk",
    "deadline",
    "map_bounded",
    "opentelemetry_hooks",
    "operation_of",
    "raw_responses",
    "required_scopes",
    "run_batch",
]

_HOMES = {
    "auth.needs": ("Needs",),
    "auth.refresh": ("RefreshPolicy",),
    "auth.session": ("AuthSession",),
    "auth.stores.base": ("TokenStore",),
    "auth.stores.file": ("FileTokenStore",),
    "auth.stores.keyring": ("KeyringTokenStore",),
    "auth.stores.memory": ("MemoryTokenStore",),
    "auth.stores.redis": ("RedisTokenStore",),
    "auth.token": ("Token", "TokenInfo", "TokenKind"),
    "batch": ("BatchReport", "Outcome", "map_bounded", "run_batch"),
    "codec": ("UNSET", "UnsetType"),
    "deadlines": ("Deadline", "deadline"),
    "errors": ("DeadlineExceeded", "PrintAsyncError", "PrintError", "PrintOutcomeUnknown"),
    "limits.lanes": ("bulk",),
    "limits.policy": ("LimitPolicy",),
    "page": ("Page",),
    "paging": ("Pager",),
    "raw": ("raw_responses",),
    "retry": ("RetryPolicy",),
    "secret": ("Secret",),
    "service": ("operation_of", "required_scopes"),
    "telemetry.hooks": ("Hooks",),
    "telemetry.opentelemetry": ("opentelemetry_hooks",),
    "transports.aiohttp": ("AiohttpTransport",),
    "transports.httpx2": ("Httpx2Transport",),
    "transports.pyreqwest": ("PyreqwestTransport",),
    "transports.recording.recorder": ("RecordingTransport",),
    "transports.recording.replay": ("ReplayTransport",),
    "wire": ("Body", "Headers", "Request", "Response", "Timeouts", "Transport"),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = exports(globals(), _HOMES)

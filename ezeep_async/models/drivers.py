"""Printer drivers (source: management_api/drivers)."""

from typing import Any

from ezeep_async.models.capabilities import Capabilities
from print_async.model import model


@model
class Driver:
    """A driver that ezeep has."""

    id: str
    """UUID."""
    name: str | None = None
    readable_name: str | None = None
    vendor: str | None = None
    os: str | None = None
    """`Windows`."""
    arch: str | None = None
    """`x64`."""
    printers_using_driver: int | None = None
    blob_capabilities: dict[str, Any] | None = None
    """Packed: `options`, `count` and `capabilities`. See `capabilities()`."""

    def capabilities(self) -> Capabilities | None:
        """Unpack `blob_capabilities`; `None` where there are none. Raises `DecodeError` as `Capabilities.of` does."""
        return None if self.blob_capabilities is None else Capabilities.of(self.blob_capabilities)

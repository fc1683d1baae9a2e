"""What the Print API says of itself (source: printapi, GetConfiguration)."""

from print_async.codec import wire
from print_async.model import model


@model
class SystemConfiguration:
    """The system's part of the configuration. The vendor documents one member of it."""

    file_extensions: str | None = wire("FILEEXT", None)
    """What can be printed: file extensions with a semicolon after each, the last one included."""


@model
class Configuration:
    """The configuration of the Print API. What else is in it is undocumented; `print_async.raw_responses` shows it."""

    system: SystemConfiguration | None = wire("System", None)

    @property
    def extensions(self) -> tuple[str, ...]:
        """What can be printed: file extensions in lower case, without dots, in the server's order."""
        listed = (self.system.file_extensions if self.system else None) or ""
        return tuple(extension.strip().lower() for extension in listed.split(";") if extension.strip())

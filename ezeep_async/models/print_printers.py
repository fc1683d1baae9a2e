"""Printers as the Print API knows them: what can be printed on, and what it can do (source: printapi).

The names on the wire are modelled on Win32's DEVMODE. Of a printer's properties the vendor promises its id and its name
and no more, so `None` means that nothing is known, and not that the printer cannot do it.
"""

from print_async.codec import OpenEnum, wire
from print_async.model import model

AUTO_PAPER_ID = 0
"""The paper format by which the printer decides."""
CUSTOM_PAPER_ID = 256
"""The paper format whose size the job brings along."""


@model
class PrintTarget:
    """A printer that the user may print on (GetPrinter)."""

    id: str
    """UUID."""
    name: str
    location: str | None = None
    is_queue: bool = False
    """Whether documents are only stored there until somebody releases them at a printer. Older servers do not say;
    only clients were seen reading it."""


class DefaultColor(OpenEnum):
    """Whether a printer prints in colour unless told otherwise."""

    COLOR = "color"
    GRAYSCALE = "grayscale"


class DefaultDuplex(OpenEnum):
    """On which sides a printer prints unless told otherwise, in the vendor's words."""

    SIMPLEX = "duplex_simplex"
    VERTICAL = "duplex_vertical"
    HORIZONTAL = "duplex_horizontal"


@model
class PaperFormat:
    """A size of paper."""

    id: int = wire("Id")
    """0 is the printer's own choice, 256 a custom size, the others are Windows' or the driver's."""
    name: str | None = wire("Name", None)
    x_res: int | None = wire("XRes", None)
    """Width in 0.1 mm."""
    y_res: int | None = wire("YRes", None)
    """Length in 0.1 mm."""
    default: bool | None = wire("Default", None)
    """Only clients were seen reading it."""


@model
class Tray:
    """Where a printer takes paper from. Only clients were seen reading it."""

    index: int = wire("Index")
    name: str | None = wire("Name", None)
    default: bool | None = wire("Default", None)


@model
class PrinterDefaults:
    """What a printer does unless told otherwise. Only clients were seen reading it."""

    color: DefaultColor | None = wire("Color", None)
    duplex: DefaultDuplex | None = wire("Duplex", None)
    orientation: str | None = wire("Orientation", None)
    orientation_index: int | None = wire("OrientationIndex", None)
    """1 is portrait, 2 landscape."""
    paper: str | None = wire("Paper", None)
    resolution: str | None = wire("Resolution", None)
    tray: str | None = wire("Tray", None)


@model
class PrinterProperties:
    """What a printer can do (GetPrinterProperties)."""

    id: str = wire("Id")
    """UUID."""
    name: str = wire("Name")
    location: str | None = wire("Location", None)
    driver: str | None = wire("Driver", None)
    collate: bool | None = wire("Collate", None)
    color: bool | None = wire("Color", None)
    color_supported: bool | None = wire("ColorSupported", None)
    """The newer word for the same; only clients were seen reading it."""
    duplex_supported: bool | None = wire("DuplexSupported", None)
    duplex_mode: int | None = wire("DuplexMode", None)
    """The default: 0 none, 1 one-sided, 2 long edge, 3 short edge."""
    media_supported: tuple[str | None, ...] | None = wire("MediaSupported", None)
    """Names, in the order of `media_supported_id`."""
    media_supported_id: tuple[int, ...] | None = wire("MediaSupportedId", None)
    orientations_supported: tuple[str, ...] | None = wire("OrientationsSupported", None)
    """`portrait`, `landscape`."""
    orientations_supported_id: tuple[int, ...] | None = wire("OrientationsSupportedId", None)
    """1 is portrait, 2 landscape."""
    paper_formats: tuple[PaperFormat, ...] | None = wire("PaperFormats", None)
    paper_format_id_default: int | None = wire("PaperFormatsIdDefault", None)
    """Only clients were seen reading it."""
    resolutions: tuple[str, ...] | None = wire("Resolutions", None)
    """Such as `Auto` and `600`; may have an empty text among them."""
    default_resolution: str | None = wire("DefaultResolution", None)
    """Only clients were seen reading it."""
    trays: tuple[Tray | None, ...] | None = wire("Trays", None)
    """`(None,)` for a printer without trays. Only clients were seen reading it."""
    default: PrinterDefaults | None = wire("Default", None)
    preset: PrinterDefaults | None = wire("Preset", None)
    """What older servers call `default`."""
    tpuid: int | None = wire("TPUID", None)
    max_x_extent: int | None = wire("MaxXExtent", None)
    """The widest paper in 0.1 mm, as in Win32; 0 where it is not known."""
    max_y_extent: int | None = wire("MaxYExtent", None)
    """The longest paper in 0.1 mm, as in Win32; 0 where it is not known."""

    @property
    def defaults(self) -> PrinterDefaults | None:
        """What the printer does unless told otherwise, under either of its names."""
        return self.default or self.preset

    @property
    def prints_color(self) -> bool | None:
        """Whether it prints in colour, under either of its names."""
        return self.color if self.color_supported is None else self.color_supported

    @property
    def known_trays(self) -> tuple[Tray, ...] | None:
        """Its trays: none for a printer that has none, `None` where nothing is known."""
        return None if self.trays is None else tuple(tray for tray in self.trays if tray is not None)

    @property
    def known_resolutions(self) -> tuple[str, ...]:
        """Its resolutions, without the empty ones; none also where nothing is known."""
        return tuple(resolution for resolution in self.resolutions or () if resolution)

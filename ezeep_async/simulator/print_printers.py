"""The printers of the Print API: one with everything, one that tells next to nothing, an odd one, and a queue.

Sources: apidocs.ezeep.com, printapi; ezeepAPi/printingapi, docs/printing.md; the types in ezeep/ezeep-js. The names are
made up.
"""

from collections.abc import Mapping

import attrs

from ezeep_async.simulator.identifiers import Identifiers

Fields = Mapping[str, object]

_PAPERS = [
    {"Id": 0, "Name": "Auto", "XRes": 0, "YRes": 0},
    {"Id": 9, "Name": "A4", "XRes": 2100, "YRes": 2970, "Default": True},
    {"Id": 8, "Name": "A3", "XRes": 2970, "YRes": 4200},
    {"Id": 1, "Name": "Letter", "XRes": 2159, "YRes": 2794},
    {"Id": 256, "Name": "Custom", "XRes": 0, "YRes": 0},
]
_EVERYTHING: Fields = {
    "Driver": "HP Universal Printing PCL 6",
    "Collate": True,
    "Color": True,
    "ColorSupported": True,
    "DuplexSupported": True,
    "DuplexMode": 1,
    "MediaSupported": ["Plain", "Transparency"],
    "MediaSupportedId": [1, 2],
    "OrientationsSupported": ["portrait", "landscape"],
    "OrientationsSupportedId": [1, 2],
    "PaperFormats": _PAPERS,
    "PaperFormatsIdDefault": 9,
    "Resolutions": ["Auto", "600", "1200"],
    "DefaultResolution": "600",
    "Trays": [{"Index": 15, "Name": "Automatic", "Default": True}, {"Index": 2, "Name": "Tray 2", "Default": False}],
    "Default": {
        "Color": "color",
        "Duplex": "duplex_simplex",
        "Orientation": "portrait",
        "OrientationIndex": 1,
        "Paper": "A4",
        "Resolution": "600",
        "Tray": "Automatic",
    },
    "TPUID": 788,
    "MaxXExtent": 2970,
    "MaxYExtent": 4318,
}
_NOTHING: Fields = {}
_ODD: Fields = {
    "Driver": "Brother HL",
    "Color": False,
    "DuplexSupported": False,
    "DuplexMode": 0,
    "MediaSupported": ["Plain", None],
    "MediaSupportedId": [1, 0],
    "OrientationsSupported": ["portrait"],
    "OrientationsSupportedId": [1],
    "PaperFormats": [{"Id": 9, "Name": "A4", "XRes": 2100, "YRes": 2970}, {"Id": 300, "XRes": 620, "YRes": 1000}],
    "Resolutions": ["", "300"],
    "Trays": [None],
    "Preset": {"Color": "grayscale", "Duplex": "duplex_simplex", "Paper": "A4", "Resolution": "300"},
    "TPUID": 12,
    "MaxXExtent": 0,
    "MaxYExtent": 0,
}


@attrs.frozen
class PrintPrinter:
    """A printer that a user may print on."""

    id: str
    name: str
    location: str
    is_queue: bool | None
    """`None` for an older server's, which says nothing of it."""
    can: Fields

    def listed(self) -> Fields:
        """Return it as GetPrinter has it."""
        said = {"id": self.id, "name": self.name, "location": self.location}
        return said if self.is_queue is None else {**said, "is_queue": self.is_queue}

    def properties(self) -> Fields:
        """Return it as GetPrinterProperties has it."""
        location = {"Location": self.location} if self.can else {}
        return {"Id": self.id, "Name": self.name, **location, **self.can}


def printers(seed: int) -> tuple[PrintPrinter, ...]:
    """Return the printers of an organization."""
    ids = Identifiers.of(seed, "printers")
    return (
        PrintPrinter(ids.at(0), "HP Universal, 2nd floor", "Building A", False, _EVERYTHING),
        PrintPrinter(ids.at(1), "Kyocera Corridor", "", None, _NOTHING),
        PrintPrinter(ids.at(2), "Brother Label & Co", "Desk 7", False, _ODD),
        PrintPrinter(ids.at(3), "Anyprinter", "", True, _EVERYTHING),
    )

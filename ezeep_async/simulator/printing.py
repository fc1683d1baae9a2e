"""The Print API under `/sfapi/`, as far as it is simulated: the configuration, which clients read as a login probe.

Sources: apidocs.ezeep.com, printapi; the vendor's repository ezeepAPi/printingapi.
"""

from aiohttp import web

from ezeep_async.simulator.answers import answer, not_found

_CONFIGURATION = {
    "Schema": {"Version": "1"},
    # The list of file types ends in a separator, as the vendor's does.
    "System": {"FILEEXT": "bmp;csv;docx;gif;htm;html;jpeg;jpg;odt;pdf;png;pptx;rtf;tif;tiff;txt;xlsx;xml;xps;"},
    "Workplace": {"DiskQuotaFree": -1.0, "DiskQuotaLimit": -1.0, "DiskQuotaUsed": -1.0},
}


def register(app: web.Application) -> None:
    """Add the routes. A slash at the end and the case of the last segment make no difference."""
    app.router.add_route("GET", "/sfapi/{operation:[^/]+}{slash:/?}", _read)


async def _read(request: web.Request) -> web.StreamResponse:
    if request.match_info["operation"].lower() != "getconfiguration":
        raise not_found()
    return answer(_CONFIGURATION)

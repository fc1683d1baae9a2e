"""How MyQ X writes errors. The errors themselves are those of `print_async.errors`."""

from print_async.caller import ErrorBody


def read_error(body: object) -> ErrorBody:
    """Read a decoded error body: `{code, message, data}`, in which the code may differ from the HTTP status.

    Source: rad/v4/error-messages.
    """
    if not isinstance(body, dict):
        return ErrorBody(data=body)
    code, message = body.get("code"), body.get("message")
    return ErrorBody(
        code if isinstance(code, (int, str)) else None,
        message if isinstance(message, str) else None,
        body.get("data"),
    )

"""How ezeep writes errors. The errors themselves are those of `print_async.errors`."""

from print_async.caller import ErrorBody


def read_error(body: object) -> ErrorBody:
    """Read a decoded error body of any of ezeep's APIs.

    The Print API answers `{code, message}`, the OAuth endpoints `{error, error_description}`. The management API's
    shape is not documented; it is read as `{detail}` or lists of messages by field, as Django REST framework has it.
    """
    if not isinstance(body, dict):
        return ErrorBody(data=body)
    for name in ("message", "detail", "error_description", "error"):
        if isinstance(body.get(name), str):
            code = body.get("code", body.get("error"))
            return ErrorBody(code if isinstance(code, (int, str)) else None, body[name], body)
    fields = "; ".join(f"{name}: {' '.join(map(str, said))}" for name, said in body.items() if isinstance(said, list))
    return ErrorBody(message=fields or None, data=body)

"""The canaries, and the search for them in all that a report of ours could show. No test."""

import contextlib
import pickle
import traceback
from base64 import b64encode
from pathlib import Path

TESTS = str(Path(__file__).parents[1])

# The characters after the name are those that JSON, URLs and forms escape, each in its own way.
NAMES = ["access", "refresh", "password", "pin", "card", "client", "code", "verifier", "signature"]
CANARY = {name: f"canary-{name}-7f3a/+=&\u00e9" for name in NAMES} | {"access": "canary-access-7f3a/+="}


def spellings(name):
    """List the ways in which a canary would show; the part before the special characters shows in all but base64."""
    return {f"canary-{name}", CANARY[name], b64encode(f"app:{CANARY[name]}".encode()).decode()}


def found_in(text):
    """Name the canaries that show in a text, each with where it begins."""
    hits = {name: min((text.find(one) for one in spellings(name) if one in text), default=None) for name in NAMES}
    return [f"{name}: ...{text[max(0, at - 90) : at + 25]}" for name, at in hits.items() if at is not None]


def everything_of(*errors):
    """Write out what a report could show of errors, their causes and contexts, with locals, attributes and pickles."""
    seen, texts, todo = set(), [], list(errors)
    while todo:
        one = todo.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        texts += [repr(one), str(one), repr(vars(one))]
        report = traceback.TracebackException(type(one), one, one.__traceback__, capture_locals=True)
        for frame in report.stack:
            if not frame.filename.startswith(TESTS):  # a test and its server are no part of the library
                values = (frame.locals or {}).items()
                texts += [f"{frame.filename}:{frame.lineno} {frame.name}: {name} = {value}" for name, value in values]
        with contextlib.suppress(TypeError):
            texts.append(pickle.dumps(one, protocol=0).decode("latin-1"))
        todo += [one.__cause__, one.__context__]
    return "\n".join(texts)


def said_in(logs):
    """Write out what a log handler could show of the records: texts, arguments, and errors with their locals."""
    arguments = [repr(record.args) for record in logs.records]
    errors = [record.exc_info[1] for record in logs.records if record.exc_info]
    return "\n".join([logs.text, *arguments, everything_of(*errors)])

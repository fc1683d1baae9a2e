"""A secret shows itself to nobody but who asks for it."""

import copy
import json
import logging
import pickle
import pprint
import string
import traceback

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from print_async.auth.token import Token
from print_async.secret import Secret, redact, reveal

PLAIN = "hunter2-hunter2"


@attrs.frozen
class Holder:
    name: str
    pin: Secret


HOLDER = Holder("ann", Secret(PLAIN))
TOKEN = Token(Secret(PLAIN), 0.0, refresh_token=Secret(PLAIN))


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        format,
        ascii,
        pprint.pformat,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>40}",
        lambda secret: f"{secret:>40}",
        lambda secret: "%s" % secret,  # noqa: UP031 - the form is the point
        lambda secret: "%r %20s" % (secret, secret),  # noqa: UP031
        lambda secret: "{0} {0!r} {0!s:*^30}".format(secret),  # noqa: UP032
        lambda secret: string.Template("$pin").substitute(pin=secret),
        lambda secret: str([secret]) + str({secret: secret}) + str((secret,)),
        lambda secret: str(ValueError(secret)) + repr(ValueError(secret)) + str(KeyError(secret)),
        lambda secret: repr(Holder("ann", secret)) + str(attrs.asdict(Holder("ann", secret))),
        lambda _: repr(TOKEN) + str(TOKEN),
        lambda secret: "Bearer " + secret,
        lambda secret: " ".join(["Bearer", secret]),  # noqa: FLY002 - it is join that is tested
        lambda secret: json.dumps({"pin": secret}),
        lambda secret: json.dumps(Holder("ann", secret), default=str),
    ],
)
def test_no_way_to_show_it(show):
    """Every way to display a secret, or something holding one, gives the mask."""
    shown = show(Secret(PLAIN))

    assert PLAIN not in shown
    assert "***" in shown


def test_logs(caplog):
    """A log record shows the mask, as message, as argument, and inside another object."""
    with caplog.at_level(logging.DEBUG):
        logging.debug(Secret(PLAIN))
        logging.debug("%s %r %s", Secret(PLAIN), Secret(PLAIN), HOLDER)
        logging.debug("%(pin)s", {"pin": Secret(PLAIN)})

    assert PLAIN not in caplog.text
    assert caplog.text.count("***") == 5


def test_traceback_with_locals():
    """A traceback that shows local variables and the message shows the mask."""

    def fail(pin):
        holder = HOLDER
        raise RuntimeError(f"{pin} of {holder} is wrong")

    try:
        fail(Secret(PLAIN))
    except RuntimeError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())

    assert "pin = Secret('***')" in shown
    assert PLAIN not in shown


@pytest.mark.parametrize("held", [Secret(PLAIN), [Secret(PLAIN)], HOLDER, TOKEN, ValueError(Secret(PLAIN))])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_not_pickled(held, protocol):
    """Pickling a secret, or what holds one, is a TypeError that says what to do and not what it is."""
    with pytest.raises(TypeError, match=r"reveal\(\)") as refused:
        pickle.dumps(held, protocol)

    assert PLAIN not in str(refused.value)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_copies(duplicate):
    """A copy is a secret with the same text."""
    for made in (duplicate(Secret(PLAIN)), duplicate([Secret(PLAIN)])[0], duplicate(HOLDER).pin):
        assert isinstance(made, Secret)
        assert made.reveal() == PLAIN


@given(st.text(), st.text())
def test_it_is_still_its_text(text, other):
    """It compares and hashes as its text, and reveals a plain string."""
    secret = Secret(text)

    assert secret == text
    assert hash(secret) == hash(text)
    assert (secret == Secret(other)) is (text == other)
    assert (secret != Secret(other)) is (text != other)
    assert (secret != other) is (text != other)
    assert bool(secret) is bool(text)
    assert type(secret.reveal()) is str
    assert reveal(secret) == secret.reveal() == text
    assert reveal(other) is other
    assert Secret(secret.reveal()).reveal() == text


@given(st.text(st.characters(codec="ascii", exclude_characters="*")), st.text("ab", min_size=1), st.text())
def test_redacted_text_holds_no_secret(before, secret, after):
    """Redacting masks every occurrence, of plain and `Secret` secrets alike."""
    text = before + secret + after + secret

    assert secret not in redact(text, [secret])
    assert redact(text, [Secret(secret)]) == redact(text, [secret])
    assert redact(text, []) == text


def test_redacting_nothing():
    """An empty secret, as a grant without a client secret has, masks nothing."""
    assert redact("a message", ["", Secret("")]) == "a message"


def test_wrapped_twice():
    """A secret made of a secret keeps the text, not the mask."""
    assert Secret(Secret(PLAIN)).reveal() == PLAIN


def test_json():
    """A JSON log line of plain data that holds a secret shows the mask, or is refused."""
    try:
        shown = json.dumps({"pin": Secret(PLAIN)})
    except TypeError as refused:
        shown = str(refused)

    assert PLAIN not in shown


def test_evolved():
    """What converts its fields to secrets keeps them when it is made anew from its own."""
    credential = attrs.make_class("Credential", {"name": attrs.field(), "pin": attrs.field(converter=Secret)})

    assert attrs.evolve(credential("ann", PLAIN), name="bob").pin.reveal() == PLAIN

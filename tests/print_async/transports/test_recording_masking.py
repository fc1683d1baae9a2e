"""What is masked in a recording: known secrets however they are written, and unknown ones for their name or form."""

import html
import json
import string
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from print_async.secret import Secret
from print_async.transports.recording.masker import Masker
from print_async.transports.recording.names import SecretNames

ODD = "\"'\\%+/&=<>;:.,-_~ \u00e9\u20ac\u0130\U0001f511"
SECRETS = st.text(ODD + string.ascii_letters + string.digits, min_size=8, max_size=24)
WAYS = {
    "as it is": lambda text: text,
    "percent-encoded": lambda text: quote(text, safe=""),
    "percent-encoded, in small letters": lambda text: quote(text, safe="").lower() if text.islower() else quote(text),
    "percent-encoded but for what a browser leaves": lambda text: quote(text, safe="!'()*~"),
    "percent-encoded, all of it": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "percent-encoded twice": lambda text: quote(quote(text, safe=""), safe=""),
    "in a form": quote_plus,
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON that is UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "in JSON as PHP writes it": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "in JSON in JSON": lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1],
    "in a form in JSON": lambda text: json.dumps(quote_plus(text))[1:-1],
    "in HTML": html.escape,
    "in HTML, by number": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "in Python": lambda text: repr(text)[1:-1],
    "in base64": lambda text: b64encode(f"app:{text}".encode()).decode(),
    "in base64 for URLs": lambda text: urlsafe_b64encode(json.dumps({"a": text}).encode()).decode().rstrip("="),
}


def masker(*known: str, more: tuple[str, ...] = ()) -> Masker:
    """Make a masker that knows these secrets."""
    made = Masker(SecretNames(more))
    made.learn(map(Secret, known))
    return made


@pytest.mark.parametrize("way", WAYS)
@given(secret=SECRETS)
@example(secret="100%+/\\\"'")
@example(secret="\u0130\u0130\u0130\u0130AAAA")
@example(secret="%41%42%43")
@example(secret="\\u0041bcdef")
def test_known_secret_is_found_however_it_is_written(way, secret):
    """Whatever characters a secret has, and however a server writes it, its placeholder stands there and no more."""
    written = WAYS[way](secret)
    masked = masker(secret).text(f"you sent [{written}] to us")
    assert written not in masked
    assert masked == "you sent [secret-1] to us"


@given(secret=SECRETS, before=st.text(string.ascii_letters, max_size=3), after=st.text(string.digits, max_size=3))
def test_long_secret_is_found_inside_of_a_word(secret, before, after):
    """A secret of eight characters or more is masked wherever it is; a digit behind it stays apart from its number."""
    assume((before + secret + after).lower().rfind(secret.lower()) == len(before))
    assume((before + secret + after).lower().find(secret.lower()) == len(before))
    masked = masker(secret).text(f"{before}{secret}{after}")
    assert masked == f"{before}secret-1{'~' if after else ''}{after}"


@given(secret=st.text(string.ascii_letters + string.digits, min_size=8))
def test_letters_of_another_case(secret):
    """A server that changes the case of a card number does not uncover it."""
    assert masker(secret).text(f"no card {secret.swapcase()}.") == "no card secret-1."


@given(texts=st.lists(st.text('ab%"', min_size=1, max_size=12), min_size=2, max_size=4, unique=True), data=st.data())
def test_secrets_that_overlap(texts, data):
    """Of secrets that are parts of each other, or overlap, nothing is left, in whatever order they became known."""
    text = data.draw(st.lists(st.sampled_from(texts), min_size=1, max_size=4).map("".join))
    masked = masker(*texts).text(text)
    assert [each for each in texts if len(each) >= 8 and each.lower() in masked] == []


@given(secret=SECRETS, name=st.sampled_from(["pin", "access_token", "note"]))
def test_json_keeps_its_shape(secret, name):
    """JSON stays JSON of the same shape, with placeholders in it for texts and in names of fields."""
    assume(not SecretNames(()).sure(secret))
    masked = masker(secret).json({name: secret, secret: [1, True, None, 2.5, {"x": f"<{secret}>"}]})
    assert masked == {name: "secret-1", "secret-1": [1, True, None, 2.5, {"x": "<secret-1>"}]}


PIN_MASKED = ["1234", "unknown PIN 1234", "1234 is no PIN", "PIN: 1234.", "'1234'", "(1234)", "pin=1234&x=1",
              "\n1234\n", "PIN%201234", "a/1234/b", "\\n1234"]  # fmt: skip
PIN_LEFT = ["41234", "12345", "a1234", "1234b", "6f6e0c4a-1234-4000-8000-000000000001", "2021-1234", "0.1234", "1234.5"]


@pytest.mark.parametrize("text", PIN_MASKED)
def test_short_secret_that_stands_alone(text):
    """A secret of four to seven characters is masked where it stands alone, between words or as all there is."""
    assert "1234" not in masker("1234").text(text)


@pytest.mark.parametrize("text", PIN_LEFT)
def test_short_secret_that_is_part_of_something(text):
    """The same characters in a longer word, a number, a date or a UUID are something else, and stay."""
    assert masker("1234").text(text) == text


def test_short_secret_in_json():
    """A short secret is masked in texts of JSON; numbers and names of fields are other things, and stay."""
    masked = masker("1234", "users").json({"users": 1234, "list": ["1234", "users"], "pin": 1234})
    assert masked == {"users": 1234, "list": ["secret-1", "secret-2"], "pin": "secret-1"}


def test_shortest_secrets_are_masked_in_their_field_only():
    """Of fewer than four characters, a secret is masked where it is named, or every page number would be one."""
    made = masker("12")
    assert made.json({"pin": "12", "page": "12"}) == {"pin": "secret-1", "page": "12"}
    assert made.form("pin=12&page=12") == "pin=secret-1&page=12"
    assert made.text("pin=12 of page 12") == "pin=secret-1 of page 12"


def test_same_secret_same_placeholder():
    """A value has one placeholder wherever it appears, and another value has another."""
    made = masker()
    assert made.json({"access_token": "a-token-of-ours", "refresh_token": "b-token-of-ours"}) == {
        "access_token": "secret-1",
        "refresh_token": "secret-2",
    }
    assert made.header("Authorization", "Bearer a-token-of-ours") == "Bearer secret-1"
    assert made.form("token=b-token-of-ours") == "token=secret-2"
    assert made.url("https://x/b-token-of-ours?sig=a-token-of-ours") == "https://x/secret-2?sig=secret-1"


def test_masked_already_is_no_secret():
    """Nothing, or the asterisks of a server that masks by itself, is no secret."""
    made = masker()
    value = {"password": "", "pin": None, "card": "****", "has_card": True, "tokens": 3}
    assert made.json(value) == value
    assert made.known == 0


HEADERS = [
    ("Authorization", "Bearer abc", "Bearer secret-1"),
    ("authorization", "plain-key-of-ours", "secret-1"),
    ("Proxy-Authorization", "Digest username=\"u\", response=\"r\"", "Digest secret-1"),
    ("Authorization", "Basic " + b64encode(b"app:p:w").decode(), "Basic app:secret-1"),
    ("Authorization", "Basic " + b64encode(b"app:").decode(), "Basic app:"),
    ("Authorization", "Basic " + b64encode(b"sk1234567890abcdef:").decode(), "Basic secret-1:"),
    ("Authorization", "Basic no-base64!", "Basic secret-1"),
    ("Cookie", "sid=abc; theme=dark", "sid=secret-1; theme=secret-2"),
    ("Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=secret-1; Path=/; HttpOnly"),
    ("Location", "https://app/back?code=abc&state=d%20e", "https://app/back?code=secret-1&state=secret-2"),
    ("Location", "https://app/back#access_token=abc&x=1", "https://app/back#access_token=secret-1&x=1"),
    ("X-Api-Key", "abc", "secret-1"),
    ("X-Auth-Token", "abc", "secret-1"),
    ("x-ms-copy-source", "https://b/c?sv=1&sig=a%2Bb", "https://b/c?sv=1&sig=secret-1"),
    ("WWW-Authenticate", 'Bearer realm="x", error="invalid_token"', 'Bearer realm="x", error="invalid_token"'),
    ("ETag", '"0x8D9F1F2A3B4C5D6E"', '"0x8D9F1F2A3B4C5D6E"'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "masked"), HEADERS)
def test_headers(name, value, masked):
    """A header is masked as what it is: a scheme, a user's name and an attribute of a cookie stay readable."""
    assert masker().header(name, value) == masked


URLS = [
    ("https://u:p%40w@host:1234/x", "https://u:secret-1@host:1234/x"),
    ("https://key@host/x", "https://secret-1@host/x"),
    ("https://x/?sig=a%2Fb&se=2030-01-01T00%3A00%3A00Z", "https://x/?sig=secret-1&se=2030-01-01T00%3A00%3A00Z"),
    ("https://x/?next=https%3A%2F%2Fy%2F%3Fsig%3Dabc", "https://x/?next=https%3A%2F%2Fy%2F%3Fsig%3Dsecret-1"),
    ("https://x/a?response_type=code&client_id=i&state=s&code_challenge=c",
     "https://x/a?response_type=code&client_id=i&state=secret-1&code_challenge=secret-2"),
    ("https://x/printers?state=ready&code=12", "https://x/printers?state=secret-1&code=secret-2"),
    ("https://x/printers?state=ready", "https://x/printers?state=ready"),
    ("https://x/?token_type=Bearer&pinned=yes", "https://x/?token_type=Bearer&pinned=yes"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "masked"), URLS)
def test_urls(url, masked):
    """Of a URL, secret parameters are masked, and who it says is asking; the host and all else stay as they are."""
    assert masker().url(url) == masked


TEXTS = [
    ('{"access_token": "abc\\"d", "expires_in"', '{"access_token": "secret-1", "expires_in"'),
    ('{"refresh_token": "cut off in the mid', '{"refresh_token": "secret-1'),
    ("{'pin': '12', 'x': 1}", "{'pin': 'secret-1', 'x': 1}"),
    ('{"pin": 4711', '{"pin": secret-1'),
    ("see https://x/?sig=abc%2Bd&se=1 for more", "see https://x/?sig=secret-1&se=1 for more"),
    ("fetched from https://u:pw@x/", "fetched from https://u:secret-1@x/"),
    ("<a><Password>p&amp;w</Password></a>", "<a><Password>secret-1</Password></a>"),
    ('--x\r\nContent-Disposition: form-data; name="password"\r\n\r\npw\r\n--x--',
     '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\nsecret-1\r\n--x--'),
    ("bad header: Bearer abcdefgh12345678", "bad header: Bearer secret-1"),
    ("token eyJhbGciOi.eyJzdWIiOi.c2ln of yours", "token secret-1 of yours"),
    ("PIN: 4711 is wrong", "PIN: secret-1 is wrong"),
    ("Token: expired. Basic authentication needed", "Token: expired. Basic authentication needed"),
    ("session_key=0123456789abcdef0123", "session_key=secret-1"),
    ("sort_key=name&monkey=banana", "sort_key=name&monkey=banana"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), TEXTS)
def test_texts(text, masked):
    """In a text of any form a secret that nobody knows yet is found by its name, or by the form it has."""
    assert masker().text(text) == masked


def test_what_was_found_in_a_text_is_known():
    """A secret that was found by its name is masked elsewhere too, decoded as it was."""
    made = masker()
    made.text("https://x/?sig=abc%2Bdef%2Fghi&x=1")
    assert made.text("no signature abc+def/ghi here") == "no signature secret-1 here"


NAMED = {
    "access_token": True, "refreshToken": True, "clientsecret": True, "PASSWORD": True, "adminPwd": True,
    "PINCode": True,
    "cards": True, "idCard": True, "X-Amz-Signature": True, "X-Amz-Security-Token": True, "code_verifier": True,
    "device_code": True, "user_code": True, "apiKey": True, "Ocp-Apim-Subscription-Key": True, "client_assertion": True,
    "JSESSIONID": True, "sess_id": True, "nextPageToken": True,
    "token_type": False, "token_endpoint": False, "cardReader": False, "pin_length": False, "sasUri": False,
    "shipping": False, "spinner": False, "discard": False, "design": False, "key": False, "keyboard": False,
    "code": False,
    "state": False, "client_id": False, "username": False, "access": False, "passport": False, "signal": False,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_names(name):
    """A name tells of a secret by its words: not by letters in the middle of one, nor where it is about a secret."""
    assert SecretNames(()).secret(name, "x") is NAMED[name]
    assert SecretNames(()).may_be_in(f'{{"{name}": 1') >= NAMED[name]


@pytest.mark.parametrize("name", ["key", "sessionKey", "pinned", "signal", "code", "partition-key"])
def test_names_that_are_likely(name):
    """Under a name that is a little like one, a value that looks made at random is masked; a word is not."""
    names = SecretNames(())
    assert names.secret(name, "3q2-7wAAAAAAAAAAAAAA")
    assert not names.secret(name, "application/json")
    assert not names.secret(name, "2030-01-01T00:00:00Z")


def test_more_names():
    """The caller's own names count too, in any spelling, in JSON, forms and text."""
    made = masker(more=("badge_no",))
    assert made.json({"badgeNo": "ab", "x": 1}) == {"badgeNo": "secret-1", "x": 1}
    assert made.form("BADGE-NO=ab") == "BADGE-NO=secret-1"
    assert made.text("badgeno=ab") == "badgeno=secret-1"
    assert made.json({"badge_no": 7}) == {"badge_no": "secret-2"}


@pytest.mark.parametrize("names", ["badge", b"badge", [1], 5])
def test_names_that_are_none(names):
    """A lone text, which would be taken for its letters, is a `TypeError`."""
    with pytest.raises(TypeError):
        SecretNames(names)


def test_oauth_in_json():
    """A code is secret in a token request; in any other JSON it is a number of an error."""
    made = masker()
    assert made.json({"grant_type": "authorization_code", "code": "ab"})["code"] == "secret-1"
    assert made.json({"code": "ab", "state": "ready"}) == {"code": "ab", "state": "ready"}


def test_all_within_a_secret():
    """Texts inside of an object or a list that is named as a secret are masked, but for what is about it."""
    masked = masker().json({"card": {"type": "MIFARE", "number": "A1", "id": 5}, "pins": ["12", "34"]})
    assert masked == {"card": {"type": "MIFARE", "number": "secret-1", "id": 5}, "pins": ["secret-2", "secret-3"]}


@given(data=st.binary(max_size=40), secret=SECRETS)
def test_bytes(data, secret):
    """In what is no text, long secrets are masked and every other byte stays."""
    marked = b"\xff" + data + b"\xff" + secret.encode() + b"\xff"
    assert masker(secret).binary(marked) == marked.replace(secret.encode(), b"secret-1")


@given(text=st.text() | st.text("%\\&u;#x00dDfF=+:\"'{}[]<>/\udcff", max_size=30))
def test_nothing_is_too_odd(text):
    """Whatever is in a text, halves of characters included, masking does not fail, and keeps what is not secret."""
    made = masker("hunter2-hunter2")
    for masked in (made.text(text), made.url(text), made.form(text), made.header("X-A", text), made.key(text)):
        assert "secret-1" not in masked
    for name in ("Cookie", "Set-Cookie", "Authorization", "Location", "X-Token"):
        made.header(name, f"Basic {text}")
    made.json({text: [text, {"pin": text}]})
    assert made.text(f"{text} hunter2-hunter2").endswith("secret-1")


def test_secrets_inside_of_a_secret():
    """Of a secret that is a signed URL, the signature alone is known too, and the password in it."""
    made = masker("https://u:the-pass-word@x/?sig=the-sig-nature")
    assert made.text("the-sig-nature of the-pass-word is wrong") == "secret-2 of secret-3 is wrong"


def test_many_secrets_are_found_as_a_few_are():
    """With so many secrets that they are looked for in another way, the same is found."""
    many = [f"card-{number:05}" for number in range(3000)]
    made = masker(*many)
    assert made.text("card-00001, card-02999 and card-12345") == "secret-2, secret-3000 and card-12345"
    assert made.text(" ".join(many[:1000])) == " ".join(f"secret-{number}" for number in range(1, 1001))

"""Pairing: the endpoint, the page, and what the token endpoint says of a code."""

import pytest
from yarl import URL

PAGE = "/oauth/authorize/pairing/"


async def begin(visitor, **form):
    """Begin a pairing and return the answer."""
    return await visitor.token_call("/oauth/pair/", **{"mode": "user", "scope": "printing"} | form)


async def code_of(visitor):
    """Begin a pairing and return its code."""
    return (await begin(visitor)).body["pairing_code"]


async def spend(visitor, code):
    """Ask the token endpoint about a code."""
    return await visitor.token_call(grant_type="pairing_code", pairing_code=code, scope="printing")


async def decide(visitor, code, choice):
    """Press a button of the page."""
    form = {"pairing_code": code, "answer": choice}
    return await visitor.send("POST", PAGE, base=visitor.simulator.account_url, data=form, headers={})


async def test_beginning(visit):
    """A pairing begins with a code, and a URL on the account host that carries it; both are all there is."""
    visitor = await visit()

    answer = await begin(visitor)

    url = URL(answer.body["auth_url"])
    assert (answer.status, set(answer.body)) == (200, {"pairing_code", "auth_url"})
    assert str(url.origin()) == visitor.simulator.account_url
    assert url.query["pairing_code"] == answer.body["pairing_code"]


@pytest.mark.parametrize(
    "form", [{"mode": ""}, {"mode": "robot"}, {"mode": "user", "hardware_id": "0c7e"}, {"mode": "", "hardware_id": "1"}]
)
async def test_beginning_nonsense(visit, form):
    """A pairing without a mode, or of a person with a hardware id, is refused."""
    answer = await begin(await visit(), **form)

    assert (answer.status, answer.body) == (400, {"error": "invalid_request"})


async def test_beginning_as_a_stranger(visit):
    """A client that is not known gets no code."""
    visitor = await visit()

    answer = await visitor.token_call("/oauth/pair/", client="other:", mode="user")

    assert (answer.status, answer.body) == (401, {"error": "invalid_client"})


async def test_the_body_must_be_a_form(visit):
    """A JSON body is refused, as by the token endpoint."""
    visitor = await visit()

    answer = await visitor.send("POST", "/oauth/pair/", base=visitor.simulator.account_url, json={"mode": "user"})

    assert (answer.status, answer.body) == (400, {"error": "invalid_request"})


async def test_from_code_to_token(visit, claims_of):
    """A code brings tokens once it is approved and not before, for the user who approved, and works once."""
    visitor = await visit()
    code = (await begin(visitor, mode="device", hardware_id="0c7e")).body["pairing_code"]

    early = [await spend(visitor, code) for _ in range(2)]
    visitor.simulator.approve_pairing(code, user=7)
    answer = await spend(visitor, code)
    late = await spend(visitor, code)

    assert [(one.status, one.body) for one in early] == [(400, {"error": "authorization_pending"})] * 2
    assert (answer.status, answer.body["scope"]) == (200, "printing")
    assert claims_of(answer.body["access_token"])["sub"] == visitor.simulator.directory.user_ids.at(7)
    assert (await visitor.refresh(answer.body["refresh_token"])).status == 200
    assert (late.status, late.body) == (400, {"error": "invalid_grant"})
    assert visitor.simulator.stats.token_requests["pairing_code"] == 4


async def test_refusing(visit):
    """A refused pairing says so as often as it is asked."""
    visitor = await visit()
    code = await code_of(visitor)

    visitor.simulator.refuse_pairing(code)

    assert [(await spend(visitor, code)).body for _ in range(2)] == [{"error": "access_denied"}] * 2


async def test_a_decision_is_taken_once(visit):
    """A pairing that is decided, or unknown, can be neither approved nor refused."""
    visitor = await visit()
    code = await code_of(visitor)
    visitor.simulator.refuse_pairing(code)

    for wrong in (code, "unknown"):
        with pytest.raises(ValueError, match="waits for an answer"):
            visitor.simulator.approve_pairing(wrong)
        with pytest.raises(ValueError, match="waits for an answer"):
            visitor.simulator.refuse_pairing(wrong)


@pytest.mark.parametrize(
    ("form", "error"),
    [({}, "invalid_request"), ({"pairing_code": ""}, "invalid_request"), ({"pairing_code": "x"}, "invalid_grant")],
)
async def test_spending_nonsense(visit, form, error):
    """A code that is missing or unknown is refused."""
    answer = await (await visit()).token_call(grant_type="pairing_code", **form)

    assert (answer.status, answer.body) == (400, {"error": error})


async def test_a_code_ends(visit):
    """A simulator told to lets a code expire, approved or not."""
    visitor = await visit(pairing_seconds=300)
    approved, waiting = await code_of(visitor), await code_of(visitor)
    visitor.simulator.approve_pairing(approved)

    visitor.clock.time += 299
    in_time = await spend(visitor, waiting)
    visitor.clock.time += 1

    assert in_time.body == {"error": "authorization_pending"}
    assert [(await spend(visitor, code)).body for code in (approved, waiting)] == [{"error": "expired_token"}] * 2
    with pytest.raises(ValueError, match="waits for an answer"):
        visitor.simulator.approve_pairing(waiting)


async def test_asking_too_often(visit):
    """A simulator told to answers `slow_down` to questions that come too close, even for an approved code."""
    visitor = await visit(pairing_interval=5)
    code = await code_of(visitor)

    said = []
    for seconds in (0, 4, 5):
        visitor.clock.time += seconds
        said.append((await spend(visitor, code)).body["error"])

    assert said == ["authorization_pending", "slow_down", "authorization_pending"]


async def test_revoking_everything(visit):
    """Revoking everything ends the pairings as well."""
    visitor = await visit()
    code = await code_of(visitor)

    visitor.simulator.revoke_all()

    assert (await spend(visitor, code)).body == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("choice", "heading", "error"), [("approve", b"Paired", None), ("refuse", b"Refused", "access_denied")]
)
async def test_the_page(visit, choice, heading, error):
    """The URL leads to a page that shows the code and has a button for each decision, and the pairing follows it."""
    visitor = await visit()
    begun = (await begin(visitor)).body
    code = begun["pairing_code"]

    page = await visitor.get(begun["auth_url"], headers={})
    done = await decide(visitor, code, choice)

    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert code.encode() in page.raw
    assert f'value="{choice}"'.encode() in page.raw
    assert (done.status, heading in done.raw) == (200, True)
    assert (await spend(visitor, code)).body.get("error") == error


@pytest.mark.parametrize("code", ["", "unknown", "<b>"])
async def test_the_page_of_no_pairing(visit, code):
    """A page or a decision without a pairing that waits for it is not found, and repeats nothing of what was sent."""
    visitor = await visit()

    page = await visitor.account(PAGE, params={"pairing_code": code}, headers={})
    decided = await decide(visitor, code, "approve")

    assert (page.status, decided.status) == (404, 404)
    assert b"<b>" not in page.raw + decided.raw

"""The vendors' documented answers fit the models: whole, with fields nobody knows, and with fields left out."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ezeep_async.errors
import ezeep_async.models as ezeep
import myqx_async.errors
import myqx_async.models as myqx
from print_async.auth.token import Token
from print_async.codec import decode, encode, wire_name
from print_async.envelope import envelope_decoder
from print_async.errors import DecodeError
from print_async.secret import Secret

FOLDER = Path(__file__).parent / "samples"

LISTS = {
    "ezeep/account_users_list": (ezeep.AccountUser, "results", 2),
    "ezeep/assignments_list": (ezeep.PrinterAssignments, "results", 2),
    "ezeep/connectors_list": (ezeep.Connector, "results", 1),
    "ezeep/drivers_list": (ezeep.Driver, "results", 2),
    "ezeep/filter_values_connector": (ezeep.FilterValues, "results", 2),
    "ezeep/groups_list": (ezeep.Group, "results", 4),
    "ezeep/invitations_list": (ezeep.Invitation, "results", 1),
    "ezeep/organizations_mine": (ezeep.Organization, "results", 1),
    "ezeep/print_printer_properties": (ezeep.PrinterProperties, "results", 2),
    "ezeep/print_printers": (ezeep.PrintTarget, "results", 2),
    "ezeep/printers_list": (ezeep.Printer, "results", 2),
    "ezeep/printing_users_list": (ezeep.User, "results", 20),
    "myqx/printers_list": (myqx.Printer, "printers", 2),
    "myqx/queues_list": (myqx.Queue, "queues", 2),
    "myqx/users_list": (myqx.User, "users", 2),
    "myqx/queue_users": (myqx.User, "users", 1),
    "myqx/configuration_profiles": (myqx.ConfigurationProfile, "profiles", 1),
    "myqx/jobs_updated": (myqx.Job, "jobs", 2),
    "myqx/recharge_payments": (myqx.RechargePayment, "payments", 1),
    "myqx/recharge_providers": (myqx.RechargeProvider, "providers", 2),
}
OBJECTS = {
    "ezeep/account_user": ezeep.AccountUser,
    "ezeep/account_user_updated": ezeep.AccountUser,
    "ezeep/assignment": ezeep.PrinterAssignments,
    "ezeep/group": ezeep.Group,
    "ezeep/group_created": ezeep.Group,
    "ezeep/invitation": ezeep.Invitation,
    "ezeep/invitation_resent": ezeep.Invitation,
    "ezeep/organization_created": ezeep.Organization,
    "ezeep/print_configuration": ezeep.Configuration,
    "ezeep/print_status": ezeep.JobStatus,
    "ezeep/printer_created": ezeep.Printer,
    "ezeep/printer_driver_assigned": ezeep.Printer,
    "ezeep/printing_user": ezeep.User,
    "ezeep/printing_user_set_groups_response": ezeep.User,
    "ezeep/report_created": ezeep.Report,
    "myqx/user_created": myqx.CreatedUser,
    "myqx/job": myqx.Job,
    "myqx/job_state": myqx.JobStatus,
    "myqx/job_created": myqx.CreatedJob,
    "myqx/print_all": myqx.PrintAll,
    "myqx/account_payment": myqx.AccountPayment,
    "myqx/account_payment_updated": myqx.AccountPayment,
    "myqx/account_session": myqx.AccountSession,
    "myqx/account_session_balance": myqx.AccountBalance,
    "myqx/recharge_payment_created": myqx.RechargePayment,
}
SECRETS = {
    "ezeep/print_prepare_upload": (ezeep.PreparedUpload, "sasUri"),
    "ezeep/webhook_endpoint_created": (ezeep.WebhookEndpoint, "basic_password"),
    "myqx/pin_created": (myqx.CreatedPin, "pin"),
    "myqx/card_created": (myqx.CreatedCard, "card"),
}
TOKENS = {
    "ezeep/token": ({"printing"}, True),
    "ezeep/token_client_credentials": ({"printing"}, False),
    "ezeep/token_refresh": (None, True),
    "myqx/token_client_credentials": ({"users", "scan", "printers", "credit", "statistics", "offline.access"}, True),
    "myqx/token_login_info": ({"scan"}, False),
    "myqx/token_offline_access": ({"jobs", "offline.access"}, True),
}
ERRORS = {
    "ezeep/error_management": (None, "Not found."),
    "ezeep/error_management_fields": (None, "name: This field is required."),
    "ezeep/error_oauth": ("invalid_grant", "invalid_grant"),
    "ezeep/error_print": (87, "The parameter is incorrect."),
    "myqx/error": (400, "Error message"),
    "myqx/error_invalid_parameter": (400, "invalid parameter"),
    "myqx/error_invalid_scopes": (400, "Invalid scopes"),
    "myqx/error_payment_provider_disabled": (400, None),
}
REQUESTS = {
    "ezeep/account_user_update_request": ezeep.AccountUserChanges(last_name="Example", role=ezeep.Role.USER),
    "ezeep/driver_assignment_request": ezeep.DriverAssignment(
        name="HP Color LaserJet MFP M477fdn",
        status=ezeep.PrinterStatus.ONLINE,
        connector_id="534fcfcf-0dbc-4d14-844b-cba482e20b06",
        driver_id="cc204437-ddda-4e70-a335-845a646f682e",
    ),
    "ezeep/invitation_create_request": ezeep.NewInvitation(
        email="new.user@example.com", expire_date="2021-07-22T15:15:33"
    ),
    "ezeep/organization_create_request": ezeep.NewOrganization(
        name="Example Ltd", currency_code=ezeep.Currency.EURO, admin_user="0050a068-cc7b-4490-951a-06920a610ee5"
    ),
    "ezeep/organization_create_invitation_request": ezeep.NewOrganization(
        name="Example Ltd",
        currency_code=ezeep.Currency.US_DOLLAR,
        admin_user_invitation=ezeep.AdminInvitation(
            email="new.admin@example.com",
            expire_date="2021-07-22T15:15:33",
            user=ezeep.InvitedAdmin(first_name="New", last_name="Admin", preferred_language=ezeep.Language.ENGLISH),
        ),
    ),
    "ezeep/printer_create_request": ezeep.NewPrinter(
        name="Front desk",
        status=ezeep.PrinterStatus.IMPROPERLY_CONFIGURED,
        tp_id=2,
        supported_formats=("RAW", "PDF"),
        vendor_name="HP",
        model_name="M477fdn",
        location="Lobby",
        pnp_id="MFG:HP;MDL:M477fdn;",
    ),
    "ezeep/report_create_request": ezeep.NewReport(
        start="2021-07-01",
        end="2021-08-01",
        timestamp_offset=2,
        csv_delimiter=ezeep.CsvDelimiter.SEMICOLON,
        file_name_obfuscated=True,
        user_email_blank=False,
        user_name_blank=True,
    ),
    "ezeep/webhook_endpoint_create_request": ezeep.NewWebhookEndpoint(
        name="Accounting",
        url="https://hooks.example.com/ezeep",
        topics=tuple(ezeep.WebhookTopic),
        disabled=False,
        authentication_scheme=ezeep.AuthenticationScheme.BASIC,
        basic_username="ezeep",
        basic_password=Secret("placeholder-password"),
    ),
}
WITHOUT_A_MODEL = {
    *("ezeep/" + name for name in ("assignment_request", "drivers_vendors", "pair", "print_response", "print_url_412")),
    *("ezeep/" + name for name in ("printing_user_set_groups_request", "printing_users_of_group_request")),
}


def raw(name: str) -> bytes:
    """Return a sample as it would come over the wire."""
    return (FOLDER / f"{name}.json").read_bytes()


def plain(name: str) -> Any:
    """Return a sample as plain data."""
    return json.loads(raw(name))


def items() -> list[tuple[type[Any], dict[str, Any]]]:
    """Return every object of every sample that has a model, with its model."""
    found = [(model, plain(name)) for name, model in OBJECTS.items()]
    for name, (model, key, _) in LISTS.items():
        page = plain(name)
        found += [(model, item) for item in (page if isinstance(page, list) else page[key])]
    return found


def lacks(sample: object, shown: object) -> list[str]:
    """Return where `shown` does not say what the sample says; more it may say."""
    if isinstance(sample, dict) and isinstance(shown, dict):
        return [f"{key}.{rest}" for key in sample for rest in lacks(sample[key], shown.get(key, "missing"))]
    if isinstance(sample, list) and isinstance(shown, list) and len(sample) == len(shown):
        return [rest for pair in zip(sample, shown, strict=True) for rest in lacks(*pair)]
    return [] if sample == shown else [f"{sample!r} became {shown!r}"]


ITEMS = items()


def test_every_sample_is_used():
    """No sample is forgotten: each has a model, is a token or an error, or is known to have no model yet."""
    there = {f"{path.parent.name}/{path.stem}" for path in FOLDER.glob("*/*.json")}

    assert {*LISTS, *OBJECTS, *REQUESTS, *SECRETS, *TOKENS, *ERRORS, *WITHOUT_A_MODEL} == there
    assert all(json.loads(raw(name)) for name in there)


@pytest.mark.parametrize("name", LISTS)
def test_lists(name):
    """A documented page decodes into its items, with its count and next link."""
    model, key, length = LISTS[name]
    page, sample = envelope_decoder(model, key)(raw(name)), plain(name)

    assert len(page.items) == length
    assert all(type(item) is model for item in page.items)
    told = sample if isinstance(sample, dict) else {}
    assert (page.count, page.next) == (told.get("count"), told.get("next"))


def test_the_twenty_users():
    """The users of ezeep's page are all there, with their groups, and the link in the clear."""
    page = envelope_decoder(ezeep.User, "results")(raw("ezeep/printing_users_list"))

    assert len({user.id for user in page.items}) == 20
    assert (page.count, page.next) == (134, "http://api2.ezeep.com/printing/v1/users/?limit=20&offset=20")
    assert any(len(user.group_ids) > 1 for user in page.items)


@pytest.mark.parametrize(("model", "item"), ITEMS, ids=lambda value: getattr(value, "__name__", ""))
def test_nothing_documented_is_lost(model, item):
    """Decoded and encoded again, a documented object says all that it said before."""
    decoded = decode(json.dumps(item).encode(), model)

    again = json.loads(encode(decoded))
    assert lacks(item, again) == []
    assert decode(encode(decoded), model) == decoded
    assert set(again) == {wire_name(field) for field in attrs.fields(model)}


@given(case=st.sampled_from(ITEMS), data=st.data())
def test_fields_nobody_knows(case, data):
    """Fields that are not documented change nothing, whatever is in them, at any depth."""
    model, item = case
    json_values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4)
    unknown = data.draw(st.dictionaries(st.text(st.characters(categories=["Lu"]), min_size=1), json_values))

    def stuffed(value: Any, model: Any) -> Any:
        return {**unknown, **value} if attrs.has(model) else value

    more = stuffed(item, model)
    models = {"origin": ezeep.GroupOrigin, "client": myqx.QueueClient, "paper": myqx.JobPaper, "balance": myqx.Balance}
    for name, nested in {**models, "loginMethod": myqx.LoginMethod}.items():
        if isinstance(item.get(name), dict):
            more = {**more, name: stuffed(item[name], nested)}
    if "groups" in item and model is ezeep.User:
        more["groups"] = [stuffed(each, ezeep.GroupMembership) for each in item["groups"]]

    assert decode(json.dumps(more).encode(), model) == decode(json.dumps(item).encode(), model)


@given(case=st.sampled_from(ITEMS), data=st.data())
def test_fields_left_out(case, data):
    """A field that may be absent may be absent, or null where there is such a value; what is there is kept."""
    model, item = case
    fields = {wire_name(field): field for field in attrs.fields(model)}
    optional = [name for name in item if name in fields and fields[name].default is not attrs.NOTHING]
    dropped = data.draw(st.sets(st.sampled_from(optional))) if optional else set()
    nullable = [name for name in dropped if fields[name].default is None]
    nulls = data.draw(st.sets(st.sampled_from(nullable))) if nullable else set()
    kept = {name: value for name, value in item.items() if name not in dropped} | dict.fromkeys(nulls)

    decoded = decode(json.dumps(kept).encode(), model)

    whole = decode(json.dumps(item).encode(), model)
    for name, field in fields.items():
        expected = field.default if name in dropped else getattr(whole, field.name)
        assert getattr(decoded, field.name) == expected


@pytest.mark.parametrize("model", dict(ITEMS), ids=lambda model: f"{model.__module__}.{model.__name__}")
def test_what_identifies_cannot_be_left_out(model):
    """Without the field that identifies it, an object is refused and the field named."""
    required = [field for field in attrs.fields(model) if field.default is attrs.NOTHING]
    for field in required:
        rest = {name: value for name, value in dict(ITEMS)[model].items() if name != wire_name(field)}
        with pytest.raises(DecodeError, match=rf"\b{wire_name(field)}\b"):
            decode(json.dumps(rest).encode(), model)

    open_models = (ezeep.Configuration, ezeep.Connector, myqx.CreatedUser, myqx.CreatedJob, myqx.PrintAll)
    assert bool(required) == (model not in open_models)


@pytest.mark.parametrize("name", SECRETS)
def test_secrets(name):
    """A secret that the server gives is read, shows in no repr, and cannot be left out where it was made there."""
    model, field = SECRETS[name]
    decoded = decode(raw(name), model)
    attribute = next(each.name for each in attrs.fields(model) if wire_name(each) == field)

    assert getattr(decoded, attribute).reveal() == plain(name)[field]
    assert plain(name)[field] not in repr(decoded)
    if attrs.fields_dict(model)[attribute].default is not attrs.NOTHING:
        return
    with pytest.raises(DecodeError, match=field):
        decode(json.dumps({key: value for key, value in plain(name).items() if key != field}).encode(), model)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests(name):
    """A request is written as it is documented, secrets in the clear."""
    assert json.loads(encode(REQUESTS[name], revealing=True)) == plain(name)


def test_a_role_nobody_knows():
    """A role that ezeep adds one day is kept as it is."""
    user = decode(b'{"id": "1", "roles": ["admin", "auditor"]}', ezeep.AccountUser)

    assert user.roles == (ezeep.Role.ADMIN, "auditor")
    assert json.loads(encode(user))["roles"] == ["admin", "auditor"]


@pytest.mark.parametrize("name", TOKENS)
def test_tokens(name):
    """A documented token is read; an empty scope means that it is unknown."""
    scope, refresh = TOKENS[name]
    token = Token.parse(plain(name), issued_at=0, generation=1)

    assert (token.scope, token.refresh_token is not None) == (scope, refresh)
    assert (token.token_type, token.expires_in) == ("Bearer", plain(name)["expires_in"])


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    """A documented error is read for its code and message."""
    reader = ezeep_async.errors.read_error if name.startswith("ezeep") else myqx_async.errors.read_error
    said, (code, message) = reader(plain(name)), ERRORS[name]

    assert said.code == code
    assert said.message == (message or plain(name)["message"])

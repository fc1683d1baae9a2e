"""Webhook endpoints: where ezeep reports print jobs to (source: rest_api/webhooks).

What then arrives there is read by `ezeep_async.inbound`.
"""

from typing import Any
from urllib.parse import urlsplit

import attrs

from print_async.codec import UNSET, OpenEnum, UnsetType
from print_async.model import model
from print_async.secret import Secret
from print_async.validators import not_empty, several


class WebhookTopic(OpenEnum):
    """What is reported."""

    PRINT_JOB_SUCCEEDED = "printjob_succeeded"
    PRINT_JOB_FAILED = "printjob_failed"


class AuthenticationScheme(OpenEnum):
    """How ezeep authenticates itself to an endpoint."""

    BASIC = "basic"
    """HTTP Basic (RFC 7617)."""


def _https(_: object, field: "attrs.Attribute[Any]", value: str) -> None:
    if not (urlsplit(value).scheme == "https" and urlsplit(value).hostname):
        raise ValueError(f"{field.name} must begin with https:// and name a host: ezeep reports to no other")


def _secret(value: str | UnsetType) -> Secret | UnsetType:
    return Secret(value) if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class NewWebhookEndpoint:
    """An endpoint to be created. What is `UNSET` is left to ezeep.

    Raises:
        ValueError: A text is empty, the URL is not https, or the user name of HTTP Basic has a colon in it or comes
            without its password or scheme.
        TypeError: `topics` is a lone string.
    """

    name: str = attrs.field(validator=not_empty)
    url: str = attrs.field(validator=_https)
    topics: tuple[WebhookTopic, ...] | UnsetType = attrs.field(default=UNSET, validator=several)
    disabled: bool | UnsetType = UNSET
    """False by default."""
    authentication_scheme: AuthenticationScheme | UnsetType = UNSET
    basic_username: str | UnsetType = attrs.field(default=UNSET, validator=not_empty)
    basic_password: Secret | UnsetType = attrs.field(default=UNSET, converter=_secret, validator=not_empty)
    """Kept as a `Secret`. Without it anybody can send reports to the endpoint: ezeep signs nothing."""

    def __attrs_post_init__(self) -> None:
        basic = (self.authentication_scheme, self.basic_username, self.basic_password)
        if len({part is UNSET for part in basic}) == 2:
            raise ValueError("give authentication_scheme, basic_username and basic_password together, or none of them")
        if isinstance(self.basic_username, str) and ":" in self.basic_username:
            raise ValueError("basic_username must have no colon in it (RFC 7617 section 2)")


@model
class WebhookEndpoint:
    """An endpoint, as ezeep answers it: with the password."""

    endpoint_id: str
    name: str | None = None
    url: str | None = None
    topics: tuple[WebhookTopic, ...] | None = None
    disabled: bool | None = None
    authentication_scheme: AuthenticationScheme | None = None
    basic_username: str | None = None
    basic_password: Secret | None = None
    """As it was given."""

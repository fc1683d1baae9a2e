"""Configuration profiles of printers (source: rad/v4/create-and-edit-printer-and-configuration-profiles).

What is written and what is read differ: each has fields that the other lacks.
"""

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.model import model
from print_async.secret import Secret


@model
class LoginMethod:
    """How users sign in at a device."""

    two_factor: bool | None = wire("twoFactor", None)
    methods: tuple[str, ...] | None = None
    """Such as `pin`; the set of values is not documented."""


@model
class ConfigurationProfile:
    """A profile as it is read. MyQ promises no field in particular, so all but the id may be `None`."""

    id: int
    name: str | None = None
    terminal_type: str | None = wire("terminalType", None)
    automatic_configuration: bool | None = wire("automaticConfiguration", None)
    login_method: LoginMethod | None = wire("loginMethod", None)
    coverage_accounting: bool | None = wire("coverageAccounting", None)
    fax_present: bool | None = wire("faxPresent", None)
    use_server_hostname: bool | None = wire("useServerHostname", None)
    ip_filters: bool | None = wire("ipFilters", None)
    guest_login_enabled: bool | None = wire("guestLoginEnabled", None)
    idle_timeout: int | None = wire("idleTimeout", None)
    """Its unit is not documented."""


@attrs.frozen(kw_only=True)
class NewConfigurationProfile:
    """A profile as it is written. MyQ does not say which fields it requires. What is `UNSET` is not sent."""

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    terminal: bool | UnsetType = UNSET
    automatic_configuration: bool | UnsetType = wire("automaticConfiguration", UNSET)
    login_method: LoginMethod | UnsetType = wire("loginMethod", UNSET)
    fax_present: bool | UnsetType = wire("faxPresent", UNSET)
    ip_filters: bool | UnsetType = wire("ipFilters", UNSET)
    language_selection_enabled: bool | UnsetType = wire("languageSelectionEnabled", UNSET)
    numeric_keyboard_enabled: bool | UnsetType = wire("numericKeyboardEnabled", UNSET)
    card_reader: str | UnsetType = wire("cardReader", UNSET)
    admin_user: str | UnsetType = wire("adminUser", UNSET)
    admin_pwd: Secret | UnsetType = wire("adminPwd", UNSET)
    """The password of the device's administrator, as a `Secret`."""
    idle_timeout: int | UnsetType = wire("idleTimeout", UNSET)
    """Its unit is not documented."""


@attrs.frozen
class NewConfigurationProfiles:
    """Profiles to be created together."""

    profiles: tuple[NewConfigurationProfile, ...]


@model
class ConfigurationProfiles:
    """Profiles that were created."""

    profiles: tuple[ConfigurationProfile, ...]
    count: int | None = None

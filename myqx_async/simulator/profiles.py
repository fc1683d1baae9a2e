"""The configuration profiles of printers (`rad/v4/create-and-edit-printer-and-configuration-profiles`).

What is read and what is written differ, as documented. Made up are the values, and what becomes of fields that are only
written: nothing.
"""

from typing import Final

import attrs
import msgspec
from aiohttp import web

from myqx_async.simulator.access import CLIENT, Gate
from myqx_async.simulator.answers import Refusal, answer, read, written
from myqx_async.simulator.paging import wrap
from myqx_async.simulator.settings import Settings
from print_async.testing.simulator import Statistics

_PATH: Final = "/api/v3/printers/configurationProfiles"
_SCOPE: Final = "printers"
_SEEDED: Final = ("Default", "Reception", "Lab & workshop")


class LoginMethod(msgspec.Struct, rename="camel"):
    """How users sign in at a device."""

    two_factor: bool = False
    methods: tuple[str, ...] = ("pin",)


class Profile(msgspec.Struct, rename="camel", kw_only=True):
    """A profile as the API answers it."""

    id: int
    name: str
    terminal_type: str = "embedded"
    automatic_configuration: bool = True
    login_method: LoginMethod = msgspec.field(default_factory=LoginMethod)
    coverage_accounting: bool = False
    fax_present: bool = False
    use_server_hostname: bool = False
    ip_filters: bool = False
    guest_login_enabled: bool = False
    idle_timeout: int = 60


class NewProfile(msgspec.Struct, rename="camel", kw_only=True, forbid_unknown_fields=True):
    """A profile as it is written."""

    name: str
    terminal: bool = True
    automatic_configuration: bool = True
    login_method: LoginMethod = msgspec.field(default_factory=LoginMethod)
    fax_present: bool = False
    ip_filters: bool = False
    language_selection_enabled: bool = False
    numeric_keyboard_enabled: bool = False
    card_reader: str = ""
    admin_user: str = ""
    admin_pwd: str = ""
    idle_timeout: int = 60


class NewProfiles(msgspec.Struct):
    """The body that creates profiles."""

    profiles: list[NewProfile]


def make_profiles() -> list[Profile]:
    """Make the profiles that the seeded printers name."""
    return [Profile(id=number, name=name) for number, name in enumerate(_SEEDED, 1)]


@attrs.frozen
class ProfileRoutes:
    """The routes on configuration profiles."""

    settings: Settings
    stats: Statistics
    gate: Gate
    profiles: list[Profile]

    def routes(self) -> list[web.RouteDef]:
        """Return the routes, for an application."""
        return [web.get(_PATH, self.list), web.post(_PATH, self.create)]

    async def list(self, request: web.Request) -> web.Response:
        """Answer all profiles."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        return answer(wrap("profiles", self.profiles, len(self.profiles), count_is_page=True))

    async def create(self, request: web.Request) -> web.Response:
        """Create profiles, all of the body or none."""
        self.gate.admit(request, kinds=CLIENT, scope=_SCOPE)
        asked = (await read(request, NewProfiles)).profiles
        if not all(each.name for each in asked):
            raise Refusal(400, "name must not be empty")
        made = [self._add(each) for each in asked]
        return written({"profiles": made}, self.settings)

    def _add(self, asked: NewProfile) -> Profile:
        profile = Profile(
            id=len(self.profiles) + 1,
            name=asked.name,
            terminal_type="embedded" if asked.terminal else "",
            automatic_configuration=asked.automatic_configuration,
            login_method=asked.login_method,
            fax_present=asked.fax_present,
            ip_filters=asked.ip_filters,
            idle_timeout=asked.idle_timeout,
        )
        self.profiles.append(profile)
        self.stats.mutations[f"profile-created:{profile.id}"] += 1
        return profile

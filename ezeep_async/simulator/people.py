"""The people of the simulated organization, each computed from an index when asked for."""

from datetime import UTC, datetime, timedelta

import attrs

from ezeep_async.simulator.identifiers import Identifiers, key_of, mix
from ezeep_async.simulator.records import AccountFields, AccountUser, Invitation, Profile

_FIRST_NAMES = ("Ada", "Zoë", "Łukasz", "Mehmet", "Anneli", "Grace", "José", "Yuki", "Siobhán", "Omar", "Petra")
_LAST_NAMES = ("Müller", "O'Neil", "Nguyễn", "Smith", "Ångström", "García", "Öztürk", "Novák", "Tanaka", "van den Berg")
_EPOCH = datetime(2021, 1, 1, tzinfo=UTC)
_JOINING_MICROSECONDS = 4 * 365 * 24 * 3600 * 1_000_000
_EMAIL_PREFIX, _EMAIL_SUFFIX = "user", "@example.com"


@attrs.frozen
class People:
    """The account users. The first is always an administrator, and of the others about one in a hundred."""

    count: int
    seed: int
    ids: Identifiers
    _key: int = attrs.field(init=False)
    _profile_ids: Identifiers = attrs.field(init=False)
    _invitation_ids: Identifiers = attrs.field(init=False)
    _changed: dict[int, AccountFields] = attrs.field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_key", key_of(self.seed, "people"))
        object.__setattr__(self, "_profile_ids", Identifiers.of(self.seed, "profiles"))
        object.__setattr__(self, "_invitation_ids", Identifiers.of(self.seed, "invitations"))

    def is_admin(self, index: int) -> bool:
        """Tell whether a user administers the organization."""
        roles = self._changed.get(index, {}).get("roles")
        if roles is not None:
            return "admin" in roles
        return index == 0 or mix(self._key ^ index) >> 32 & 127 == 0

    def index_of_email(self, email: str) -> int | None:
        """Return the index of the user with an e-mail address, or `None`."""
        for changed, fields in self._changed.items():
            if fields.get("email") == email:
                return changed
        digits = email.removeprefix(_EMAIL_PREFIX).removesuffix(_EMAIL_SUFFIX)
        index = int(digits) if digits.isdecimal() else self.count
        return index if index < self.count and self.email(index) == email else None

    def email(self, index: int) -> str:
        """Return the e-mail address of a user."""
        return self._changed.get(index, {}).get("email", f"{_EMAIL_PREFIX}{index}{_EMAIL_SUFFIX}")

    def change(self, index: int, fields: AccountFields) -> None:
        """Change fields of a user."""
        self._changed.setdefault(index, {}).update(fields)

    def at(self, index: int) -> AccountUser:
        """Return the account user of an index."""
        draw = mix(self._key ^ index)
        first, last = _FIRST_NAMES[draw % len(_FIRST_NAMES)], _LAST_NAMES[(draw >> 8) % len(_LAST_NAMES)]
        changed = self._changed.get(index, {})
        first, last = changed.get("first_name", first), changed.get("last_name", last)
        name, joined = f"{first} {last}", _EPOCH + timedelta(microseconds=mix(draw) % _JOINING_MICROSECONDS)
        profile = Profile(self._profile_ids.at(index), self.email(index), name)
        from_azure = draw >> 16 & 1 == 1
        return AccountUser(
            id=self.ids.at(index),
            email=self.email(index),
            first_name=first,
            last_name=last,
            display_name=name,
            date_joined=_timestamp(joined),
            azure_profile=profile if from_azure else None,
            id_profile=None if from_azure else profile,
            user_invitations=(self._invitation(index, joined),) if draw >> 20 & 7 == 0 else None,
            roles=("admin",) if self.is_admin(index) else ("user",),
            is_verified=draw >> 24 & 15 != 0,
        )

    def _invitation(self, index: int, joined: datetime) -> Invitation:
        return Invitation(
            id=self._invitation_ids.at(index),
            updated=_timestamp(joined),
            email=self.email(index),
            expire_date=f"{joined + timedelta(days=7):%Y-%m-%dT%H:%M:%S}",  # printed without a zone
            delivery_status="SENT",
            invitation_status="ACCEPTED",
        )


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

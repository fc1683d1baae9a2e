"""Users that are computed from their index, so that any number of them takes no memory.

Whatever identifies a user (name, e-mail, alias, personal number, card, PIN) can be turned back into the index, so a
search by one of them looks at one user. Everything else a user has depends on the index modulo `PERIOD`.

The documents name the fields of a user (`en/rad/v4/get-information-about-the-user`); their values here are made up.
PINs obey the product's rule (`en/print-server/10.2/generating-pin`) that digits must not rise or fall by a constant
step: each begins with 90, after which no such step can go on.
"""

import hashlib
import random
import re
from typing import Final

import attrs
import msgspec

FIRST_ID: Final = 1001
PERIOD: Final = 60
GROUP_SEPARATOR: Final = "|"

_GIVEN: Final = (
    ("anna", "Anna"),
    ("jiri", "Jiří"),
    ("zoe", "Zoë"),
    ("liam", "Liam"),
    ("maria", "María"),
    ("noah", "Noah"),
    ("soren", "Søren"),
    ("eva", "Eva"),
    ("lukas", "Lukáš"),
    ("mia", "Mia"),
)
_FAMILY: Final = (
    ("novak", "Novák"),
    ("smith", "Smith"),
    ("muller", "Müller"),
    ("garcia", "García"),
    ("rossi", "Rossi"),
    ("dubois", "Dubois"),
    ("kowalski", "Kowalski"),
    ("nagy", "Nagy"),
    ("silva", "Silva"),
)
_DEPARTMENTS: Final = ("Sales", "Finance", "Support", "Research")
_CITIES: Final = ("Prague", "Dublin", "Dubai")
_SOURCES: Final = ("", "LDAP", "AzureAD", "CSV", "Google")
_LANGUAGES: Final = ("en", "cs", "de", "fr")


class User(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A user as the API answers it: the fields whose names are documented."""

    id: int
    username: str
    fullname: str
    email: str = ""
    scan_storage: str = ""
    code: str = ""
    sync_source: str = ""
    lang: str = "en"
    phone: str = ""
    ldap_domain: str = ""
    notes: str = ""


@attrs.frozen
class Traits:
    """What a user has that no field of the API shows."""

    active: bool = True
    groups: tuple[str, ...] = ()
    """Full paths; the member of a subgroup is a member of the groups above it as well."""
    manages_users: bool = False
    """Whether the user has the right "Manage users"."""


@attrs.frozen
class Credentials:
    """All that a user can sign in with. The values come from the seed and the index alone."""

    user_id: int
    username: str
    password: str = attrs.field(repr=False)
    pin: str = attrs.field(repr=False)
    card: str = attrs.field(repr=False)
    active: bool = True
    """An inactive user is refused at sign-in."""
    manages_users: bool = False
    """Whether a token of this user may look at and change other users."""


@attrs.frozen
class Shuffle:
    """A one-to-one shuffle of the numbers below `size`, which can be taken back."""

    size: int
    factor: int
    offset: int

    def forth(self, number: int) -> int:
        """Return what `number` becomes."""
        return (number * self.factor + self.offset) % self.size

    def back(self, number: int) -> int:
        """Return what became `number`."""
        return (number - self.offset) * pow(self.factor, -1, self.size) % self.size


class Population:
    """The users of one seed, by index from 0. It knows nothing of changes; `Directory` does."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        chance = random.Random(f"{seed}/users")
        self._names = Shuffle(len(_GIVEN) * len(_FAMILY), 7, chance.randrange(90))
        self._codes = Shuffle(10**7, 10 * chance.randrange(10**5) + 7, chance.randrange(10**7))
        self._pins = Shuffle(10**7, 10 * chance.randrange(10**5) + 3, chance.randrange(10**7))
        self._cards = Shuffle(16**8, 2 * chance.randrange(16**6) + 1, chance.randrange(16**8))

    def user(self, index: int) -> User:
        """Compute the user as seeded."""
        name = self._names.forth(index % self._names.size)
        given, family = _GIVEN[name % len(_GIVEN)], _FAMILY[name // len(_GIVEN)]
        username = f"{given[0]}.{family[0]}{index}"
        source = _SOURCES[index % len(_SOURCES)]
        return User(
            id=FIRST_ID + index,
            username=username,
            fullname=f"{given[1]} {family[1]}",
            email=f"{username}@example.com",
            scan_storage=f"\\\\files.example.com\\scans\\{username}",
            code=self.code(index),
            sync_source=source,
            lang=_LANGUAGES[index % len(_LANGUAGES)],
            phone=f"+420 555 {index:07d}",
            ldap_domain="corp.example.com" if source == "LDAP" else "",
        )

    def traits(self, index: int) -> Traits:
        """Return what the fields do not show; it repeats after `PERIOD` users."""
        return _TRAITS[index % PERIOD]

    def alias(self, index: int) -> str:
        """Return the user's one alias."""
        return f"u{index:07d}"

    def code(self, index: int) -> str:
        """Return the personal number as seeded."""
        return f"{self._codes.forth(index):07d}"

    def card(self, index: int) -> str:
        """Return the number of the user's ID card."""
        return f"{self._cards.forth(index):08X}"

    def pin(self, index: int) -> str:
        """Return the user's PIN."""
        return f"90{self._pins.forth(index):07d}"

    def password(self, index: int) -> str:
        """Return the user's password."""
        return "pw-" + hashlib.blake2s(f"{self._seed}/{index}".encode(), digest_size=6).hexdigest()

    def index_of_name(self, value: str) -> int | None:
        """Return which index a user name, an alias or an e-mail address would have; it is for the caller to verify."""
        found = re.search(r"([0-9]{1,9})(@example\.com)?$", value)
        return int(found[1]) if found else None

    def index_of_code(self, value: str) -> int | None:
        """Return which index a personal number would have."""
        return self._codes.back(int(value)) if re.fullmatch(r"[0-9]{7}", value) else None

    def index_of_card(self, value: str) -> int | None:
        """Return which index a card would have."""
        return self._cards.back(int(value, 16)) if re.fullmatch(r"[0-9A-F]{8}", value) else None

    def index_of_pin(self, value: str) -> int | None:
        """Return which index a PIN would have."""
        return self._pins.back(int(value[2:])) if re.fullmatch(r"90[0-9]{7}", value) else None


def _traits(index: int) -> Traits:
    department = _DEPARTMENTS[index % len(_DEPARTMENTS)]
    city = _CITIES[index % len(_CITIES)]
    return Traits(
        active=index % 20 != 19,
        groups=(department, f"{department}{GROUP_SEPARATOR}{city}"),
        manages_users=index == 0,
    )


_TRAITS: Final = tuple(_traits(index) for index in range(PERIOD))

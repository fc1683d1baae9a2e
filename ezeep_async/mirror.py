"""What of an ezeep organization goes into a mirror: groups, users, memberships, and who the users are."""

from collections.abc import Iterator
from functools import partial

from ezeep_async.client import Ezeep
from ezeep_async.models import AccountUser, Group, User
from ezeep_async.services.lists import PAGE_SIZE
from print_async.mirror import Stage
from print_async.mirror_file import Row, Table

GROUPS = Table(
    "groups",
    (
        "id TEXT",
        "name TEXT",
        "description TEXT",
        "local_printing_enabled INTEGER",
        "myprinters_enabled INTEGER",
        "provider TEXT",
        "foreign_id TEXT",
        "organization_id TEXT",
        "num_members INTEGER",
        "num_printers INTEGER",
    ),
    key=("id",),
)
USERS = Table(
    "users",
    ("id TEXT", "local_printing_enabled INTEGER", "self_service_enabled INTEGER", "myprinters_enabled INTEGER"),
    key=("id",),
)
MEMBERSHIPS = Table("memberships", ("user_id TEXT", "group_id TEXT"), key=("user_id", "group_id"))
ACCOUNT_USERS = Table(
    "account_users",
    (
        "id TEXT",
        "email TEXT",
        "first_name TEXT",
        "last_name TEXT",
        "display_name TEXT",
        "date_joined TEXT",
        "roles TEXT",
        "is_verified INTEGER",
    ),
    key=("id",),
)

VIEWS = (
    """
    CREATE VIEW IF NOT EXISTS directory AS
    SELECT users.id, email, first_name, last_name, display_name, date_joined, roles, is_verified,
           local_printing_enabled, self_service_enabled, myprinters_enabled
    FROM users LEFT JOIN account_users USING (id)
    """,
)
"""`directory` has each user with their name and e-mail address, joined by id."""


def stages(
    ezeep: Ezeep, *, page_size: int = PAGE_SIZE, prefetch: int = 1, concurrency: int = 1
) -> tuple[Stage[Group], Stage[User], Stage[AccountUser]]:
    """Return what to copy, for `print_async.mirror.mirror`, or with a `prefetch` of 0 for the workers of a cluster.

    Args:
        ezeep: The organization.
        page_size, prefetch, concurrency: See `print_async.Pager`. A `concurrency` of 16 is two or three times as fast;
            the workers of a cluster read by stretches, which leaves nothing for it to do.
    """
    groups = partial(ezeep.groups.list, page_size=page_size, prefetch=prefetch, concurrency=concurrency)
    users = partial(ezeep.users.list, page_size=page_size, prefetch=prefetch, concurrency=concurrency)
    people = partial(ezeep.account_users.list, page_size=page_size, prefetch=prefetch, concurrency=concurrency)
    return (
        Stage("groups", (GROUPS,), lambda at: groups(resume=at), _group_rows),
        Stage("users", (USERS, MEMBERSHIPS), lambda at: users(resume=at), _user_rows),
        Stage("account users", (ACCOUNT_USERS,), lambda at: people(resume=at), _account_rows),
    )


def _group_rows(group: Group) -> Iterator[Row]:
    origin = group.origin
    yield Row(
        GROUPS,
        (
            group.id,
            group.name,
            group.description,
            group.local_printing_enabled,
            group.myprinters_enabled,
            None if origin is None else origin.provider,
            None if origin is None else origin.foreign_id,
            group.organization_id,
            group.num_members,
            group.num_printers,
        ),
    )


def _user_rows(user: User) -> Iterator[Row]:
    yield Row(USERS, (user.id, user.local_printing_enabled, user.self_service_enabled, user.myprinters_enabled))
    for membership in user.groups:
        yield Row(MEMBERSHIPS, (user.id, membership.group_id))


def _account_rows(user: AccountUser) -> Iterator[Row]:
    yield Row(
        ACCOUNT_USERS,
        (
            user.id,
            user.email,
            user.first_name,
            user.last_name,
            user.display_name,
            user.date_joined,
            " ".join(user.roles),
            user.is_verified,
        ),
    )

"""Print jobs (source: rad/v4/get-jobs-state-and-metadata, rad/v4/create-and-update-jobs)."""

from typing import Any

import attrs

from print_async.codec import UNSET, OpenEnum, UnsetType, wire
from print_async.model import model


class JobState(OpenEnum):
    """What a job is doing. MyQ shows one value and says nothing of others, which are kept as they come."""

    PROCESSING = "processing"


@model
class JobStatus:
    """The state of a job, as the server gives it."""

    state: JobState


@model
class JobPaper:
    """What is known of a job's paper."""

    state: int | None = None
    """A code; the set of values is not documented."""


@model
class Job:
    """A print job. MyQ promises no field in particular, so all but the id may be `None`.

    What the server reads out of the document (`duplex` to `paper`) is there once it has been parsed.
    """

    id: int
    name: str | None = None
    date: str | None = None
    """Its form is not documented; `date_time` neither."""
    date_time: str | None = wire("dateTime", None)
    favorite: bool | None = None
    cost: float | None = None
    """In the server's currency."""
    duplex: bool | None = None
    color: bool | None = None
    page_count: int | None = wire("pageCount", None)
    color_count: int | None = wire("colorCount", None)
    """How many of the pages are in colour."""
    copies: int | None = None
    paper: JobPaper | None = None


@attrs.frozen(kw_only=True)
class JobChanges:
    """What to change about a job. What is `UNSET` is not sent."""

    owner_id: int | UnsetType = wire("ownerId", UNSET)
    """The id of the user to whom it goes."""
    project_id: int | UnsetType = wire("projectId", UNSET)
    """0 takes it out of its project."""
    favorite: bool | UnsetType = UNSET


@attrs.frozen(kw_only=True)
class JobUpdate(JobChanges):
    """What to change about one of several jobs."""

    id: int
    """Of the job."""
    account: str | UnsetType = UNSET


@model
class JobUpdates:
    """The changes of several jobs, in the newer of the two shapes that MyQ documents."""

    jobs: tuple[JobUpdate, ...]


def _not_negative(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    if isinstance(value, int) and value < 0:
        raise ValueError(f"{field.name} is a number of bytes, 0 or more")


@attrs.frozen(kw_only=True)
class NewClientJob:
    """A job that a client computer holds, to be announced to the server. MyQ does not say which fields it requires."""

    name: str = attrs.field(validator=attrs.validators.min_len(1))
    queue: str = attrs.field(validator=attrs.validators.min_len(1))
    """The queue's name."""
    owner: str | UnsetType = UNSET
    """The owner's user name."""
    computer: str | UnsetType = UNSET
    """The computer's name."""
    size: int | UnsetType = attrs.field(default=UNSET, validator=_not_negative)
    """Bytes."""
    uuid: str | UnsetType = UNSET


@model
class CreatedJob:
    """What the server says of a job it has taken."""

    id: int | None = None
    """`None` where the server accepted without saying anything."""

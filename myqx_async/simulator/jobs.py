"""Print jobs as they are now: what each user has at the start, what was announced, and what has become of them.

The documents name the fields (`en/rad/v4/get-jobs-state-and-metadata`) and one state, `processing`. Made up are the
values, the form of the dates, and the other states: a job is `ready`, after a release `processing` and then `printed`,
or `cancelled`. A job is made when it is asked for, so those of a million users take no memory.
"""

import datetime
import random
from collections.abc import Iterator
from typing import Final

import attrs
import msgspec

from myqx_async.simulator.directory import Directory
from myqx_async.simulator.settings import Settings

PER_USER: Final = 10
_FIRST_ID: Final = 1
_FIRST_NEW_ID: Final = 1_000_000_001
_NAMES: Final = ("report.pdf", "Übersicht 2024.docx", "plan & budget.xlsx")


class Paper(msgspec.Struct, frozen=True):
    """The paper of a job."""

    state: int = 5


class Job(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A job as the API answers it."""

    id: int
    name: str
    date: str
    date_time: str
    favorite: bool = False
    cost: float = 0.0
    duplex: bool = False
    color: bool = False
    page_count: int = 1
    color_count: int = 0
    copies: int = 1
    paper: Paper = Paper()


@attrs.define
class Record:
    """A job, and what the API does not show of it."""

    job: Job
    owner: int
    """The user, by index."""
    project_id: int = 0
    account: str | None = None
    released_at: float | None = None
    cancelled: bool = False
    has_data: bool = True
    """Whether the server has the document itself, and not only been told of it."""


class Spooler:
    """All jobs by id."""

    def __init__(self, settings: Settings, directory: Directory) -> None:
        self._settings = settings
        self._directory = directory
        self._records: dict[int, Record] = {}
        self._of: dict[int, set[int]] = {}
        self._new = 0

    def find(self, job_id: int) -> Record | None:
        """Return a job, or `None` if there is none."""
        if job_id not in self._records:
            index, number = divmod(job_id - _FIRST_ID, PER_USER)
            seeded = self._directory.lives(index) and number < self._settings.jobs_each
            if not seeded:
                return None
            self._keep(Record(self._make(job_id, number), index))
        return self._records[job_id]

    def of(self, index: int) -> Iterator[Record]:
        """Yield the jobs of a user, by id."""
        seeded = {_FIRST_ID + index * PER_USER + number for number in range(self._settings.jobs_each)}
        for job_id in sorted(seeded | self._of.get(index, set())):
            record = self.find(job_id)
            if record is not None and record.owner == index:
                yield record

    def add(self, name: str, index: int) -> Record:
        """Take a job that a client has announced."""
        job = self._make(_FIRST_NEW_ID + self._new, self._new)
        self._new += 1
        return self._keep(Record(msgspec.structs.replace(job, name=name), index, has_data=False))

    def give(self, record: Record, index: int) -> None:
        """Make a job another user's."""
        record.owner = index
        self._keep(record)

    def state(self, record: Record) -> str:
        """Return what a job is doing by now."""
        if record.cancelled:
            return "cancelled"
        if record.released_at is None:
            return "ready"
        begun = record.released_at + self._settings.release_seconds
        if self._settings.now() < begun:
            return "ready"
        return "processing" if self._settings.now() < begun + self._settings.print_seconds else "printed"

    def data(self, record: Record) -> bytes:
        """Return a job's document: the same bytes for the same seed and job."""
        return random.Random(f"{self._settings.seed}/jobs/{record.job.id}").randbytes(self._settings.job_bytes)

    def _keep(self, record: Record) -> Record:
        self._records[record.job.id] = record
        self._of.setdefault(record.owner, set()).add(record.job.id)
        return record

    def _make(self, job_id: int, number: int) -> Job:
        at = datetime.datetime.fromtimestamp(1_735_689_600 + number * 3600, datetime.UTC)
        pages = number % 7 + 1
        return Job(
            id=job_id,
            name=_NAMES[number % len(_NAMES)],
            date=f"{at:%Y-%m-%d}",
            date_time=f"{at:%Y-%m-%dT%H:%M:%S}",
            cost=pages * 0.5,
            duplex=number % 2 == 1,
            color=number % 3 == 0,
            page_count=pages,
            color_count=pages if number % 3 == 0 else 0,
        )

"""Releasing jobs on a printer (source: rad/v4/release-job-on-printer)."""

import attrs

from print_async.codec import UNSET, UnsetType, wire
from print_async.model import model


@model
class PrintAllJob:
    """A job that "print all" would release."""

    id: int
    project_id: int | None = wire("projectId", None)
    """0 or `None` without a project."""


@model
class PrintAll:
    """What "print all" would release. MyQ promises no field in particular."""

    jobs: tuple[PrintAllJob, ...] = ()
    counters: tuple[int, ...] | None = None
    """What they count is not documented."""
    more_jobs: bool | None = wire("moreJobs", None)
    project_selected: bool | None = wire("projectSelected", None)


@attrs.frozen(kw_only=True)
class ReleaseOptions:
    """How to print what is released. All are codes whose meaning MyQ does not document; what is `UNSET` is not sent."""

    copies: int | UnsetType = UNSET
    duplex: int | UnsetType = UNSET
    color: int | UnsetType = UNSET
    stapling: int | UnsetType = UNSET
    punching: int | UnsetType = UNSET
    toner_saving: int | UnsetType = wire("tonerSaving", UNSET)


@attrs.frozen(kw_only=True)
class Release:
    """A release: which jobs, how, and who pays."""

    job_ids: tuple[int, ...] = wire("jobIds")
    project_id: int | UnsetType = wire("projectId", UNSET)
    release_options: ReleaseOptions | UnsetType = wire("releaseOptions", UNSET)
    account: str | None = None
    """The account that pays; JSON null, which is sent, where neither credit nor quota is in use."""

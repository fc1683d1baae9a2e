"""What a watch on a server says of the limit."""

from enum import Enum


class Verdict(Enum):
    """A complaint of the server that need not have to do with the limit is put to a trial of a lower one."""

    NOTHING = "nothing"
    TRY = "try"
    """There is a complaint: lower the limit, and see."""
    KEEP = "keep"
    """The trial helped: the lower limit is the right one."""
    RESTORE = "restore"
    """The trial did not help: the complaint is about something else. Go back to the limit of before."""


FIRST_PAUSE, LAST_PAUSE = 10.0, 300.0
"""Seconds for which a complaint is not put to trial again after one that did not help; doubled each time."""

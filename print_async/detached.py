"""Work that goes on for others than the task that has started it, or must be done whatever becomes of that."""

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any, TypeVar

from print_async import deadlines, phases

T = TypeVar("T")


def detached(work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """Start work as a task that has neither the deadline of who starts it, nor a part in the phases of their call."""
    context = contextvars.copy_context()
    context.run(deadlines.lift)
    context.run(phases.unfollow)
    return asyncio.get_running_loop().create_task(work, context=context)

"""Somebody who listens to everything."""

from typing import TypeVar

import attrs
import pytest

from print_async.telemetry import Hooks

T = TypeVar("T")


@attrs.define
class Heard:
    """Every event, in order."""

    events: list[object] = attrs.field(factory=list)

    @property
    def hooks(self) -> Hooks:
        """Hooks that write down all there is."""
        return Hooks(**{field.name: self.events.append for field in attrs.fields(Hooks)})

    def of(self, kind: type[T]) -> list[T]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def heard() -> Heard:
    """Listen."""
    return Heard()

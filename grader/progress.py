"""The port through which a batch says how it is going. It prints nothing itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from grader.outcome import Run


class Progress(Protocol):
    """Hears what a batch does, one event after another, always in the thread that called it."""

    def begin(self, total: int) -> None:
        """Hear that `total` hand-ins were found."""

    def started(self, student: str, attempt: int) -> None:
        """Hear that a hand-in was sent to be graded."""

    def graded(self, run: Run) -> None:
        """Hear that a run was recorded: GRADED or UNGRADABLE."""

    def skipped(self, student: str, why: str) -> None:
        """Hear that a hand-in needs nothing: graded before, or the same as another."""

    def broken(self, run: Run, *, again: bool) -> None:
        """Hear that a run broke through our fault; `again`: it is tried once more."""

    def paused(self, why: str, seconds: float) -> None:
        """Hear that nothing is sent for some seconds: the engine is gone."""

    def note(self, text: str) -> None:
        """Hear something that the person at the keyboard should know."""

    def end(self) -> None:
        """Hear that no further event follows."""


class SilentProgress:
    """Hears everything, says nothing."""

    def begin(self, total: int) -> None:
        """Do nothing."""

    def started(self, student: str, attempt: int) -> None:
        """Do nothing."""

    def graded(self, run: Run) -> None:
        """Do nothing."""

    def skipped(self, student: str, why: str) -> None:
        """Do nothing."""

    def broken(self, run: Run, *, again: bool) -> None:
        """Do nothing."""

    def paused(self, why: str, seconds: float) -> None:
        """Do nothing."""

    def note(self, text: str) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class RecordingProgress:
    """Keeps every event as a tuple: its name, then what came with it."""

    events: list[tuple[object, ...]] = field(default_factory=list)
    """In the order in which they came."""

    def begin(self, total: int) -> None:
        """Keep the event."""
        self.events.append(("begin", total))

    def started(self, student: str, attempt: int) -> None:
        """Keep the event."""
        self.events.append(("started", student, attempt))

    def graded(self, run: Run) -> None:
        """Keep the event."""
        self.events.append(("graded", run.student, run.attempt, run.verdict))

    def skipped(self, student: str, why: str) -> None:
        """Keep the event."""
        self.events.append(("skipped", student, why))

    def broken(self, run: Run, *, again: bool) -> None:
        """Keep the event."""
        self.events.append(("broken", run.student, again))

    def paused(self, why: str, seconds: float) -> None:
        """Keep the event."""
        self.events.append(("paused", why, seconds))

    def note(self, text: str) -> None:
        """Keep the event."""
        self.events.append(("note", text))

    def end(self) -> None:
        """Keep the event."""
        self.events.append(("end",))

    def of(self, name: str) -> list[tuple[object, ...]]:
        """Return the events of that name, without the name."""
        return [event[1:] for event in self.events if event[0] == name]

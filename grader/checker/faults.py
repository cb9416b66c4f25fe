"""What ends a check whatever its test catches: refusals, deaths, time-outs, broken replies.

They derive from BaseException, and the session records each when it raises it, so that neither
`pytest.raises(Exception)` nor a bare `except` can turn one into a pass.

    Fault                 status     what happened
    ├── Refusal           failed     a remote object was used where only a plain value counts
    ├── MissingName       failed     the student's module lacks the name
    ├── ImportFailed      crashed    the student's module could not be imported
    ├── WorkerEnded       crashed    the process that ran the student's code is gone
    ├── WorkerTimedOut    timed_out  the student's code did not answer in time
    └── ProtocolFault     crashed    the reply was not a valid frame or value
"""

from __future__ import annotations

from typing import ClassVar

from grader.checker import told


class Fault(BaseException):
    """Something that fails the running check for good."""

    status: ClassVar[str] = "failed"

    def __init__(self, message: str, *, safe: bool = True) -> None:
        """`safe` says that the message holds nothing that a student may not read."""
        super().__init__(message)
        self.message = message
        self.safe = safe


class Refusal(Fault):
    """A remote object was used where only a plain value can be judged."""


class MissingName(Fault):
    """The student's module has no such name."""


class ImportFailed(Fault):
    """The student's module could not be imported."""

    status = "crashed"


class WorkerEnded(Fault):
    """The process that ran the student's code has ended."""

    status = "crashed"


class WorkerTimedOut(Fault):
    """The student's code did not answer in time."""

    status = "timed_out"


class ProtocolFault(Fault):
    """The reply was not a valid frame or value."""

    status = "crashed"


def nonsense(problem: object) -> ProtocolFault:
    """Return the fault of a reply that could not be read, and why it could not."""
    return ProtocolFault(told.nonsense(str(problem)[:200]))


class Stopped(Exception):  # noqa: N818 - an iterator's end, on its way to StopIteration
    """The student's iterator is exhausted; `value` is what it returned."""

    def __init__(self, value: object) -> None:
        """Keep the value."""
        super().__init__()
        self.value = value

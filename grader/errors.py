"""Every error that the grader raises on purpose, and whose fault each one is.

    GraderError                      exit code
    ├── UsageError                   2   the command was called in a way that makes no sense
    │   └── CohortError                  cohort.toml cannot be read or says something impossible
    ├── LabError                     3   the lab is wrong: its author must change it
    │   ├── ManifestError                lab.toml cannot be read or says something impossible
    │   ├── MarkerError                  solution markers do not pair up
    │   ├── LabNotFoundError             no lab of that name, no lab at that path
    │   └── NotProvedError               a proof of the lab found something wrong
    ├── UngradableError              4   the hand-in's form is wrong: no attempt is spent
    │   └── BundleRefusedError           the door refused a file, an archive or a size
    └── BrokenError                  5   our fault: nothing is recorded, the run is tried again
        ├── EngineError                  the container engine is absent, gone or misbehaves
        │   ├── EngineUnavailableError   no engine answers
        │   └── ImageMissingError        the image of the boxes is not there
        ├── BoxError                     one box failed
        │   ├── BoxGoneError             the process at the other end of the pipe ended
        │   └── BoxTimeoutError          a read or a write met its deadline
        ├── WireError                    bytes that are not a valid frame or value
        │   └── ValueRefusedError            a value is too big or too deep to be sent
        ├── ResultsError                 the results folder cannot be read or written
        └── IsolationError               isolation was required and cannot be had

Foreign exceptions (docker, zipfile, tomllib, pydantic) are translated into these in the module
that meets them. What goes wrong in student code is not an error here: it is a result.
"""

from __future__ import annotations

from typing import ClassVar


class GraderError(Exception):
    """Something that the person at the keyboard should read: what happened, where, what to do."""

    exit_code: ClassVar[int] = 5

    def __init__(self, message: str, *, where: str = "", advice: str = "") -> None:
        """Keep the three parts of a good message apart: what happened, where, what to do."""
        super().__init__(message)
        self.message = message
        self.where = where
        self.advice = advice

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{place}{self.message}{advice}"


class UsageError(GraderError):
    """The command was called in a way that makes no sense."""

    exit_code = 2


class CohortError(UsageError):
    """cohort.toml cannot be read, has an unknown key, or says something impossible."""


class LabError(GraderError):
    """The lab is wrong; only its author can put it right."""

    exit_code = 3


class ManifestError(LabError):
    """lab.toml cannot be read, has an unknown key, or says something impossible."""


class MarkerError(LabError):
    """The solution markers of a source file do not pair up."""


class LabNotFoundError(LabError):
    """There is no lab of that name, or no lab at that path."""


class NotProvedError(LabError):
    """The proof of a lab found something wrong with it."""


class UngradableError(GraderError):
    """What was handed in cannot be graded because of its form; no attempt is spent."""

    exit_code = 4


class BundleRefusedError(UngradableError):
    """The door refused a file, an archive or a size."""


class BrokenError(GraderError):
    """Our own fault: nothing is recorded as a score, and the run may be tried again."""


class EngineError(BrokenError):
    """The container engine misbehaves."""


class EngineUnavailableError(EngineError):
    """No container engine answers."""


class ImageMissingError(EngineError):
    """The image that the boxes are made from is not on the engine."""


class BoxError(BrokenError):
    """One box failed in a way that is not the student's doing."""


class BoxGoneError(BoxError):
    """The process at the other end of a box's pipe has ended."""


class BoxTimeoutError(BoxError):
    """A read from a box or a write to a box met its deadline."""


class WireError(BrokenError):
    """Bytes that are not a valid frame or value; raised by decoders, and nothing else is."""


class ValueRefusedError(WireError):
    """A value is too big, too deep or of a kind that cannot be sent; said to who made it."""


class ResultsError(BrokenError):
    """The results folder cannot be read or written."""


class IsolationError(BrokenError):
    """Isolation was required and cannot be had on this machine."""

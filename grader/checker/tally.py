"""What happened in the running check: faults, seconds, output, and how much came back.

A check may bring many answers. Each is bounded by itself; here they are bounded together, so that
no check can fill the memory of the checker.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from grader.checker.faults import Fault
from grader.wire.values import Decoder

MOST_BYTES: Final = 768 * 1024 * 1024
"""What the values of one check's answers may hold in memory, counted roughly."""
MOST_PRINTED: Final = 16 * 1024 * 1024
MOST_RECORDS: Final = 5_000
_NODE: Final = 100
_ITEM: Final = 60


@dataclass(slots=True)
class Tally:
    """What happened in the running check."""

    faults: list[Fault] = field(default_factory=list)
    """Faults in the order in which they were raised."""
    seconds: float = 0.0
    """Seconds spent on the student's code and on reading its answers."""
    output: str = ""
    """What the student's code printed, stdout and stderr together, capped."""
    calls: int = 0
    """Requests made."""
    missing: list[str] = field(default_factory=list)
    """Messages about names that the student's modules lack."""
    weight: int = 0
    """Bytes that the values of all answers hold, roughly."""
    printed: int = 0
    """Bytes that were printed and heard by the test."""
    cell: int = 0
    """Number of the cell of a notebook in which the student's process died; 0 for none."""
    records: int = 0
    """Warnings and log records that were heard by the test."""

    def weigh(self, body: bytes, decoder: Decoder) -> bool:
        """Add an answer that has been read; return whether that is too much by now."""
        nodes, items = decoder.spent
        self.weight += len(body) + _NODE * nodes + _ITEM * items
        return self.weight > MOST_BYTES

    def hears(self, told: object) -> Any:
        """Return a list of warnings or records, or None once there have been enough of them."""
        if not isinstance(told, list) or self.records > MOST_RECORDS:
            return None
        self.records += len(told)
        return told

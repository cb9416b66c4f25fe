"""What every benchmark here needs: samples of seconds, a whole machine's work, our own memory."""

from __future__ import annotations

import contextlib
import os
import pathlib
import resource
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.sandbox.base import Sandbox

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Samples:
    """Measured seconds."""

    values: list[float] = field(default_factory=list)

    @property
    def p50(self) -> float:
        """Median."""
        return statistics.median(self.values)

    @property
    def p95(self) -> float:
        """95th percentile, the nearest rank."""
        ranked = sorted(self.values)
        return ranked[min(int(0.95 * len(ranked)), len(ranked) - 1)]


def busy_seconds() -> float:
    """Return processor seconds that the whole machine has spent working (Linux).

    What runs at a lowered priority (`nice`) is somebody else's and hardly in the way: not counted.
    """
    words = pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, _nice, system, _idle, _wait, irq, soft = (int(word) for word in words[:7])
    return (user + system + irq + soft) / TICKS


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process (Linux); 0 where there is none to be seen."""
    try:
        pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def resident_mb() -> float:
    """Return the resident memory of this process (Linux), else its peak."""
    return memory_mb(os.getpid()) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextlib.contextmanager
def opened(name: str) -> Iterator[Sandbox]:
    """Open a sandbox by its word."""
    if name == "docker":
        from grader.sandbox.docker import DockerSandbox  # noqa: PLC0415 - only where it is wanted

        with DockerSandbox() as docker_sandbox:
            yield docker_sandbox
    else:
        from grader.sandbox.process import ProcessSandbox  # noqa: PLC0415 - only where it is wanted

        with ProcessSandbox() as process_sandbox:
            yield process_sandbox

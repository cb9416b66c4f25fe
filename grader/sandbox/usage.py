"""What a container has used so far, read from this machine's control groups (versions 1 and 2).

Only files are read. Where the engine runs on another machine, or the folder is gone because the
box has ended, the answer is "not known".
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

CGROUPS: Final = Path("/sys/fs/cgroup")
MIB: Final = 1024 * 1024
PARENTS: Final = (
    "docker/{id}",
    "system.slice/docker-{id}.scope",
    "machine.slice/libpod-{id}.scope",
    "libpod_parent/libpod-{id}",
)
"""Where Docker and Podman put a container, with either way of managing control groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Sums over all processes of one container; None where it cannot be known."""

    peak_memory_mb: float | None = None
    """Highest memory use, files in tmpfs included."""
    cpu_s: float | None = None
    """Processor seconds."""
    oom_kills: int = 0
    """Processes that were killed for memory."""


def usage(container_id: str, root: Path = CGROUPS) -> Usage:
    """Return what the container has used so far."""
    for parent in PARENTS:
        place = parent.format(id=container_id)
        if (root / "memory" / place).is_dir():
            return _version_1(root, place)
        if (root / place / "memory.current").is_file():
            return _version_2(root / place)
    return Usage()


def version(root: Path = CGROUPS) -> int:
    """Return 1 or 2: which control groups this machine has; 0 when none are seen."""
    if (root / "cgroup.controllers").is_file():
        return 2
    return 1 if (root / "memory").is_dir() else 0


def _version_1(root: Path, place: str) -> Usage:
    peak = _number(root / "memory" / place / "memory.max_usage_in_bytes")
    nanoseconds = _number(root / "cpuacct" / place / "cpuacct.usage")
    return Usage(
        peak_memory_mb=None if peak is None else peak / MIB,
        cpu_s=None if nanoseconds is None else nanoseconds / 1e9,
        oom_kills=_field(root / "memory" / place / "memory.oom_control", "oom_kill") or 0,
    )


def _version_2(place: Path) -> Usage:
    peak = _number(place / "memory.peak")  # since Linux 5.19
    microseconds = _field(place / "cpu.stat", "usage_usec")
    return Usage(
        peak_memory_mb=None if peak is None else peak / MIB,
        cpu_s=None if microseconds is None else microseconds / 1e6,
        oom_kills=_field(place / "memory.events", "oom_kill") or 0,
    )


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _field(path: Path, name: str) -> int | None:
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):
        return None
    for line in lines:
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdecimal():
            return int(value)
    return None

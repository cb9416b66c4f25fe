"""Labels on containers: whose a box is, until when, and whether it has been abandoned.

The reaper removes only what carries our label, and only when its owner is surely dead, or nobody
knows and its time is over. Labels say nothing about students.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from grader.sandbox.base import BoxSpec

REALM: Final = "grader.realm"
OWNER: Final = "grader.owner"
DEADLINE: Final = "grader.deadline"
ROLE: Final = "grader.role"
SLOT: Final = "grader.slot"
NOTE: Final = "grader.note"
GRACE_S: Final = 60
"""Past its lifetime a box is dead; this is for clocks that differ between us and the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One supervisor process, told apart from every other one, also after its id is used again."""

    machine: str
    """Digest of the machine's boot and of the process namespace."""
    pid: int
    """Process id on that machine."""
    born: str
    """When the process started, in the kernel's ticks; empty where that cannot be known."""
    token: str
    """Tells several sandboxes of one process apart."""
    realm: str = "grader"
    """Sandboxes sweep their own realm only; tests have one each."""

    @classmethod
    def me(cls, realm: str = "grader") -> Owner:
        """Return this process."""
        pid = os.getpid()
        token = secrets.token_hex(4)
        return cls(machine=_machine(), pid=pid, born=_born(pid), token=token, realm=realm)

    def __str__(self) -> str:
        return f"{self.machine}:{self.pid}:{self.born}:{self.token}"


def labels(spec: BoxSpec, owner: Owner, now: float) -> dict[str, str]:
    """Return the labels of one box."""
    return {
        REALM: owner.realm,
        OWNER: str(owner),
        DEADLINE: str(int(now + spec.lifetime_s) + GRACE_S),
        ROLE: spec.role.value,
        SLOT: str(spec.slot),
        NOTE: spec.label,
    }


def abandoned(
    found: Mapping[str, str], now: float, is_dead: Callable[[str], bool] | None = None
) -> bool:
    """Return whether the box with these labels may be removed.

    Never that of an owner who surely lives, whatever the clock says: it may have been set forward.
    The box then ends by its own deadline, which no clock that can be set is asked for.
    """
    deadline, owner = found.get(DEADLINE, ""), found.get(OWNER, "")
    if not deadline.isdecimal() or (is_dead or owner_is_dead)(owner):
        return True
    return now > int(deadline) and not owner_lives(owner)


def owner_is_dead(owner: str) -> bool:
    """Return whether that supervisor has surely ended.

    Of another machine, or another process namespace, nobody here can tell: its boxes go when their
    time is over.
    """
    known = _known(owner)
    return known is not None and _born(known[0]) != known[1]


def owner_lives(owner: str) -> bool:
    """Return whether that supervisor surely lives. Of one elsewhere, nobody here can tell."""
    known = _known(owner)
    return known is not None and _born(known[0]) == known[1]


def _known(owner: str) -> tuple[int, str] | None:
    """Return (process, its birth) of an owner on this machine; None of any other."""
    machine, _, rest = owner.partition(":")
    pid, _, rest = rest.partition(":")
    born = rest.partition(":")[0]
    if machine != _machine() or not born or not pid.isdecimal():
        return None
    return int(pid), born


def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        namespace = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        boot, namespace = platform.node(), ""
    return hashlib.sha256(f"{boot} {namespace}".encode()).hexdigest()[:16]


def _born(pid: int) -> str:
    """Return the start time of a living process; empty when there is none, or no way to know."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except (OSError, ValueError):
        return ""
    fields = after_name.split()
    state, started = fields[0], fields[19]
    return "" if state in "ZX" else started

"""Says whether this machine may grade: every restriction, as it was seen to act.

Flags are not believed: engines ignore some of them silently. `canary` provokes each limit in probe
boxes; the functions here only compare what was seen with what must be. Nothing is repaired.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from grader.errors import GraderError
from grader.sandbox import canary
from grader.sandbox.base import Certificate, Sandbox
from grader.sandbox.budgets import judge_budgets
from grader.sandbox.canary import Observations
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.engine import NO_ENGINE, translated
from grader.sandbox.finding import Finding, finding
from grader.sandbox.hardening import INODES

GIB: Final = 1024**3
DISK_WANTED_GIB: Final = 2.0
KILL_WITHIN_S: Final = 1.5
END_WITHIN_S: Final = 6.0
REFUSED: Final = frozenset({"EPERM", "EACCES", "ENOSYS", "EAFNOSUPPORT"})
UNREACHED: Final = frozenset({"ENETUNREACH", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EHOSTUNREACH"})
MAY_WRITE: Final = ["/dev/shm", "/tmp", "/work"]  # noqa: S108 - names, not files of ours

NOT_CONTAINED: Final = (
    ("network", "student code reaches whatever this machine reaches"),
    ("files", "student code reads and writes what this user may read and write"),
    ("processes", "student code can signal this user's processes and start any number of its own"),
    ("memory", "a limit holds for each process, not for all of them together"),
    ("kernel", "every system call is open"),
    ("grader", "hostile code could reach the checker's process, and so a score"),
)


def diagnose(open_sandbox: Callable[[], Sandbox] = DockerSandbox) -> list[Finding]:
    """Open a sandbox and examine it; an engine or image that is missing is a finding too."""
    try:
        with open_sandbox() as sandbox:
            return examine(sandbox)
    except GraderError as error:
        return [
            Finding(
                name="engine and images",
                ok=False,
                saw=error.message,
                wants="an engine that answers, with fresh images",
                advice=error.advice or NO_ENGINE,
            )
        ]


def examine(sandbox: Sandbox) -> list[Finding]:
    """Return what was found out about a sandbox, worst news not first but all of it.

    With an engine: about three seconds, and every probe box has the production flags.
    """
    if not isinstance(sandbox, DockerSandbox):
        return not_contained(sandbox.name)
    with translated("asking the engine about itself"):
        info = sandbox.client.info()
    return [
        *judge_engine(info),
        Finding(
            name="images",
            ok=True,
            saw=f"fresh, {sandbox.images.digest[:12]}",
            wants="built from this code and these requirements",
        ),
        judge_disk(info, _free_bytes(str(info.get("DockerRootDir") or ""))),
        *judge(canary.observe(sandbox)),
    ]


def not_contained(name: str) -> list[Finding]:
    """Return what a sandbox without isolation lets through."""
    return [
        Finding(
            name=what,
            ok=False,
            saw=f"{name} sandbox: {saw}",
            wants="contained",
            advice="Grade only work that you trust, or bring an engine: 'make engine'.",
        )
        for what, saw in NOT_CONTAINED
    ]


# --- judging: pure ------------------------------------------------------------------------------


def judge_engine(info: Mapping[str, Any]) -> list[Finding]:
    """Compare what the engine says about itself with what boxes need."""
    options = " ".join(str(option) for option in info.get("SecurityOptions") or ())
    cgroups = str(info.get("CgroupVersion") or "unknown")
    limits = {
        "memory": bool(info.get("MemoryLimit")),
        "swap": bool(info.get("SwapLimit")),
        "processes": bool(info.get("PidsLimit", True)),
    }
    missing = [name for name, there in limits.items() if not there]
    seen = "no limits of " + ", ".join(missing) if missing else "memory, swap, processes"
    return [
        finding(
            "engine",
            ok=True,
            saw=f"{info.get('ServerVersion') or 'unknown'} on {info.get('OperatingSystem') or '?'}",
            wants="one that answers",
        ),
        finding(
            "control groups",
            ok=not missing,
            saw=f"version {cgroups}, {info.get('CgroupDriver') or '?'}: {seen}",
            wants="limits of memory, swap and processes",
            advice="Rootless engines need control groups version 2 with delegation; for swap on "
            "version 1, boot with swapaccount=1.",
        ),
        finding(
            "engine's seccomp",
            ok="seccomp" in options,
            saw=options or "no security options",
            wants="seccomp",
            advice="Use a kernel and an engine that are built with seccomp.",
        ),
    ]


def judge_disk(info: Mapping[str, Any], free: int | None) -> Finding:
    """Judge the room where the engine keeps images and containers."""
    place = str(info.get("DockerRootDir") or "the engine's disk")
    return finding(
        "disk",
        ok=free is None or free >= DISK_WANTED_GIB * GIB,
        saw="not on this machine" if free is None else f"{free / GIB:.1f} GiB free in {place}",
        wants=f"{DISK_WANTED_GIB:g} GiB free",
        advice="Make room; 'docker system df' shows what the engine keeps.",
    )


def judge(seen: Observations) -> list[Finding]:
    """Compare what the probe boxes showed with what must be."""
    return [
        *(_trouble(name, why) for name, why in seen.troubles.items()),
        *(judge_look(seen.look, counts_files=seen.counts_files) if seen.look else ()),
        *([_judge_memory(seen.memory)] if seen.memory else ()),
        *([_judge_log(seen.log_bytes)] if "kill_s" not in seen.troubles else ()),
        *(_judge_pair(seen.pair) if seen.pair else ()),
        *_judge_ends(seen),
        finding(
            "nothing is left",
            ok=seen.left == 0,
            saw=f"{seen.left} containers of the probes",
            wants="0",
            advice="Run 'grader clean'.",
        ),
    ]


def judge_look(look: Mapping[str, Any], *, counts_files: bool = True) -> list[Finding]:
    """Judge what one box showed by itself."""
    return [
        *_judge_rights(look["status"]),
        _judge_calls(look["calls"]),
        *_judge_network(look["network"]),
        *_judge_files(look, counts_files=counts_files),
        finding(
            "processes",
            ok=0 < look["forks"] <= canary.LIMITS.processes,
            saw=f"{look['forks']} forks",
            wants=f"at most {canary.LIMITS.processes}",
        ),
        finding("host name", ok=look["hostname"] == "box", saw=look["hostname"], wants="box"),
        finding(
            "open files", ok=look["open_files"] == [0, 1, 2], saw=look["open_files"], wants="0 1 2"
        ),
        *judge_budgets(look["budgets"]),
    ]


def _judge_rights(status: Mapping[str, str]) -> Iterable[Finding]:
    rights = f"{status['CapEff']} {status['CapBnd']}"
    yield finding("capabilities", ok=not rights.strip("0 "), saw=rights, wants="none")
    yield finding(
        "no new privileges", ok=status["NoNewPrivs"] == "1", saw=status["NoNewPrivs"], wants="1"
    )
    yield finding(
        "system call filter", ok=status["Seccomp"] == "2", saw=status["Seccomp"], wants="2"
    )
    yield finding(
        "user", ok=int(status["Uid"]) > 0, saw=f"uid {status['Uid']}", wants="an unprivileged uid"
    )


def _judge_calls(calls: Mapping[str, str]) -> Finding:
    let_through = [f"{name} ({result})" for name, result in calls.items() if result not in REFUSED]
    return finding(
        "dangerous system calls",
        ok=bool(calls) and not let_through,
        saw="let through: " + ", ".join(let_through) if let_through else f"{len(calls)} refused",
        wants="all refused",
    )


def _judge_network(network: Mapping[str, Any]) -> Iterable[Finding]:
    reached = [to for to, result in network["outside"].items() if result not in UNREACHED]
    yield finding(
        "network",
        ok=not reached and network["routes"] == 0 and network["dns"] == "no name",
        saw=f"{network['routes']} routes, DNS {network['dns']}, reached: {reached or 'nothing'}",
        wants="no route, no DNS, nothing reached",
    )
    inward = (network["loopback"], network["localhost"])
    yield finding(
        "loopback",
        ok=inward == ("done", "done"),
        saw=f"127.0.0.1 {inward[0]}, the name localhost {inward[1]}",
        wants="done, done",
    )


def _judge_files(look: Mapping[str, Any], *, counts_files: bool) -> Iterable[Finding]:
    odd = [*look["kernel_files"], *look["sockets"]]
    yield finding(
        "writable folders",
        ok=look["writable"] == MAY_WRITE and not odd,
        saw=" ".join([*look["writable"], *odd]),
        wants=" ".join(MAY_WRITE),
    )
    sizes = look["bytes_mb"]
    most = {"/work": canary.LIMITS.disk_mb, "/tmp": 32, "/dev/shm": 16}  # noqa: S108
    yield finding(
        "bytes in tmpfs",
        ok=all(0 < sizes[folder] <= size for folder, size in most.items()),
        saw=_pairs(sizes, "MiB"),
        wants="at most " + _pairs(most, "MiB"),
    )
    yield finding(
        "files in tmpfs",
        ok=not counts_files or all(0 < number <= INODES for number in look["files"].values()),
        saw=_pairs(look["files"], "files"),
        wants=f"at most {INODES}" if counts_files else "bounded by the memory limit (Podman)",
    )


def _judge_memory(end: Certificate) -> Finding:
    return finding(
        "memory",
        ok=end.out_of_memory and end.exit_code not in {None, 0},
        saw=f"exit {end.exit_code}, out of memory: {'yes' if end.out_of_memory else 'no'}",
        wants="killed, out of memory: yes",
    )


def _judge_log(kept: int | None) -> Finding:
    return finding(
        "output on the disk",
        ok=kept == 0,
        saw="not asked" if kept is None else f"{kept} bytes of what a box said",
        wants="0 bytes",
    )


def _judge_pair(pair: tuple[dict[str, Any], ...]) -> Iterable[Finding]:
    uids = [one["uid"] for one in pair]
    held = [one["children"] for one in pair]
    files = [len(one["shm"]) for one in pair]
    yield finding(
        "two boxes: users",
        ok=len(set(uids)) == len(uids),
        saw=f"uids {uids}",
        wants="different ones",
    )
    yield finding(
        "two boxes: limits",
        ok=held == [canary.HOLDERS] * len(pair),
        saw=f"children {held}",
        wants=f"{canary.HOLDERS} in each",
    )
    yield finding(
        "two boxes: shared memory",
        ok=files == [1] * len(pair),
        saw=f"files {files}",
        wants="its own file alone",
    )


def _judge_ends(seen: Observations) -> Iterable[Finding]:
    ends = (
        ("kill", "kill_s", KILL_WITHIN_S, "a box that ignores SIGTERM"),
        ("lost pipe", "hangup_s", END_WITHIN_S, "a box whose supervisor is gone"),
        ("lifetime", "lifetime_s", END_WITHIN_S, "a box whose second is over"),
    )
    for name, key, most, what in ends:
        if key in seen.troubles:
            continue
        seconds: float | None = getattr(seen, key)
        yield finding(
            f"end by {name}",
            ok=seconds is not None and seconds <= most,
            saw="still alive" if seconds is None else f"{what} ended after {seconds:.2f} s",
            wants=f"within {most:g} s",
        )


def _trouble(name: str, why: str) -> Finding:
    what = name.removesuffix("_s")
    return finding(f"probe: {what}", ok=False, saw=why, wants="every probe can be made")


def _pairs(numbers: Mapping[str, int], unit: str) -> str:
    return ", ".join(f"{name} {number} {unit}" for name, number in numbers.items())


def _free_bytes(place: str) -> int | None:
    if not place or not Path(place).is_dir():
        return None
    return shutil.disk_usage(place).free

"""Every restriction of a box, as the values that the engine's interface takes, with the reasons.

Pure: a BoxSpec goes in, the arguments of one `create` call come out. Nothing is optional here; a
lab can change sizes, never switch a restriction off. (Measured effects: `grader doctor`.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Final

from grader.errors import BoxError
from grader.sandbox import seccomp
from grader.sandbox.base import BoxSpec, Role
from grader.sandbox.shipyard import Launch

FIRST_UID: Final = 200_000
"""Above every account of the machine: no box shares a uid with a person or a service."""
SLOTS: Final = 60_000
"""Checkers and workers of a slot have uids of their own: two ranges of this size."""
TMP_MB: Final = 32
SHM_MB: Final = 16
LAUNCH_CPU_S: Final = 600
"""Processor seconds of one process of a student's own image, which has no deadline of its own."""
MIB: Final = 1024 * 1024
OPEN_FILES: Final = 512
"""Of one process."""
OUT_OF_MEMORY_FIRST: Final = 500
"""When the machine runs out, the kernel takes a box, not the engine."""
SMALLEST_MEMORY_MB: Final = 32
"""Below this the interpreter itself does not start."""

BIN: Final = "/opt/venv/bin"
"""The folder of the Python, which is started by its full path: nothing can be put before it."""
TOOLS_BIN: Final = "/opt/tools/bin"
"""The folder of the Python that has the large libraries and programs, too."""
FLAGS: Final = {
    Role.CHECKER: ("-I", "-X", "utf8"),
    Role.WORKER: ("-P", "-s", "-X", "utf8"),
}
"""The worker heeds the environment below (all of it is ours), so that PYTHONHASHSEED acts and the
same hand-in does the same thing twice. The checker ignores it: with a known seed a student could
make keys that collide."""

ENVIRONMENT: Final = {
    "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",  # noqa: S108 - inside the box, a tmpfs of its own
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "Agg",
    # There is no network; these keep libraries from waiting for one.
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # One thread each: a library that starts one per core of the machine meets the process limit.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "LOKY_MAX_CPU_COUNT": "1",
    # The worker may end every process that it finds: there is nobody else in its box.
    "GRADER_BOX": "container",
}


INODES: Final = 4096
"""Files in each writable folder: a million empty ones would take the kernel's memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How an engine wants to be told the same things."""

    profile: str
    """The seccomp profile: its text, or the path of a file that holds it."""
    owner: str
    """Option that gives a tmpfs to the box's user; `{uid}` stands for the user."""
    files: str = ""
    """Option that limits the files in a tmpfs; without one, the memory limit is the bound."""
    closed: tuple[str, ...] = ()
    """Folders that the engine would make writable of its own accord."""


DOCKER: Final = Dialect(
    profile=seccomp.as_json(), owner="uid={uid},gid={uid}", files=f",nr_inodes={INODES}"
)


def podman(profile_path: str) -> Dialect:
    """Return how Podman wants to be told: its tmpfs know neither `uid` nor `nr_inodes`."""
    return Dialect(profile=profile_path, owner="U", closed=("/run", "/var/tmp"))  # noqa: S108


@dataclass(frozen=True, slots=True, kw_only=True)
class Hardening:
    """The arguments of one `create` call."""

    image: str
    """Image by id: no tag can be swapped, nothing is ever pulled."""
    user: str
    """`uid:gid`, one for each live box; root in a container is root to the kernel."""
    entrypoint: tuple[str, ...]
    """`timeout -s KILL N`: the box ends itself even when nobody is left to end it."""
    command: tuple[str, ...]
    """Python of the box with its arguments."""
    environment: dict[str, str]
    """All of it; nothing of ours is inherited."""
    labels: dict[str, str]
    """What the reaper needs to find and judge the box; nothing about students."""
    host: dict[str, Any]
    """The HostConfig: every limit and restriction."""
    fixed: dict[str, Any] = field(
        default_factory=lambda: {
            "hostname": "box",  # the real one names the machine or the container
            "working_dir": "/work",
            "stdin_open": True,  # the pipe; without a terminal, which would merge the streams
            "tty": False,
            "detach": False,  # = attached, and stdin closes with us: the box sees the end
            # With network_mode "none" this leaves the engine's own network code out: an empty
            # namespace with loopback, made by the runtime in a third of the time, and no copy of
            # the machine's resolv.conf. The image itself knows what `localhost` is.
            "network_disabled": True,
            "healthcheck": {"test": ["NONE"]},  # an image cannot bring a process of its own
        }
    )
    """What is the same for every box."""

    def as_arguments(self) -> dict[str, Any]:
        """Return everything but the HostConfig, as the SDK's `create_container` takes it."""
        return {
            "image": self.image,
            "user": self.user,
            "entrypoint": list(self.entrypoint),
            "command": list(self.command),
            "environment": self.environment,
            "labels": self.labels,
            **self.fixed,
        }


def harden(
    spec: BoxSpec, image: str, labels: dict[str, str], dialect: Dialect = DOCKER
) -> Hardening:
    """Return the arguments for one box. Raises BoxError when the limits make no sense together."""
    uid = uid_of(spec)
    return Hardening(
        image=image,
        user=f"{uid}:{uid}",
        entrypoint=("/usr/bin/timeout", "-s", "KILL", str(math.ceil(spec.lifetime_s))),
        command=(f"{TOOLS_BIN if spec.tools else BIN}/python3", *FLAGS[spec.role], *spec.argv),
        environment=_environment(spec),
        labels=labels,
        host=host_config(spec, dialect),
    )


def _environment(spec: BoxSpec) -> dict[str, str]:
    if not spec.tools:
        return dict(ENVIRONMENT)
    return ENVIRONMENT | {"PATH": f"{TOOLS_BIN}:{ENVIRONMENT['PATH']}"}


def uid_of(spec: BoxSpec) -> int:
    """Return the uid of a box: no two live boxes share one, so none reaches or starves another."""
    if not 0 <= spec.slot < SLOTS:
        raise BoxError(f"slot {spec.slot} is outside 0 to {SLOTS - 1}")
    return FIRST_UID + spec.slot + (SLOTS if spec.role is Role.CHECKER else 0)


def host_config(spec: BoxSpec, dialect: Dialect = DOCKER) -> dict[str, Any]:
    """Return the limits and restrictions, as keywords of the SDK's `create_host_config`."""
    limits = spec.limits
    if limits.memory_mb < SMALLEST_MEMORY_MB or limits.disk_mb >= limits.memory_mb:
        raise BoxError(
            f"{limits.memory_mb} MB of memory with {limits.disk_mb} MB of files cannot work: files "
            "live in memory.",
            advice=f"Set memory_mb to {SMALLEST_MEMORY_MB} or more, and above disk_mb.",
        )
    return {
        **_fences(dialect.profile),
        **_budgets(spec),
        "tmpfs": _tmpfs(spec, dialect),
        "ulimits": _ulimits(spec),
    }


def launch_config(launch: Launch, dialect: Dialect = DOCKER) -> dict[str, Any]:
    """Return the limits and restrictions of a student's own image: those of a worker.

    Without an init, whose place is the student's; with a log that can be read, and is bounded.
    """
    memory = launch.memory_mb * MIB
    small = f"rw,nosuid,nodev,noexec{dialect.files},size={TMP_MB}m,mode=1777"
    return {
        **_fences(dialect.profile),
        "init": False,
        "log_config": {"type": "json-file", "config": {"max-size": "512k", "max-file": "1"}},
        "mem_limit": memory,
        "memswap_limit": memory,
        "nano_cpus": 1_000_000_000,
        "pids_limit": launch.processes,
        "oom_score_adj": OUT_OF_MEMORY_FIRST,
        "shm_size": SHM_MB * MIB,
        "tmpfs": {**dict.fromkeys((*launch.writable, *dialect.closed), small)},
        "ulimits": [
            _ulimit("core", 0),
            _ulimit("nofile", OPEN_FILES),
            _ulimit("fsize", TMP_MB * MIB),
            _ulimit("msgqueue", 0),
            _ulimit("cpu", LAUNCH_CPU_S),
        ],
    }


def _fences(profile: str) -> dict[str, Any]:
    """Return what a box may not do at all."""
    return {
        "network_mode": "none",  # no DNS, no way out; loopback stays for honest work
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges", f"seccomp={profile}"],
        "read_only": True,  # the tmpfs below are all that can be written; the disk is untouched
        "ipc_mode": "private",  # not "none": multiprocessing needs /dev/shm
        "init": True,  # process 1 is not the student's: zombies are reaped, all die with it
        "privileged": False,
        "auto_remove": False,  # the out-of-memory flag would be gone when we look
        "log_config": {"type": "none", "config": {}},  # a flood of output must not reach the disk
    }


def _budgets(spec: BoxSpec) -> dict[str, Any]:
    """Return how much a box may use."""
    memory = spec.limits.memory_mb * MIB
    return {
        "mem_limit": memory,
        "memswap_limit": memory,  # the same value: no swap
        "nano_cpus": 1_000_000_000,  # one processor
        "pids_limit": spec.limits.processes,
        "oom_score_adj": OUT_OF_MEMORY_FIRST,
        "shm_size": _small(spec, SHM_MB) * MIB,
    }


def _tmpfs(spec: BoxSpec, dialect: Dialect) -> dict[str, str]:
    """Return the writable folders: inside the memory limit, with a limit of files as well."""
    common = f"rw,nosuid,nodev,noexec{dialect.files}"
    owner = dialect.owner.format(uid=uid_of(spec))
    return {
        "/work": f"{common},size={spec.limits.disk_mb}m,mode=0700,{owner}",
        "/tmp": f"{common},size={_small(spec, TMP_MB)}m,mode=1777",  # noqa: S108 - in the box
        **dict.fromkeys(dialect.closed, f"{common},size=1m,mode=0755"),
    }


def _small(spec: BoxSpec, wanted_mb: int) -> int:
    return max(1, min(wanted_mb, spec.limits.memory_mb // 8))


def _ulimits(spec: BoxSpec) -> list[dict[str, Any]]:
    """Return the limits of one process. Never `nproc`: it counts over all boxes of a uid."""
    seconds = math.ceil(spec.lifetime_s)
    return [
        _ulimit("core", 0),  # no memory images on the disk
        _ulimit("nofile", OPEN_FILES),
        _ulimit("fsize", spec.limits.disk_mb * MIB),
        _ulimit("msgqueue", 0),  # makes /dev/mqueue unusable: it would be a writable folder
        _ulimit("cpu", seconds),  # beside the clock: a box whose clock stands still ends too
    ]


def _ulimit(name: str, value: int) -> dict[str, Any]:
    return {"Name": name, "Soft": value, "Hard": value}

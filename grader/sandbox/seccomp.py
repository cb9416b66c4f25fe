"""The system calls that a box may make: an allow-list by purpose, and why the rest is out.

A profile given to an engine replaces the engine's own, so this one stands alone: what is not listed
is refused with EPERM. It filters calls only; files, memory and networks are limited elsewhere.

Left out on purpose, though a program might ask:
- io_uring_*: a second way to open sockets and files that filters of `socket` and `open` do not see.
- ptrace, process_vm_*, pidfd_getfd, kcmp, process_madvise: looking into another process.
- bpf, perf_event_open, userfaultfd, kexec, modules, keyctl: large kernel surface, nothing honest.
- unshare, setns, mount, pivot_root, chroot, and clone with namespace flags: new namespaces give a
  process capabilities of its own over kernel code that is otherwise out of reach.
- SysV shared memory, semaphores and queues; POSIX message queues: multiprocessing uses /dev/shm.
- sync and syncfs flush the disks of the whole machine; splice, tee and vmsplice share pages.
- open_by_handle_at, quotactl, swapon, syslog, settimeofday, reboot and their kind: administration.
- 32-bit calls: only the machine's own architecture is listed, so the others do not exist.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Final

EPERM: Final = 1
ENOSYS: Final = 38

AF_UNIX: Final = 1
AF_INET: Final = 2
AF_INET6: Final = 10
FAMILIES: Final = (AF_UNIX, AF_INET, AF_INET6)
"""Not netlink, packet, alg; nor vsock, a way to the hypervisor that no network setting closes."""

NAMESPACE_FLAGS: Final = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET together."""
PERSONALITIES: Final = (0x0, 0xFFFFFFFF)
"""Plain Linux, and the question which one is set; others switch address randomisation off."""

FILES: Final = (
    "access", "chdir", "close", "close_range", "copy_file_range", "creat", "dup", "dup2", "dup3",
    "faccessat", "faccessat2", "fadvise64", "fallocate", "fchdir", "fcntl", "fdatasync", "flock",
    "fstat", "fstatfs", "fsync", "ftruncate", "getcwd", "getdents", "getdents64", "ioctl", "lseek",
    "lstat", "newfstatat", "open", "openat", "openat2", "pread64", "preadv", "preadv2", "pwrite64",
    "pwritev", "pwritev2", "read", "readahead", "readlink", "readlinkat", "readv", "sendfile",
    "stat", "statfs", "statx", "sync_file_range", "truncate",
    "umask", "write", "writev",
)  # fmt: skip
FOLDERS: Final = (
    "chmod", "chown", "fchmod", "fchmodat", "fchmodat2", "fchown", "fchownat", "fgetxattr",
    "flistxattr", "fremovexattr", "fsetxattr", "futimesat", "getxattr", "lchown", "lgetxattr",
    "link", "linkat", "listxattr", "llistxattr", "lremovexattr", "lsetxattr", "mkdir", "mkdirat",
    "mknod", "mknodat", "removexattr", "rename", "renameat", "renameat2", "rmdir", "setxattr",
    "symlink", "symlinkat", "unlink", "unlinkat", "utime", "utimensat", "utimes",
)  # fmt: skip
WATCHING: Final = (
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_pwait2", "epoll_wait",
    "eventfd", "eventfd2", "inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch",
    "pipe", "pipe2", "poll", "ppoll", "pselect6", "select", "signalfd", "signalfd4",
    "timerfd_create", "timerfd_gettime", "timerfd_settime",
)  # fmt: skip
MEMORY: Final = (
    "brk", "madvise", "membarrier", "memfd_create", "mincore", "mlock", "mlock2", "mlockall",
    "mmap", "mprotect", "mremap", "msync", "munlock", "munlockall", "munmap", "pkey_alloc",
    "pkey_free", "pkey_mprotect",
)  # fmt: skip
PROCESSES: Final = (
    "arch_prctl", "execve", "execveat", "exit", "exit_group", "fork", "getpgid", "getpgrp",
    "getpid", "getppid", "getsid", "gettid", "pidfd_open", "pidfd_send_signal", "prctl",
    "setpgid", "setsid", "set_tid_address", "vfork", "wait4", "waitid",
)  # fmt: skip
THREADS: Final = (
    "futex", "futex_requeue", "futex_wait", "futex_waitv", "futex_wake", "get_robust_list", "rseq",
    "sched_get_priority_max", "sched_get_priority_min", "sched_getaffinity", "sched_getattr",
    "sched_getparam", "sched_getscheduler", "sched_rr_get_interval", "sched_setaffinity",
    "sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "set_robust_list",
)  # fmt: skip
SIGNALS: Final = (
    "alarm", "getitimer", "kill", "pause", "restart_syscall", "rt_sigaction", "rt_sigpending",
    "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
    "rt_tgsigqueueinfo", "setitimer", "sigaltstack", "tgkill", "tkill",
)  # fmt: skip
TIME: Final = (
    "clock_getres", "clock_gettime", "clock_nanosleep", "gettimeofday", "nanosleep", "time",
    "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime", "timer_settime", "times",
)  # fmt: skip
WHO_AND_HOW_MUCH: Final = (
    "capget", "capset", "getcpu", "getegid", "geteuid", "getgid", "getgroups", "getpriority",
    "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "getuid", "ioprio_get",
    "ioprio_set", "prlimit64", "setfsgid", "setfsuid", "setgid", "setgroups", "setpriority",
    "setregid", "setresgid", "setresuid", "setreuid", "setrlimit", "setuid", "sysinfo", "uname",
)  # fmt: skip
"""The set* calls change nothing without capabilities, but shells and su-less tools call them."""
SOCKETS: Final = (
    "accept", "accept4", "bind", "connect", "getpeername", "getsockname", "getsockopt", "listen",
    "recvfrom", "recvmmsg", "recvmsg", "sendmmsg", "sendmsg", "sendto", "setsockopt", "shutdown",
)  # fmt: skip
"""Loopback works in a box, and asyncio, joblib and web services use it."""

ALLOWED: Final = (
    *FILES,
    *FOLDERS,
    *WATCHING,
    *MEMORY,
    *PROCESSES,
    *THREADS,
    *SIGNALS,
    *TIME,
    *WHO_AND_HOW_MUCH,
    *SOCKETS,
)

MACHINES: Final = ("SCMP_ARCH_X86_64", "SCMP_ARCH_AARCH64")
"""Where argument 0 of `clone` is the flags, which the rule below relies on (not so on s390x)."""


def profile() -> dict[str, Any]:
    """Return the profile in the form that Docker's and Podman's interfaces take."""
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM,
        "archMap": [{"architecture": name, "subArchitectures": []} for name in MACHINES],
        "syscalls": [
            _allow(*ALLOWED),
            _allow("clone", args=[_argument(0, "MASKED_EQ", NAMESPACE_FLAGS, 0)]),
            # clone3 hides its flags in memory, where no filter can see them. "No such call" makes
            # the C library fall back to clone; "not permitted" would make it give up.
            {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS},
            *(_allow("socket", args=[_argument(0, "EQ", family)]) for family in FAMILIES),
            _allow("socketpair", args=[_argument(0, "EQ", AF_UNIX)]),
            *(_allow("personality", args=[_argument(0, "EQ", value)]) for value in PERSONALITIES),
        ],
    }


@functools.cache
def as_json() -> str:
    """Return the profile as the text that an engine takes in `security-opt`."""
    return json.dumps(profile(), separators=(",", ":"))


def as_file(folder: Path) -> Path:
    """Write the profile to a file that is named for its content, and return the path.

    Podman's interface takes a path where Docker's takes the text.
    """
    text = as_json()
    path = folder / f"seccomp-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    if not path.is_file() or path.read_text(encoding="ascii") != text:
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(text, encoding="ascii")
        fresh.replace(path)
    return path


def _allow(*names: str, args: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    rule: dict[str, Any] = {"names": list(names), "action": "SCMP_ACT_ALLOW"}
    if args:
        rule["args"] = args
    return rule


def _argument(index: int, operator: str, value: int, value_two: int = 0) -> dict[str, Any]:
    return {"index": index, "op": f"SCMP_CMP_{operator}", "value": value, "valueTwo": value_two}

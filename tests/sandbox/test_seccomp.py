"""The profile as a value; that it acts is seen by the doctor, in a box."""

from __future__ import annotations

import json

import pytest

from grader.sandbox import seccomp

NEVER = (
    "io_uring_setup", "io_uring_enter", "io_uring_register", "ptrace", "process_vm_readv",
    "process_vm_writev", "process_madvise", "pidfd_getfd", "kcmp", "userfaultfd",
    "perf_event_open", "bpf", "keyctl", "add_key", "request_key", "unshare", "setns", "mount",
    "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen", "fsmount", "fspick",
    "mount_setattr", "open_by_handle_at", "name_to_handle_at", "quotactl", "swapon", "swapoff",
    "syslog", "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module",
    "delete_module", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "acct", "iopl",
    "ioperm", "nfsservctl", "lookup_dcookie", "fanotify_init", "vhangup", "sethostname",
    "setdomainname", "uselib", "ustat", "sysfs", "_sysctl", "modify_ldt", "vmsplice", "splice",
    "tee", "sync", "syncfs", "shmget", "shmat", "semget", "msgget", "mq_open", "seccomp",
    "memfd_secret", "landlock_create_ruleset", "clone3", "clone", "socket", "socketpair",
    "personality",
)  # fmt: skip


def rules_for(name: str) -> list[dict]:
    return [rule for rule in seccomp.profile()["syscalls"] if name in rule["names"]]


@pytest.mark.parametrize("name", NEVER)
def test_a_dangerous_call_is_not_allowed_without_a_condition(name):
    allowed = [rule for rule in rules_for(name) if rule["action"] == "SCMP_ACT_ALLOW"]

    assert all(rule.get("args") for rule in allowed)


def test_what_is_not_listed_is_refused():
    profile = seccomp.profile()

    assert profile["defaultAction"] == "SCMP_ACT_ERRNO"
    assert profile["defaultErrnoRet"] == 1


def test_no_call_is_listed_twice():
    assert len(set(seccomp.ALLOWED)) == len(seccomp.ALLOWED)


def test_clone_allows_no_namespace_flag():
    (rule,) = rules_for("clone")
    flags = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)

    (condition,) = rule["args"]

    assert condition["op"] == "SCMP_CMP_MASKED_EQ"
    assert condition["valueTwo"] == 0
    assert all(condition["value"] & flag for flag in flags)


def test_clone3_does_not_exist_so_that_the_c_library_falls_back():
    (rule,) = rules_for("clone3")

    assert rule == {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}


def test_sockets_are_unix_and_internet_only():
    families = [rule["args"][0]["value"] for rule in rules_for("socket")]

    assert families == [1, 2, 10]
    assert [rule["args"][0]["value"] for rule in rules_for("socketpair")] == [1]


def test_only_the_machines_own_architecture_exists():
    assert all(entry["subArchitectures"] == [] for entry in seccomp.profile()["archMap"])


def test_the_text_for_the_engine_is_the_profile():
    assert json.loads(seccomp.as_json()) == seccomp.profile()


def test_the_file_is_named_for_its_content_and_made_anew_when_it_was_changed(tmp_path):
    path = seccomp.as_file(tmp_path)
    path.write_text("{}")

    assert seccomp.as_file(tmp_path) == path
    assert json.loads(path.read_text()) == seccomp.profile()
    assert list(tmp_path.iterdir()) == [path]

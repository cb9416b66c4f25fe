"""Judging what was seen: each thing that is not as it must be is a finding, with advice."""

from __future__ import annotations

import copy
import dataclasses
import os

import pytest

from grader.errors import EngineUnavailableError
from grader.sandbox import canary, doctor, hardening, seccomp
from grader.sandbox.base import BoxSpec, Certificate, Role
from grader.sandbox.canary import Observations
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.doctor import diagnose, examine, judge, judge_disk, judge_engine
from grader.sandbox.process import ProcessSandbox

GOOD_LOOK = {
    "status": {
        "CapEff": "0000000000000000",
        "CapBnd": "0000000000000000",
        "NoNewPrivs": "1",
        "Seccomp": "2",
        "Uid": "250000",
    },
    "calls": {"io_uring_setup": "EPERM", "clone3": "ENOSYS", "socket vsock": "EPERM"},
    "network": {
        "routes": 0,
        "loopback": "done",
        "localhost": "done",
        "dns": "no name",
        "outside": {"192.0.2.1": "ENETUNREACH"},
    },
    "writable": ["/dev/shm", "/tmp", "/work"],
    "kernel_files": [],
    "sockets": [],
    "bytes_mb": {"/work": 16, "/tmp": 32, "/dev/shm": 16},
    "files": {"/work": 4095, "/tmp": 4095},
    "forks": 61,
    "hostname": "box",
    "open_files": [0, 1, 2],
    "budgets": {
        "limits": {"open": 509, "longer": "EFBIG", "core": 0, "cpu": 600, "lifetime": 600.0},
        "processors": 1.02,
        "oom_score_adj": 500,
        "programs": {"/work": "EACCES", "/tmp": "EACCES", "/dev/shm": "EACCES"},
        "loose_mounts": [],
        "orphan": "reaped",
        "is_first": False,
        "devices": [],
        "environment": ["HOME", "HOSTNAME", "PATH"],
    },
}
GOOD_LIMITS = GOOD_LOOK["budgets"]["limits"]
GOOD_PAIR = (
    {"uid": 250002, "children": 24, "shm": ["probe-a"]},
    {"uid": 250003, "children": 24, "shm": ["probe-b"]},
)
GOOD = Observations(
    look=GOOD_LOOK,
    memory=Certificate(exit_code=137, out_of_memory=True),
    pair=GOOD_PAIR,
    kill_s=0.1,
    hangup_s=0.1,
    lifetime_s=1.2,
    log_bytes=0,
)
GOOD_INFO = {
    "ServerVersion": "20.10.24",
    "OperatingSystem": "Linux",
    "CgroupVersion": "1",
    "CgroupDriver": "cgroupfs",
    "MemoryLimit": True,
    "SwapLimit": True,
    "PidsLimit": True,
    "SecurityOptions": ["name=seccomp,profile=default"],
}


def bad(findings) -> list[str]:
    return [finding.name for finding in findings if not finding.ok]


def looked(path: str, value) -> Observations:
    look = copy.deepcopy(GOOD_LOOK)
    *way, last = path.split("/", path.count("/") if path.count("/") < 2 else 1)
    place = look
    for key in way:
        place = place[key]
    place[last] = value
    return dataclasses.replace(GOOD, look=look)


def test_what_is_as_it_must_be_raises_no_finding():
    assert bad(judge(GOOD)) == []
    assert all(not finding.advice for finding in judge(GOOD))


@pytest.mark.parametrize(
    ("path", "value", "name"),
    [
        ("status/CapEff", "00000000a80425fb", "capabilities"),
        ("status/CapBnd", "0000000000000001", "capabilities"),
        ("status/NoNewPrivs", "0", "no new privileges"),
        ("status/Seccomp", "0", "system call filter"),
        ("status/Uid", "0", "user"),
        ("calls/io_uring_setup", "done", "dangerous system calls"),
        ("calls/socket vsock", "done", "dangerous system calls"),
        ("calls/clone", "EFAULT", "dangerous system calls"),
        ("calls", {}, "dangerous system calls"),
        ("network/routes", 1, "network"),
        ("network/dns", "done", "network"),
        ("network/outside", {"192.0.2.1": "ETIMEDOUT"}, "network"),
        ("network/outside", {"192.0.2.1": "ECONNREFUSED"}, "network"),
        ("network/loopback", "ENETUNREACH", "loopback"),
        ("network/localhost", "no name", "loopback"),
        ("writable", ["/dev/mqueue", "/dev/shm", "/tmp", "/work"], "writable folders"),
        ("writable", ["/tmp"], "writable folders"),
        ("kernel_files", ["/proc/sysrq-trigger"], "writable folders"),
        ("sockets", ["/var/run/docker.sock"], "writable folders"),
        ("bytes_mb", {"/work": 96, "/tmp": 32, "/dev/shm": 16}, "bytes in tmpfs"),
        ("bytes_mb", {"/work": 0, "/tmp": 32, "/dev/shm": 16}, "bytes in tmpfs"),
        ("files", {"/work": 20_000, "/tmp": 4095}, "files in tmpfs"),
        ("forks", 400, "processes"),
        ("forks", 0, "processes"),
        ("hostname", "the-machine", "host name"),
        ("open_files", [0, 1, 2, 5], "open files"),
        ("budgets/limits", {**GOOD_LIMITS, "open": 2_000}, "files of one process"),
        ("budgets/limits", {**GOOD_LIMITS, "open": 0}, "files of one process"),
        ("budgets/limits", {**GOOD_LIMITS, "longer": "done"}, "size of one file"),
        ("budgets/limits", {**GOOD_LIMITS, "core": -1}, "memory images"),
        ("budgets/limits", {**GOOD_LIMITS, "cpu": -1}, "processor seconds"),
        ("budgets/limits", {**GOOD_LIMITS, "cpu": 601}, "processor seconds"),
        ("budgets/processors", 1.97, "processor"),
        ("budgets/processors", 0.0, "processor"),
        ("budgets/oom_score_adj", 0, "first to go"),
        ("budgets/programs", {"/work": "EACCES", "/tmp": "done"}, "programs in writable folders"),
        ("budgets/programs", {}, "programs in writable folders"),
        ("budgets/loose_mounts", ["/dev/shm"], "programs in writable folders"),
        ("budgets/orphan", "a zombie", "first process"),
        ("budgets/is_first", True, "first process"),
        ("budgets/devices", ["sda"], "devices"),
        ("budgets/environment", ["HOME", "TOKEN_OF_THE_SUPERVISOR"], "environment"),
    ],
)
def test_each_hole_in_one_box_is_found(path, value, name):
    findings = judge(looked(path, value))

    assert bad(findings) == [name]
    assert all(finding.advice for finding in findings if not finding.ok)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"memory": Certificate(exit_code=0)}, "memory"),
        ({"memory": Certificate(exit_code=137)}, "memory"),
        ({"memory": Certificate(exit_code=0, out_of_memory=True)}, "memory"),
        ({"pair": ({**GOOD_PAIR[0], "uid": 250003}, GOOD_PAIR[1])}, "two boxes: users"),
        ({"pair": ({**GOOD_PAIR[0], "children": 2}, GOOD_PAIR[1])}, "two boxes: limits"),
        ({"pair": ({**GOOD_PAIR[0], "shm": ["a", "b"]}, GOOD_PAIR[1])}, "two boxes: shared memory"),
        ({"kill_s": 10.0}, "end by kill"),
        ({"kill_s": None}, "end by kill"),
        ({"hangup_s": None}, "end by lost pipe"),
        ({"lifetime_s": 11.0}, "end by lifetime"),
        ({"log_bytes": 2}, "output on the disk"),
        ({"log_bytes": None}, "output on the disk"),
        ({"left": 2}, "nothing is left"),
        ({"troubles": {"look": "the engine refused"}, "look": {}}, "probe: look"),
        ({"troubles": {"kill_s": "the engine refused"}, "kill_s": None}, "probe: kill"),
    ],
)
def test_each_hole_that_takes_several_boxes_or_time_is_found(change, name):
    assert bad(judge(dataclasses.replace(GOOD, **change))) == [name]


def test_a_probe_that_could_not_be_made_is_not_silence():
    names = ("look", "memory", "pair", "kill_s", "hangup_s", "lifetime_s")
    nothing = Observations(troubles=dict.fromkeys(names, "the engine is gone"))

    assert sum(name.startswith("probe: ") for name in bad(judge(nothing))) == 6


def test_an_engine_that_cannot_count_files_leaves_them_to_the_memory_limit():
    crowded = looked("files", {"/work": 20_000, "/tmp": 20_000})

    assert bad(judge(crowded)) == ["files in tmpfs"]
    assert bad(judge(dataclasses.replace(crowded, counts_files=False))) == []


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"MemoryLimit": False}, "control groups"),
        ({"SwapLimit": False}, "control groups"),
        ({"PidsLimit": False}, "control groups"),
        ({"SecurityOptions": None}, "engine's seccomp"),
    ],
)
def test_an_engine_that_lacks_a_limit_is_found(change, name):
    assert bad(judge_engine(GOOD_INFO)) == []
    assert bad(judge_engine(GOOD_INFO | change)) == [name]


def test_a_full_disk_is_found_and_a_disk_elsewhere_is_not_guessed():
    assert not judge_disk({"DockerRootDir": "/x"}, 10**9).ok
    assert judge_disk({"DockerRootDir": "/x"}, 10**11).ok
    assert judge_disk({}, None).ok


def test_the_process_sandbox_says_what_it_does_not_contain(tmp_path):
    with ProcessSandbox(root=tmp_path) as sandbox:
        findings = examine(sandbox)

    assert {"network", "files", "processes", "memory", "kernel", "grader"} == set(bad(findings))
    assert all("make engine" in finding.advice for finding in findings)


def test_no_engine_is_a_finding_not_a_crash():
    def none_here():
        raise EngineUnavailableError("no container engine answers.", advice="Start one.")

    (finding,) = diagnose(none_here)

    assert not finding.ok
    assert (finding.saw, finding.advice) == ("no container engine answers.", "Start one.")


@pytest.mark.needs_engine
def test_this_engine_contains_and_nothing_is_left_behind(engine):
    realm = f"doctor-test-{os.getpid()}"  # of this run alone
    with DockerSandbox(realm=realm) as sandbox:
        findings = examine(sandbox)
        left = sandbox.client.api.containers(all=True, filters={"label": f"grader.realm={realm}"})

    assert [finding for finding in findings if not finding.ok] == []
    assert len(findings) >= 37
    assert left == []


SEEN_BY = {
    "network_mode": "network",
    "network_disabled": "network",
    "cap_drop": "capabilities",
    "security_opt": "no new privileges",
    "read_only": "writable folders",
    "ipc_mode": "two boxes: shared memory",
    "init": "first process",
    "privileged": "devices",
    "auto_remove": "memory",  # the flag that says so would be gone
    "log_config": "output on the disk",
    "mem_limit": "memory",
    "memswap_limit": "control groups",
    "nano_cpus": "processor",
    "pids_limit": "processes",
    "oom_score_adj": "first to go",
    "shm_size": "bytes in tmpfs",
    "tmpfs": "files in tmpfs",
    "ulimits": "files of one process",
    "hostname": "host name",
    "stdin_open": "end by lost pipe",
    "user": "user",
    "image": "images",
    "entrypoint": "end by lifetime",
    "environment": "environment",
    "labels": "nothing is left",
}
"""What a box is made with -> the finding that says whether it acts."""
NO_LIMIT = {
    "working_dir": "a place",
    "tty": "a box with a terminal would never say READY",
    "detach": "how we are joined to it",
    "healthcheck": "images of ours have none; those of students are looked at in their own tests",
    "command": "what the box runs",
}


def test_whatever_a_box_is_made_with_has_a_finding_that_watches_it():
    made = hardening.harden(BoxSpec(role=Role.WORKER, argv=("-c", "")), "image", {})
    told = {finding.name for finding in [*judge(GOOD), *judge_engine(GOOD_INFO)]} | {"images"}

    assert {*made.host, *made.as_arguments()} == {*SEEN_BY, *NO_LIMIT}
    assert set(SEEN_BY.values()) <= told


OPPOSITE = {"noexec": ["exec"], "nosuid": ["suid"]}
"""What the engine would add of its own accord, unless it is told otherwise."""


def without_option(option: str):
    def change(made):
        folders = made.host["tmpfs"]
        for folder, options in folders.items():
            kept = (one for one in options.split(",") if not one.startswith(option))
            folders[folder] = ",".join([*kept, *OPPOSITE.get(option, [])])

    return change


def host(**changes):
    return lambda made: made.host.update(changes)


def fixed(**changes):
    return lambda made: made.fixed.update(changes)


def networked(made):
    made.host["network_mode"] = "bridge"
    made.fixed["network_disabled"] = False


LIMITS_OFF = {
    "every capability": (host(cap_drop=[]), "capabilities"),
    "new privileges": (host(security_opt=["seccomp=" + seccomp.as_json()]), "no new privileges"),
    "no filter of calls": (
        host(security_opt=["no-new-privileges", "seccomp=unconfined"]),
        "system call filter",
    ),
    "a file system to write to": (host(read_only=False), "writable folders"),
    "a network": (networked, "network"),
    "any number of processes": (host(pids_limit=None), "processes"),
    "no size of tmpfs": (without_option("size="), "bytes in tmpfs"),
    "no number of files": (without_option("nr_inodes="), "files in tmpfs"),
    "programs": (without_option("noexec"), "programs in writable folders"),
    "setuid programs": (without_option("nosuid"), "programs in writable folders"),
    "much shared memory": (host(shm_size=128 << 20), "bytes in tmpfs"),
    "limits of a process": (host(ulimits=[]), "files of one process"),
    "the engine goes first": (host(oom_score_adj=0), "first to go"),
    "no init": (host(init=False), "first process"),
    "the devices of the machine": (host(privileged=True), "capabilities"),
    "another host name": (fixed(hostname="the-machine"), "host name"),
    "a variable more": (lambda made: made.environment.update(TOKEN="x"), "environment"),
}  # fmt: skip


@pytest.fixture
def holey(engine, monkeypatch):
    """Return a function that opens a sandbox whose boxes are made with a change."""
    opened = []

    def make(change):
        def less_hard(*arguments):
            made = copy.deepcopy(hardening.harden(*arguments))
            change(made)
            return made

        monkeypatch.setattr("grader.sandbox.docker.harden", less_hard)
        opened.append(DockerSandbox(realm=f"doctor-test-{os.getpid()}"))  # of this run alone
        return opened[-1]

    yield make
    for sandbox in opened:
        sandbox.close()


@pytest.mark.needs_engine
@pytest.mark.parametrize("name", LIMITS_OFF)
def test_a_limit_that_is_off_in_a_real_box_is_seen(holey, name):
    """The doctor is only worth something if it notices: one restriction at a time is taken away."""
    change, finding = LIMITS_OFF[name]

    found = bad(doctor.judge_look(canary.Probes(holey(change)).look()))

    assert finding in found


@pytest.mark.needs_engine
def test_a_box_without_a_limit_of_memory_is_seen(holey):
    end = canary.Probes(holey(host(mem_limit=None, memswap_limit=None))).memory()

    assert bad(judge(dataclasses.replace(GOOD, memory=end))) == ["memory"]


@pytest.mark.needs_engine
def test_output_that_reaches_the_disk_is_seen(holey):
    probes = canary.Probes(holey(host(log_config={"type": "json-file", "config": {}})))
    probes.kill()

    assert bad(judge(dataclasses.replace(GOOD, log_bytes=probes.log_bytes))) == [
        "output on the disk"
    ]


@pytest.mark.needs_engine
def test_a_box_that_outlives_its_time_is_seen(holey, monkeypatch):
    monkeypatch.setattr(canary, "PATIENCE_S", 3.0)

    def patient(made):
        object.__setattr__(made, "entrypoint", ())

    seconds = canary.Probes(holey(patient)).lifetime()

    assert bad(judge(dataclasses.replace(GOOD, lifetime_s=seconds))) == ["end by lifetime"]

"""Judging what was seen: each thing that is not as it must be is a finding, with advice."""

from __future__ import annotations

import copy
import dataclasses
import os

import pytest

from grader.errors import EngineUnavailableError
from grader.sandbox import canary, doctor
from grader.sandbox.base import Certificate
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
}
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
    assert len(findings) >= 26
    assert left == []


@pytest.mark.needs_engine
def test_a_hole_in_a_real_box_is_seen(engine, monkeypatch):
    """The doctor is only worth something if it notices: take three restrictions away."""
    from grader.sandbox import hardening

    whole = hardening._fences

    def holey(profile):
        open_doors = {"security_opt": ["seccomp=unconfined"], "cap_drop": [], "read_only": False}
        return whole(profile) | open_doors

    monkeypatch.setattr(hardening, "_fences", holey)
    realm = f"doctor-test-{os.getpid()}"  # of this run alone
    with DockerSandbox(realm=realm) as sandbox:
        look = canary.Probes(sandbox).look()

    found = bad(doctor.judge_look(look))
    assert {"capabilities", "no new privileges", "system call filter"} <= set(found)
    assert "dangerous system calls" in found

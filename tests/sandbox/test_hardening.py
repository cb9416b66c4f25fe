"""Every restriction is in what the engine is asked for; that each acts is the doctor's to see."""

from __future__ import annotations

import dataclasses
import json

import pytest

from grader.errors import BoxError
from grader.lab import Limits
from grader.sandbox.base import BoxSpec, Role
from grader.sandbox.hardening import MIB, harden, host_config, launch_config, podman, uid_of
from grader.sandbox.shipyard import Launch

IMAGE = "sha256:" + "0" * 64


def spec(**fields) -> BoxSpec:
    return BoxSpec(**{"role": Role.WORKER, "argv": ("-c", "pass")} | fields)


@pytest.fixture(params=list(Role), ids=str)
def host(request):
    return host_config(spec(role=request.param))


def test_nothing_of_the_machine_is_shared(host):
    assert host["network_mode"] == "none"
    assert host["ipc_mode"] == "private"
    assert host["privileged"] is False
    shared = {"binds", "mounts", "devices", "pid_mode", "cap_add", "volumes_from", "userns_mode"}
    assert not shared & set(host)


def test_no_right_is_left(host):
    assert host["cap_drop"] == ["ALL"]
    assert "no-new-privileges" in host["security_opt"]
    (profile,) = [one for one in host["security_opt"] if one.startswith("seccomp=")]
    assert json.loads(profile.removeprefix("seccomp="))["defaultAction"] == "SCMP_ACT_ERRNO"


def test_only_the_tmpfs_folders_can_be_written(host):
    assert host["read_only"] is True
    assert set(host["tmpfs"]) == {"/work", "/tmp"}
    for options in host["tmpfs"].values():
        assert {"nosuid", "nodev", "noexec", "nr_inodes=4096"} <= set(options.split(","))


def test_memory_has_no_swap_behind_it():
    host = host_config(spec(limits=Limits(memory_mb=100, disk_mb=10)))

    assert host["mem_limit"] == host["memswap_limit"] == 100 * 1024 * 1024


def test_writable_folders_together_fit_into_the_memory():
    for limits in (Limits(), Limits(memory_mb=64, disk_mb=8), Limits(memory_mb=2048)):
        host = host_config(spec(limits=limits))
        tmp_mb = int(host["tmpfs"]["/tmp"].partition("size=")[2].partition("m")[0])

        assert limits.disk_mb + tmp_mb + host["shm_size"] // 2**20 < limits.memory_mb


def test_processes_are_limited_for_the_box_and_never_for_the_uid(host):
    assert host["pids_limit"] == Limits().processes
    assert "nproc" not in {limit["Name"] for limit in host["ulimits"]}


def test_no_core_dumps_and_no_message_queues(host):
    limits = {limit["Name"]: (limit["Soft"], limit["Hard"]) for limit in host["ulimits"]}

    assert limits["core"] == limits["msgqueue"] == (0, 0)
    assert set(limits) == {"core", "nofile", "fsize", "msgqueue", "cpu"}


def test_output_does_not_reach_the_disk(host):
    assert host["log_config"]["type"] == "none"


def test_the_box_ends_itself_and_its_first_process_is_not_the_students():
    made = harden(spec(lifetime_s=1.2), IMAGE, {})

    assert made.entrypoint == ("/usr/bin/timeout", "-s", "KILL", "2")
    assert made.host["init"] is True


def test_the_worker_heeds_its_environment_and_the_checker_does_not():
    worker = harden(spec(role=Role.WORKER), IMAGE, {})
    checker = harden(spec(role=Role.CHECKER), IMAGE, {})

    assert "-I" not in worker.command
    assert worker.environment["PYTHONHASHSEED"] == "0"
    assert "-I" in checker.command
    assert worker.command[-2:] == checker.command[-2:] == ("-c", "pass")


def test_a_box_with_tools_has_another_python_and_finds_its_programs():
    plain, tools = (harden(spec(tools=wanted), IMAGE, {}) for wanted in (False, True))

    assert plain.command[0] == "/opt/venv/bin/python3"
    assert tools.command[0] == "/opt/tools/bin/python3"
    assert tools.environment["PATH"] == "/opt/tools/bin:" + plain.environment["PATH"]


def test_the_environment_is_ours_alone(monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "canary")

    made = harden(spec(label="canary"), IMAGE, {})

    assert "canary" not in repr(dataclasses.replace(made, labels={}))


def test_no_two_slots_and_no_two_sides_share_a_user():
    uids = [uid_of(spec(role=role, slot=slot)) for role in Role for slot in (0, 1, 59_999)]

    assert len(set(uids)) == len(uids)
    assert min(uids) >= 200_000


@pytest.mark.parametrize("slot", [-1, 60_000])
def test_a_slot_that_would_leave_its_range_is_refused(slot):
    with pytest.raises(BoxError, match="slot"):
        uid_of(spec(slot=slot))


@pytest.mark.parametrize(
    "limits", [Limits(memory_mb=16, disk_mb=4), Limits(memory_mb=128, disk_mb=128)]
)
def test_limits_that_cannot_work_together_are_refused_with_advice(limits):
    with pytest.raises(BoxError) as caught:
        host_config(spec(limits=limits))

    assert "memory_mb" in caught.value.advice


def test_podman_is_told_the_same_in_its_own_words():
    ours = host_config(spec())
    theirs = host_config(spec(), podman("/cache/seccomp.json"))

    assert "seccomp=/cache/seccomp.json" in theirs["security_opt"]
    assert theirs["tmpfs"]["/work"] == "rw,nosuid,nodev,noexec,size=64m,mode=0700,U"
    assert "mode=0755" in theirs["tmpfs"]["/var/tmp"], "of its own accord it is writable"
    same = set(ours) - {"security_opt", "tmpfs"}
    assert {key: ours[key] for key in same} == {key: theirs[key] for key in same}


def test_a_students_own_image_is_fenced_like_a_worker_but_for_its_first_process():
    launch = Launch(image=0, writable=("/tmp", "/run"), memory_mb=100, processes=9)
    made, worker = launch_config(launch), host_config(spec())
    for fence in (
        "network_mode",
        "cap_drop",
        "security_opt",
        "read_only",
        "ipc_mode",
        "privileged",
    ):
        assert made[fence] == worker[fence], fence
    assert made["init"] is False, "process 1 is what the image says"
    assert made["mem_limit"] == made["memswap_limit"] == 100 * MIB
    assert made["pids_limit"] == 9
    assert sorted(made["tmpfs"]) == ["/run", "/tmp"]
    assert all("noexec" in options and "size=" in options for options in made["tmpfs"].values())
    assert made["log_config"]["config"] == {"max-size": "512k", "max-file": "1"}
    assert "nproc" not in {limit["Name"] for limit in made["ulimits"]}

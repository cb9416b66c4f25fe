"""Control groups, as the two versions lay them out."""

from __future__ import annotations

import pytest

from grader.sandbox.usage import Usage, usage, version

ID = "f00d" * 16
MIB = 1024 * 1024


def write(root, path: str, content: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content)


def test_version_1_is_read(tmp_path):
    write(tmp_path, f"memory/docker/{ID}/memory.max_usage_in_bytes", f"{50 * MIB}\n")
    write(tmp_path, f"memory/docker/{ID}/memory.oom_control", "oom_kill_disable 0\noom_kill 2\n")
    write(tmp_path, f"cpuacct/docker/{ID}/cpuacct.usage", "1500000000\n")

    assert usage(ID, tmp_path) == Usage(peak_memory_mb=50.0, cpu_s=1.5, oom_kills=2)
    assert version(tmp_path) == 1


@pytest.mark.parametrize(
    "parent",
    ["docker/{}", "system.slice/docker-{}.scope", "machine.slice/libpod-{}.scope"],
)
def test_version_2_is_read_wherever_the_engine_puts_it(tmp_path, parent):
    place = parent.format(ID)
    write(tmp_path, "cgroup.controllers", "cpu memory pids")
    write(tmp_path, f"{place}/memory.current", "1")
    write(tmp_path, f"{place}/memory.peak", f"{8 * MIB}")
    write(tmp_path, f"{place}/cpu.stat", "usage_usec 250000\nuser_usec 1\n")
    write(tmp_path, f"{place}/memory.events", "low 0\noom 1\noom_kill 1\n")

    assert usage(ID, tmp_path) == Usage(peak_memory_mb=8.0, cpu_s=0.25, oom_kills=1)
    assert version(tmp_path) == 2


def test_a_kernel_without_memory_peak_is_not_an_error(tmp_path):
    write(tmp_path, f"docker/{ID}/memory.current", "1")
    write(tmp_path, f"docker/{ID}/cpu.stat", "usage_usec 250000\n")

    assert usage(ID, tmp_path) == Usage(peak_memory_mb=None, cpu_s=0.25)


def test_a_box_that_has_ended_or_lives_elsewhere_is_not_known(tmp_path):
    assert usage(ID, tmp_path) == Usage()
    assert version(tmp_path) == 0


def test_odd_content_is_not_known(tmp_path):
    write(tmp_path, f"memory/docker/{ID}/memory.max_usage_in_bytes", "lots\n")
    write(tmp_path, f"memory/docker/{ID}/memory.oom_control", "oom_kill\n")

    assert usage(ID, tmp_path) == Usage()

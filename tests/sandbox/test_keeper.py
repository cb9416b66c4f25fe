"""What the keeper finds and ends; that it does so for whole boxes is in the contract."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from grader.sandbox import keeper

SLEEP = "import os, time; os.write(1, b'u'); time.sleep(600)"


@pytest.fixture
def keep(tmp_path):
    """Start keepers; what they leave is ended by HOME."""
    started = []

    def keep(script, *, lifetime_s=60.0, memory_mb=512, disk_mb=64):
        leash, other_end = socket.socketpair()
        numbers = (other_end.fileno(), lifetime_s, memory_mb, disk_mb)
        process = subprocess.Popen(
            [
                *(sys.executable, "-I", "-S", keeper.__file__),
                *map(str, numbers),
                *(sys.executable, "-c", script),
            ],
            pass_fds=[other_end.fileno()],
            stdout=subprocess.PIPE,
            env={"HOME": str(tmp_path)},
        )
        other_end.close()
        leash.settimeout(20)
        started.append((process, leash))
        return process, leash

    yield keep
    for process, leash in started:
        leash.close()
        process.kill()
        process.wait()
        process.stdout.close()
    keeper.send(keeper.dwellers(str(tmp_path)), signal.SIGKILL)


def report(leash):
    code, cpu_s = leash.recv(100).split()
    return int(code), float(cpu_s)


def test_the_report_is_the_exit_code_and_the_processor_seconds(keep):
    busy = "import time\nwhile time.process_time() < 0.3: pass\nraise SystemExit(5)"

    code, cpu_s = report(keep(busy)[1])

    assert code == 5
    assert 0.2 <= cpu_s < 5


def test_the_report_of_a_killed_process_is_128_and_the_signal(keep):
    _, leash = keep("import os; os.kill(os.getpid(), 9)")

    assert report(leash)[0] == 128 + 9


def test_a_program_that_cannot_start_is_reported():
    leash, other_end = socket.socketpair()
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", keeper.__file__),
            *(str(other_end.fileno()), "60", "512", "64", "/no/such/python"),
        ],
        pass_fds=[other_end.fileno()],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    other_end.close()

    assert report(leash)[0] == keeper.CANNOT_START
    assert "the box could not be started" in done.stderr
    leash.close()


def test_a_dropped_leash_ends_everything(keep, tmp_path):
    process, leash = keep(SLEEP)
    assert process.stdout.read(1) == b"u"

    leash.close()

    assert process.wait(20) == 0
    assert keeper.dwellers(str(tmp_path)) == []


def test_a_killed_keeper_takes_the_main_process_along(keep):
    process, _ = keep(SLEEP)
    assert process.stdout.read(1) == b"u"

    process.kill()

    assert process.stdout.read() == b"", "nobody holds the output any more"


def test_limits_are_set_and_none_on_processes(keep):
    script = (
        "import resource as r\n"
        "print(*[r.getrlimit(k)[0] for k in (r.RLIMIT_DATA, r.RLIMIT_FSIZE, r.RLIMIT_NOFILE,"
        " r.RLIMIT_CORE, r.RLIMIT_NPROC)])"
    )
    process, leash = keep(script, memory_mb=300, disk_mb=7)
    report(leash)

    *found, processes = map(int, process.stdout.read().split())

    assert found == [300 << 20, 7 << 20, keeper.OPEN_FILES, 0]
    assert processes == resource.getrlimit(resource.RLIMIT_NPROC)[0]


def test_the_box_begins_with_the_usual_signals(keep):
    process, leash = keep(
        "import signal as s; print(s.pthread_sigmask(0, []), s.getsignal(s.SIGCHLD) == s.SIG_DFL)"
    )
    report(leash)

    assert process.stdout.read() == b"set() True\n"


def test_descendants_are_children_and_their_children():
    nested = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(p.pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", nested], stdout=subprocess.PIPE) as process:
        grandchild = int(process.stdout.readline())
        try:
            assert {process.pid, grandchild} <= set(keeper.descendants(os.getpid()))
            assert keeper.descendants(process.pid) == [grandchild]
        finally:
            keeper.send([grandchild, process.pid], signal.SIGKILL)


def test_the_dead_are_no_descendants():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        # It stays a zombie until somebody waits for it.
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE

        assert process.pid not in keeper.descendants(os.getpid())


def test_dwellers_call_the_folder_or_one_in_it_home(tmp_path):
    homes = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "ab", tmp_path]
    processes = [
        subprocess.Popen([sys.executable, "-c", SLEEP], env={"HOME": str(home)}, stdout=-1)
        for home in homes
    ]
    try:
        for process in processes:
            process.stdout.read(1)

        found = keeper.dwellers(str(tmp_path / "a"))

        assert sorted(found) == sorted(process.pid for process in processes[:2])
    finally:
        for process in processes:
            process.kill()
            process.wait()
            process.stdout.close()


def test_a_signal_to_the_dead_is_no_error():
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()

    keeper.send([process.pid], 0)

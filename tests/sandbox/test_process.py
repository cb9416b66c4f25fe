"""The process sandbox keeps the contract, with the gaps that come from having no isolation."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from grader.errors import EngineError
from grader.lab import Lab, Limits
from grader.sandbox import keeper, process
from grader.sandbox.base import BoxSpec, Role
from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox, surroundings
from grader.sandbox.scratch import LOCK
from tests.sandbox import probes
from tests.sandbox.contract import SandboxContract, read_exactly, read_line, read_to_end

NOT_ISOLATED = {
    "memory_of_all_processes_counts_together": "a limit of memory holds for each process",
    "fork_bomb_is_contained": "RLIMIT_NPROC would count all processes of the user",
    "disk_limit_acts": "one file is limited, the sum of many is not",
    "no_network": "local processes share the network of the machine",
    "cannot_read_the_host": "local processes read what this user can read",
    "cannot_write_outside_its_folders": "local processes write where this user can write",
    "hostname_says_nothing": "local processes share the name of the machine",
    "two_boxes_do_not_see_each_other": "local processes run as the same user on the same system",
}


class ProcessContract(SandboxContract):
    KEPT = True

    @pytest.fixture
    def sandbox(self, tmp_path_factory):
        self.root = tmp_path_factory.mktemp("boxes")
        with ProcessSandbox(root=self.root, kept=self.KEPT) as sandbox:
            yield sandbox

    @pytest.fixture
    def supervisor(self, sandbox):
        return (
            "from pathlib import Path\n"
            "from grader.sandbox.process import ProcessSandbox\n"
            f"sandbox = ProcessSandbox(root=Path({str(self.root)!r}), kept={self.KEPT})\n"
        )

    def leftovers(self, sandbox):
        folders = {str(p) for p in self.root.glob("*/*") if p.name != LOCK}
        return folders | {f"process {pid}" for pid in keeper.dwellers(str(self.root))}


class TestKept(ProcessContract):
    KNOWN_GAPS = NOT_ISOLATED


UNLIMITED = {
    "memory_limit_is_named": "without a keeper nobody sets the limit",
    "memory_limit_acts_in_a_child": "without a keeper nobody sets the limit",
    "a_huge_file_is_stopped": "without a keeper nobody sets the limit",
}


class TestPlain(ProcessContract):
    """Without a keeper, as on Windows."""

    KEPT = False
    KNOWN_GAPS = NOT_ISOLATED | UNLIMITED


LAB = Lab(slug="02-data-quality", title="Data")


@pytest.fixture
def root(tmp_path):
    return tmp_path


@pytest.fixture
def sandbox(root):
    with ProcessSandbox(root=root) as sandbox:
        yield sandbox


def spec(script, *args, role=Role.WORKER, **fields):
    return BoxSpec(role=role, argv=("-c", script, *args), **fields)


def wait_until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        threading.Event().wait(0.01)


def test_it_says_that_it_does_not_isolate(sandbox):
    assert (sandbox.name, sandbox.isolates, sandbox.image) == ("process", False, "")


def test_a_killed_supervisor_takes_its_boxes_along(root):
    script = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from grader.sandbox.base import BoxSpec, Role\n"
        "from grader.sandbox.process import ProcessSandbox\n"
        f"sandbox = ProcessSandbox(root=Path({str(root)!r}))\n"
        f"box = sandbox.start(BoxSpec(role=Role.WORKER, argv=('-c', {probes.CHILDREN!r})))\n"
        "said = b''\n"
        "while len(said) < 3: said += box.read(20)\n"
        "os.write(1, said)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    dead = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)

    assert dead.stdout == b"ccc", dead.stderr
    wait_until(lambda: keeper.dwellers(str(root)) == [])
    with ProcessSandbox(root=root) as sandbox:
        assert sandbox.sweep() == 1
    assert list(root.iterdir()) == []


def test_a_box_whose_keeper_was_killed_is_still_ended(sandbox, root):
    box = sandbox.start(spec(probes.CHILDREN))
    assert read_exactly(box, 3) == b"ccc"
    box._process.kill()

    box.close()

    assert keeper.dwellers(str(root)) == []


def test_a_box_whose_keeper_was_stopped_is_still_ended(sandbox, root, monkeypatch):
    monkeypatch.setattr(process, "END_S", 0.2)
    box = sandbox.start(spec(probes.DEAF))
    assert read_exactly(box, 2) == b"up"
    box._process.send_signal(signal.SIGSTOP)

    box.close()

    assert keeper.dwellers(str(root)) == []


def test_a_box_may_kill_its_own_group(sandbox):
    box = sandbox.start(spec("import os, signal; os.killpg(0, signal.SIGKILL)"))

    assert read_to_end(box) == b""
    assert box.certificate().exit_code == 128 + signal.SIGKILL


def test_a_ctrl_c_at_the_terminal_is_not_for_the_box(sandbox):
    box = sandbox.start(spec("import os; print(os.getsid(0), os.getpgid(0))"))

    sessions = {int(word) for word in read_line(box).split()}

    assert os.getsid(0) not in sessions


def test_processor_seconds_of_all_processes_are_told(sandbox):
    busy = (
        "import os, time\n"
        "child = os.fork()\n"
        "while time.process_time() < 0.2: pass\n"
        "child and os.waitpid(child, 0)\n"
    )
    box = sandbox.start(spec(busy))
    read_to_end(box)

    assert 0.3 <= box.certificate().cpu_s < 5


def test_the_libraries_of_a_lab_can_be_imported_under_the_default_limits(sandbox):
    box = sandbox.start(
        spec("import pandas, sklearn.ensemble, sklearn.linear_model as m; print('ok', flush=True)")
    )

    assert read_line(box) == "ok\n", box.certificate().stderr_tail


def test_an_array_that_does_not_fit_is_named_as_memory(sandbox):
    box = sandbox.start(spec("import numpy; numpy.ones(1 << 30)", limits=Limits(memory_mb=512)))

    assert read_to_end(box) == b""
    assert "ArrayMemoryError" in box.certificate().stderr_tail
    assert box.certificate().out_of_memory is True


def test_talk_about_memory_errors_is_none(sandbox):
    box = sandbox.start(spec("import sys; sys.exit('no MemoryError here')"))
    read_to_end(box)

    assert box.certificate().out_of_memory is False


def test_stderr_that_is_no_text_is_told_all_the_same(sandbox):
    box = sandbox.start(spec("import os; os.write(2, b'\\xff' * 100_000)"))
    read_to_end(box)

    assert 0 < len(box.certificate().stderr_tail.encode()) <= process.TAIL


def test_a_worker_hashes_alike_in_each_run_and_a_checker_does_not(sandbox):
    def hashes(role):
        boxes = [sandbox.start(spec("print(hash('a'))", role=role)) for _ in range(3)]
        return {read_line(box) for box in boxes}

    assert len(hashes(Role.WORKER)) == 1
    assert len(hashes(Role.CHECKER)) == 3


def test_a_file_beside_the_script_is_not_imported_in_place_of_a_library(sandbox):
    script = "open('json.py', 'w').write('raise SystemExit(9)'); import json; print('library')"

    assert read_line(sandbox.start(spec(script))) == "library\n"


def test_nothing_in_the_environment_comes_from_the_supervisor(monkeypatch, tmp_path):
    before = surroundings(tmp_path)
    monkeypatch.setattr(os, "environ", {"PATH": "/evil", "AWS_SECRET_ACCESS_KEY": "x", "LANG": "C"})

    assert surroundings(tmp_path) == before


def test_closing_does_not_touch_the_boxes_of_others(root):
    with ProcessSandbox(root=root) as ours, ProcessSandbox(root=root) as theirs:
        box = theirs.start(spec(probes.ECHO))
        ours.start(spec(probes.DEAF))
        ours.close()

        box.write(b"still here", 10)

        assert read_exactly(box, 10) == b"still here"


def test_a_closed_sandbox_starts_nothing(sandbox):
    sandbox.close()

    with pytest.raises(EngineError, match="closed"):
        sandbox.start(spec(probes.ECHO))


def test_a_python_that_is_not_there_is_told(sandbox, root, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")

    with pytest.raises(EngineError, match=r"could not be started.*no/such/python"):
        sandbox.start(spec(probes.ECHO))

    assert list(root.glob("*/*/")) == [], "no folder is left behind"


def test_a_place_that_cannot_be_written_is_told(root):
    (root / "file").touch()

    with pytest.raises(EngineError, match=r"no place for temporary files.*TMPDIR"):
        ProcessSandbox(root=root / "file")


def test_a_folder_that_was_taken_away_is_told(sandbox, root):
    (made,) = root.iterdir()
    process.remove_tree(made)

    with pytest.raises(EngineError, match="folder for a box could not be made"):
        sandbox.start(spec(probes.ECHO))


def test_a_supervisor_without_threads_to_spare_leaves_no_process(sandbox, root, monkeypatch):
    def refuse(work, *args):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(process, "_thread", refuse)

    with pytest.raises(EngineError, match="could not be served"):
        sandbox.start(spec(probes.DEAF))

    assert keeper.dwellers(str(root)) == []


def test_closed_boxes_leave_neither_threads_nor_open_files(sandbox):
    with sandbox.start(spec(probes.ECHO)) as box:
        box.write(b"x", 10)
        box.read(10)
    files, threads = psutil.Process().num_fds(), threading.active_count()

    for _ in range(5):
        with sandbox.start(spec(probes.ECHO)) as box:
            box.write(b"x", 10)
            box.read(10)

    assert psutil.Process().num_fds() == files
    assert threading.active_count() == threads


def test_the_pool_leaves_nothing_of_its_processes(root):
    with ProcessSandbox(root=root) as sandbox, Pool(sandbox, slots=2, warm=2) as pool:
        with pool.worker(LAB) as worker:
            assert worker.hello["versions"]["python"]
        assert worker.is_quiet() is False

    assert keeper.dwellers(str(root)) == []
    assert list(root.iterdir()) == []


def test_ctrl_c_in_the_middle_of_a_run_leaves_nothing(root):
    script = (
        # A shell lets what it starts in the background ignore Ctrl-C, and so all that comes of it.
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path\n"
        "from grader.lab import Lab\n"
        "from grader.sandbox.pool import Pool\n"
        "from grader.sandbox.process import ProcessSandbox\n"
        "lab = Lab(slug='x', title='x')\n"
        f"with ProcessSandbox(root=Path({str(root)!r})) as s, Pool(s, slots=2, warm=2) as pool:\n"
        "    with pool.checker(lab) as checker:\n"
        "        worker = pool.worker(lab)\n"
        "        print('up', flush=True)\n"
        "        worker.receive(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as supervisor:
        assert supervisor.stdout.readline() == b"up\n"

        supervisor.send_signal(signal.SIGINT)
        errors = supervisor.stderr.read().decode()

    assert errors.strip().endswith("KeyboardInterrupt"), errors
    assert keeper.dwellers(str(root)) == []
    assert list(root.iterdir()) == []

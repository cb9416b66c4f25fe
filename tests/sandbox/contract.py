"""What every sandbox does, as named behaviours that each implementation runs.

`BoxContract` is the port itself: bytes, ends, timeouts. `SandboxContract` adds processes and
containment. An implementation subclasses one of them, provides the fixture `sandbox` and the
methods at the top, and lists in KNOWN_GAPS what it does not do, with the reason: a gap is a strict
expected failure, so one that closes has to leave the list.

    class TestDocker(SandboxContract):
        KNOWN_GAPS = {"name_of_a_behaviour": "why it cannot be had here"}

        @pytest.fixture
        def sandbox(self, engine): ...

No behaviour depends on chance or on another one, and none harms a machine that does not contain it.
"""

from __future__ import annotations

import getpass
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import psutil
import pytest

from grader.errors import BoxGoneError, BoxTimeoutError
from grader.lab import Limits
from grader.sandbox.base import Box, BoxSpec, Role, Sandbox
from tests.sandbox import probes

SOON_S = 20.0
"""Longer than any start takes on a busy machine: a behaviour that needs it has failed."""
MIB = 1 << 20


def read_exactly(box: Box, size: int) -> bytes:
    """Return at least the next `size` bytes of the box, or fewer when it ends before."""
    return _read_until(box, lambda said: len(said) >= size)


def read_to_end(box: Box) -> bytes:
    """Return everything that the box says until it closes its output."""
    return _read_until(box, lambda _: False)


def read_line(box: Box, last: str = "\n") -> str:
    """Return what the box says, at least up to `last`, or to its end."""
    return _read_until(box, lambda said: last.encode() in said).decode()


def _read_until(box: Box, is_enough: Callable[[bytearray], bool]) -> bytes:
    said = bytearray()
    deadline = time.monotonic() + SOON_S
    while not is_enough(said):
        try:
            chunk = box.read(max(0.01, deadline - time.monotonic()))
        except BoxTimeoutError:
            raise AssertionError(
                f"after {SOON_S} s the box had said {bytes(said[-500:])!r}"
            ) from None
        if not chunk:
            break
        said += chunk
    return bytes(said)


class BoxContract:
    """Bytes, ends and timeouts: what holds for a fake, too."""

    KNOWN_GAPS: ClassVar[dict[str, str]] = {}

    @pytest.fixture
    def sandbox(self):
        raise NotImplementedError("give a sandbox here, and close it after `yield`")

    def leftovers(self, sandbox: Sandbox) -> set[str]:
        """Name everything outside this process that boxes of such a sandbox left: [] is clean."""
        raise NotImplementedError

    def spec(self, probe: str, *args: str, **fields) -> BoxSpec:
        """Describe a box that runs a probe; an implementation may narrow or translate it."""
        fields.setdefault("role", Role.WORKER)
        return BoxSpec(argv=("-c", probe, *args), **fields)

    @pytest.fixture(autouse=True)
    def _known_gap(self, request):
        behaviour = request.node.originalname.removeprefix("test_")
        if reason := self.KNOWN_GAPS.get(behaviour):
            request.applymarker(
                pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)
            )

    @pytest.fixture
    def start(self, sandbox):
        """Start boxes that are closed after the test."""
        boxes: list[Box] = []

        def start(probe: str, *args: str, **fields) -> Box:
            boxes.append(sandbox.start(self.spec(probe, *args, **fields)))
            return boxes[-1]

        yield start
        for box in boxes:
            box.close()

    def test_known_gaps_are_behaviours_of_the_contract(self):
        unknown = [name for name in self.KNOWN_GAPS if not hasattr(self, f"test_{name}")]

        assert unknown == []

    # bytes

    def test_bytes_round_trip(self, start):
        message = bytes(range(256)) * 3 + b"\r\n\n\x1a\x04\x00\xff"
        box = start(probes.ECHO)

        box.write(message, SOON_S)

        assert read_exactly(box, len(message)) == message

    def test_large_bytes_round_trip(self, start):
        message = secrets.token_bytes(64 * 1024) * 128
        box = start(probes.HOLD_THEN_ECHO)

        box.write(len(message).to_bytes(4, "big"), SOON_S)
        box.write(message, SOON_S)

        assert read_to_end(box) == message

    def test_a_read_returns_between_one_byte_and_one_mebibyte(self, start):
        box = start(probes.FLOOD)

        sizes = [len(box.read(SOON_S)) for _ in range(64)]

        assert min(sizes) >= 1
        assert max(sizes) <= MIB

    # ends

    def test_nonzero_exit_is_a_result(self, start):
        box = start(probes.EXIT_THREE)

        assert read_to_end(box) == b""
        assert box.certificate().exit_code == 3

    def test_a_living_box_has_no_exit_code(self, start):
        box = start(probes.ECHO)
        box.write(b"x", SOON_S)
        read_exactly(box, 1)

        assert box.certificate().exit_code is None
        assert box.certificate().out_of_memory is False

    def test_eof_on_close_of_stdout(self, start):
        box = start(probes.CLOSES_STDOUT)

        assert read_to_end(box) == b"last words"
        assert box.read(SOON_S) == b"", "the end of a stream can be read again"

    def test_writing_to_a_box_that_has_ended_is_an_error(self, start):
        box = start(probes.EXIT_THREE)
        read_to_end(box)

        with pytest.raises(BoxGoneError):
            box.write(b"x" * (64 * MIB), SOON_S)

    # timeouts

    def test_silence_is_a_timeout(self, start):
        box = start(probes.MUTE)

        with pytest.raises(BoxTimeoutError):
            box.read(0.2)

    def test_a_box_can_be_read_again_after_a_timeout(self, start):
        box = start(probes.ANSWER_ONCE)
        with pytest.raises(BoxTimeoutError):
            box.read(0.05)
        with pytest.raises(BoxTimeoutError):
            box.read(0.001)

        box.write(b"?", SOON_S)

        assert read_exactly(box, 4) == b"here"

    def test_a_box_that_never_reads_does_not_hang_the_writer(self, start):
        box = start(probes.DEAF)
        assert read_exactly(box, 2) == b"up"
        before = time.monotonic()

        with pytest.raises(BoxTimeoutError):
            box.write(b"x" * (64 * MIB), 0.5)

        assert time.monotonic() - before < SOON_S / 2

    # floods

    def test_stderr_tail_is_capped(self, start):
        box = start(probes.LOUD_STDERR)
        read_to_end(box)

        tail = box.certificate().stderr_tail

        assert tail.endswith("THE END")
        assert len(tail.encode()) <= 64 * 1024

    def test_stdout_flood_is_bounded(self, start):
        process = psutil.Process()
        box = start(probes.FLOOD)
        box.read(SOON_S)
        before = process.memory_info().rss
        grown = 0

        deadline = time.monotonic() + 1.5
        while time.monotonic() < deadline:
            threading.Event().wait(0.05)
            grown = max(grown, process.memory_info().rss - before)

        assert grown < 64 * MIB
        said = read_exactly(box, 8 * MIB)  # chunks have any size: it may be a little more
        assert said == b"x" * len(said), "and nothing of it was lost"

    # closing

    def test_a_killed_box_has_ended(self, start):
        box = start(probes.DEAF)
        assert read_exactly(box, 2) == b"up"

        box.kill()
        box.kill()

        assert read_to_end(box) == b""
        assert box.certificate().exit_code not in (None, 0)

    def test_close_twice_is_fine(self, start):
        box = start(probes.DEAF)

        box.close()
        box.close()
        box.kill()

    def test_close_leaves_nothing(self, sandbox, start):
        before = self.leftovers(sandbox)
        boxes = [start(probes.DEAF), start(probes.ECHO, slot=1), start(probes.EXIT_THREE, slot=2)]
        assert len(self.leftovers(sandbox) - before) >= 1, "living boxes can be seen"

        for box in boxes:
            box.close()

        assert self.leftovers(sandbox) - before == set()

    def test_closing_the_sandbox_closes_its_boxes(self, sandbox):
        before = self.leftovers(sandbox)
        sandbox.start(self.spec(probes.DEAF))

        sandbox.close()
        sandbox.close()

        assert self.leftovers(sandbox) - before == set()

    def test_boxes_have_names_of_their_own(self, start):
        boxes = [start(probes.ECHO, slot=slot, label="same") for slot in range(3)]

        assert len({box.name for box in boxes}) == 3


class SandboxContract(BoxContract):
    """Processes and containment: what a fake cannot show."""

    @pytest.fixture
    def supervisor(self, tmp_path) -> str:
        """Return Python text that binds `sandbox` to a sandbox like the fixture's."""
        raise NotImplementedError

    # processes

    def test_crash_by_signal_is_a_result(self, start):
        box = start(probes.CRASH)

        assert read_to_end(box) == b""
        assert box.certificate().exit_code not in (None, 0)

    def test_kill_ends_children_too(self, start):
        box = start(probes.CHILDREN)
        assert read_exactly(box, 3) == b"ccc"

        box.kill()

        # Each child holds the box's stdout, so its end is the end of the last of them.
        assert read_to_end(box) == b""

    def test_children_end_with_the_main_process(self, start):
        box = start(probes.CHILDREN_THEN_EXIT)
        assert read_exactly(box, 3) == b"ccc"

        box.write(b".", SOON_S)

        assert read_to_end(box) == b""

    def test_kill_ends_a_process_that_ignores_sigterm(self, start):
        box = start(probes.STUBBORN)
        assert read_exactly(box, 2) == b"up"
        before = time.monotonic()

        box.kill()

        assert read_to_end(box) == b""
        assert time.monotonic() - before < 5

    def test_kill_ends_a_stopped_process(self, start):
        box = start(probes.STOPPED)
        assert read_exactly(box, 9) == b"upstopped"

        box.kill()

        assert read_to_end(box) == b""

    def test_lifetime_ends_the_box_without_us(self, start):
        box = start(probes.STUBBORN, lifetime_s=1.0)

        assert read_to_end(box) == b"up"
        assert box.certificate().exit_code not in (None, 0)

    def test_lifetime_ends_a_stopped_box(self, start):
        box = start(probes.STOPPED, lifetime_s=2.0)

        assert read_to_end(box) == b"upstopped"

    def test_multiprocessing_works(self, start):
        assert read_line(start(probes.POOL)) == "6\n"

    def test_temp_files_work(self, start):
        assert read_line(start(probes.TEMPORARY)) == "private home\n"

    def test_threads_start(self, start):
        assert read_line(start(probes.THREADS)) == "threads 16\n"

    # limits

    def test_memory_limit_is_named(self, start):
        box = start(probes.EAT_MEMORY, "512", limits=Limits(memory_mb=128))

        assert read_to_end(box) == b"up"
        assert box.certificate().out_of_memory is True
        assert box.certificate().exit_code not in (None, 0)

    def test_memory_limit_acts_in_a_child(self, start):
        box = start(probes.EAT_MEMORY_IN_A_CHILD, "256", limits=Limits(memory_mb=128))

        said = read_line(box)

        assert said != "ended 0\n"

    def test_memory_of_all_processes_counts_together(self, start):
        box = start(probes.EAT_MEMORY_TOGETHER, "320", limits=Limits(memory_mb=160))

        assert read_line(box) != "held 4\n"

    def test_fork_bomb_is_contained(self, start):
        box = start(probes.FORKS, "120", limits=Limits(processes=60))

        word, number = read_line(box).split()

        assert word == "forked"
        assert int(number) <= 60

    def test_two_slots_do_not_share_a_limit_of_processes(self, start):
        boxes = [start(probes.FORKS, "24", slot=s, limits=Limits(processes=40)) for s in (0, 1)]

        assert [read_line(box) for box in boxes] == ["forked 24\n"] * 2

    def test_a_huge_file_is_stopped(self, start):
        box = start(probes.FILL_ONE_FILE, "48", limits=Limits(disk_mb=16))

        said = read_line(box, "mib")

        assert said.startswith("stopped")

    def test_disk_limit_acts(self, start):
        box = start(probes.FILL_MANY_FILES, "48", limits=Limits(disk_mb=16))

        said = read_line(box, "mib")

        assert said.startswith("stopped")

    # containment

    def test_no_network(self, start):
        with socket.create_server(("0.0.0.0", 0)) as server:
            port = server.getsockname()[1]
            box = start(probes.CONNECT, str(port), "127.0.0.1", *_own_addresses())
            said = read_line(box, "done")

        assert "done" in said
        assert "REACHED" not in said

    def test_cannot_read_the_host(self, start, tmp_path):
        canary = tmp_path / "canary.txt"
        canary.write_text("a secret of the host")
        for folder in (tmp_path, *tmp_path.parents[:2]):
            folder.chmod(0o755)

        said = read_line(start(probes.READ_FILE, str(canary)), "done")

        assert "done" in said
        assert "secret" not in said

    def test_cannot_write_outside_its_folders(self, start, tmp_path):
        tmp_path.chmod(0o777)
        library = str(Path(os.__file__).parent)

        said = read_line(
            start(probes.WRITE_OUTSIDE, str(tmp_path), "/", "/etc", "/var/tmp", library), "done"
        )

        assert "done" in said
        assert "WROTE" not in said

    def test_environment_says_nothing(self, start, monkeypatch):
        monkeypatch.setenv("GRADER_COURSE_SECRET", "canary-in-the-environment")
        monkeypatch.setenv("PYTHONPATH", "/canary/path")
        monkeypatch.setenv("HOME", "/home/canary-of-the-supervisor")

        said = read_line(start(probes.DUMP_SURROUNDINGS, label="canary-label"), "done")

        assert "done" in said
        assert "canary" not in said
        assert "GRADER_COURSE" not in said
        if getpass.getuser() != "root":
            assert getpass.getuser() not in said

    def test_hostname_says_nothing(self, start):
        assert read_line(start(probes.HOSTNAME)).strip() != socket.gethostname()

    def test_only_the_three_standard_streams_are_open(self, start):
        read_end, write_end = os.pipe()
        os.set_inheritable(read_end, True)
        try:
            said = read_line(start(probes.OPEN_FILES), "done\n")
        finally:
            os.close(read_end)
            os.close(write_end)

        assert said == "0 1 2 done\n"

    def test_two_boxes_do_not_see_each_other(self, start):
        token = f"token-{secrets.token_hex(8)}"
        hides = start(probes.HIDES, token, slot=0)
        assert read_exactly(hides, 2) == b"up"

        said = read_line(start(probes.SEEKS, token.encode().hex(), slot=1), "done")
        hides.write(b".", SOON_S)
        read_to_end(hides)

        assert "done" in said
        assert "SAW" not in said

    def test_deep_and_locked_folders_are_removed(self, sandbox, start):
        before = self.leftovers(sandbox)
        box = start(probes.DEEP_FOLDERS)
        assert read_exactly(box, 2) == b"up"

        box.close()

        assert self.leftovers(sandbox) - before == set()

    # sweeping

    def test_sweep_removes_what_a_dead_supervisor_left(self, sandbox, supervisor):
        before = self.leftovers(sandbox)
        orphan = subprocess.run(
            [sys.executable, "-c", supervisor + _START_AND_DIE],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert orphan.stdout == "up", orphan.stderr
        assert orphan.returncode == -signal.SIGKILL

        swept = sandbox.sweep()

        assert swept >= 1
        assert self.leftovers(sandbox) - before == set()
        assert sandbox.sweep() == 0

    def test_sweep_leaves_living_boxes_alone(self, sandbox, start):
        box = start(probes.ECHO)

        sandbox.sweep()
        box.write(b"still here", SOON_S)

        assert read_exactly(box, 10) == b"still here"


_START_AND_DIE = f"""
import os, signal
from grader.sandbox.base import BoxSpec, Role
box = sandbox.start(BoxSpec(role=Role.WORKER, argv=("-c", {probes.STUBBORN!r}), lifetime_s=60))
os.write(1, box.read({SOON_S}))
os.kill(os.getpid(), signal.SIGKILL)
"""


def _own_addresses() -> list[str]:
    """Return this machine's own addresses, without asking anybody outside."""
    found = [
        address.address
        for addresses in psutil.net_if_addrs().values()
        for address in addresses
        if address.family == socket.AF_INET and address.address != "127.0.0.1"
    ]
    return found[:3]

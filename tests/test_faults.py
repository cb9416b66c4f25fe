"""What is lost when the machine stops: nothing. Every write of a batch is a place to stop at."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from grader.durable import PART
from grader.results import Results
from tests.doomed import LAB, NEW_LAB, Doom, accepted, act, state
from tests.pretend import hand_in

ROOT = Path(__file__).parent.parent
POINTS = [
    ("results: part written", 1),  # batch.json
    ("results: renamed", 1),
    ("handins: part written", 1),
    ("handins: part written", 4),
    ("handins: renamed", 3),
    ("ledger.jsonl: before append", 2),
    ("half ledger.jsonl", 1),
    ("half ledger.jsonl", 3),
    ("ledger.jsonl: written", 2),
    ("ledger.jsonl: appended", 4),
    ("event started", 1),
    ("event started", 5),
    ("runs.jsonl: before append", 1),
    ("half runs.jsonl", 1),
    ("half runs.jsonl", 4),
    ("runs.jsonl: written", 3),
    ("runs.jsonl: appended", 2),
    ("run: part written", 1),
    ("run: renamed", 5),
    ("event graded", 3),
    ("half broken.jsonl", 1),
    ("broken.jsonl: appended", 1),
    ("event broken again", 1),
    ("students: part written", 2),
    ("students: renamed", 3),
    ("results: part written", 2),  # grades.csv
    ("results: renamed", 3),  # index.html
    ("event end", 1),
]


@pytest.fixture
def inbox(tmp_path):
    """Eight hand-ins: of every kind, and one student with three."""
    folder = tmp_path / "inbox"
    hand_in(folder, "ann", "a", at=1)
    hand_in(folder, "ann", "a b", at=2)
    hand_in(folder, "ann", "a", at=3)
    hand_in(folder, "Bob", "a b c d")
    hand_in(folder, "cem", "ungradable")
    hand_in(folder, "dee", "refuse")
    hand_in(folder, "eva", "b broken")
    hand_in(folder, "fay", "d")
    return folder


def start(inbox, folder, verb="batch", *doom, **more):
    return subprocess.run(
        [sys.executable, "-m", "tests.doomed", str(inbox), str(folder), verb, *map(str, doom)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120, **more,
    )  # fmt: skip


def forked(inbox, folder, verb, doom):
    """Do it in a forked child; return its status, as negative signal number when killed."""
    child = os.fork()
    if child == 0:
        try:
            os._exit(act(inbox, folder, verb, doom))
        except BaseException:  # noqa: BLE001 - a child must never return into pytest
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def undisturbed(inbox, tmp_path):
    """Return what a batch leaves behind that nobody disturbed."""
    assert act(inbox, tmp_path / "undisturbed" / "results", "batch", Doom()) == 0
    return state(tmp_path / "undisturbed" / "results")


def test_the_undisturbed_batch_is_what_it_should_be(undisturbed, tmp_path):
    folder = tmp_path / "undisturbed" / "results"
    assert {(run.student, run.attempt): run.earned for run in Results.read(folder).official()} == {
        ("ann", 1): 10,
        ("ann", 2): 20,
        ("ann", 3): 10,
        ("Bob", 1): 30,
        ("cem", 1): 0,
        ("dee", 1): 0,
        ("eva", 1): 10,
        ("fay", 1): 0,
    }
    assert len([name for name in undisturbed if name.startswith("students/")]) == 6
    assert len([name for name in undisturbed if name.startswith("runs/")]) == 2 * 8


@pytest.mark.parametrize(("moment", "count"), POINTS, ids=lambda part: str(part).replace(" ", "-"))
def test_after_kill_9_the_second_start_completes_the_batch(
    inbox, tmp_path, undisturbed, moment, count
):
    folder = tmp_path / "results"
    killed = start(inbox, folder, "batch", moment, count)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    told = accepted(folder)
    second = start(inbox, folder)
    assert second.returncode == 0, second.stderr
    assert state(folder) == undisturbed
    assert accepted(folder) >= told
    assert not list(folder.rglob(f"*{PART}"))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="every moment is tried in forked children")
def test_kill_9_at_every_single_write_loses_nothing(inbox, tmp_path, undisturbed):
    """Kill at the first write, the second, … until a batch comes through."""
    for count in range(1, 1000):
        folder = tmp_path / f"{count}" / "results"
        status = forked(inbox, folder, "batch", Doom("any", count))
        if status == 0:
            assert count > 100, "the batch has far more moments than that"
            return
        assert status == -signal.SIGKILL
        told = accepted(folder)
        assert act(inbox, folder, "batch", Doom()) == 0, f"after moment {count}"
        assert state(folder) == undisturbed, f"after moment {count}"
        assert accepted(folder) >= told
    pytest.fail("the batch never came through")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="every moment is tried in forked children")
def test_a_batch_that_is_killed_again_and_again_still_ends(inbox, tmp_path, undisturbed):
    """A machine that always dies at its ninth write: every start must go on where the last was."""
    folder = tmp_path / "results"
    for _ in range(200):
        told = accepted(folder)
        status = forked(inbox, folder, "batch", Doom("runs.jsonl: appended", 1))
        assert accepted(folder) >= told
        if status == 0:
            break
        assert status == -signal.SIGKILL
    assert act(inbox, folder, "batch", Doom()) == 0
    assert state(folder) == undisturbed


# -- regrade ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="every moment is tried in forked children")
def test_a_regrade_that_is_killed_counts_either_wholly_or_not_at_all(inbox, tmp_path):
    whole = tmp_path / "whole" / "results"
    assert act(inbox, whole, "batch", Doom()) == 0
    before = {(run.student, run.attempt): run for run in Results.read(whole).official()}
    assert act(inbox, whole, "apply", Doom()) == 0
    after = {(run.student, run.attempt): run for run in Results.read(whole).official()}
    assert before != after
    seen = set()
    for count in range(1, 1000):
        folder = tmp_path / f"{count}" / "results"
        assert act(inbox, folder, "batch", Doom()) == 0
        status = forked(inbox, folder, "apply", Doom("any", count))
        now = {(run.student, run.attempt): run for run in Results.read(folder).official()}
        assert now in (before, after), f"half a regrade counts after moment {count}"
        seen.add(now == after)
        assert act(inbox, folder, "apply", Doom()) == 0
        now = {(run.student, run.attempt): run for run in Results.read(folder).official()}
        assert now == after
        assert state(folder)["runs.jsonl"] == state(whole)["runs.jsonl"]
        if status == 0:
            break
    assert seen == {True, False}
    assert count > 30


# -- a full disk ------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A file system with room for very little."""
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip(f"mounting a small disk is not allowed here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_batch_on_a_full_disk_says_so_and_goes_on_when_there_is_room(
    inbox, small_disk, undisturbed
):
    folder = small_disk / "results"
    ballast = small_disk / "ballast"
    refused = 0
    for pages in range(1, 17):  # leave one page of 4 KiB more each time, until all fits
        ballast.write_bytes(b"")
        with ballast.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                size = file.tell()
        os.truncate(ballast, max(0, size - pages * 4096))
        done = start(inbox, folder)
        if done.returncode == 0:
            break
        refused += 1
        assert done.returncode == 5
        assert "the disk is full" in done.stderr
        assert "Make room" in done.stderr
        assert "Traceback" not in done.stderr
        assert not list(folder.rglob(f"*{PART}"))
        for journal in folder.glob("*.jsonl"):
            assert journal.read_bytes()[-1:] in (b"\n", b"")
    assert refused >= 3
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    assert start(inbox, folder).returncode == 0
    assert state(folder) == undisturbed


def test_a_limit_on_the_size_of_files_is_a_full_disk(inbox, tmp_path, undisturbed):
    resource = pytest.importorskip("resource", reason="limits of processes are a POSIX thing")
    folder = tmp_path / "results"

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))

    done = start(inbox, folder, preexec_fn=limit)
    assert done.returncode == 5
    assert "a limit on the size of files is reached" in done.stderr
    assert "runs.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
    assert (folder / "runs.jsonl").read_bytes().endswith(b"\n")
    assert start(inbox, folder).returncode == 0
    assert state(folder) == undisturbed


# -- Ctrl-C and a second start ----------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_second_start_while_the_first_still_grades_is_refused_and_harms_nothing(
    inbox, tmp_path, undisturbed
):
    folder = tmp_path / "results"
    code = (
        "import sys; from pathlib import Path\n"
        "from tests import doomed\n"
        "class Waits(doomed.Doom):\n"
        "    def comes(self, moment, *also):\n"
        "        if moment == 'event graded' and not self.seen:\n"
        "            self.seen.append(moment); print('grading', flush=True); sys.stdin.readline()\n"
        "sys.exit(doomed.act(Path(sys.argv[1]), Path(sys.argv[2]), 'batch', Waits()))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(inbox), str(folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as first:  # fmt: skip
        assert first.stdout.readline() == b"grading\n"
        second = start(inbox, folder)
        assert second.returncode == 5
        assert f"another grader is writing into this folder (process {first.pid}" in second.stderr
        first.stdin.write(b"\n")
        first.stdin.close()
        assert first.wait() == 0
    assert state(folder) == undisturbed


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_with_130_and_the_second_start_does_the_rest(
    inbox, tmp_path, undisturbed, number
):
    folder = tmp_path / "results"
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from tests import doomed\n"
        "class Stops(doomed.Doom):\n"
        "    def comes(self, moment, *also):\n"
        "        if moment == 'event graded' and not self.seen:\n"
        f"            self.seen.append(moment); os.kill(os.getpid(), {int(number)})\n"
        "sys.exit(doomed.act(Path(sys.argv[1]), Path(sys.argv[2]), 'batch', Stops()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(inbox), str(folder)],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 130, done.stderr
    assert (folder / "grades.csv").exists()
    assert 0 < len(list(Results.read(folder).official())) < 8
    assert start(inbox, folder).returncode == 0
    assert state(folder) == undisturbed


def test_the_labs_of_these_tests_differ():
    assert LAB.digest != NEW_LAB.digest

import json
import os
import subprocess
import sys
import threading

import pytest

from grader.errors import ResultsError, UsageError
from grader.folder_lock import FolderLock, boot_id
from grader.results import Results
from tests.pretend import (
    NOON,
    graded,
    lab_of,
)

LAB = lab_of()


def clock():
    return NOON


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def results(folder):
    with Results.open(folder, LAB, clock=clock) as opened:
        yield opened


def test_a_second_writer_in_the_same_process_is_refused(results):
    with pytest.raises(ResultsError, match="another grader is writing") as caught:
        Results.open(results.folder, LAB, clock=clock)
    assert f"process {os.getpid()}" in str(caught.value)


def _other_process(folder):
    code = (
        "import sys; from pathlib import Path; from datetime import datetime, timezone\n"
        "from grader.folder_lock import FolderLock\n"
        "print(repr(FolderLock(Path(sys.argv[1]) / 'lock').acquire("
        "lambda: datetime(2025, 1, 1, tzinfo=timezone.utc))))\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False
    )


def test_a_second_writer_in_another_process_is_refused_and_told_by_whom(results):
    done = _other_process(results.folder)
    assert done.returncode != 0
    assert f"another grader is writing into this folder (process {os.getpid()}" in done.stderr
    # Looking at the lock from outside does not take it away:
    assert _other_process(results.folder).returncode != 0


def test_the_folder_is_free_again_after_closing(folder):
    Results.open(folder, LAB, clock=clock).close()
    assert _other_process(folder).returncode == 0


def test_a_lock_of_a_dead_process_is_taken_over_with_a_note(folder):
    Results.open(folder, LAB, clock=clock).close()
    (folder / "lock").write_text(json.dumps({"pid": 1, "machine": "here", "boot": boot_id()}))
    with Results.open(folder, LAB, clock=clock) as results:
        assert "process 1 on here" in results.notes[0]
        assert "going on from there" in results.notes[0]


def test_a_forked_child_that_outlives_its_parent_does_not_keep_the_folder(folder):
    folder.mkdir()
    code = (
        "import os, sys, time; from pathlib import Path; from datetime import datetime, timezone\n"
        "from grader.folder_lock import FolderLock\n"
        "FolderLock(Path(sys.argv[1]) / 'lock').acquire("
        "lambda: datetime(2025, 1, 1, tzinfo=timezone.utc))\n"
        "reader, writer = os.pipe()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    os.close(1); os.close(2); sys.stdin.read(); os._exit(0)\n"
        "print('locked', flush=True); os.kill(os.getpid(), 9)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout.readline() == b"locked\n"
        assert parent.wait() == -9
        note = FolderLock(folder / "lock").acquire(clock)  # the child still lives
        assert "ended without finishing" in note


def test_when_opening_fails_the_folder_is_free_again(folder):
    with Results.open(folder, LAB, clock=clock) as results:
        graded(results)
    for _ in range(2):
        with pytest.raises(UsageError, match="another version"):
            Results.open(folder, lab_of("x"), clock=clock)
    Results.open(folder, LAB, clock=clock).close()


def test_threads_racing_for_a_folder_get_it_once(folder):
    folder.mkdir()
    won, lost = [], []

    def race():
        lock = FolderLock(folder / "lock")
        try:
            lock.acquire(clock)
            won.append(lock)
        except ResultsError:
            lost.append(lock)

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    won[0].release()

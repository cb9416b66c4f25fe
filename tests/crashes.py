"""What is killed at a named moment, and started again: scenarios that pass every crash point.

    python -m tests.crashes SCENARIO PLACE [POINT COUNT]

does a scenario's work in PLACE, and kills itself with SIGKILL at the COUNTth passing of POINT.
Used by the tests of `grader.crash_points`, and by `make faults` with many seeds.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.building import build
from grader.crash_points import Point, listening
from grader.durable import PART
from grader.lab_reader import read_lab
from grader.release import Handout, copy_of, lab_files, write
from grader.results import Results
from grader.sandbox.keeper import dwellers
from grader.scaffold import new
from tests import realclass
from tests.doomed import Doom, accepted, act, state
from tests.pretend import graded, hand_in

ROOT = Path(__file__).parent.parent
SLUG = "07-columns"
GONE_S = 20.0


class LostError(AssertionError):
    """Something that a crash must not lose was lost, or done twice."""


@dataclass(frozen=True)
class Scenario:
    """Some work that can be interrupted and done again."""

    points: tuple[Point, ...]
    """The crash points that it passes, and that are tried in it."""
    prepare: Callable[[Path], None]
    """Makes what the work needs."""
    work: Callable[[Path], None]
    """Does the work, from wherever an earlier start left it."""
    state: Callable[[Path], object]
    """Returns what is there afterwards, without times."""
    promised: Callable[[Path], Counter[bytes]] = lambda _place: Counter()
    """Returns what somebody may have been told already: it must never go away."""
    after_kill: Callable[[Path], None] = lambda _place: None
    """Raises LostError when something is left running."""
    forks: bool = True
    """False: the work has threads and processes of its own, so it gets a process of its own."""


# -- a class, graded at once -------------------------------------------------------------------


def _inbox(place: Path) -> None:
    inbox = place / "inbox"
    hand_in(inbox, "ann", "a", at=1)
    hand_in(inbox, "ann", "a b", at=2)
    hand_in(inbox, "ann", "a", at=3)
    hand_in(inbox, "Bob", "a b c d")
    hand_in(inbox, "cem", "ungradable")
    hand_in(inbox, "dee", "refuse")
    hand_in(inbox, "eva", "b broken")
    hand_in(inbox, "gus", "c gone")


def _class(place: Path) -> None:
    if act(place / "inbox", place / "results", "batch", Doom()):
        raise LostError("the batch did not end well")


def _torn(place: Path) -> None:
    """Leave what a machine leaves that loses power in the middle of two lines."""
    _inbox(place)
    _class(place)
    for name in ("ledger.jsonl", "runs.jsonl"):
        with (place / "results" / name).open("ab") as file:
            file.write(b'{"student": "half a li')


def _graded(place: Path) -> None:
    _inbox(place)
    _class(place)


def _regrade(place: Path) -> None:
    if act(place / "inbox", place / "results", "apply", Doom()):
        raise LostError("the regrade did not end well")


def _results(place: Path) -> object:
    if left := list((place / "results").rglob(f"*{PART}")):
        raise LostError(f"half of {left[0].name} was left")
    return state(place / "results")


def _receipts(place: Path) -> Counter[bytes]:
    return accepted(place / "results")


# -- files for others --------------------------------------------------------------------------


def _course(place: Path) -> None:
    new(place, SLUG, "How full is a column?")


def _folder(place: Path):
    return read_lab(place / "labs" / SLUG, place / "solutions" / SLUG)


def _to_export(place: Path) -> None:
    _course(place)
    lab = _folder(place).lab
    words = [check.id for check in lab.checks]
    with Results.open(place / "results", lab) as results:
        for number, student in enumerate(("ann", "bob", "cem")):
            graded(results, student, " ".join(words[number:]), lab=lab)


def _export(place: Path) -> None:
    from grader.cli.main import cli

    lab = str(place / "labs" / SLUG)
    words = ["export", "gradescope", str(place / "results"), "--lab", lab]
    cli.main(words, standalone_mode=False)


def _to_release(place: Path) -> None:
    _course(place)
    handout = Handout(folder=place / "copies")
    write(handout, _folder(place), "ann", {"README.md": b"an older copy\n"})


def _release(place: Path) -> None:
    folder = _folder(place)
    for student in ("ann", "bob"):
        files = copy_of(lab_files(folder), student, {"data/n.csv": student.encode()})
        for as_zip in (False, True):
            write(Handout(folder=place / "copies", as_zip=as_zip, replace=True),
                  folder, student, files)  # fmt: skip


def _to_build(place: Path) -> None:
    _course(place)
    for path in (place / "solutions" / SLUG / "source").iterdir():
        (place / "labs" / SLUG / path.name).write_text("# an older starter\n")


def _build(place: Path) -> None:
    folder = _folder(place)
    build(folder)
    digest = folder.lab.digest
    if _folder(place).lab.digest != digest:
        raise LostError("what a killed build left changed the lab")


def _tree(*names: str) -> Callable[[Path], object]:
    """Return what returns every file below these folders, hidden ones included."""

    def files(place: Path) -> object:
        return {
            path.relative_to(place).as_posix(): path.read_bytes()
            for name in names
            for path in sorted((place / name).rglob("*"))
            if path.is_file()
        }

    return files


# -- a class in real boxes ---------------------------------------------------------------------


def _nothing_lives(place: Path) -> None:
    """Raise when a process of a box outlives its supervisor, which its keeper does not allow."""
    until = time.monotonic() + GONE_S
    while left := dwellers(str(place / "boxes")):
        if time.monotonic() > until:
            raise LostError(f"{len(left)} processes of boxes are left")
        time.sleep(0.05)


def _swept(place: Path) -> object:
    if left := [path.name for path in (place / "boxes").iterdir()]:
        raise LostError(f"folders of boxes are left: {left}")
    _results(place)
    return realclass.state(place / "results")


_BOXES = (
    *(Point.GRADING_BEGUN, Point.BOX_STARTED, Point.BOX_READY, Point.WORKER_HIRED),
    *(Point.CALL_SENT, Point.CALL_ANSWERED, Point.CHECK_TOLD, Point.TALK_ENDED),
    *(Point.BOX_ENDING, Point.BOX_REMOVED, Point.GRADING_ENDED),
)

SCENARIOS = {
    "class": Scenario(
        points=(
            *(Point.LOCK_TAKEN, Point.PARTS_SWEPT, Point.LAB_NAMED),
            *(Point.PART_WRITTEN, Point.PART_RENAMED),
            *(Point.LINE_BEGUN, Point.LINE_WRITTEN, Point.LINE_SYNCED),
            *(Point.HANDIN_FOUND, Point.HANDIN_READ, Point.SNAPSHOT_KEPT),
            *(Point.HANDIN_ACCEPTED, Point.HANDIN_REFUSED),
            *(Point.RUN_SENT, Point.RUN_LANDED, Point.RUN_RECORDED, Point.RUN_TOLD),
            *(Point.RUN_BROKE, Point.ENGINE_LOST),
            *(Point.GRADES_WRITTEN, Point.STUDENTS_WRITTEN, Point.CLASS_WRITTEN),
        ),
        prepare=_inbox, work=_class, state=_results, promised=_receipts,
    ),
    "torn": Scenario(
        points=(Point.TORN_LINE_KEPT,),
        prepare=_torn, work=_class, state=_results, promised=_receipts,
    ),
    "regrade": Scenario(
        points=(Point.REGRADE_KEPT, Point.REGRADE_COPIED, Point.REGRADE_COUNTS),
        prepare=_graded, work=_regrade, state=_results, promised=_receipts,
    ),
    "export": Scenario(
        points=(Point.EXPORT_GATHERED, Point.EXPORT_WRITTEN),
        prepare=_to_export, work=_export, state=_tree("results/exports"),
    ),
    "release": Scenario(
        points=(Point.COPY_WRITTEN, Point.COPY_ASIDE, Point.COPY_PLACED),
        prepare=_to_release, work=_release, state=_tree("copies"),
    ),
    "build": Scenario(
        points=(Point.STARTER_WRITTEN, Point.STARTER_PLACED),
        prepare=_to_build, work=_build, state=_tree("labs", "solutions"),
    ),
    "boxes": Scenario(
        points=_BOXES,
        prepare=realclass.prepare, work=realclass.in_processes, state=_swept,
        promised=_receipts, after_kill=_nothing_lives, forks=False,
    ),
    "containers": Scenario(
        points=(Point.CONTAINER_CREATED, *_BOXES),
        prepare=realclass.prepare, work=realclass.in_containers,
        state=realclass.state_without_containers, promised=_receipts, forks=False,
    ),
}  # fmt: skip


# -- killing -----------------------------------------------------------------------------------


class Killer:
    """Ends the process at the COUNTth passing of a point; without one it only counts."""

    def __init__(self, point: Point | None = None, count: int = 1) -> None:
        self.point = point
        self.count = count
        self.passed: Counter[Point] = Counter()
        self._lock = threading.Lock()

    def __call__(self, point: Point, _about: str) -> None:
        with self._lock:
            self.passed[point] += 1
            if point is self.point and self.passed[point] == self.count:
                os.kill(os.getpid(), signal.SIGKILL)


def start(name: str, place: Path, killer: Killer) -> int:
    """Do a scenario's work in a process of its own; return how it ended, as a wait status does."""
    scenario = SCENARIOS[name]
    if not scenario.forks:
        doom = [killer.point.value, str(killer.count)] if killer.point else []
        done = subprocess.run(
            [sys.executable, "-m", "tests.crashes", name, str(place), *doom],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
        if done.returncode not in (0, -signal.SIGKILL):
            raise LostError(done.stderr[-2000:])
        return done.returncode
    child = os.fork()
    if child == 0:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            with listening(killer):
                scenario.work(place)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 - a child must never return into pytest
            os.write(2, repr(error).encode())
            os._exit(99)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@dataclass(frozen=True)
class Undisturbed:
    """What a scenario leaves that nobody disturbs, and how often it passes each point."""

    state: object
    passed: Counter[Point]


def undisturbed(name: str, place: Path) -> Undisturbed:
    """Do a scenario's work once, here."""
    scenario, killer = SCENARIOS[name], Killer()
    place.mkdir(parents=True)
    scenario.prepare(place)
    with listening(killer):
        scenario.work(place)
    return Undisturbed(state=scenario.state(place), passed=killer.passed)


def passing(point: Point, whole: Undisturbed, seed: int) -> int:
    """Return at which passing of the point this seed kills: from the first to the last."""
    most = whole.passed[point]
    return random.Random(f"{point} {seed}").randint(1, most) if seed else 1


def crash(name: str, point: Point, count: int, place: Path, whole: Undisturbed) -> None:
    """Kill a scenario at a point, start it again, and compare. Raises LostError."""
    scenario = SCENARIOS[name]
    place.mkdir(parents=True)
    scenario.prepare(place)
    status = start(name, place, Killer(point, count))
    if status != -signal.SIGKILL:
        raise LostError(f"{point} was not passed {count} times: the work ended with {status}")
    told = scenario.promised(place)
    scenario.after_kill(place)
    status = start(name, place, Killer())
    if status:
        raise LostError(f"the second start ended with {status}")
    if not scenario.promised(place) >= told:
        raise LostError("an accepted hand-in was lost")
    if scenario.state(place) != whole.state:
        raise LostError("what is there differs from what an undisturbed start leaves")


def main() -> None:
    """Read the command line."""
    name, place, *doom = sys.argv[1:]
    killer = Killer(Point(doom[0]), int(doom[1])) if doom else Killer()
    with listening(killer):
        SCENARIOS[name].work(Path(place))


if __name__ == "__main__":
    main()

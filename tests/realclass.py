"""A small class that is graded for real: a lab of the scaffold, boxes, and one secret for all.

Times and what staff hear of second tries differ from run to run, and nothing else may: `state`
returns what is left without them.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from grader import grading
from grader.batch import BatchOutcome, Grading, Settings, run_batch
from grader.collect import find
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.lab_reader import read_lab
from grader.outcome import Run
from grader.progress import Progress, SilentProgress
from grader.results import Results
from grader.sandbox.base import Sandbox
from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox
from grader.scaffold import new
from grader.seeding import seed_of
from grader.submission import Submission

SLUG = "07-columns"
ADDRESS = re.compile("0x[0-9a-f]+")
RECEIVED = 1_740_000_000
MOMENT = datetime.fromtimestamp(RECEIVED, UTC)
SECRET = b"one secret for all of these tests"
TIMES = {"id", "graded_at", "phases", "machine", "seconds", "student_seconds", "staff_notes"}
HAND_INS = {
    "ann": "    return sum(v is not None and str(v).strip() != '' for v in values) / len(values)\n",
    "bob": "    return 1.0\n",
    "dee": "    import os; os._exit(3)\n",
}


def prepare(place: Path) -> None:
    """Write a lab and a class's hand-ins."""
    new(place, SLUG, "How full is a column?")
    (place / "boxes").mkdir()
    for student, body in HAND_INS.items():
        folder = place / "hand-ins" / student
        folder.mkdir(parents=True)
        (folder / "column.py").write_text(f"def share_present(values):\n{body}")
        os.utime(folder / "column.py", (RECEIVED, RECEIVED))


def folder_of(place: Path) -> LabFolder:
    return read_lab(place / "labs" / SLUG, place / "solutions" / SLUG)


def grade(lab: Lab, submission: Submission, *, boxes: Pool, **more) -> Run:
    return grading.grade(lab, submission, boxes, seed=seed_of(SECRET, submission), **more)


def grade_class(
    place: Path, sandbox: Sandbox, *, jobs: int = 2, progress: Progress | None = None
) -> BatchOutcome:
    """Grade the class into `place/results` with these boxes."""
    folder = folder_of(place)
    sandbox.sweep()
    with Pool(sandbox, slots=jobs) as pool:
        by = partial(grade, boxes=pool, reference=folder.reference())
        return batch(place, folder.lab, by, jobs=jobs, progress=progress)


def batch(
    place: Path, lab: Lab, by: Grading, *, progress: Progress | None = None, **settings
) -> BatchOutcome:
    """Do one batch with any grading."""
    with Results.open(place / "results", lab) as results:
        return run_batch(
            lab,
            find(place / "hand-ins", lab.slug, lab.submit),
            results,
            grade=by,
            settings=Settings(progress=progress or SilentProgress(), **settings),
        )


def in_processes(place: Path) -> None:
    """Grade the class in processes; what is left of them lies below `place/boxes`."""
    with ProcessSandbox(root=place / "boxes") as sandbox:
        assert grade_class(place, sandbox).exit_code == 0


def realm_of(place: Path) -> str:
    """Return a realm of containers that is this place's alone."""
    return f"crash-{hashlib.sha256(str(place).encode()).hexdigest()[:12]}"


def in_containers(place: Path) -> None:
    """Grade the class in containers of this place's realm."""
    from grader.sandbox.docker import DockerSandbox

    with DockerSandbox(realm=realm_of(place)) as sandbox:
        assert grade_class(place, sandbox).exit_code == 0


def containers_of(place: Path, *, role: str = "", running: bool = False) -> list[str]:
    """Return the containers of this place's realm, or those of a role, or that still run."""
    from grader.sandbox.engine import connect
    from grader.sandbox.labels import REALM, ROLE

    client = connect()
    try:
        ours = [f"{REALM}={realm_of(place)}", *([f"{ROLE}={role}"] if role else [])]
        found = client.api.containers(all=not running, filters={"label": ours})
        return [one["Id"] for one in found]
    finally:
        client.close()


def swept(place: Path) -> int:
    """Sweep this place's realm; return how many containers went."""
    from grader.sandbox.docker import DockerSandbox

    with DockerSandbox(realm=realm_of(place)) as sandbox:
        return sandbox.sweep()


def marks(place: Path) -> dict[str, int]:
    """Return student -> points of what counts."""
    return {run.student: run.earned for run in Results.read(place / "results").official()}


def state_without_containers(place: Path) -> object:
    """Return what is left, once no container is."""
    assert containers_of(place) == []
    return state(place / "results")


def state(folder: Path) -> object:
    """Return the runs and the grades that a results folder holds, without times."""
    lines = (folder / "runs.jsonl").read_text().splitlines()
    runs = Counter(
        ADDRESS.sub("0x…", json.dumps(timeless(json.loads(line)), sort_keys=True)) for line in lines
    )
    ledger = Counter((folder / "ledger.jsonl").read_text().splitlines())
    with (folder / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        grades = [row | {"run": ""} for row in csv.DictReader(file)]
    return runs, ledger, grades


def timeless(value: object) -> object:
    """Return JSON without what tells when, how long and where."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items() if key not in TIMES}
    return [timeless(each) for each in value] if isinstance(value, list) else value

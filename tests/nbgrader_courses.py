"""Courses of nbgrader for tests: notebooks, folders, hand-ins; and nbgrader itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from grader.grading import grade
from grader.lab_folder import LabFolder
from grader.lab_reader import read_lab
from grader.nbgrader_course.course import (
    names_in,
    read_folder,
    read_settings,
    write_labs,
)
from grader.nbgrader_course.making import Made, make
from grader.submission import Bundle, Submission

ROLES: dict[str, dict[str, bool]] = {
    "test": {"grade": True, "solution": False, "locked": True, "task": False},
    "answer": {"grade": False, "solution": True, "locked": False, "task": False},
    "by hand": {"grade": True, "solution": True, "locked": False, "task": False},
    "read-only": {"grade": False, "solution": False, "locked": True, "task": False},
    "task": {"grade": False, "solution": False, "locked": True, "task": True},
}


def cell(
    source: str, role: str = "", name: str = "", points: float | None = None, **told: Any
) -> dict[str, Any]:
    """Return a cell as nbgrader's toolbar makes it; `told` changes its metadata."""
    made: dict[str, Any] = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source.strip("\n").splitlines(keepends=True),
    }
    if role:
        made["metadata"]["nbgrader"] = {"schema_version": 3, "grade_id": name, **ROLES[role]}
        if points is not None:
            made["metadata"]["nbgrader"]["points"] = points
        made["metadata"]["nbgrader"] |= told
    return made


def text(
    source: str, role: str = "", name: str = "", points: float | None = None
) -> dict[str, Any]:
    """Return a cell of text."""
    made = cell(source, role, name, points) | {"cell_type": "markdown"}
    del made["outputs"], made["execution_count"]
    return made


def notebook(*cells: dict[str, Any], **fields: Any) -> bytes:
    """Return a notebook; `fields` are its own."""
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": list(cells), "metadata": {"kernelspec": spec}, "nbformat": 4,
             "nbformat_minor": 4}  # fmt: skip
    return json.dumps(whole | fields, indent=1).encode()


def course(root: Path, **folders: dict[str, bytes]) -> Path:
    """Write a course with these folders in `source/`: name -> (path -> content)."""
    for name, files in folders.items():
        for path, content in files.items():
            place = root / "source" / name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
    (root / "source").mkdir(parents=True, exist_ok=True)
    return root


def made_of(root: Path, name: str = "") -> Made:
    """Return the lab that is made of one folder of a course."""
    return make(read_folder(root, name or names_in(root)[0], read_settings(root)))


def imported(root: Path, out: Path, name: str = "") -> LabFolder:
    """Import one folder of a course, and return the lab as the grader reads it."""
    (written,) = write_labs([made_of(root, name)], out)
    return read_lab(written.public, written.private)


def filled(released: bytes, answers: dict[str, str], *, more: str = "") -> bytes:
    """Return a released notebook with answers: id -> source. `more` is a cell at its top."""
    document = json.loads(released)
    for each in document["cells"]:
        told = each["metadata"].get("nbgrader", {})
        if told.get("grade_id") in answers:
            each["source"] = answers[told["grade_id"]].strip("\n").splitlines(keepends=True)
    if more:
        document["cells"].insert(0, cell(more))
    return json.dumps(document).encode()


def without(released: bytes, *ids: str) -> bytes:
    """Return a notebook from which a student has deleted cells."""
    document = json.loads(released)
    document["cells"] = [
        each
        for each in document["cells"]
        if each["metadata"].get("nbgrader", {}).get("grade_id") not in ids
    ]
    return json.dumps(document).encode()


@dataclass
class Graded:
    """How a hand-in ended."""

    scores: dict[str, float]
    """Cell -> score, in the points of the course."""
    run: Any
    """The run."""
    messages: dict[str, str] = field(default_factory=dict)
    """Check -> what a student reads."""


def graded(folder: LabFolder, boxes: Any, files: dict[str, bytes]) -> Graded:
    """Grade files as a hand-in; return scores by cell, in the points of the course."""
    lab = folder.lab
    submission = Submission(
        student="ada",
        lab=lab.slug,
        attempt=1,
        received_at=datetime(2026, 11, 2, 10, tzinfo=UTC),
        bundle=Bundle.of(files),
    )
    run = grade(lab, submission, boxes)
    assert run.verdict == "graded", (run.reason, run.staff_notes)
    scores: dict[str, float] = {}
    for result in run.results:
        check = lab.check(result.id)
        if check.cell:
            name = check.cell.partition("/")[2]
            scores[name] = scores.get(name, 0.0) + result.earned / lab.origin.scale
    return Graded(scores=scores, run=run, messages={each.id: each.message for each in run.results})


# -- nbgrader itself


def nbgrader(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run nbgrader in a course."""
    scripts = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": os.pathsep.join([scripts, os.environ.get("PATH", "")])}
    environment |= {"JUPYTER_PLATFORM_DIRS": "0"}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "HOME"):
        environment[name] = str(root / ".jupyter")
    (root / ".jupyter").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "nbgrader", *words],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def hand_in(root: Path, name: str, student: str, files: dict[str, bytes]) -> None:
    """Put a hand-in where nbgrader collects them."""
    place = root / "submitted" / student / name
    place.mkdir(parents=True)
    for path, content in files.items():
        (place / path).write_bytes(content)
    (place / "timestamp.txt").write_text("2026-11-02 10:00:00.000000 UTC")


def scores_in(root: Path, name: str) -> dict[str, dict[str, float]]:
    """Return student -> cell -> automatic score, of all cells that are graded automatically."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{root}/gradebook.db") as book:
            return {
                submission.student.id: {
                    grade.name: grade.auto_score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                    if grade.auto_score is not None
                }
                for submission in book.assignment_submissions(name)
            }


def plain(output: str) -> str:
    """Return what a terminal was told, without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", output)

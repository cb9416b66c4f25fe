"""The same forgeries against this grader, nbgrader and otter-grader, each in its own environment.

    python -m benchmarks.attack_peers [--keep]

nbgrader and otter-grader are installed into `.peers/`, in the versions below. Each forgery is
handed in in a temporary folder of its own, and graded by each tool as its documentation says for
grading on one's own machine: `nbgrader autograde`, `otter run`. (`otter grade` grades in a
container; its image cannot be fetched here, and inside it the same notebook decides.) There, code
of these forgeries runs unprotected on this machine, so they only forge points.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import peers
from benchmarks.forgeries import FORGERIES, HIDDEN, HONEST, PUBLIC, WRONG

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "benchmarks" / "peers.json"
VERSIONS = {name: pins[0].partition("==")[2] for name, pins in peers.PINS.items()}
PATIENCE_S = 240
POINTS = 50
CONTROLS = {"honest work": HONEST, "work that is wrong": WRONG}
HOW = {
    "ours": "the tests as a lab, in containers where an engine answers; data drawn anew",
    "nbgrader": "`nbgrader generate_assignment`, `nbgrader autograde`; default settings, locally",
    "otter-grader": "`otter assign`, `otter run`; default settings, locally",
}


def environment(tool: str) -> Path:
    """Return the folder of programs of a tool's environment; PeerError when it cannot be had."""
    return peers.installed(tool).home / "bin"


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a tool's command; one that takes too long has the exit code 124."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
    surroundings["PATH"] = f"{Path(command[0]).parent}:{surroundings['PATH']}"
    surroundings["HOME"] = str(folder)
    try:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
            env=surroundings, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, "", "took too long")


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a notebook of format 4.5."""
    for number, cell in enumerate(cells):
        cell.setdefault("metadata", {})
        cell["id"] = f"cell-{number}"
        if cell["cell_type"] == "code":
            cell |= {"outputs": [], "execution_count": None}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def code(source: str, **metadata: Any) -> dict[str, Any]:
    """Return a code cell."""
    return {"cell_type": "code", "source": source, "metadata": metadata}


def replace_solution(path: Path, target: Path, text: str) -> None:
    """Write a student's notebook: the released one, with the solution cell replaced."""
    made = json.loads(path.read_text(encoding="utf-8"))
    (cell,) = [
        cell
        for cell in made["cells"]
        if cell["cell_type"] == "code" and "def total" in "".join(cell["source"])
    ]
    cell["source"] = text
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(made), encoding="utf-8")


def test_of(case: tuple[str, str, str]) -> str:
    """Return the lines of one test."""
    name, argument, wanted = case
    return f"wanted = {wanted}\nassert {name}({argument}) == wanted"


# -- nbgrader -----------------------------------------------------------------------------------


def nbgrader_course(programs: Path, place: Path) -> Path:
    """Make a course with one released assignment; return its folder."""

    def graded(name: str, *, locked: bool, grade: bool) -> dict[str, Any]:
        told = {"grade_id": name, "locked": locked, "grade": grade, "solution": not grade,
                "schema_version": 3, "task": False}  # fmt: skip
        return {"nbgrader": told | ({"points": POINTS} if grade else {})}

    solution = re.sub(
        r"(    return .+)", r"    ### BEGIN SOLUTION\n\1\n    ### END SOLUTION", HONEST
    )
    hidden = f"### BEGIN HIDDEN TESTS\n{test_of(HIDDEN)}\n### END HIDDEN TESTS"
    cells = [
        code(solution, **graded("solution", locked=False, grade=False)),
        code(test_of(PUBLIC), **graded("public", locked=True, grade=True)),
        code(hidden, **graded("hidden", locked=True, grade=True)),
    ]
    source = place / "source" / "ps1" / "ps1.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(notebook(cells)), encoding="utf-8")
    (place / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'x'\n"
    )
    done = run([str(programs / "nbgrader"), "generate_assignment", "ps1", "--create"], place)
    if not (place / "release" / "ps1" / "ps1.ipynb").exists():
        raise OSError(f"nbgrader made no assignment: {done.stderr[-500:]}")
    return place


def nbgrader_points(programs: Path, course: Path, text: str, place: Path) -> float:
    """Grade one text; return what the gradebook says at the end."""
    home = place / "course"
    shutil.copytree(course, home)
    released = home / "release" / "ps1" / "ps1.ipynb"
    replace_solution(released, home / "submitted" / "mallory" / "ps1" / "ps1.ipynb", text)
    run([str(programs / "nbgrader"), "autograde", "ps1", "--create"], home)
    settle(text)
    table = home / "grades.csv"
    run([str(programs / "nbgrader"), "export", "--to", str(table)], home)
    if not table.exists():
        return 0.0
    with table.open(encoding="utf-8") as file:
        return sum(float(line["score"] or 0) for line in csv.DictReader(file))


# -- otter --------------------------------------------------------------------------------------


def otter_assignment(programs: Path, place: Path) -> Path:
    """Make an assignment; return the folder of `otter assign`'s output."""

    def raw(text: str) -> dict[str, Any]:
        return {"cell_type": "raw", "source": text}

    solution = HONEST.replace("return sum(numbers)", "return sum(numbers) # SOLUTION").replace(
        "return [2 * number for number in numbers]",
        "return [2 * number for number in numbers] # SOLUTION",
    )
    points = f"points: {2 * POINTS}"
    test = f'""" # BEGIN TEST CONFIG\n{{told}}points: {POINTS}\n""" # END TEST CONFIG\n{{body}}'
    cells = [
        raw("# ASSIGNMENT CONFIG\ninit_cell: true\ngenerate: true\nexport_cell: false"),
        raw(f"# BEGIN QUESTION\nname: q1\n{points}"),
        raw("# BEGIN SOLUTION"),
        code(solution),
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
        code(test.format(told="", body=test_of(PUBLIC))),
        code(test.format(told="hidden: true\n", body=test_of(HIDDEN))),
        raw("# END TESTS"),
        raw("# END QUESTION"),
    ]  # fmt: skip
    (place / "ps1.ipynb").write_text(json.dumps(notebook(cells)), encoding="utf-8")
    done = run([str(programs / "otter"), "assign", "ps1.ipynb", "dist", "--no-pdfs"], place)
    if not list((place / "dist").glob("autograder/*.zip")):
        raise OSError(f"otter made no assignment: {done.stderr[-700:]}{done.stdout[-300:]}")
    return place / "dist"


def otter_points(programs: Path, assignment: Path, text: str, place: Path) -> float:
    """Grade one text; return the sum of results.json."""
    home = place / "run"
    shutil.copytree(assignment, home)
    replace_solution(home / "student" / "ps1.ipynb", home / "hand-in" / "ps1.ipynb", text)
    (zipped,) = (home / "autograder").glob("*.zip")
    out = home / "out"
    out.mkdir()
    command = ["run", str(home / "hand-in" / "ps1.ipynb"), "-a", str(zipped), "-o", str(out)]
    run([str(programs / "otter"), *command], home)
    settle(text)
    told = out / "results.json"
    if not told.exists():
        return 0.0
    tests = json.loads(told.read_text(encoding="utf-8")).get("tests", [])
    return float(sum(test.get("score") or 0 for test in tests))


def settle(text: str) -> None:
    """Wait for a daemon that may come afterwards."""
    if "os.fork" in text:
        import time  # noqa: PLC0415

        time.sleep(5)


# -- ours ---------------------------------------------------------------------------------------


def our_points(text: str, boxes: Any) -> float:
    """Grade one text with this grader."""
    from grader.grading import grade, utc_now  # noqa: PLC0415 - the others need none of it
    from grader.submission import Bundle, Submission  # noqa: PLC0415

    lab = our_lab()
    bundle = Bundle.of({"answer.py": text.encode()})
    submission = Submission(
        student="mallory", lab=lab.slug, attempt=1, received_at=utc_now(), bundle=bundle
    )
    done = grade(lab, submission, boxes, reference=Bundle.of({"answer.py": HONEST.encode()}))
    settle(text)
    return float(done.earned)


def our_lab() -> Any:
    """Return the same two tests as a lab of ours, with data drawn anew."""
    from tests.misbehaviour.catalogue.lab import lab_of  # noqa: PLC0415

    tests = {
        "test_public.py": "from answer import total\n\ndef test_total(rng):\n    'Total adds.'\n"
        "    numbers = rng.integers(0, 99, 5).tolist()\n    wanted = sum(numbers)\n"
        "    assert total(numbers) == wanted\n",
        "test_hidden.py": "from answer import double\n\ndef test_double(rng):\n    'It doubles.'\n"
        "    numbers = rng.integers(0, 99, 5).tolist()\n    wanted = [2 * n for n in numbers]\n"
        "    assert double(numbers) == wanted\n",
    }
    return lab_of(tests, points=POINTS)


def our_boxes() -> tuple[Any, str]:
    """Return a sandbox, in containers where they can be had, and its name."""
    from grader.errors import GraderError  # noqa: PLC0415
    from grader.sandbox.docker import DockerSandbox  # noqa: PLC0415
    from grader.sandbox.process import ProcessSandbox  # noqa: PLC0415

    try:
        return DockerSandbox(realm=f"peers-{os.getpid()}"), "containers"
    except GraderError:
        return ProcessSandbox(), "plain processes"


# -- all ----------------------------------------------------------------------------------------


def measured(
    grade_one: Callable[[str, Path], float], name: str, console: Console
) -> dict[str, float]:
    """Return text name -> points, each graded in a folder of its own."""
    found = {}
    for title, text in (CONTROLS | FORGERIES).items():
        with tempfile.TemporaryDirectory(prefix="graded-", ignore_cleanup_errors=True) as folder:
            found[title] = grade_one(text, Path(folder))
        console.print(f"{name}: {title}: {found[title]:g}")
    return found


def all_measured(console: Console) -> dict[str, Any]:
    """Grade everything with every tool that can be had."""
    from grader.grading import utc_now  # noqa: PLC0415 - the tools need none of it
    from grader.sandbox.pool import Pool  # noqa: PLC0415

    points: dict[str, dict[str, float]] = {}
    absent: dict[str, str] = {}
    sandbox, where = our_boxes()
    with sandbox, Pool(sandbox, slots=1) as pool:
        points["ours"] = measured(lambda text, _: our_points(text, pool), "ours", console)
    makers = {
        "nbgrader": (nbgrader_course, nbgrader_points),
        "otter-grader": (otter_assignment, otter_points),
    }
    for tool, (make, grade_one) in makers.items():
        with tempfile.TemporaryDirectory(prefix="assignment-") as folder:
            try:
                programs = environment(tool)
                ready = make(programs, Path(folder))
            except (OSError, peers.PeerError) as error:
                absent[tool] = str(error)
                console.print(f"{tool} is left out: {error}")
                continue
            points[tool] = measured(
                lambda text, place, p=programs, r=ready, g=grade_one: g(p, r, text, place),
                tool,
                console,
            )
    return {
        "date": utc_now().date().isoformat(),
        "sandbox": where,
        "versions": VERSIONS,
        "how": HOW,
        "points": points,
        "absent": absent,
        "out_of": 2 * POINTS,
    }


def table_of(result: dict[str, Any]) -> Table:
    """Return the table: a line for each text, a column for each tool."""
    table = Table("handed in", *result["points"])
    for title in result["points"]["ours"]:
        table.add_row(title, *(f"{points[title]:g}" for points in result["points"].values()))
    return table


def main() -> int:
    """Grade everything and print the table; `--keep` writes it down for the course's page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true", help="write benchmarks/peers.json")
    keep = parser.parse_args().keep
    console = Console()
    result = all_measured(console)
    console.print(table_of(result))
    if keep and not result["absent"]:
        RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        console.print(f"written: {RESULT.relative_to(ROOT)}")
    forged = sum(points for title, points in result["points"]["ours"].items() if title in FORGERIES)
    return 0 if forged == 0 and result["points"]["ours"]["honest work"] == result["out_of"] else 1


if __name__ == "__main__":
    sys.exit(main())

"""Lab 02 on its own: the reference earns everything, and every example ends as it declares.

These run in process, in a Python of their own for each example, with the plugin that a student's
plain `pytest` uses. `grader prove` does the same in boxes, with hostile examples and mutants, which
have no place in a process that nothing contains.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.building import build
from grader.lab import Visibility
from grader.library import Library
from grader.starter import regions
from tests.labs.in_process import plain

ROOT = Path(__file__).resolve().parents[2]
LAB = Library(ROOT).load("02-data-quality")
CHECKS = LAB.lab.checks
REFERENCE = LAB.reference()
EXAMPLES = {example.name: example for example in LAB.examples()}
WRONG = sorted(name for name in EXAMPLES if name.startswith("wrong__"))
RIGHT = sorted(name for name in EXAMPLES if name.startswith("right__"))
A_FEW = ("wrong__dropna_as_gate", "wrong__zones_dropped", "wrong__nan_equals_nan")

RUNNER = """
import json, os, sys
import pytest

class Recorder:
    def __init__(self):
        self.passed, self.said = {}, {}
    def pytest_runtest_logreport(self, report):
        check = report.nodeid.split("::")[-1].removeprefix("test_")
        self.passed[check] = self.passed.get(check, True) and report.outcome == "passed"
        if report.failed:
            self.said[check] = str(report.longrepr)[-300:]

answers, out = [], sys.stdout
for seed in sys.argv[1:]:
    recorder = Recorder()
    with open(os.devnull, "w") as sys.stdout:
        pytest.main(
            ["-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir=.", f"--lab-seed={seed}",
             "test_public.py", "hidden/test_hidden.py"],
            plugins=[recorder],
        )
    sys.stdout = out
    answers.append([recorder.passed, recorder.said])
print(json.dumps(answers))
"""


def lay_out(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in [*LAB.lab.trusted_files, *files.items()]:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def losses(folder: Path, files: dict[str, bytes], *seeds: int) -> list[list[str]]:
    """Return for each seed the checks that are lost, those that need a lost one included."""
    lay_out(folder, files)
    done = subprocess.run(
        [sys.executable, "-B", "-c", RUNNER, *map(str, seeds)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.stdout, done.stderr
    every = []
    for passed, said in json.loads(done.stdout):
        lost: list[str] = []
        for check in sorted(CHECKS, key=lambda check: len(check.needs)):
            if not passed.get(check.id, False) or set(check.needs) & set(lost):
                lost.append(check.id)
        sys.stdout.write(json.dumps(said, indent=1))  # pytest shows it when a test fails
        every.append(lost)
    return every


def points(lost: list[str]) -> int:
    return sum(check.points for check in CHECKS if check.id not in lost)


def test_the_checks_are_worth_100_points_and_30_of_them_can_be_seen():
    public = [check for check in CHECKS if check.visibility is Visibility.PUBLIC]
    assert LAB.lab.out_of == 100
    assert sum(check.points for check in public) == 30


def test_every_check_has_a_title_hints_and_a_place_in_the_course():
    anchors = {
        *("completeness", "accuracy", "validity", "consistency", "timeliness"),
        *("ingestion", "gate", "idempotence"),
    }
    for check in CHECKS:
        page, _, anchor = check.learn.partition("#")
        assert check.title.endswith(".")
        assert 2 <= len(check.hints) <= 3, check.id
        assert page == LAB.lab.page
        assert anchor in anchors


def test_the_starter_is_what_its_source_makes():
    assert build(LAB, check=True) == []


def test_the_reference_earns_everything_under_five_seeds(tmp_path):
    assert losses(tmp_path, REFERENCE.as_dict(), 1, 2, 3, 4, 5) == [[]] * 5


def test_the_starter_runs_and_earns_nothing(tmp_path):
    (lost,) = losses(tmp_path, LAB.starter().as_dict(), 1)
    assert points(lost) == 0


@pytest.mark.parametrize("name", A_FEW)
def test_a_few_wrong_examples_lose_what_they_declare(name, tmp_path):
    example = EXAMPLES[name]
    (lost,) = losses(tmp_path, example.bundle.as_dict(), 1)
    assert sorted(lost) == sorted(example.expected.loses)


# One seed here: `grader prove` takes several, in boxes.


# And a part of them: the proof tries all.
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in plain(EXAMPLES.values()) if name in WRONG][::5])
def test_a_wrong_example_loses_exactly_what_it_declares(name, tmp_path):
    example = EXAMPLES[name]
    (lost,) = losses(tmp_path, example.bundle.as_dict(), 11)
    assert sorted(lost) == sorted(example.expected.loses)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in plain(EXAMPLES.values()) if name in RIGHT])
def test_a_right_example_earns_everything(name, tmp_path):
    assert losses(tmp_path, EXAMPLES[name].bundle.as_dict(), 11, 12) == [[], []]


def test_whoever_empties_the_arguments_earns_nothing(tmp_path):
    example = EXAMPLES["hostile__empties_its_arguments"]
    (lost,) = losses(tmp_path, example.bundle.as_dict(), 1)
    assert points(lost) == 0


def test_every_check_is_lost_by_a_wrong_example_that_can_be_imported():
    lost = {
        check
        for name in WRONG
        if name != "wrong__syntax_error"
        for check in EXAMPLES[name].expected.loses
    }
    assert lost == {check.id for check in CHECKS}


def test_there_are_enough_examples_of_each_kind():
    assert len(WRONG) >= 10
    assert len(RIGHT) >= 3
    assert sum(name.startswith("hostile__") for name in EXAMPLES) >= 8


def test_the_design_names_every_wrong_example():
    named = set(re.findall(r"`(\w+)`", (LAB.source.parent / "DESIGN.md").read_text("utf-8")))
    assert {name.removeprefix("wrong__") for name in WRONG} <= named


def test_nothing_withheld_shows_in_the_public_folder():
    # Short lines such as `return False` may be anywhere; a long one is somebody's answer.
    text = (LAB.source / "quality.py").read_text("utf-8")
    withheld = {line.strip() for region in regions(text, "quality.py") for line in region.withheld}
    for path in LAB.public.rglob("*"):
        if path.suffix in {".py", ".md", ".toml"}:
            shown = path.read_text("utf-8")
            assert not [line for line in withheld if len(line) > 30 and line in shown], path


def readme() -> str:
    return (LAB.public / "README.md").read_text("utf-8")


def test_the_readme_lists_every_check_with_its_points():
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| (yes)? ?\|", readme(), re.MULTILINE)
    shown = {(check, int(worth), bool(seen)) for check, worth, seen in rows}
    meant = {(c.id, c.points, c.visibility is Visibility.PUBLIC) for c in CHECKS}
    assert shown == meant


def test_the_readme_adds_up_the_points_of_its_tasks():
    shown = re.findall(r"^### Task (\d): .* \((\d+) points\)$", readme(), re.MULTILINE)
    meant = {task: sum(c.points for c in CHECKS if c.task == task) for task in (1, 2, 3, 4)}
    assert {int(task): int(worth) for task, worth in shown} == meant


def test_the_examples_in_the_readme_give_what_stands_there(tmp_path):
    lay_out(tmp_path, REFERENCE.as_dict())
    # A closing fence right below an answer would be read as part of it.
    (tmp_path / "README.md").write_text(readme().replace("```", ""), encoding="utf-8")
    script = (
        "import doctest, sys; sys.path.insert(0, '.');"
        "failed, tried = doctest.testfile('README.md', module_relative=False);"
        "sys.exit(1 if failed or tried < 10 else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_the_week_in_the_readme_is_what_the_reference_prints(tmp_path):
    lay_out(tmp_path, REFERENCE.as_dict())
    done = subprocess.run(
        [sys.executable, "-B", "quality.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    shown = re.search(r"\$ python quality.py\n(.*?)```", readme(), re.DOTALL)
    assert shown
    assert done.stdout == shown[1]


def test_plain_pytest_in_the_students_folder_runs_the_public_checks(tmp_path):
    for path in ("lab.toml", "conftest.py", "test_public.py"):
        shutil.copy(LAB.public / path, tmp_path)
    (tmp_path / "quality.py").write_bytes(REFERENCE.as_dict()["quality.py"])
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "7 passed" in done.stdout

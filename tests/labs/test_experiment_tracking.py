"""Lab 04 on its own: the reference earns everything, and examples end as they declare.

These run in process, in a Python of their own for each example; the process that reads the store is
played by the same process here. `grader prove` does it in boxes.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from grader.building import build
from grader.lab import Visibility
from grader.library import Library
from grader.starter import regions
from tests.labs.in_process import plain

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "solutions"))

from kopi.days import is_ramadan  # noqa: E402 - solutions/ is no package; its path comes first
from kopi.experiments import (  # noqa: E402
    COLUMNS,
    KNOWN,
    as_file,
    experiment_sales,
    halved,
    with_weekday,
)

LAB = Library(ROOT).load("04-experiment-tracking")
CHECKS = LAB.lab.checks
REFERENCE = LAB.reference()
EXAMPLES = {example.name: example for example in LAB.examples()}
WRONG = sorted(name for name in EXAMPLES if name.startswith("wrong__"))
RIGHT = sorted(name for name in EXAMPLES if name.startswith("right__"))
A_FEW = ("wrong__absolute_path", "wrong__champion_on_all_days", "wrong__means_only")
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1", "OMP_NUM_THREADS": "1"}

RUNNER = """
import contextlib, importlib, json, os, sys
import pytest
from grader.checker.local import LocalStudent

class Beside:
    def module(self, name):
        return importlib.import_module(name)

@contextlib.contextmanager
def fresh(self):
    yield Beside()

LocalStudent.fresh = fresh

class Recorder:
    def __init__(self):
        self.passed, self.said = {}, {}
    def pytest_runtest_logreport(self, report):
        check = report.nodeid.split("::")[-1].partition("[")[0].removeprefix("test_")
        self.passed[check] = self.passed.get(check, True) and report.outcome == "passed"
        if report.failed:
            self.said[check] = str(report.longrepr)[-300:]

recorder, out = Recorder(), os.dup(1)
os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
pytest.main(
    ["-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir=.", f"--lab-seed={sys.argv[1]}",
     "test_public.py", "hidden/test_hidden.py"],
    plugins=[recorder],
)
os.write(out, json.dumps([recorder.passed, recorder.said]).encode())
"""


def lay_out(folder: Path, files: dict[str, bytes]) -> None:
    for path, content in [*LAB.lab.trusted_files, *LAB.lab.worker_files, *files.items()]:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", *words],
        cwd=folder,
        env=os.environ | QUIET,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def losses(folder: Path, files: dict[str, bytes], seed: int) -> list[str]:
    """Return the checks that are lost, those that need a lost one included."""
    lay_out(folder, files)
    done = run(folder, "-c", RUNNER, str(seed))
    assert done.stdout, done.stderr
    passed, said = json.loads(done.stdout)
    sys.stdout.write(json.dumps(said, indent=1))  # pytest shows it when a test fails
    lost: list[str] = []
    for check in sorted(CHECKS, key=lambda check: len(check.needs)):
        if not passed.get(check.id, False) or set(check.needs) & set(lost):
            lost.append(check.id)
    return lost


def points(lost: list[str]) -> int:
    return sum(check.points for check in CHECKS if check.id not in lost)


def test_the_checks_are_worth_100_points_and_29_of_them_can_be_seen():
    public = [check for check in CHECKS if check.visibility is Visibility.PUBLIC]
    assert LAB.lab.out_of == 100
    assert sum(check.points for check in public) == 29


def test_every_check_has_a_title_hints_and_a_place_in_the_course():
    places = {
        "development/training.md": {"split-by-time", "leakage", "metric"},
        "development/experiment-tracking.md": {
            *("eight-steps", "what-to-log", "data-version", "choosing", "reproduce"),
        },
        "development/model-registry.md": {"aliases", "champion"},
    }
    for check in CHECKS:
        page, _, anchor = check.learn.partition("#")
        assert check.title.endswith(".")
        assert 2 <= len(check.hints) <= 3, check.id
        assert anchor in places[page], check.id


def test_the_starter_is_what_its_source_makes():
    assert build(LAB, check=True) == []


@pytest.mark.slow
def test_the_reference_earns_everything(tmp_path):
    assert losses(tmp_path, REFERENCE.as_dict(), 1) == []


@pytest.mark.slow
def test_the_starter_runs_and_earns_nothing(tmp_path):
    assert points(losses(tmp_path, LAB.starter().as_dict(), 1)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", A_FEW)
def test_a_few_wrong_examples_lose_what_they_declare(name, tmp_path):
    example = EXAMPLES[name]
    lost = losses(tmp_path, example.bundle.as_dict(), 1)
    assert sorted(lost) == sorted(example.expected.loses)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in plain(EXAMPLES.values()) if name in RIGHT])
def test_a_right_example_earns_everything(name, tmp_path):
    assert losses(tmp_path, EXAMPLES[name].bundle.as_dict(), 11) == []


def test_every_check_is_lost_by_a_wrong_example_that_can_be_imported():
    lost = {
        check
        for name in WRONG
        if name != "wrong__syntax_error"
        for check in EXAMPLES[name].expected.loses
    }
    assert lost == {check.id for check in CHECKS}


def test_there_are_enough_examples_of_each_kind():
    assert len(WRONG) >= 8
    assert len(RIGHT) >= 2
    assert sum(name.startswith("hostile__") for name in EXAMPLES) >= 4


def test_the_design_names_every_wrong_example():
    named = set(re.findall(r"`(\w+)`", (LAB.source.parent / "DESIGN.md").read_text("utf-8")))
    assert {name.removeprefix("wrong__") for name in WRONG} <= named


def test_nothing_withheld_shows_in_the_public_folder():
    text = (LAB.source / "track.py").read_text("utf-8")
    withheld = {line.strip() for region in regions(text, "track.py") for line in region.withheld}
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


@pytest.mark.slow
def test_the_examples_in_the_readme_give_what_stands_there(tmp_path):
    lay_out(tmp_path, REFERENCE.as_dict())
    # A closing fence right below an answer would be read as part of it.
    (tmp_path / "README.md").write_text(readme().replace("```", ""), encoding="utf-8")
    script = (
        "import doctest, sys; sys.path.insert(0, '.');"
        "failed, tried = doctest.testfile('README.md', module_relative=False);"
        "sys.exit(1 if failed or tried < 10 else 0)"
    )
    done = run(tmp_path, "-c", script)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_the_search_in_the_readme_is_what_the_reference_prints(tmp_path):
    lay_out(tmp_path, REFERENCE.as_dict())
    done = run(tmp_path, "track.py")
    shown = re.search(r"\$ python track.py\n(.*?)```", readme(), re.DOTALL)
    assert shown
    assert done.stdout == shown[1]


def test_the_text_file_in_the_readme_is_the_one_in_the_folder():
    assert (LAB.public / "results.txt").read_text("utf-8") in readme()


def remembering(noise: np.ndarray, memory: float) -> np.ndarray:
    """Return noise (days on axis 2) of which each day keeps that share of the day before.

    A stationary autoregression of order 1: the spread stays what it was.
    """
    kept = noise.copy()
    for day in range(1, noise.shape[2]):
        kept[:, :, day] = memory * kept[:, :, day - 1] + np.sqrt(1 - memory**2) * noise[:, :, day]
    return kept


def promotions(
    rng: np.random.Generator, rounds: int, *, memory: float = 0.0
) -> dict[str, float]:
    """Return how often one of six candidates that are as good as the champion is promoted.

    Daily WAPE 0.2, a spread of 0.05 that all models share on a day and 0.02 of each model's own,
    of which the next day keeps the share `memory`; 28 days of selection and 28 fresh ones. The
    interval is that of Student (Biometrika 6, 1908).
    """
    days, candidates = 28, 6
    shape = (2, rounds, days)
    common = 0.2 + 0.05 * rng.normal(size=shape)
    champion = common + 0.02 * remembering(rng.normal(size=shape), memory)
    own = remembering(rng.normal(size=(*shape, candidates)), memory)
    others = common[..., None] + 0.02 * own
    best = others[0].mean(axis=1).argmin(axis=1)
    seen, fresh = np.take_along_axis(others, best[None, :, None, None], axis=3)[..., 0]
    factor = stats.t.ppf(0.95, days - 1) / np.sqrt(days)

    def sure(gains: np.ndarray) -> float:
        return float((gains.mean(axis=1) > factor * gains.std(axis=1, ddof=1)).mean())

    return {
        "margin": float((seen.mean(axis=1) < 0.99 * champion[0].mean(axis=1)).mean()),
        "seen": sure(champion[0] - seen),
        "fresh": sure(champion[1] - fresh),
    }


def test_only_fresh_days_keep_false_promotions_at_5_percent():
    rates = promotions(np.random.default_rng(4), 20_000)
    # 20,000 rounds: a standard error of at most 0.0035, so 0.015 is more than four of them.
    assert rates["margin"] == pytest.approx(0.73, abs=0.015)
    assert rates["seen"] == pytest.approx(0.18, abs=0.015)
    assert rates["fresh"] == pytest.approx(0.05, abs=0.015)


def test_days_that_resemble_each_other_double_the_false_promotions():
    """A correlation of 0.25 of neighbouring days is what the chapter found between forecasts."""
    rates = promotions(np.random.default_rng(5), 20_000, memory=0.25)
    assert rates["fresh"] == pytest.approx(0.10, abs=0.015)
    page = (ROOT / "course" / "development" / "experiment-tracking.md").read_text("utf-8")
    assert "errs in 10 % instead of 5 % of cases" in page
    design = (LAB.source.parent / "DESIGN.md").read_text("utf-8")
    assert "errs in about 10 % of cases" in design


def test_the_waves_of_the_decision_lie_on_both_sides_of_their_half_width():
    wave = np.resize([1.0, -1.0], 40)
    half = stats.t.ppf(0.95, 39) * wave.std(ddof=1) / np.sqrt(40)
    assert half == pytest.approx(0.270, abs=0.0005)
    assert 0.010 / 0.033 > half > 0.010 / 0.042


def test_the_file_comes_back_as_the_table_that_it_was_written_from():
    sales = experiment_sales(np.random.default_rng(3), outlets=2, length=20)
    again = pd.read_csv(io.StringIO(as_file(sales)), parse_dates=["date"])
    assert list(again) == list(COLUMNS)
    pd.testing.assert_frame_equal(again, sales.astype({"outlet": str, "channel": str}))


def test_six_months_of_the_extract_have_no_ramadan():
    dates = pd.DatetimeIndex(experiment_sales(np.random.default_rng(3), outlets=1)["date"])
    assert str(dates.max().date()) == "2026-09-30"
    assert not is_ramadan(dates).any()


def test_what_is_known_before_is_in_the_table_with_its_weekday():
    sales = with_weekday(experiment_sales(np.random.default_rng(3), outlets=1, length=7))
    assert set(KNOWN) <= set(sales)
    assert sorted(set(sales["weekday"])) == list(range(7))
    assert {"weather", "footfall", "units", "revenue"}.isdisjoint(KNOWN)


def test_half_of_the_customers_still_buy_something():
    sales = pd.DataFrame({"units": [1, 2, 9, 100]})
    assert halved(sales).tolist() == [1, 1, 4, 50]

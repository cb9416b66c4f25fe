"""Lab 05 on its own: the reference earns everything, a few examples end as they declare.

Everything that is graded needs an engine. `grader prove` tries all examples; here are those in which
one of the engine's own promises would show first, so that a whole run of the tests stays short.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from grader.building import build
from grader.errors import EngineUnavailableError
from grader.grading import grade, utc_now
from grader.judging import EVERYTHING, is_as_wanted, wanted_of
from grader.lab import Visibility
from grader.library import Library
from grader.outcome import Verdict
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.dockerfile import plan
from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox
from grader.submission import Bundle, Submission

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "solutions"))

from kopi.shipping import make_model  # noqa: E402 - solutions/ is no package; its path comes first

LAB = Library(ROOT).load("05-container")
CHECKS = LAB.lab.checks
EXAMPLES = {example.name: example for example in LAB.examples()}
WRONG = sorted(name for name in EXAMPLES if name.startswith("wrong__"))
A_FEW = ("wrong__end_of_life", "wrong__misspelt_file", "hostile__takes_another_image")
BUILT = ("wrong__no_dockerignore",)


def of_lab(name: str) -> ModuleType:
    """Import a file of the lab's public folder under a name of its own."""
    spec = importlib.util.spec_from_file_location(f"lab05_{name}", LAB.public / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


WHEELS = of_lab("make_wheels")


def run_of(bundle: Bundle, boxes: Pool, seed: int = 1):
    submission = Submission(
        student="x", lab=LAB.lab.slug, attempt=1, received_at=utc_now(), bundle=bundle
    )
    return grade(LAB.lab, submission, boxes, seed=seed)


@pytest.fixture(scope="module")
def boxes(engine):
    with DockerSandbox(realm="tests-lab05") as sandbox, Pool(sandbox, slots=1) as pool:
        yield pool


def test_the_checks_are_worth_100_points_and_24_of_them_can_be_seen():
    public = [check for check in CHECKS if check.visibility is Visibility.PUBLIC]
    assert LAB.lab.out_of == 100
    assert sum(check.points for check in public) == 24


def test_every_check_has_a_title_hints_and_a_place_in_the_course():
    page = (ROOT / "course" / LAB.lab.page).read_text("utf-8")
    anchors = set(re.findall(r"\{#([\w-]+)\}", page))
    for check in CHECKS:
        where, _, anchor = check.learn.partition("#")
        assert check.title.endswith(".")
        assert len(check.hints) == 2, check.id
        assert where == LAB.lab.page
        assert anchor in anchors, check.learn


def test_the_starter_is_what_its_source_makes():
    assert build(LAB, check=True) == []
    assert not (LAB.public / ".dockerignore").exists(), "students begin without one"


def test_the_readme_lists_every_check_with_its_points():
    readme = (LAB.public / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", readme, re.MULTILINE))
    assert {name: int(points) for name, points in rows.items()} == {
        check.id: check.points for check in CHECKS
    }


def test_every_check_has_an_example_that_fails_it():
    lost = {check for name in WRONG for check in EXAMPLES[name].expected.loses or ()}
    assert lost == {check.id for check in CHECKS}


def test_every_check_but_the_first_few_is_the_only_one_that_some_example_loses():
    alone = {
        (EXAMPLES[name].expected.loses or ())[0]
        for name in WRONG
        if len(EXAMPLES[name].expected.loses or ()) == 1
    }
    first = {"dockerfile_is_read", "base_is_supported", "image_builds"}
    shared = first | {"service_answers", "health_check_is_true"}
    assert {check.id for check in CHECKS} - alone == shared


@pytest.mark.parametrize("name", ["starter", "reference"])
def test_the_dockerfile_can_be_read_and_is_on_an_allowed_base(name):
    bundle = LAB.starter() if name == "starter" else LAB.reference()
    assert LAB.lab.engine is not None
    bases = dict.fromkeys(LAB.lab.engine.bases, "id")
    planned = plan(bundle.as_dict()["Dockerfile"], bases, "a=1", ("TILL_TOKEN",))
    assert planned.bases == LAB.lab.engine.bases


def test_the_given_versions_are_those_of_the_wheelhouse():
    given = set((LAB.public / "requirements.txt").read_text("utf-8").split())
    lock = (ROOT / "requirements" / "service.txt").read_text("utf-8")
    wheelhouse = {line for line in lock.splitlines() if ";" not in line}
    assert given - wheelhouse == {"kopi-calendar==1.2.0"}
    assert wheelhouse <= given


def test_the_wheelhouse_has_the_versions_of_the_tools():
    tools = (ROOT / "requirements" / "tools.txt").read_text("utf-8").splitlines()
    lock = (ROOT / "requirements" / "service.txt").read_text("utf-8").splitlines()
    assert set(lock) <= set(tools)


def test_the_calendar_is_the_same_bytes_each_time_and_has_its_days():
    name, content = WHEELS.calendar_wheel()
    assert (name, content) == WHEELS.calendar_wheel()
    with zipfile.ZipFile(BytesIO(content)) as archive:
        text = archive.read("kopi_calendar.py").decode()
    assert all(day in text for day in WHEELS.DAYS)


def test_the_model_is_fitted_on_the_sales_of_the_case():
    model = make_model(np.random.default_rng(1))
    assert list(model["outlets"]) == [f"K{number:02d}" for number in range(1, 9)]
    assert np.mean(model["weekdays"]) == pytest.approx(1.0, abs=0.02)
    assert min(model["weekdays"][5:]) > max(model["weekdays"][:5]), "weekends sell more"


def test_without_an_engine_it_is_not_graded():
    with ProcessSandbox() as sandbox, Pool(sandbox, slots=1, warm=0) as pool:
        with pytest.raises(EngineUnavailableError, match="not graded: needs a container engine"):
            run_of(LAB.reference(), pool)


def test_a_hand_in_without_a_dockerfile_is_ungradable_everywhere():
    example = EXAMPLES["wrong__no_dockerfile"]
    with ProcessSandbox() as sandbox, Pool(sandbox, slots=1, warm=0) as pool:
        run = run_of(example.bundle, pool)
    assert run.verdict is Verdict.UNGRADABLE
    assert "Dockerfile is missing" in run.reason


@pytest.mark.needs_engine
@pytest.mark.slow
def test_the_reference_earns_everything_within_its_time(boxes):
    run = run_of(LAB.reference(), boxes)
    assert is_as_wanted(EVERYTHING, run), [result for result in run.results if not result.earned]


@pytest.mark.needs_engine
@pytest.mark.slow
def test_the_starter_builds_and_is_bad(boxes):
    run = run_of(LAB.starter(), boxes)
    assert 0 < run.earned <= LAB.lab.floors.starter_max
    assert [r.id for r in run.results if r.earned][:3] == [
        "dockerfile_is_read",
        "base_is_supported",
        "image_builds",
    ]


@pytest.mark.needs_engine
@pytest.mark.slow
@pytest.mark.parametrize("name", [*A_FEW, *BUILT])
def test_examples_end_as_they_declare(boxes, name):
    run = run_of(EXAMPLES[name].bundle, boxes)
    assert is_as_wanted(wanted_of(EXAMPLES[name].expected), run), run.results

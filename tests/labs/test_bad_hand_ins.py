"""Hand-ins that cannot be judged as they are: each kind gets one sentence that says what to do."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.library import Library

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = Library(ROOT)


def conftest_of(slug):
    path = ROOT / "labs" / slug / "conftest.py"
    spec = importlib.util.spec_from_file_location(f"conftest_{slug[:2]}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_of(slug, name):
    path = ROOT / "labs" / slug / "test_public.py"
    spec = importlib.util.spec_from_file_location(f"public_{slug[:2]}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)


test_of.__test__ = False


# ------------------------------------------------------------------ 06: a workflow

JOB = "jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: make\n"
WORKFLOWS = [
    ("on: push\n" + JOB + "on: pull_request\n", "line 7: the key 'on' stands here twice"),
    ("on: push\nenv:\n  COUNTRY: no\n" + JOB, "line 3: no is read as another value"),
    ("on: push\nenv:\n  AT: 22:22\n" + JOB, "line 3: 22:22 is read as another value"),
    ("on: push\nenv:\n  ID: 010\n" + JOB, "line 3: 010 is read as another value"),
    ("on: push\njobs:\n\ta: 1\n", "line 3: this is not YAML: a tab stands where only spaces may"),
    ("on: push\njobs: [\n", "line 3: this is not YAML"),
    ("on: push\n---\n" + JOB, "line 2: this is not YAML"),
    ("on: push\x00\n", "line 1: this is not YAML"),
    ("on: push\n", "line 1: it has no jobs, so nothing would ever run"),
    ("on: push\njobs:\n", "line 1: it has no jobs"),
    ("on: push\njobs: {}\n", "line 1: it has no jobs"),
    ("- jobs\n", "line 1: this is no workflow"),
    ("", "line 1: the file is empty"),
    ("# later\n", "line 1: the file is empty"),
    ("on: push\njobs:\n  a: 1\n", "is no workflow at $.jobs.a: "),
]


def looked_at(text, folder):
    (folder / "ml.yml").write_text(text, encoding="utf-8")
    script = conftest_of("06-ci-cd").LOOK
    done = subprocess.run(
        [sys.executable, "-c", script, "ml.yml"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(("text", "told"), WORKFLOWS)
def test_a_workflow_that_nobody_can_run_gets_its_line_and_a_sentence(text, told, tmp_path):
    check = test_of("06-ci-cd", "test_workflow_is_read_one_way")
    with pytest.raises(AssertionError) as caught:
        check(looked_at(text, tmp_path))
    message = str(caught.value).splitlines()[0]
    assert told in message
    assert len(message) < 400


def test_the_workflow_of_the_reference_gets_no_such_sentence(tmp_path):
    text = (LIBRARY.load("06-ci-cd").source / ".github/workflows/ml.yml").read_text("utf-8")
    test_of("06-ci-cd", "test_workflow_is_read_one_way")(looked_at(text, tmp_path))


# ------------------------------------------------------------------ 04: a store


class Missing:
    """MLflow's client and models, as they are where nothing was logged."""

    def __init__(self, error):
        self.error = error
        self.models = SimpleNamespace(get_model_info=self._fail)
        self.sklearn = SimpleNamespace(load_model=self._fail)

    def set_tracking_uri(self, uri):
        """Do nothing."""

    set_registry_uri = set_tracking_uri

    def MlflowClient(self):  # noqa: N802 - MLflow's name
        return SimpleNamespace(get_run=self._fail)

    def _fail(self, *_given):
        raise self.error


@pytest.fixture
def store():
    """Return a reader of a store in which nothing can be found."""
    mlflow = Missing(LookupError("Run with id=abc not found"))
    path = SimpleNamespace(exists=lambda _name: False)
    modules = {
        "mlflow": mlflow,
        "os": SimpleNamespace(getcwd=lambda: "/work", path=path),
        "tempfile": SimpleNamespace(gettempdir=lambda: "/nowhere"),
    }
    return conftest_of("04-experiment-tracking").Reader(SimpleNamespace(module=modules.get))


def test_a_store_without_the_run_is_named(store):
    with pytest.raises(pytest.fail.Exception) as caught:
        store.run("abc")
    assert str(caught.value) == (
        "the store kopi.db has no run 'abc' that can be read: Run with id=abc not found. Log it "
        "after connect(), and return its id"
    )


def test_a_run_id_that_is_none_is_named(store):
    with pytest.raises(AssertionError, match="run_experiment should return the run's id, a text"):
        store.run(None)


def test_a_run_without_a_model_is_named(store):
    with pytest.raises(pytest.fail.Exception, match="run abc has no model named 'model'"):
        store.signature("abc")


def test_a_model_that_cannot_be_loaded_is_named(store):
    with pytest.raises(pytest.fail.Exception) as caught:
        store.model("abc")
    assert str(caught.value).startswith(
        "the model of run abc cannot be loaded by a process that has never seen your code: "
    )
    assert str(caught.value).endswith("Log it with mlflow.sklearn.log_model and SAVING")


# ------------------------------------------------------------------ 08: a rollout


def test_a_rollout_that_never_ends_is_told_so_and_how_to_end_it():
    check = LIBRARY.load("08-deployment-strategies").lab.check("controller_ends")
    assert check.title == (
        "A rollout that brings no decision is rolled back after 30 looks, neither before nor never."
    )
    assert "compare with MAX_LOOKS" in check.hints[0]

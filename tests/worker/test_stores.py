"""The empty store is one that MLflow takes for its own."""

import importlib
import shutil
import subprocess
import sys
import tempfile

import pytest

from grader.worker.stores import NAME, make_empty_store

pytest.importorskip("mlflow.store.tracking.sqlalchemy_store")

USE = """
import mlflow, sys
mlflow.set_tracking_uri("sqlite:///mine.db")
mlflow.set_experiment("daily")
with mlflow.start_run() as run:
    mlflow.log_metric("wape", 0.2)
print(mlflow.get_run(run.info.run_id).data.metrics, mlflow.get_artifact_uri())
"""


@pytest.mark.slow
def test_mlflow_uses_a_copy_without_any_migration(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    make_empty_store()
    made = tmp_path / NAME
    before = made.stat().st_mtime_ns
    make_empty_store()
    assert made.stat().st_mtime_ns == before, "the second time it is there"
    (tmp_path / "work").mkdir()
    shutil.copyfile(made, tmp_path / "work" / "mine.db")
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=tmp_path / "work",
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "{'wape': 0.2}" in done.stdout
    assert str(tmp_path / "work") in done.stdout, "artifacts lie beside the copy"
    assert "Running upgrade" not in done.stderr


def test_it_is_what_the_worker_prepares_for_that_library():
    known = importlib.import_module("grader.worker.__main__")._AT_FIRST_USE
    assert known["mlflow.store.tracking.sqlalchemy_store"] == (
        "grader.worker.stores",
        make_empty_store.__name__,
    )

"""The autograder's zip and the workflow: same bytes, valid, and no way out of their quotes."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from grader.formats.autograder import RUN, SETUP, autograder_zip, workflow_yaml
from tests.formats.standings import same_as_golden

FILES = {"labs/02-quality/lab.toml": b"x", "requirements.txt": b"click==8\n"}
TOOLS = Path(sys.executable).parent


def test_the_zip_is_the_same_for_the_same_files():
    backwards = dict(reversed(FILES.items()))
    assert autograder_zip(FILES, "02-quality") == autograder_zip(backwards, "02-quality")


def test_the_scripts_lie_at_its_root_and_can_be_run():
    archive = zipfile.ZipFile(io.BytesIO(autograder_zip(FILES, "02-quality")))
    assert archive.testzip() is None
    modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
    assert modes == {SETUP: 0o755, RUN: 0o755, **dict.fromkeys(FILES, 0o644)}
    assert b'"labs/02-quality"' in archive.read(RUN)


def test_a_file_with_the_name_of_a_script_is_refused():
    with pytest.raises(ValueError, match=r"setup\.sh"):
        autograder_zip({SETUP: b""}, "02-quality")


@pytest.mark.parametrize("name", [SETUP, RUN])
def test_the_scripts_are_bash(name, tmp_path):
    archive = zipfile.ZipFile(io.BytesIO(autograder_zip(FILES, "02-quality")))
    archive.extract(name, tmp_path)
    done = subprocess.run(
        ["bash", "-n", str(tmp_path / name)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert b"[[ slug" not in archive.read(name)


@pytest.fixture
def workflow(tmp_path):
    path = tmp_path / ".github" / "workflows" / "checks.yml"
    path.parent.mkdir(parents=True)
    path.write_bytes(workflow_yaml("02-quality", folder="labs/02"))
    return path


def test_the_workflow_is_what_it_was(update_golden):
    same_as_golden("github-workflow.yml", workflow_yaml("02-quality"), update_golden)


def test_the_workflow_runs_the_public_checks_and_may_write_nothing(workflow):
    read = yaml.safe_load(workflow.read_text())
    job = read["jobs"]["checks"]
    assert (read["permissions"], job["permissions"]) == ({}, {"contents": "read"})
    assert job["env"]["LAB"] == "labs/02"
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands[1] == 'grader check "$LAB" --json report.json'
    assert commands[2] == 'grader export github report.json --prefix "$LAB"'
    assert all("${{" not in command for command in commands)


def test_the_workflow_fits_githubs_schema(workflow):
    done = _run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(workflow))
    assert done.returncode == 0, done.stdout


def test_the_workflow_has_no_weakness_that_zizmor_knows(workflow):
    done = _run("zizmor", "--offline", "--no-progress", "--persona=pedantic", str(workflow))
    assert done.returncode == 0, done.stdout + done.stderr


def test_act_reads_the_workflow(workflow):
    done = _run("act", "--list", "--workflows", str(workflow))
    assert done.returncode == 0, done.stderr
    assert "Public checks" in done.stdout


def _run(program, *words):
    found = shutil.which(program, path=str(TOOLS))
    if found is None:
        pytest.skip(f"{program} is not installed; make setup-dev brings it")
    return subprocess.run(
        [found, *words],
        cwd=Path(words[-1]).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

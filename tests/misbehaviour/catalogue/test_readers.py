"""Text of students that is read as YAML or as a repository: a line and a sentence, and no more.

Lab 06 reads a workflow in the worker, with a script of its own; its first part is run here.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import pytest

from grader.door import read_bundle
from grader.errors import BundleRefusedError
from tests.misbehaviour.workflows import LIMIT_S, READ, TRAPS, as_file
from tests.misbehaviour.world import ROOT

CODE = b"def f():\n    return 1\n"


@pytest.mark.parametrize("name", TRAPS)
def test_a_workflow_that_is_a_trap_gets_its_line(name, tmp_path):
    text, said = TRAPS[name]
    done = subprocess.run(
        [sys.executable, "-c", READ + "\nprint(json.dumps(found))", as_file(tmp_path, text)],
        capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    odd = json.loads(done.stdout)["odd"]
    assert odd, "it was taken for a good workflow"
    assert odd[0].startswith("line ")
    assert said in " ".join(odd)


def test_an_ordinary_workflow_with_an_anchor_is_read(tmp_path):
    text = "on: push\njobs:\n  a: &a\n    runs-on: x\n    steps: [{run: echo}]\n  b: *a\n"
    done = subprocess.run(
        [sys.executable, "-c", READ + "\nprint(json.dumps(found))", as_file(tmp_path, text)],
        capture_output=True, text=True, timeout=LIMIT_S, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["odd"] == []


def test_no_yaml_of_a_student_is_read_on_the_trusted_side():
    """YAML that the course reads stands in files of ours; of a student's it is the worker's."""
    for path in (ROOT / "grader").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            names = [alias.name for alias in getattr(node, "names", [])]
            names += [getattr(node, "module", None) or ""]
            assert not any(name.split(".")[0] in {"yaml", "ruamel"} for name in names), path


def test_a_repository_in_a_hand_in_is_left_out_unread(tmp_path):
    home = tmp_path / "ada"
    (home / ".git" / "hooks").mkdir(parents=True)
    (home / ".git" / "config").write_text("[core]\nfsmonitor = touch /tmp/canary-of-a-hook\n")
    (home / ".git" / "hooks" / "post-checkout").write_text("#!/bin/sh\ntouch canary\n")
    (home / ".git" / "objects").symlink_to("/etc")
    (home / ".gitmodules").write_text("[submodule 'x']\nurl = ext::sh -c 'touch canary'\n")
    (home / "answer.py").write_bytes(CODE)
    (home / "big.bin").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")

    bundle = read_bundle(home)

    assert {".gitmodules", "answer.py", "big.bin"} == set(bundle.as_dict())
    assert any(".git" in name for name in bundle.ignored)


def test_a_link_in_place_of_a_repository_is_left_out_and_not_followed(tmp_path):
    home = tmp_path / "ada"
    home.mkdir()
    (home / "answer.py").write_bytes(CODE)
    (home / ".git").symlink_to("/etc")

    assert set(read_bundle(home).as_dict()) == {"answer.py"}


def test_a_bundle_of_git_is_no_archive_that_is_opened():
    with pytest.raises(BundleRefusedError, match="zip, tar"):
        read_bundle(b"# v2 git bundle\n" + b"0" * 40 + b" HEAD\n\nPACK", name="ada.bundle")

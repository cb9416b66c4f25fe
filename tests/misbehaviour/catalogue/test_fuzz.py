"""Mutated input of four kinds brings declared errors only, in a process of little room.

A tenth and less by default; GRADER_FUZZ=full tries 100,000 frames and 10,000 of each other kind.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import pytest

from tests.misbehaviour import fuzz
from tests.misbehaviour.world import ROOT

VOLUMES = {"frames": 100_000, "archives": 10_000, "workflows": 10_000, "dockerfiles": 10_000}
SHARE = 1 if os.environ.get("GRADER_FUZZ") == "full" else 20


@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("name", VOLUMES)
def test_changed_input_brings_declared_errors_only(name):
    count = VOLUMES[name] // SHARE
    done = subprocess.run(
        [sys.executable, "-m", "tests.misbehaviour.fuzz", name, str(count)],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    seen = json.loads(done.stdout)
    assert seen["read"] + seen["refused"] >= count
    assert seen["slowest_s"] <= fuzz.SLOW_S
    assert seen["grown_mb"] <= fuzz.GROWTH_MB


def planted(read, declared=(ValueError,)):
    return fuzz.Target(read, declared, lambda: [b"seed"], lambda data, chance: data + b"!")


def test_an_error_that_was_not_declared_is_a_failure_with_its_input(monkeypatch):
    def read(data):
        if b"!" in data:
            raise KeyError("x")

    monkeypatch.setattr(fuzz, "target", lambda name: planted(read))
    seen = fuzz.fuzz("planted", 3, 1)
    assert seen["failure"].startswith("KeyError")
    assert seen["input"] == "c2VlZCE="


def test_a_declared_error_is_none(monkeypatch):
    def read(data):
        if b"!" in data:
            raise ValueError("x")

    monkeypatch.setattr(fuzz, "target", lambda name: planted(read))
    seen = fuzz.fuzz("planted", 3, 1)
    assert (seen["refused"], seen.get("failure")) == (3, None)


def test_an_input_that_takes_too_long_is_a_failure(monkeypatch):
    monkeypatch.setattr(fuzz, "target", lambda name: planted(lambda data: None))
    monkeypatch.setattr(fuzz, "SLOW_S", -1.0)
    assert "took" in str(fuzz.fuzz("planted", 1, 1)["failure"])


def test_examples_that_were_found_are_tried_first(monkeypatch, tmp_path):
    (tmp_path / "planted-1").write_bytes(b"kept")
    monkeypatch.setattr(fuzz, "FOUND", tmp_path)
    aim = planted(lambda data: None)
    assert next(fuzz.inputs("planted", aim, 1, 1)) == b"kept"


@pytest.mark.parametrize("name", ["workflows", "dockerfiles"])
def test_the_same_seed_makes_the_same_inputs(name):
    aim = fuzz.target(name)
    one, two, other = (list(fuzz.inputs(name, aim, 30, seed)) for seed in (1, 1, 2))
    assert one == two != other
    assert aim.mutate(b"a", random.Random(1)) == aim.mutate(b"a", random.Random(1))

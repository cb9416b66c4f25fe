"""The lab that the corpus is handed in for: four checks, quick, one of them public.

Its hidden tests carry secrets (`SECRETS`) that no student may ever read, in three places: the test
file, an expected value, and the names of the tests. `IN_INPUTS` stands in the arguments of hidden
calls: the student's code meets it, so it may be printed, but no student may read it either.
"""

from __future__ import annotations

from dataclasses import replace

from grader.lab import Lab, Limits
from tests.misbehaviour import toy

LIMITS = Limits(call_s=3.0, wall_s=30.0, memory_mb=320, processes=96, disk_mb=32)
IN_TESTS = "canary-7f3a-in-the-hidden-tests"
IN_EXPECTED = "canary-91cc-in-an-expected-value"
IN_INPUTS = "canary-44d0-in-a-hidden-argument"
IN_ENVIRONMENT = "canary-0be2-in-the-supervisors-environment"
ON_HOST = "canary-c5e1-in-a-file-of-the-machine"
IN_NAMES = ("labels_zq8", "scaled_zq8", "doubled_zq8")
SECRETS = (IN_TESTS, IN_EXPECTED, IN_ENVIRONMENT, ON_HOST, *IN_NAMES)

PUBLIC = """
from answer import total

def test_total(rng):
    '''Total adds numbers.'''
    for _ in range(3):
        numbers = rng.integers(0, 1000, 6).tolist()
        wanted = sum(numbers)
        assert total(numbers) == wanted
"""
HIDDEN = f"""
import numpy as np
import pandas as pd
from answer import double, scale, train

TOKEN = "{IN_TESTS}"

def test_doubled_zq8(rng):
    '''Double doubles every number, and leaves words alone.'''
    numbers = rng.integers(0, 1000, 6).tolist()
    wanted = [2 * n for n in numbers] + ["{IN_EXPECTED}"]
    assert double([*numbers, "{IN_INPUTS}"])[:6] + wanted[6:] == wanted, TOKEN

def test_scaled_zq8(rng):
    '''Scale multiplies a column of a table.'''
    table = pd.DataFrame({{"a": rng.normal(size=20), "b": ["{IN_INPUTS}"] * 20}})
    wanted = table.assign(a=table["a"] * 3.0)
    pd.testing.assert_frame_equal(scale(table, "a", 3.0), wanted)

def test_labels_zq8(rng):
    '''A trained model tells two groups apart.'''
    labels = rng.integers(0, 2, 80)
    points = rng.normal(size=(80, 2)) + 6.0 * labels[:, None]
    model = train(points[:40], labels[:40])
    claimed = list(model.predict(points[40:]))
    assert np.mean([int(c) == int(t) for c, t in zip(claimed, labels[40:], strict=True)]) > 0.9
"""
HONEST = """
import numpy as np


def total(numbers):
    return sum(numbers)


def double(numbers):
    return [n if isinstance(n, str) else 2 * n for n in numbers]


def scale(table, column, factor):
    return table.assign(**{column: table[column] * factor})


class Model:
    def __init__(self, points, labels):
        self.centres = [points[labels == label].mean(axis=0) for label in (0, 1)]

    def predict(self, points):
        far = [np.linalg.norm(points - centre, axis=1) for centre in self.centres]
        return (far[1] < far[0]).astype(int).tolist()


def train(points, labels):
    return Model(points, labels)
"""
WRONG = """
def total(numbers): return -1
def double(numbers): return []
def scale(table, column, factor): return None
def train(points, labels): return None
"""
"""Answers everything, and all of it wrong: what a cheat begins with."""


def lab_of(
    tests: dict[str, str],
    *,
    module: str = "answer",
    required: tuple[str, ...] = (),
    limits: Limits = LIMITS,
    points: int = 25,
) -> Lab:
    """Return a strict lab of these test files; `test_public.py` is public, the rest hidden."""
    made = toy.lab_of(tests, module=module, required=required, limits=limits, points=points)
    return replace(made, slug="corpus", title="The corpus")


CORPUS = lab_of({"test_public.py": PUBLIC, "test_hidden.py": HIDDEN})
USUAL = replace(LIMITS, call_s=10.0, wall_s=60.0)
"""The time that labs usually give; the corpus's own seconds are for what never ends."""
WHOLE = replace(CORPUS, limits=USUAL)
"""The same lab with the usual time."""


def hidden(body: str, *, imports: str = "f", limits: Limits = LIMITS) -> Lab:
    """Return a lab of one hidden check of 25 points with this body."""
    text = f"import pytest\nfrom answer import {imports}\n\nTOKEN = '{IN_TESTS}'\n\n"
    text += f"def test_hole(rng, student):\n    '''A hole.'''\n    {body}\n"
    return replace(lab_of({"test_hidden.py": text}), limits=limits)


def public(body: str, *, imports: str = "f", limits: Limits = LIMITS) -> Lab:
    """Return a lab of one public check of 25 points with this body."""
    text = f"import pytest\nfrom answer import {imports}\n\n"
    text += f"def test_open(rng, student):\n    '''An open question.'''\n    {body}\n"
    return replace(lab_of({"test_public.py": text}), limits=limits)

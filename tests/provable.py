"""A small course lab that can be proved, and a grading that says what it is told to say.

`provable_lab` writes the lab below a folder and reads it. `Saying` grades at once: by default each
submission ends as it should; `Saying({"starter": ...})` makes some of them end in another way.
"""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace

from grader.lab_reader import read_lab
from grader.outcome import CheckResult, Probe, Run, Status, Verdict

SLUG = "90-sums"
NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)

MANIFEST = """
schema = 1
title = "Sums"
page = "development/sums.md"

[submit]
modules = ["sums"]

[[check]]
id = "total"
points = 40

[[check]]
id = "largest"
points = 40

[[check]]
id = "largest_of_negatives"
points = 20
needs = ["largest"]
"""
SOURCE = '''"""Sums of lists."""

LIMIT = 3


class NotAList(ValueError):
    """What was given cannot be added."""


def total(values: "list[int | float]"):
    """Return the sum."""
    ### BEGIN SOLUTION
    found = 0
    for value in values:
        found = found + value
    return found
    ### END SOLUTION


def largest(values):
    """Return the largest value."""
    ### BEGIN SOLUTION
    best = values[0]
    for value in values:
        if value > best:
            best = value
    return best
    ### END SOLUTION


def told(values):
    """Return both, as text. (Given.)"""
    return f"{total(values) * 1} and {largest(values)}"
'''
TEST_PUBLIC = '''import pytest
from sums import largest, total


@pytest.mark.parametrize("size", [1, 5])
def test_total(rng, size):
    """The total is the sum of all values."""
    values = [int(number) for number in rng.integers(1, 1_000, size=size)]
    meant = sum(values)
    assert total(values) == meant


def test_largest(rng):
    """The largest value is found wherever it stands."""
    values = [int(number) for number in rng.permutation(range(2, 40))]
    meant = max(values)
    assert largest(values) == meant
'''
TEST_HIDDEN = '''from sums import largest


def test_largest_of_negatives(rng):
    """The largest of negative values is negative."""
    values = [-int(number) for number in rng.permutation(range(2, 40))]
    meant = max(values)
    assert largest(values) == meant
'''


def _both(total, largest):
    return f"def total(values):\n    {total}\n\n\ndef largest(values):\n    {largest}\n"


RIGHT = {
    "right__built_in": (
        'why = "The built-in functions do it."\n',
        _both("return sum(values)", "return max(values)"),
    )
}
WRONG = {
    "wrong__first_value_only": (
        'why = "Takes the first value for all of them."\nloses = ["total"]\n',
        _both("return values[0]", "return max(values)"),
    ),
    "wrong__first_is_largest": (
        'why = "Never looks further."\nloses = ["largest", "largest_of_negatives"]\n',
        _both("return sum(values)", "return values[0]"),
    ),
    "wrong__starts_from_zero": (
        'why = "Nothing is smaller than zero."\nloses = ["largest_of_negatives"]\n',
        _both("return sum(values)", "return max([0, *values])"),
    ),
}
HOSTILE = {
    "hostile__exits": (
        'why = "Ends its process."\nmax_points = 0\n\n[status]\ntotal = "crashed"\n',
        "import os\nos._exit(0)\n",
    )
}


def provable_lab(root, *, source=SOURCE, manifest=MANIFEST, examples=None, **files):
    """Write the lab below `root` and return it; `files` may replace test_public and test_hidden."""
    public, private = root / "labs" / SLUG, root / "solutions" / SLUG
    chosen = RIGHT | WRONG | HOSTILE if examples is None else examples
    written = {
        public / "lab.toml": manifest,
        public / "sums.py": "def total(values):\n    raise NotImplementedError('yours')\n",
        public / "test_public.py": files.get("test_public", TEST_PUBLIC),
        private / "test_hidden.py": files.get("test_hidden", TEST_HIDDEN),
        private / "source" / "sums.py": source,
    }
    for name, (expected, code) in chosen.items():
        written[private / "submissions" / name / "expected.toml"] = expected
        written[private / "submissions" / name / "sums.py"] = code
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_lab(public, private)


def boxes(*, isolates=True):
    """Return what stands for a pool of boxes where nothing is started."""
    return SimpleNamespace(sandbox=SimpleNamespace(name="fake", isolates=isolates, image=""))


class Saying:
    """Grades by the submission's name, and counts."""

    def __init__(self, folder, said=None):
        """`said`: name, or (name, seed) -> checks that end otherwise, a Verdict, or an error."""
        self.expected = {example.name: example.expected for example in folder.examples()}
        self.said = said or {}
        self.graded = Counter()
        self.limits = {}
        self._lock = threading.Lock()

    def __call__(self, lab, submission, _boxes, *, seed=None, reference=None):
        name = submission.student
        assert reference is not None
        with self._lock:
            self.graded[name] += 1
            self.limits[name] = lab.limits
        told = self.said.get((name, seed), self.said.get(name, self._usual(lab, name)))
        if isinstance(told, BaseException):
            raise told
        if isinstance(told, Verdict):
            return run_of(lab, submission, verdict=told, seed=seed)
        return run_of(lab, submission, told, seed=seed)

    def _usual(self, lab, name):
        everything = {check.id: Status.FAILED for check in lab.checks}
        if name in self.expected:
            expected = self.expected[name]
            lost = expected.loses if expected.max_points is None else everything
            return {check: Status(expected.status.get(check, "failed")) for check in lost or ()}
        if name.startswith("reference"):
            return {}
        return everything


def probe_of(run):
    """Return the probe that would have seen what this run saw."""
    lost = [result for result in run.results if result.status is not Status.PASSED]
    return Probe(
        verdict=run.verdict,
        refused=lost[0] if lost else None,
        reason=run.reason,
        staff_notes=run.staff_notes,
    )


def probing(grade):
    """Return what probes as `grade` grades."""
    return lambda *given, **named: probe_of(grade(*given, **named))


def run_of(lab, submission, lost=None, *, verdict=Verdict.GRADED, seed=0, seconds=0.5):
    """Return a run in which the checks of `lost` end as they say and all others pass."""
    lost = lost or {}
    results = tuple(
        CheckResult(
            id=check.id,
            status=lost.get(check.id, Status.PASSED),
            earned=0 if check.id in lost else check.points,
            student_seconds=0.1,
        )
        for check in lab.checks
    )
    graded = verdict is Verdict.GRADED
    return Run(
        id=f"{submission.student}-{seed}",
        student=submission.student,
        lab=lab.slug,
        attempt=1,
        received_at=submission.received_at,
        graded_at=NOON,
        bundle_digest=submission.bundle.digest,
        verdict=verdict,
        reason="" if graded else "sums.py is not there.",
        staff_notes=("attempt 1: the checker died",) if verdict is Verdict.BROKEN else (),
        results=results if graded else (),
        out_of=lab.out_of,
        seed=seed,
        phases={"total": seconds},
    )

"""A toy lab, and a check of one hand-in: points, status, what the student may read, nothing left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from grader.discovery import find_tests
from grader.grading import grade
from grader.lab import Check, Lab, Limits, Submit, Visibility
from grader.outcome import Run
from grader.report import for_student
from grader.sandbox.pool import Boxes
from grader.submission import Bundle, Submission

HIDDEN_TOKEN = "TOKEN-of-the-hidden-tests-7f3a"
PUBLIC = """
from toy import total

def test_total(rng):
    '''Total adds numbers.'''
    for _ in range(3):
        xs = rng.integers(0, 1000, 6).tolist()
        wanted = sum(xs)
        assert total(xs) == wanted
"""
HIDDEN = f"""
from toy import double

def test_double(rng):
    '''Double doubles every number.'''
    token = "{HIDDEN_TOKEN}"
    xs = rng.integers(0, 1000, 6).tolist()
    wanted = [2 * x for x in xs]
    assert double(xs) == wanted, token
"""
HONEST = "def total(xs): return sum(xs)\ndef double(xs): return [2 * x for x in xs]\n"
WRONG = "def total(xs): return -1\ndef double(xs): return []\n"
LIMITS = Limits(call_s=2.0, wall_s=30.0, memory_mb=256)


def lab_of(
    tests: dict[str, str],
    *,
    module: str = "toy",
    required: tuple[str, ...] = (),
    limits: Limits = LIMITS,
    points: int = 50,
) -> Lab:
    """Return a strict lab of these test files; test_public.py is public, the rest hidden."""
    checks = tuple(
        Check(
            id=found.id,
            points=points,
            visibility=Visibility.PUBLIC if name == "test_public.py" else Visibility.HIDDEN,
            file=name,
            node=found.node,
            title=found.title,
        )
        for name, text in tests.items()
        for found in find_tests(text, name)
    )
    files = tuple((name, text.encode()) for name, text in tests.items())
    return Lab(
        slug="toy",
        title="Toy",
        submit=Submit(required=required or (f"{module}.py",), modules=(module,)),
        limits=limits,
        checks=checks,
        preload=("numpy", "pandas"),
        trusted_files=files,
        digest=Bundle.of(dict(files)).digest,
    )


TOY = lab_of({"test_public.py": PUBLIC, "test_hidden.py": HIDDEN})


@dataclass(frozen=True)
class Grader:
    """Grades hand-ins in one sandbox."""

    boxes: Boxes

    def run(self, files: dict[str, str | bytes], lab: Lab = TOY) -> Run:
        made = {
            name: text.encode() if isinstance(text, str) else text for name, text in files.items()
        }
        submission = Submission(
            student="mallory",
            lab=lab.slug,
            attempt=1,
            received_at=datetime(2026, 1, 1, tzinfo=UTC),
            bundle=Bundle.of(made),
        )
        reference = Bundle.of({"toy.py": HONEST.encode()}) if lab is TOY else None
        return grade(lab, submission, self.boxes, reference=reference)

    def check(self, files: dict[str, str | bytes], *, points: int, lab: Lab = TOY) -> Run:
        """Grade, and hold every promise: points, never BROKEN, no secret in what a student reads."""
        run = self.run(files, lab)
        said = [(r.id, str(r.status), r.message, r.detail[-1500:]) for r in run.results]
        assert run.verdict == "graded", (run.reason, run.staff_notes)
        assert run.earned == points, said
        shown = repr(for_student(run, lab))
        assert HIDDEN_TOKEN not in shown
        assert len(shown) < 256_000
        return run

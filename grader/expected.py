"""What a lab's author may write in `expected.toml`: how one example submission must end.

Only what the file says by itself is judged here; whether the checks that it names exist is judged
by `grader.library`. No files are read here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from grader.manifest_values import CheckIds, InsidePaths, Line
from grader.outcome import Status, Verdict
from grader.tables import Problem, Table, read_table, refuse


class Expected(Table):
    """All of `expected.toml`: how one example submission must end.

    `loses` names every check that must not earn its points, checks that are skipped through
    `needs` included; all others must earn theirs. Without `loses`, `max_points` is the bound.
    """

    why: Line
    """One line: the misconception, the different way that is also right, or the attack."""
    loses: CheckIds | None = None
    """Exactly these checks are lost; None when only the points are bounded."""
    max_points: int | None = Field(default=None, ge=0, le=100_000)
    """The most that the submission may earn; None: as `loses` says."""
    status: dict[str, Literal["failed", "timed_out", "crashed", "skipped"]] = Field(
        default_factory=dict
    )
    """How lost checks must end, where that matters; other lost checks may end in any way."""
    verdict: Literal["graded", "ungradable"] = "graded"
    """`ungradable` for a hand-in whose form is wrong."""
    removes: InsidePaths = ()
    """Files of the reference that this submission lacks."""


def read_expected(text: bytes | str, where: str, kind: str) -> Expected:
    """Return what an `expected.toml` says; `kind` is right, wrong or hostile.

    Raises ManifestError when the text says something impossible, or nothing, for its kind.
    """
    expected = read_table(text, Expected, where)
    problems = list(_vagueness(expected, kind))
    if problems:
        refuse(where, problems)
    return expected


def verdict_of(expected: Expected) -> Verdict:
    """Return the verdict that an example submission must get."""
    return Verdict(expected.verdict)


def statuses_of(expected: Expected) -> dict[str, Status]:
    """Return how lost checks must end, by check id."""
    return {check: Status(word) for check, word in expected.status.items()}


def _vagueness(expected: Expected, kind: str) -> Iterator[Problem]:
    if expected.verdict == "ungradable":
        yield from _ungradable_problems(expected, kind)
        return
    bounded = expected.max_points is not None
    if kind == "right" and (expected.loses or bounded or expected.status):
        yield Problem(
            location=(),
            message="a right submission earns everything: it has neither `loses` nor `max_points` "
            "nor `status`.",
        )
    if kind == "wrong" and not expected.loses:
        yield Problem(
            location=("loses",),
            message="a wrong submission must name the checks that it loses.",
        )
    if kind == "hostile" and expected.loses is None and not bounded:
        yield Problem(
            location=(),
            message="a hostile submission must say `max_points`, `loses` or "
            'verdict = "ungradable".',
        )
    for check in expected.status:
        if expected.loses is not None and check not in expected.loses:
            yield Problem(
                location=("status", check), message="this check is not among those it `loses`."
            )


def _ungradable_problems(expected: Expected, kind: str) -> Iterator[Problem]:
    if expected.loses is not None or expected.max_points is not None or expected.status:
        yield Problem(
            location=("verdict",),
            message="an ungradable hand-in has no results, so `loses`, `max_points` and "
            "`status` have no meaning.",
        )
    if kind == "right":
        yield Problem(location=("verdict",), message="a right submission is gradable.")

"""Joins the manifest's checks with the test functions that were found: one to one, or an error.

Pure: names in, checks out. Where a manifest declares no check, every test is one of one point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from grader.discovery import FoundTest
from grader.errors import ManifestError
from grader.lab import Check, Visibility
from grader.manifest import CheckTable, Manifest
from grader.tables import Problem, nearest, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedTest:
    """A test function, and the file of the lab's layout that it stands in."""

    file: str
    """Path in the layout: `test_public.py`, `hidden/test_hidden.py`."""
    visibility: Visibility
    """Public or hidden, by its file."""
    test: FoundTest
    """What was found there."""

    @property
    def id(self) -> str:
        """Id as a check."""
        return self.test.id


def join_checks(manifest: Manifest, tests: Sequence[PlacedTest], where: str) -> tuple[Check, ...]:
    """Return the lab's checks in running order: as `tests` has them.

    Raises ManifestError when a declared check names no test, when a test is declared by no check,
    when a check needs one that runs after it, and when there is no test at all.
    """
    if not tests:
        raise ManifestError(
            "the lab has no test function, so nothing would be graded.",
            where=where,
            advice="Write a function test_… in test_public.py.",
        )
    tests = distinct(tests)
    if not manifest.check:
        return tuple(_check(test, CheckTable(id=test.id, points=1)) for test in tests)
    declared = {check.id: check for check in manifest.check}
    _demand_one_to_one(declared, tests, where)
    problems = list(_too_late(manifest.check, [test.id for test in tests]))
    if problems:
        refuse(where, problems)
    return tuple(_check(test, declared[test.id]) for test in tests)


def without_absent(manifest: Manifest, tests: Sequence[PlacedTest]) -> tuple[Manifest, list[str]]:
    """Return the manifest without checks whose tests are not here, and the ids of those.

    For a student's copy of a lab, which has no hidden tests. A need that is not here is dropped.
    """
    present = {test.id for test in distinct(tests)}
    kept = tuple(
        check.model_copy(update={"needs": tuple(need for need in check.needs if need in present)})
        for check in manifest.check
        if check.id in present
    )
    absent = [check.id for check in manifest.check if check.id not in present]
    return manifest.model_copy(update={"check": kept}), absent


def distinct(tests: Sequence[PlacedTest]) -> list[PlacedTest]:
    """Put the file's name before ids that two files share, its path where names are shared too."""
    ids = Counter(test.id for test in tests)
    by_stem = Counter((PurePosixPath(test.file).stem, test.id) for test in tests)
    named = []
    for test in tests:
        path = PurePosixPath(test.file)
        prefix = path.stem
        if by_stem[path.stem, test.id] > 1:
            prefix = ".".join(path.with_suffix("").parts)
        shared = ids[test.id] > 1
        new_id = f"{prefix}.{test.id}" if shared else test.id
        named.append(replace(test, test=replace(test.test, id=new_id)))
    return named


def _demand_one_to_one(
    declared: dict[str, CheckTable], tests: Sequence[PlacedTest], where: str
) -> None:
    found = {test.id: test for test in tests}
    untested = [check for check in declared if check not in found]
    undeclared = [test for test in tests if test.id not in declared]
    if not untested and not undeclared:
        return
    lines = ["the checks and the test functions do not match."]
    if untested:
        lines.append("  Checks without a test function:")
        lines += [f"    {check} {nearest(check, list(found))}".rstrip() for check in untested]
    if undeclared:
        lines.append("  Test functions without a [[check]]:")
        lines += [f"    {test.id} ({test.file}:{test.test.line})" for test in undeclared]
    advice = "Every [[check]] names exactly one test function, and every test function is a check."
    if untested and all(test.visibility is Visibility.PUBLIC for test in tests):
        advice += " Hidden tests are not here: they lie in the lab's folder of solutions/."
    raise ManifestError("\n".join(lines), where=where, advice=advice)


def _too_late(checks: Sequence[CheckTable], running_order: list[str]) -> Iterator[Problem]:
    for place, check in enumerate(checks):
        for need in check.needs:
            if running_order.index(need) > running_order.index(check.id):
                yield Problem(
                    location=("check", place, "needs"),
                    message=f"{need!r} runs after {check.id!r}, so it cannot decide whether "
                    f"{check.id!r} is skipped.",
                    advice="Public tests run before hidden ones, and those of a file in its order.",
                )


def _check(placed: PlacedTest, table: CheckTable) -> Check:
    return Check(
        id=placed.id,
        points=table.points,
        visibility=placed.visibility,
        file=placed.file,
        node=placed.test.node,
        title=placed.test.title,
        task=table.task,
        needs=table.needs,
        hints=table.hints,
        learn=table.learn,
        cell=table.cell,
    )

"""One student's standing as Gradescope's `results.json`: standing -> bytes.

Format: Gradescope's autograder specification. Its own way of hiding checks is not relied on: what a
student may not read was left out before it came here. For staff every check is marked hidden.
"""

from __future__ import annotations

import json
from typing import Any, Final

from grader.formats.marks import WORD
from grader.formats.standing import Standing
from grader.report import ReportLine

NAME: Final = "results.json"
"""What Gradescope looks for, in `/autograder/results`."""


def results_json(standing: Standing) -> bytes:
    """Return the file for one student. `score` is the grade, which is what counts in Gradescope.

    Without points there is no number anywhere in it: neither a score nor a check. Gradescope has no
    word for a hand-in that could not be graded, so that one is a check without a score.
    """
    report = standing.report
    staff = report is not None and report.audience == "staff"
    score = {} if standing.points is None else {"score": standing.points}
    made: dict[str, Any] = score | {
        "output": _text(_head(standing)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "hidden" if staff else "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"state": str(standing.grade.state), "run": standing.grade.run_id},
        "tests": [],
    }
    if standing.points is not None:
        lines = report.lines if report else ()
        made["tests"] = [_test(number, line) for number, line in enumerate(lines, start=1)]
    elif standing.reason:
        made["tests"] = [
            {"name": "Your hand-in", "status": "failed", "output": _text([standing.reason])}
        ]
    return (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode()


def _head(standing: Standing) -> list[str]:
    report = standing.report
    if report is None:
        return [standing.remark]
    warnings = report.warnings if report.lines else ()
    return [report.headline, standing.reason, standing.remark, *warnings]


def _test(number: int, line: ReportLine) -> dict[str, Any]:
    tags = ["hidden"] if line.hidden else []
    if line.task is not None:
        tags.append(f"task {line.task}")
    return {
        "name": f"{line.title} [{line.check}]",
        "number": str(number),
        "score": line.earned,
        "max_score": line.points,
        "status": "passed" if line.passed else "failed",
        "output": _text(_told(line)),
        "tags": tags,
        "extra_data": {"status": str(line.status)},
    }


def _told(line: ReportLine) -> list[str]:
    told = ["" if line.passed else f"{WORD[line.status]}: {line.message}".rstrip(": ")]
    told += [f"Hint: {line.hints[0]}"] if line.hints else []
    told += [f"Read: {line.learn}"] if line.learn and not line.passed else []
    told += [f"Printed:\n{line.output}"] if line.output else []
    return [*told, line.detail]


def _text(parts: list[str]) -> str:
    return "\n".join(part for part in parts if part)

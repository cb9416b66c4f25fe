"""One student's run in the Common Test Report Format (CTRF, JSON): standing -> bytes.

Times are milliseconds, as the format wants them. A timeout and a crash are `failed` there; what we
call them stands in `rawStatus`. The grade stands in `extra`, `points` null where there are none.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from datetime import datetime
from typing import Any, Final

from grader.formats.standing import Standing
from grader.outcome import Status
from grader.plaintext import one_line
from grader.report import Report, ReportLine

SPEC: Final = "0.0.0"
"""Version of the format that this is written to."""
TOOL: Final = "mlops-course-grader"

_STATUS: Final = {Status.PASSED: "passed", Status.SKIPPED: "skipped", Status.MISSING: "other"}


def ctrf_json(standing: Standing) -> bytes | None:
    """Return the report of the run that counts; None where there is none, so nothing to report."""
    report = standing.report
    if report is None:
        return None
    made = {
        "reportFormat": "CTRF",
        "specVersion": SPEC,
        "reportId": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{report.run_id}/{report.audience}")),
        "timestamp": report.graded_at.isoformat(),
        "generatedBy": TOOL,
        "results": {
            "tool": {"name": TOOL},
            "summary": _summary(report),
            "tests": [_test(line, report) for line in report.lines],
        },
        "extra": _grade(standing),
    }
    return (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode()


def _summary(report: Report) -> dict[str, int]:
    counts = Counter(_status(line) for line in report.lines)
    stop = _milliseconds(report.graded_at)
    return {
        "tests": len(report.lines),
        **{word: counts[word] for word in ("passed", "failed", "skipped", "pending", "other")},
        "start": stop - sum(_duration(line) for line in report.lines),
        "stop": stop,
    }


def _test(line: ReportLine, report: Report) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": line.check,
        "status": _status(line),
        "duration": _duration(line),
        "suite": [report.lab, *([f"task {line.task}"] if line.task is not None else [])],
        "rawStatus": str(line.status),
        "tags": ["hidden" if line.hidden else "public"],
        "extra": {"title": line.title, "points": line.points, "earned": line.earned},
    }
    if line.message:
        made["message"] = line.message
    if line.detail:
        made["trace"] = line.detail
    if line.output:
        made["stdout"] = line.output.splitlines()
    return made


def _status(line: ReportLine) -> str:
    return _STATUS.get(line.status, "failed")


def _grade(standing: Standing) -> dict[str, Any]:
    grade = standing.grade
    return {
        "student": one_line(grade.student),
        "state": str(grade.state),
        "points": standing.points,
        "out_of": grade.out_of,
        "attempt": grade.attempt,
        "run": grade.run_id,
        "why": standing.reason or standing.remark,
    }


def _duration(line: ReportLine) -> int:
    return round(line.seconds * 1000)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

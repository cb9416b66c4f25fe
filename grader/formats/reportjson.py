"""A Report as JSON, and back: what `--json` prints for one audience. Values only; no files.

A report was redacted and made visible before it comes here; this module adds and hides nothing.
`grader/schemas/report.schema.json` documents the format.
"""

from __future__ import annotations

from typing import Any, Final

from grader.errors import ResultsError
from grader.formats.runjson import moment
from grader.formats.strictjson import StrictObject
from grader.outcome import Status, Verdict
from grader.report import Audience, Report, ReportLine

SCHEMA_VERSION: Final = 1
"""Version of the format: a reader refuses what is newer."""


def report_to_json(report: Report) -> dict[str, Any]:
    """Return a Report as plain JSON values; `report_from_json` gives back an equal Report."""
    return {
        "schema": SCHEMA_VERSION,
        "audience": report.audience,
        "lab": report.lab,
        "title": report.title,
        "page": report.page,
        "student": report.student,
        "attempt": report.attempt,
        "verdict": str(report.verdict),
        "earned": report.earned,
        "out_of": report.out_of,
        "headline": report.headline,
        "reason": report.reason,
        "hand_in": list(report.hand_in),
        "lines": [_line_to_json(line) for line in report.lines],
        "notes": list(report.notes),
        "warnings": list(report.warnings),
        "received_at": moment(report.received_at),
        "graded_at": moment(report.graded_at),
        "run_id": report.run_id,
        "seed": report.seed,
        "lab_digest": report.lab_digest,
        "bundle_digest": report.bundle_digest,
        "phases": dict(report.phases),
    }


def report_from_json(data: object) -> Report:
    """Return the Report that was written. Raises ResultsError, which names the wrong key."""
    read = StrictObject(data, "report")
    read.schema(SCHEMA_VERSION)
    report = Report(
        audience=_audience(read),
        lab=read.text("lab"),
        title=read.text("title"),
        page=read.text("page"),
        student=read.text("student"),
        attempt=read.count("attempt"),
        verdict=read.word("verdict", Verdict),
        earned=read.optional("earned", read.count),
        out_of=read.count("out_of"),
        headline=read.text("headline"),
        reason=read.text("reason"),
        hand_in=read.texts("hand_in"),
        lines=read.each("lines", _line_from_json),
        notes=read.texts("notes"),
        warnings=read.texts("warnings"),
        received_at=read.moment("received_at"),
        graded_at=read.moment("graded_at"),
        run_id=read.text("run_id"),
        seed=read.whole("seed"),
        lab_digest=read.text("lab_digest"),
        bundle_digest=read.text("bundle_digest"),
        phases=read.numbers_by_name("phases"),
    )
    read.done()
    return report


def _audience(read: StrictObject) -> Audience:
    match read.text("audience"):
        case "student":
            return "student"
        case "staff":
            return "staff"
    raise ResultsError("is none of: student, staff", where=read.path("audience"))


def _line_to_json(line: ReportLine) -> dict[str, Any]:
    return {
        "check": line.check,
        "title": line.title,
        "hidden": line.hidden,
        "task": line.task,
        "points": line.points,
        "earned": line.earned,
        "status": str(line.status),
        "message": line.message,
        "hints": list(line.hints),
        "learn": line.learn,
        "output": line.output,
        "detail": line.detail,
        "seconds": line.seconds,
    }


def _line_from_json(data: object, where: str) -> ReportLine:
    read = StrictObject(data, where)
    line = ReportLine(
        check=read.text("check"),
        title=read.text("title"),
        hidden=read.flag("hidden"),
        task=read.optional("task", read.whole),
        points=read.count("points"),
        earned=read.count("earned"),
        status=read.word("status", Status),
        message=read.text("message"),
        hints=read.texts("hints"),
        learn=read.text("learn"),
        output=read.text("output"),
        detail=read.text("detail"),
        seconds=read.number("seconds"),
    )
    read.done()
    return line

"""A Run as JSON, and back: the lines of `runs.jsonl`. Values only; files are another module's.

`grader/schemas/run.schema.json` documents the format. Reading is strict: every key is there once,
none is unknown, each has its type, and `earned` agrees with the results.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from grader.errors import ResultsError
from grader.formats.strictjson import StrictObject
from grader.outcome import CheckResult, Run, Status, Verdict

SCHEMA_VERSION: Final = 2
"""Version of the format: a reader refuses what is newer, and reads all that came before.

1: without `variant`.
"""


def run_to_json(run: Run) -> dict[str, Any]:
    """Return a Run as plain JSON values; `run_from_json` gives back an equal Run."""
    return {
        "schema": SCHEMA_VERSION,
        "id": run.id,
        "student": run.student,
        "lab": run.lab,
        "attempt": run.attempt,
        "received_at": moment(run.received_at),
        "graded_at": moment(run.graded_at),
        "bundle_digest": run.bundle_digest,
        "verdict": str(run.verdict),
        "reason": run.reason,
        "earned": run.earned,
        "out_of": run.out_of,
        "results": [_result_to_json(result) for result in run.results],
        "staff_notes": list(run.staff_notes),
        "seed": run.seed,
        "variant": run.variant,
        "lab_digest": run.lab_digest,
        "image": run.image,
        "sandbox": run.sandbox,
        "versions": dict(run.versions),
        "limits": dict(run.limits),
        "phases": dict(run.phases),
        "machine": run.machine,
        "trusts_student": run.trusts_student,
    }


def run_from_json(data: object) -> Run:
    """Return the Run that was written. Raises ResultsError, which names the key that is wrong."""
    read = StrictObject(data, "run")
    version = read.schema(SCHEMA_VERSION, oldest=1)
    earned = read.count("earned")
    run = Run(
        id=read.text("id"),
        student=read.text("student"),
        lab=read.text("lab"),
        attempt=read.count("attempt"),
        received_at=read.moment("received_at"),
        graded_at=read.moment("graded_at"),
        bundle_digest=read.text("bundle_digest"),
        verdict=read.word("verdict", Verdict),
        reason=read.text("reason"),
        out_of=read.count("out_of"),
        results=read.each("results", _result_from_json),
        staff_notes=read.texts("staff_notes"),
        seed=read.whole("seed"),
        variant=read.optional("variant", read.whole) if version > 1 else None,
        lab_digest=read.text("lab_digest"),
        image=read.text("image"),
        sandbox=read.text("sandbox"),
        versions=read.texts_by_name("versions"),
        limits=read.scalars_by_name("limits"),
        phases=read.numbers_by_name("phases"),
        machine=read.text("machine"),
        trusts_student=read.flag("trusts_student"),
    )
    read.done()
    _refuse_contradictions(run, earned)
    return run


def moment(time: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC. Raises ResultsError on a time without a zone."""
    if time.tzinfo is None:
        raise ResultsError(f"the time {time} has no zone", where="run")
    return time.astimezone(UTC).isoformat()


def _result_to_json(result: CheckResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "status": str(result.status),
        "earned": result.earned,
        "message": result.message,
        "detail": result.detail,
        "output": result.output,
        "seconds": result.seconds,
        "student_seconds": result.student_seconds,
    }


def _result_from_json(data: object, where: str) -> CheckResult:
    read = StrictObject(data, where)
    result = CheckResult(
        id=read.text("id"),
        status=read.word("status", Status),
        earned=read.count("earned"),
        message=read.text("message"),
        detail=read.text("detail"),
        output=read.text("output"),
        seconds=read.number("seconds"),
        student_seconds=read.number("student_seconds"),
    )
    read.done()
    if result.earned and result.status is not Status.PASSED:
        raise ResultsError(
            f"is {result.earned}, but the status is {result.status}", where=read.path("earned")
        )
    return result


def _refuse_contradictions(run: Run, earned: int) -> None:
    seen: set[str] = set()
    for result in run.results:
        if result.id in seen:
            raise ResultsError(f"hold the check {result.id!r} twice", where="run.results")
        seen.add(result.id)
    if earned != run.earned:
        raise ResultsError(
            f"is {earned}, but the results add up to {run.earned}", where="run.earned"
        )
    if earned > run.out_of:
        raise ResultsError(f"is {earned}, more than {run.out_of}", where="run.earned")

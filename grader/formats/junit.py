"""A class as JUnit XML: standings -> bytes. One suite for each student, one case for each check.

The format has no words for grades, so these are properties: of the suite the grade, of a case the
points. Who has no points has no such property. It is made for reading, and never read back here.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from datetime import UTC
from typing import Final

from grader.formats.marks import WORD
from grader.formats.standing import Standing
from grader.outcome import Status
from grader.plaintext import one_line, visible
from grader.report import ReportLine

_ERRORS: Final = frozenset({Status.CRASHED, Status.TIMED_OUT, Status.MISSING})
_COUNTED: Final = ("tests", "failures", "errors", "skipped")


def junit_xml(standings: Iterable[Standing], lab: str) -> bytes:
    """Return one document for all of them; `lab` is the slug of the lab."""
    root = ET.Element("testsuites", name=visible(lab))
    suites = [_suite(standing, lab) for standing in standings]
    for count in _COUNTED:
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    root.extend(suites)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(standing: Standing, lab: str) -> ET.Element:
    report = standing.report
    lines = report.lines if report else ()
    errors = sum(line.status in _ERRORS for line in lines)
    skipped = sum(line.status is Status.SKIPPED for line in lines)
    passed = sum(line.passed for line in lines)
    suite = ET.Element(
        "testsuite",
        name=one_line(standing.grade.student),
        tests=str(len(lines)),
        failures=str(len(lines) - passed - errors - skipped),
        errors=str(errors),
        skipped=str(skipped),
        time=_seconds(sum(line.seconds for line in lines)),
    )
    if report:
        graded_at = report.graded_at.astimezone(UTC).replace(tzinfo=None)
        suite.set("timestamp", graded_at.isoformat(timespec="seconds"))
    _add_properties(suite, _grade(standing))
    for line in lines:
        suite.append(_case(line, lab))
    return suite


def _grade(standing: Standing) -> dict[str, str]:
    grade = standing.grade
    told = {"lab": grade.lab, "state": str(grade.state), "out_of": str(grade.out_of)}
    if standing.points is not None:
        told["points"] = f"{standing.points:g}"
    if grade.attempt:
        told["attempt"] = str(grade.attempt)
    if grade.run_id:
        told["run"] = grade.run_id
    why = standing.reason or standing.remark
    return told | ({"why": why} if why else {})


def _case(line: ReportLine, lab: str) -> ET.Element:
    case = ET.Element(
        "testcase", classname=visible(lab), name=visible(line.check), time=_seconds(line.seconds)
    )
    told = {"title": line.title, "points": str(line.points), "earned": str(line.earned)}
    _add_properties(case, told | {"hidden": str(line.hidden).lower()})
    if line.status is Status.SKIPPED:
        ET.SubElement(case, "skipped", message=visible(line.message))
    elif not line.passed:
        kind = "error" if line.status in _ERRORS else "failure"
        found = ET.SubElement(case, kind, type=str(line.status), message=_message(line))
        found.text = visible(line.detail)
    if line.output:
        ET.SubElement(case, "system-out").text = visible(line.output)
    return case


def _message(line: ReportLine) -> str:
    return visible(line.message or WORD[line.status])


def _add_properties(element: ET.Element, values: dict[str, str]) -> None:
    properties = ET.SubElement(element, "properties")
    for name, value in values.items():
        ET.SubElement(properties, "property", name=name, value=visible(value))


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}"

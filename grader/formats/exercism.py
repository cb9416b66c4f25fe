"""One student's run as exercism's `results.json`, version 3: standing -> bytes.

Format: the test runner interface of exercism's documentation. It knows no points. `test_code` is
given for public checks only, read from the lab's own test files and never from a hand-in.
"""

from __future__ import annotations

import ast
import json
import textwrap
from collections.abc import Mapping
from typing import Any, Final

from grader.formats.standing import Standing
from grader.lab import Lab, Visibility
from grader.outcome import Status
from grader.report import IMPORT_PREFIX, Report, ReportLine

VERSION: Final = 3
OUTPUT_CHARS: Final = 500
"""Characters of output that the format allows for a test."""
_CUT: Final = "Output was truncated. Please limit to 500 chars"
_STATUS: Final = {Status.PASSED: "pass", Status.FAILED: "fail", Status.SKIPPED: "fail"}


def exercism_json(standing: Standing, codes: Mapping[str, str] | None = None) -> bytes | None:
    """Return the results of the run that counts; None where no run says anything.

    `codes` are the bodies of public checks, as `public_code` returns them.
    """
    report = standing.report
    if report is None or not standing.says_something:
        return None
    tests = [_test(line, codes or {}) for line in report.lines]
    status, message = _overall(standing, report)
    made = {"version": VERSION, "status": status, "message": message, "tests": tests}
    return (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode()


def public_code(lab: Lab) -> dict[str, str]:
    """Return check id -> body of its test function, for public checks."""
    files = {path: text for path, text in lab.trusted_files if path.endswith(".py")}
    found = {}
    for check in lab.checks:
        if check.visibility is Visibility.PUBLIC and check.file in files:
            body = _body(files[check.file].decode("utf-8", "replace"), check.node.split("::"))
            if body:
                found[check.id] = body
    return found


def _body(source: str, names: list[str]) -> str:
    """Return the statements of a function, found by the names on the way to it."""
    try:
        nodes: list[ast.stmt] = ast.parse(source).body
    except SyntaxError:
        return ""
    for name in names:
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        inner = [node for node in nodes if isinstance(node, kinds) and node.name == name]
        if not inner:
            return ""
        nodes = inner[-1].body
    if isinstance(nodes[0], ast.Expr) and isinstance(nodes[0].value, ast.Constant):
        nodes = nodes[1:]  # the docstring is the name of the test already
    if not nodes:
        return ""
    lines = source.splitlines()[nodes[0].lineno - 1 : nodes[-1].end_lineno]
    return textwrap.dedent("\n".join(lines))


def _overall(standing: Standing, report: Report) -> tuple[str, str | None]:
    if standing.reason:
        return "error", standing.reason
    if not report.lines:
        return "error", standing.remark or report.headline
    if all(line.passed for line in report.lines):
        return "pass", None
    ran = [line for line in report.lines if line.status is not Status.SKIPPED]
    if all(line.message.startswith(IMPORT_PREFIX) for line in ran):
        return "error", ran[0].message
    return "fail", None


def _test(line: ReportLine, codes: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": line.title,
        "status": _STATUS.get(line.status, "error"),
        "message": line.message or None,
        "test_code": "" if line.hidden else codes.get(line.check, ""),
    }
    if line.detail:
        made["message"] = "\n".join(part for part in (line.message, line.detail) if part)
    if line.output:
        made["output"] = _cut(line.output)
    if line.task is not None:
        made["task_id"] = line.task
    return made


def _cut(output: str) -> str:
    if len(output) <= OUTPUT_CHARS:
        return output
    return output[: OUTPUT_CHARS - len(_CUT) - 1] + "\n" + _CUT

"""A run told inside GitHub Actions: a summary in Markdown, and annotations. Text in, bytes out.

Messages may hold what a student's code printed. In an annotation it is one escaped line, so that it
cannot begin another workflow command; in the summary it stands in a code block that it cannot end.
"""

from __future__ import annotations

import re
from typing import Final

from grader.formats.marks import SYMBOL, WORD, points_text
from grader.formats.standing import Standing
from grader.outcome import Status
from grader.report import Report, ReportLine

SHOWN: Final = 10
"""Errors that GitHub shows for one step; the others would be dropped without a word."""
_MESSAGE_CHARS: Final = 600


def summary_markdown(standing: Standing) -> bytes:
    """Return the job summary of one run: points, a row for each check, what to do next."""
    report = standing.report
    title = _inline(report.title if report else standing.grade.lab)
    parts = [f"## {title}", "", f"**{_points(standing)}** {_inline(_headline(standing))}".strip()]
    if standing.reason:
        parts += ["", *_block(standing.reason)]
    if standing.remark:
        parts += ["", _inline(standing.remark)]
    if report and report.lines:
        parts += ["", "| | check | points |", "|---|---|---|"]
        parts += [_row(line) for line in report.lines]
        for line in report.lines:
            parts += _told(line)
        parts += _warned(report)
    return ("\n".join(parts) + "\n").encode()


def workflow_commands(standing: Standing, *, prefix: str = "") -> bytes:
    """Return workflow commands: an error for each check that did not pass, and the result.

    They point at the first file that the lab asks for, below `prefix` (a folder of the repository).
    """
    report = standing.report
    asked = report.hand_in[0] if report and report.hand_in else ""
    place = "/".join(part for part in (prefix.strip("/"), asked) if part)
    lines = [line for line in (report.lines if report else ()) if _is_own(line)]
    made = [_error(place, line.title, _said(line)) for line in lines[:SHOWN]]
    if standing.reason:
        made.append(_error(place, "This hand-in could not be graded", standing.reason))
    if len(lines) > SHOWN:
        rest = len(lines) - SHOWN
        made.append(_command("notice", {"title": "More"}, f"{rest} more: see the summary."))
    said = f"{_points(standing)} {_headline(standing)}".strip()
    made.append(_command("notice", {"title": "Result"}, said))
    return ("\n".join(made) + "\n").encode()


def _points(standing: Standing) -> str:
    if standing.points is None:
        return "No points."
    return f"{points_text(standing.points)} of {standing.grade.out_of} points."


def _headline(standing: Standing) -> str:
    return standing.report.headline if standing.report else ""


def _is_own(line: ReportLine) -> bool:
    return not line.passed and line.status is not Status.SKIPPED


def _row(line: ReportLine) -> str:
    mark = f"{SYMBOL[line.status]} {WORD[line.status]}"
    return f"| {mark} | {_inline(line.title)} | {line.earned}/{line.points} |"


def _told(line: ReportLine) -> list[str]:
    if not _is_own(line):
        return []
    said = [line.message, line.detail]
    told = ["", f"### {_inline(line.title)}", "", *_block("\n".join(s for s in said if s))]
    if line.hints:
        told += ["", f"Hint: {_inline(line.hints[0])}"]
    return told


def _warned(report: Report) -> list[str]:
    return [part for warning in report.warnings for part in ("", f"> {_inline(warning)}")]


def _block(text: str) -> list[str]:
    """Return a code block whose fence is longer than any row of backticks in the text."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *text.splitlines(), fence]


def _inline(text: str) -> str:
    """Return text on one line in which Markdown and HTML mean nothing."""
    line = " ".join(text.split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\*_\[\]()!#|~$])", r"\\\1", line)


def _said(line: ReportLine) -> str:
    message = line.message or WORD[line.status]
    cut = message if len(message) <= _MESSAGE_CHARS else message[: _MESSAGE_CHARS - 1] + "…"
    return f"{cut}\nHint: {line.hints[0]}" if line.hints else cut


def _error(place: str, title: str, message: str) -> str:
    where = {"file": place} if place else {}
    return _command("error", where | {"title": title}, message)


def _command(name: str, properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {told}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

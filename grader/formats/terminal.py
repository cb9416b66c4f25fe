"""Reports and grades on a terminal: colours where it has them, nothing that commands it.

Everything goes out as rich Text, never as markup, and in the terminal's own encoding.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.formats.marks import ASCII, SYMBOL, WORD, points_text
from grader.grade import Grade
from grader.lab import Lab
from grader.outcome import Run, Status, Verdict
from grader.plaintext import capped, visible
from grader.report import Report, ReportLine
from grader.summary import ClassSummary, StudentRow, summarise

_STYLE: Final[dict[Status, str]] = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.TIMED_OUT: "bold yellow",
    Status.CRASHED: "bold magenta",
    Status.SKIPPED: "dim",
    Status.MISSING: "bold cyan",
}
_BAR: Final = 40
_INDENT: Final = 4
_OUTPUT_BYTES: Final = 4_000


def print_report(report: Report, console: Console, *, hints: int = 1) -> None:
    """Print one report. Of a check that did not pass, the first `hints` hints are shown."""
    _Page(console).report(report, hints)


def print_grades_table(
    lab: Lab, grades: Sequence[Grade], runs: Sequence[Run], console: Console
) -> None:
    """Print the class: a line per student with a mark per check, and what stands out."""
    _Page(console).grades(summarise(lab, grades, runs))


class _Page:
    """What is printed, on one console."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._plain = not console.encoding.lower().startswith("utf")

    def report(self, report: Report, hints: int) -> None:
        """Print a report from top to bottom."""
        attempt = f", attempt {report.attempt}" if report.verdict is Verdict.GRADED else ""
        self._say(f"{report.title} ({report.lab}): {report.student}{attempt}", "bold")
        if report.verdict is Verdict.GRADED:
            self._points(report)
        self._say(report.headline)
        if report.reason:
            self._say(report.reason, "yellow", indent=2)
        if report.verdict is Verdict.UNGRADABLE and report.hand_in:
            self._say(f"The lab asks for: {', '.join(report.hand_in)}")
        for line in report.lines:
            self._line(line, hints)
        for note in report.notes:
            self._say(f"note: {note}", "dim")
        for warning in report.warnings:
            self._say(f"warning: {warning}", "yellow")
        self._next(report)

    def grades(self, summary: ClassSummary) -> None:
        """Print the table of a class and its summary."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("Student", overflow="fold")
        table.add_column("Points", justify="right", no_wrap=True)
        table.add_column("Checks", no_wrap=True)
        table.add_column("State", overflow="fold")
        for row in summary.students:
            table.add_row(
                self._text(row.student),
                self._text("-" if row.points is None else points_text(row.points)),
                self._strip(row),
                self._state(row),
            )
        self._console.print(table)
        self._key()
        self._console.print()
        for said in _class_lines(summary):
            self._say(said)
        for warning in summary.warnings:
            self._say(f"warning: {warning}", "yellow")

    def _points(self, report: Report) -> None:
        share = (report.earned or 0) / report.out_of if report.out_of else 0.0
        full = round(_BAR * share)
        filled, empty = ("#", ".") if self._plain else ("━", "─")
        bar = Text(filled * full, style="green")
        bar.append(empty * (_BAR - full), style="dim")
        bar.append(f"  {points_text(report.earned)} of {report.out_of} points", style="bold")
        self._console.print(bar)

    def _line(self, line: ReportLine, hints: int) -> None:
        head = self._mark(line.status)
        head.append(self._encodable(f" {WORD[line.status]:<9} "), style=_STYLE[line.status])
        head.append(self._encodable(visible(line.title)))
        head.append(self._encodable(f"  [{visible(line.check)}]"), style="dim")
        head.append(f"  {line.earned}/{line.points}", style="dim")
        self._console.print(head)
        if not line.passed:
            self._say(line.message, indent=_INDENT)
            for at, hint in enumerate(line.hints[:hints], start=1):
                self._say(f"hint {at} of {len(line.hints)}: {hint}", "cyan", indent=_INDENT)
            if line.learn and line.status is not Status.SKIPPED:
                self._say(f"read: {line.learn}", "cyan", indent=_INDENT)
        if line.output:
            self._say("printed:", "dim", indent=_INDENT)
            self._say(capped(line.output, _OUTPUT_BYTES), "dim", indent=_INDENT + 2)
        self._say(capped(line.detail, _OUTPUT_BYTES), indent=_INDENT)

    def _next(self, report: Report) -> None:
        line = report.next_line
        if report.verdict is Verdict.UNGRADABLE:
            self._say("Next: `grader pack` makes the zip to hand in, or says what is missing.")
        elif line is not None and report.audience == "student":
            self._say(f"Next: {line.title} [{line.check}]", "bold")

    def _strip(self, row: StudentRow) -> Text:
        strip = Text()
        for status in row.statuses:
            strip.append_text(self._mark(status) if status else self._text(" "))
        return strip

    def _state(self, row: StudentRow) -> Text:
        said = f"{row.state}: {row.why}" if row.why else row.state
        return self._text(said.replace("\n", " "), "" if row.points is not None else "yellow")

    def _key(self) -> None:
        key = Text()
        for status in (Status.PASSED, Status.FAILED, Status.TIMED_OUT, Status.CRASHED):
            key.append_text(self._mark(status))
            key.append(f" {WORD[status]}   ")
        key.append_text(self._mark(Status.SKIPPED))
        key.append(f" {WORD[Status.SKIPPED]}")
        self._console.print(key)

    def _mark(self, status: Status) -> Text:
        return Text((ASCII if self._plain else SYMBOL)[status], style=_STYLE[status])

    def _say(self, text: str, style: str = "", *, indent: int = 0) -> None:
        if text:
            said = self._text(text.rstrip(), style)
            inside = Padding(said, (0, 0, 0, indent), expand=False) if indent else said
            self._console.print(inside)

    def _text(self, text: str, style: str = "") -> Text:
        return Text(self._encodable(visible(text)), style=style)

    def _encodable(self, text: str) -> str:
        """Return text that the terminal's encoding has, with the rest written as escapes."""
        if not self._plain:
            return text
        return text.encode(self._console.encoding, "backslashreplace").decode(
            self._console.encoding
        )


def _class_lines(summary: ClassSummary) -> list[str]:
    graded = len(summary.graded)
    said = [f"{graded} of {len(summary.students)} have points"]
    if summary.median is not None and summary.mean is not None:
        said[0] += (
            f", median {points_text(summary.median)}, mean {points_text(round(summary.mean, 1))}"
            f" of {summary.out_of}"
        )
    said[0] += "."
    states = [row.state for row in summary.attention]
    if states:
        counted = ", ".join(f"{states.count(state)} {state}" for state in sorted(set(states)))
        said.append(f"{len(states)} without points: {counted}.")
    for check in summary.stuck[:3]:
        reason = f" Most often: {check.groups[0].text}" if check.groups else ""
        said.append(f"{check.id}: {check.not_passed} of {check.graded} did not pass.{reason}")
    return said

"""Pages for people: the feedback of one run, and a class at a glance. Text in, HTML out; no files.

One self-contained file each: no script, no font, no picture from elsewhere. Every expression of a
template is made visible and escaped, whoever wrote it, and the size of a page is bounded.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.formats import charts, marks
from grader.grade import Grade, State
from grader.outcome import Status, Verdict
from grader.plaintext import capped, size, visible
from grader.report import Report, ReportLine
from grader.summary import ClassSummary, StudentRow

PAGE_BYTES: Final = 256_000
"""The most that one student's page may weigh."""
TABLE_MAP: Final = 60
"""Up to so many students the heat map is a table with names; above, a compressed picture."""

_CODE: Final = re.compile(r"(`{1,2})([^`\n]+)\1")
_TARGET: Final = re.compile(r"(?:https?://|file:///|\.{0,2}/(?!/))[^\s\"'<>\\]*", re.IGNORECASE)
_RELATIVE: Final = re.compile(r"(?:\.{1,2}/)*[^\s:/\\][^\s:\\]*")
_ADVICE: Final = {
    State.ABSENT: "Ask whether something stood in the way.",
    State.UNGRADABLE: (
        "The form of the hand-in is wrong; no attempt was spent. "
        "The student's page says how to mend it: point them to it."
    ),
    State.PENDING: (
        "Our fault: nothing was recorded, and it is not a zero. Read the notes on the staff page, "
        "run `grader doctor`, then start the same batch again: it grades only what is missing."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Budget:
    """How much of each text goes onto a page."""

    output: int
    detail: int
    message: int
    lines: int


_BUDGETS: Final = (
    _Budget(output=64_000, detail=16_000, message=2_000, lines=1_000),
    _Budget(output=16_000, detail=8_000, message=2_000, lines=1_000),
    _Budget(output=4_000, detail=4_000, message=1_000, lines=500),
    _Budget(output=1_000, detail=1_000, message=500, lines=200),
    _Budget(output=0, detail=0, message=200, lines=100),
    _Budget(output=0, detail=0, message=100, lines=20),
)
_NO_LINES: Final = _Budget(output=0, detail=0, message=100, lines=0)


def student_page(
    report: Report, *, course_url: str = "", home: str = "", grade: Grade | None = None
) -> str:
    """Return the page of one run, for the audience of the report, of at most PAGE_BYTES.

    `course_url` is where the course's pages are; without it, links to the course are plain text.
    `home` is a link back, shown when it is not empty. `grade` is what counts today, and is told
    where it is not simply the points of this run.
    """
    for budget in _BUDGETS:
        page = _page(report, budget, course_url=course_url, home=home, grade=grade)
        if len(page.encode()) <= PAGE_BYTES:
            return page
    # Only a lab whose own titles and hints are huge comes here; its student still gets the result.
    return _page(
        replace(report, hand_in=(), page=""), _NO_LINES, course_url="", home=home, grade=grade
    )


def class_page(
    summary: ClassSummary,
    *,
    links: Mapping[str, str] | None = None,
    staff_links: Mapping[str, str] | None = None,
    course_url: str = "",
) -> str:
    """Return the class at a glance, for staff.

    `links` leads from the id of a student to the student's page, `staff_links` to the page with
    details; both relative to where this page will lie.
    """
    pages = dict(links or {})
    details = dict(staff_links or {})
    rows = summary.students
    return _render(
        "class.html.j2",
        summary=summary,
        links=pages,
        staff_links=details,
        course_url=course_url,
        attention=_attention(summary.attention),
        histogram=charts.histogram(summary.bins),
        as_table=len([row for row in rows if any(row.statuses)]) <= TABLE_MAP,
        heat_map=charts.heat_map(summary, details or pages),
    )


def learn_href(learn: str, course_url: str) -> str:
    """Return where a page of the course is (`a/b.md#c` is `a/b.html#c`), or "" when unknown."""
    if not learn or not _TARGET.fullmatch(course_url):
        return ""
    path, _, anchor = learn.partition("#")
    page = f"{quote(path.removesuffix('.md').strip('/') or 'index')}.html"
    return f"{course_url.rstrip('/')}/{page}" + (f"#{quote(anchor)}" if anchor else "")


def learn_name(learn: str) -> str:
    """Return what to call a page of the course: `data quality: completeness`."""
    path, _, anchor = learn.partition("#")
    page = path.removesuffix(".md").removesuffix("/index").rpartition("/")[2]
    return ": ".join(part.replace("-", " ") for part in (page, anchor) if part)


def prose(text: str) -> Markup:
    """Return text with `code` in backticks set as code, and all else escaped."""
    made = Markup()
    at = 0
    text = visible(text)
    for match in _CODE.finditer(text):
        made += escape(text[at : match.start()]) + charts.tag("code", match.group(2))
        at = match.end()
    return made + escape(text[at:])


def _page(report: Report, budget: _Budget, **more: Any) -> str:
    shown = _within(report, budget)
    following = report.next_line if budget.lines else None
    return _render(
        "student.html.j2",
        report=shown,
        next_line=following and _line_within(following, budget),
        tasks=_tasks(shown.lines),
        left_out=len(report.lines) - len(shown.lines),
        bar=charts.points_bar(replace(shown, lines=tuple(sorted(shown.lines, key=_task_order)))),
        **more,
    )


def _within(report: Report, budget: _Budget) -> Report:
    lines = tuple(_line_within(line, budget) for line in report.lines[: budget.lines])
    notes = tuple(_cut(note, budget.message) for note in report.notes[:100])
    return replace(report, lines=lines, notes=notes)


def _line_within(line: ReportLine, budget: _Budget) -> ReportLine:
    return replace(
        line,
        message=_cut(line.message, budget.message),
        output=_cut(line.output, budget.output),
        detail=_cut(line.detail, budget.detail),
    )


def _cut(text: str, limit: int) -> str:
    if text and not limit:
        return f"… (cut: {size(len(text))}; the page would be too large)"
    return capped(text, limit)


def _tasks(lines: Sequence[ReportLine]) -> list[tuple[int | None, list[ReportLine]]]:
    """Return the checks by task, in the order of the tasks; those without one come last."""
    ordered = sorted(lines, key=_task_order)
    return [(task, list(group)) for task, group in groupby(ordered, key=lambda line: line.task)]


def _task_order(line: ReportLine) -> tuple[bool, int]:
    return line.task is None, line.task or 0


def _attention(rows: Sequence[StudentRow]) -> list[tuple[str, str, list[StudentRow]]]:
    """Return (state, what to do, students), what is our fault first."""
    order = {State.PENDING: 0, State.UNGRADABLE: 1, State.ABSENT: 3}
    ordered = sorted(rows, key=lambda row: (order.get(row.state, 2), row.state, row.key))
    return [
        (state, _ADVICE.get(state, ""), list(group))
        for state, group in groupby(ordered, key=lambda row: row.state)
    ]


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values) + "\n"


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("grader"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    made.filters.update(
        class_name=_class_name,
        href=_href,
        learn_name=learn_name,
        moment=_moment,
        points=marks.points_text,
        prose=prose,
        seconds=_seconds,
        status_word=marks.WORD.__getitem__,
        symbol=charts.symbol,
    )
    made.globals.update(
        learn_href=learn_href, share_bar=charts.share_bar, Status=Status, Verdict=Verdict
    )
    return made


def _safe(value: Any) -> Any:
    """Make every expression of a template visible, whatever an author forgot."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value


def _class_name(status: Status | None) -> str:
    return "s-none" if status is None else f"s-{status.replace('_', '-')}"


def _href(target: str) -> str:
    """Return a link that we made ourselves: relative, http or file; anything else leads nowhere."""
    return target if _RELATIVE.fullmatch(target) or _TARGET.fullmatch(target) else "#"


def _moment(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"  # noqa: PLR2004 - three digits are enough

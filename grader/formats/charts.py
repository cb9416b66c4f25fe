"""Small charts as inline SVG, without scripts: numbers in, markup out.

Colours come from the classes of the page's style sheet. Every chart has a text alternative, and
everything it writes is escaped here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape

from grader.formats.marks import SYMBOL, WORD, points_text
from grader.outcome import Status
from grader.plaintext import one_line, visible
from grader.report import Report, ReportLine
from grader.summary import Bin, CheckSummary, ClassSummary, StudentRow

Value = str | float

_BAR: Final = 600.0
_GAP: Final = 3.0
_PLOT_HEIGHT: Final = 120.0
_BASE: Final = _PLOT_HEIGHT + 26
_MIN_ROW: Final = 3.0
_MAX_ROW: Final = 9.0
_MAP_HEIGHT: Final = 1200.0
_AXIS: Final = 92.0
_TICK_EVERY: Final = 40.0
_LABEL: Final = 26


def tag(name: str, /, *children: str, **attributes: Value) -> Markup:
    """Return one element: text and attributes escaped, Markup children as they are.

    A trailing underscore of an attribute's name goes away (`class_`), others become hyphens.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
    )
    inside = Markup().join(
        child if isinstance(child, Markup) else escape(visible(child)) for child in children
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, Markup(said), inside)  # noqa: S704 - said is escaped above


def points_bar(report: Report) -> Markup:
    """Return one segment per check, as wide as its points and filled as far as they are earned."""
    lines = [line for line in report.lines if line.points > 0]
    total = sum(line.points for line in lines)
    if not total:
        return Markup()
    room = _BAR - _GAP * (len(lines) - 1)
    gap = _GAP if room > 0 else 0.0
    scale = (_BAR - gap * (len(lines) - 1)) / total
    segments = []
    at = 0.0
    for line in lines:
        width = line.points * scale
        segments.append(_segment(line, at, width))
        at += width + gap
    said = f"{report.earned} of {report.out_of} points, one segment per check"
    return tag(
        "svg",
        tag("title", said),
        *segments,
        class_="points-bar",
        role="img",
        viewBox=f"0 0 {_BAR:g} 14",
        preserveAspectRatio="none",
        aria_label=said,
    )


def share_bar(check: CheckSummary) -> Markup:
    """Return how a check ended over the class, as one bar cut by status."""
    order = [status for status in Status if check.counts.get(status)]
    said = ", ".join(f"{check.counts[status]} {WORD[status]}" for status in order)
    parts = []
    at = 0.0
    for status in order:
        width = 100.0 * check.counts[status] / check.graded
        parts.append(tag("rect", x=at, y=0, width=width, height=8, class_=_class(status)))
        at += width
    return tag(
        "svg",
        tag("title", said),
        *parts,
        class_="share-bar",
        role="img",
        viewBox="0 0 100 8",
        preserveAspectRatio="none",
        aria_label=said or "no hand-in met this check",
    )


def histogram(bins: Sequence[Bin]) -> Markup:
    """Return the distribution of points: a bar per bin, with its number of students."""
    if not bins:
        return Markup()
    top = max(1, *(len(held.students) for held in bins))
    pitch = 700.0 / len(bins)
    bars = [_column(held, at * pitch, pitch, top) for at, held in enumerate(bins)]
    said = "Students by points: " + "; ".join(
        f"{held.label}: {len(held.students)}" for held in bins if held.students
    )
    base = tag("line", x1=0, y1=_BASE, x2=700, y2=_BASE, class_="axis")
    return tag(
        "svg",
        *bars,
        base,
        class_="histogram",
        role="img",
        viewBox=f"0 0 700 {_BASE + 28:g}",
        aria_label=said,
    )


def heat_map(summary: ClassSummary, links: Mapping[str, str]) -> Markup:
    """Return students (rows, most points first) by checks (columns), for a class of any size.

    Cells of one status that lie under each other are one shape, so that 500 students stay small.
    A row says its student and points when pointed at, and leads to the student's page.
    """
    rows = [row for row in summary.students if any(row.statuses)]
    if not rows or not summary.checks:
        return Markup()
    height = min(_MAX_ROW, max(_MIN_ROW, _MAP_HEIGHT / len(rows)))
    width = min(44.0, max(14.0, 760.0 / len(summary.checks)))
    head = 8.0 + 5.2 * min(_LABEL, max(len(check.id) for check in summary.checks))
    wide = _AXIS + width * len(summary.checks)
    cells = [
        _cells([row.statuses[at] for row in rows], _AXIS + at * width, head, (width, height))
        for at in range(len(summary.checks))
    ]
    links_over = [
        _row_link(row, head + at * height, (wide, height), links) for at, row in enumerate(rows)
    ]
    return tag(
        "svg",
        *(
            _label(check, _AXIS + (at + 0.5) * width, head)
            for at, check in enumerate(summary.checks)
        ),
        *_scale(rows, head, height),
        *cells,
        *links_over,
        class_="heat-map",
        role="img",
        viewBox=f"0 0 {wide + head * 0.7:g} {head + height * len(rows) + 2:g}",
        width=wide + head * 0.7,
        aria_label=(
            f"{len(rows)} students by {len(summary.checks)} checks, coloured by status. "
            "The table of all students says the same in words."
        ),
    )


def _segment(line: ReportLine, at: float, width: float) -> Markup:
    share = line.earned / line.points
    said = f"{line.check}: {line.earned} of {line.points} points, {WORD[line.status]}"
    return tag(
        "g",
        tag("title", one_line(said)),
        tag("rect", x=at, y=0, width=width, height=14, rx=2, class_="unearned"),
        tag("rect", x=at, y=0, width=width * share, height=14, rx=2, class_="earned"),
    )


def _column(held: Bin, at: float, pitch: float, top: int) -> Markup:
    count = len(held.students)
    height = _PLOT_HEIGHT * count / top
    middle = at + pitch / 2
    y = _BASE - height
    label = held.label.replace(" to ", "\u2013")
    who = ", ".join(held.students[:12]) + (" …" if len(held.students) > 12 else "")  # noqa: PLR2004 - as many names as fit a tooltip
    return tag(
        "g",
        tag("title", f"{held.label} points: {count} students. {who}"),
        tag("rect", x=at + 4, y=y, width=pitch - 8, height=height, rx=2, class_="column"),
        tag("text", str(count) if count else "", x=middle, y=y - 5, class_="count"),
        tag("text", label, x=middle, y=_BASE + 19, class_="label"),
    )


def _cells(
    statuses: Sequence[Status | None], x: float, head: float, cell: tuple[float, float]
) -> Markup:
    width, height = cell
    paths: dict[Status, list[str]] = {}
    at = 0
    for status, run in groupby(statuses):
        long = len(list(run))
        if status is not None:
            shape = f"M{x:g} {head + at * height:g}h{width - 1:g}v{long * height:g}h{1 - width:g}z"
            paths.setdefault(status, []).append(shape)
        at += long
    return Markup().join(
        tag("path", d="".join(shapes), class_=_class(status)) for status, shapes in paths.items()
    )


def _row_link(
    row: StudentRow, y: float, size: tuple[float, float], links: Mapping[str, str]
) -> Markup:
    wide, height = size
    said = tag("title", f"{row.student}: {points_text(row.points)} points")
    over = tag("rect", said, x=_AXIS, y=y, width=wide - _AXIS, height=height, class_="over")
    if row.key not in links:
        return over
    return tag("a", over, href=links[row.key], tabindex=-1)


def _label(check: CheckSummary, x: float, head: float) -> Markup:
    kind = "hidden" if check.hidden else "public"
    return tag(
        "text",
        tag("title", f"{check.id} ({kind}, {check.points} points): {check.title}"),
        one_line(check.id if len(check.id) <= _LABEL else f"{check.id[: _LABEL - 1]}…"),
        transform=f"translate({x:g} {head - 6:g}) rotate(-55)",
        class_="label hidden-check" if check.hidden else "label",
    )


def _scale(rows: Sequence[StudentRow], head: float, height: float) -> list[Markup]:
    """Return the axis at the left: the points of a row every few pixels."""
    step = max(1, round(_TICK_EVERY / height))
    return [
        tag(
            "text",
            f"{points_text(rows[at].points)} points",
            x=_AXIS - 8,
            y=head + at * height + 9,
            class_="tick",
        )
        for at in range(0, len(rows), step)
    ]


def _class(status: Status) -> str:
    return f"s-{status.replace('_', '-')}"


def _value(value: Value) -> str:
    if isinstance(value, str):
        return visible(value)
    return f"{value:.2f}".rstrip("0").rstrip(".")


def symbol(status: Status | None) -> str:
    """Return the symbol of a status, or a dot where there is none."""
    return "·" if status is None else SYMBOL[status]

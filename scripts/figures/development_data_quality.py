"""Figures of the chapter on data quality: the week of lab 02, and where to put the limit."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Any, Final

import pandas as pd

from scripts.figures.drawing import Drawing, text

ROOT: Final = Path(__file__).resolve().parents[2]
LAB: Final = ROOT / "labs" / "02-data-quality"
SOURCE: Final = ROOT / "solutions" / "02-data-quality" / "source" / "quality.py"
NOW: Final = pd.Timestamp("2026-05-13T02:00:00Z")

DIMENSIONS: Final = {
    "Completeness": ("incomplete",),
    "Accuracy: validity": ("invalid",),
    "Accuracy: sums": ("inaccurate",),
    "Consistency": ("orphan", "duplicate"),
    "Timeliness": ("late",),
}
"""Row of the figure -> reasons of the gate that belong to it."""
DECISIONS: Final = {"accept": "accepted", "quarantine": "set aside", "reject": "rejected"}

ROWS: Final = 72
"""Rows of one day's file."""
OUTLET_ROWS: Final = 9
"""Rows of one outlet in it."""
SLIPS: Final = 0.02
"""Share of rows that go wrong on any day; independent of each other in this model."""


def figures() -> list[Drawing]:
    """Return the figures of the page."""
    return [week_figure(), limit_figure()]


def week() -> tuple[list[str], dict[str, list[float]], list[str]]:
    """Return (days, dimension -> share of bad rows on each day, decision on each day)."""
    quality = _module(SOURCE)
    outlets, history = (
        quality.load(LAB / "data" / f"{name}.csv") for name in ("outlets", "history")
    )
    days: list[str] = []
    decisions: list[str] = []
    shares: dict[str, list[float]] = {name: [] for name in DIMENSIONS}
    for path in sorted((LAB / "data" / "batches").glob("*.csv")):
        batch = quality.load(path)
        result = quality.ingest(batch, history, outlets, NOW)
        history = pd.concat([history, result["accepted"]], ignore_index=True)
        reasons = result["quarantined"]["reason"]
        days.append(f"{pd.Timestamp(path.stem):%a}")
        decisions.append(result["decision"])
        for name, words in DIMENSIONS.items():
            shares[name].append(float(reasons.isin(words).sum()) / len(batch))
    return days, shares, decisions


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def refused(limit: float, broken_rows: int) -> float:
    """Return the probability that a day is refused: more than `limit` of its rows are bad.

    `broken_rows` are bad for sure; each of the others with probability SLIPS.
    """
    others = ROWS - broken_rows
    allowed = math.floor(limit * ROWS + 1e-9) - broken_rows
    stays = sum(_binomial(count, others) for count in range(max(allowed, -1) + 1))
    return 1 - stays


def _binomial(count: int, rows: int) -> float:
    return math.comb(rows, count) * SLIPS**count * (1 - SLIPS) ** (rows - count)


def week_figure() -> Drawing:
    """Draw a heat map: share of bad rows, dimension by day, and the gate's decision."""
    days, shares, decisions = week()
    left, top, wide, high = 150, 34, 76, 38
    body = [
        text((left + wide * (at + 0.5), top - 12), day, "soft", text_anchor="middle")
        for at, day in enumerate(days)
    ]
    for row, (name, values) in enumerate(shares.items()):
        y = top + row * high
        body.append(text((left - 12, y + high / 2 + 4.5), name, text_anchor="end"))
        for at, value in enumerate(values):
            body += _cell(left + at * wide, y, (wide, high), value)
    y = top + len(shares) * high + 26
    body.append(text((left - 12, y), "The gate's answer", text_anchor="end", font_weight=600))
    body += [
        text((left + wide * (at + 0.5), y), DECISIONS[decision], _tone(decision), **_CENTRED)
        for at, decision in enumerate(decisions)
    ]
    size = (left + wide * len(days) + 4, y + 14)
    return Drawing(
        name="week",
        title="Which measure sees which fault",
        says=_tell(days, shares, decisions),
        size=size,
        body=tuple(body),
    )


_CENTRED: Final = {"text_anchor": "middle", "font_size": 12, "font_weight": 600}


def _tone(decision: str) -> str:
    return {"accept": "good", "quarantine": "mild", "reject": "bad"}[decision]


def _cell(x: float, y: float, size: tuple[int, int], value: float) -> list[str]:
    wide, high = size
    box = f'x="{x + 2}" y="{y + 2}" width="{wide - 4}" height="{high - 4}" rx="4"'
    found = [f'<rect {box} class="cell"/>']
    if value:
        strength = min(1.0, 0.72 + value)
        found.append(f'<rect {box} class="heat" fill-opacity="{strength:.2f}"/>')
        middle = (x + wide / 2, y + high / 2 + 4.5)
        found.append(text(middle, f"{value:.1%}", "on-heat", text_anchor="middle"))
    return found


def _tell(days: list[str], shares: dict[str, list[float]], decisions: list[str]) -> str:
    said = []
    for at, day in enumerate(days):
        seen = [f"{name} {values[at]:.1%} bad" for name, values in shares.items() if values[at]]
        said.append(f"{day}: {', '.join(seen) or 'nothing bad'}; {DECISIONS[decisions[at]]}.")
    return "Share of bad rows by measure and day. " + " ".join(said)


CURVES: Final = (
    ("good", 0, "an ordinary day"),
    ("mild", OUTLET_ROWS, "one outlet of eight broken"),
    ("bad", 3 * OUTLET_ROWS, "three outlets broken"),
)
"""Tone, rows that are bad for sure, what it is."""
LABELS: Final = (
    ("good", 0.034, 0.5, "an ordinary", "start"),
    ("good", 0.034, 0.43, "day", "start"),
    ("mild", 0.21, 0.27, "one outlet", "start"),
    ("mild", 0.21, 0.2, "of eight broken", "start"),
    ("bad", 0.365, 0.62, "three outlets broken", "end"),
)
"""Tone, limit, chance, words, where the place is in the words: beside their curve, never on it."""
LIMITS: Final = tuple(step / 200 for step in range(101))
SHOWN_LIMITS: Final = (0.0, 0.05, 0.2, 0.4)


def limit_figure() -> Drawing:
    """Draw how often a day is refused, for each limit on the share of bad rows."""
    left, top, wide, high = 64, 40, 520, 230

    def place(limit: float, chance: float) -> str:
        return f"{left + wide * limit / LIMITS[-1]:.1f},{top + high * (1 - chance):.1f}"

    body = _axes(left, top, wide, high)
    for tone, rows, _ in CURVES:
        points = " ".join(
            place(at, refused(limit, rows))
            for limit, end in zip(LIMITS, (*LIMITS[1:], LIMITS[-1]), strict=True)
            for at in (limit, end)
        )
        body.append(f'<polyline class="curve {tone}" points="{points}"/>')
    x = left + wide * 0.2 / LIMITS[-1]
    body.append(f'<path class="mark" d="M{x:g} {top - 6} V{top + high}"/>')
    body.append(text((x, top - 14), "limit of the lab: 20 %", "ink", text_anchor="middle"))
    for tone, share, chance, words, anchor in LABELS:
        x, y = map(float, place(share, chance).split(","))
        body.append(text((x, y), words, tone, font_weight=600, text_anchor=anchor))
    told = " ".join(
        f"{name.capitalize()}: "
        + ", ".join(
            f"{_percent(refused(limit, rows))} refused at a limit of {limit:.0%}"
            for limit in SHOWN_LIMITS
        )
        + "."
        for _, rows, name in CURVES
    )
    return Drawing(
        name="limit",
        title="How often a day's file is refused, by the limit on its share of bad rows",
        says=told,
        size=(left + wide + 16, top + high + 56),
        body=tuple(body),
    )


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.005 else f"{share:.0%}"  # noqa: PLR2004 - rounds to zero


def _axes(left: int, top: int, wide: int, high: int) -> list[str]:
    body = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = top + high * (1 - share)
        body.append(f'<path class="rule" d="M{left} {y:g} H{left + wide}"/>')
        body.append(
            text((left - 10, y + 4.5), f"{share:.0%}", "soft", text_anchor="end", font_size=12)
        )
    for limit in (0, 0.1, 0.2, 0.3, 0.4, 0.5):
        x = left + wide * limit / LIMITS[-1]
        body.append(
            text((x, top + high + 20), f"{limit:.0%}", "soft", text_anchor="middle", font_size=12)
        )
    middle = (left + wide / 2, top + high + 44)
    body.append(
        text(
            middle,
            "limit: refuse the file when more of its rows are bad",
            "soft",
            text_anchor="middle",
        )
    )
    body.append(text((left - 54, top - 14), "refused", "soft"))
    return body

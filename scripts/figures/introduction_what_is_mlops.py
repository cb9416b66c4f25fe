"""Figure of *What is MLOps?*: a forecast that sinks although every light is green."""

from __future__ import annotations

import importlib
import sys
from datetime import date
from pathlib import Path
from typing import Any, Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, MUTED, PAPER, RED, Figure

COURSE: Final = Path(__file__).resolve().parents[2] / "course"
FIRST, LAST = date(2026, 2, 16), date(2026, 4, 12)


def taught(part: str, name: str) -> Any:
    """Import an example program of a chapter, as the chapter's own folder would."""
    folder = str(COURSE / part)
    sys.path.insert(0, folder)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(folder)


def weeks() -> pd.DataFrame:
    """Return for each week its Monday, and the forecast as a share of what was sold."""
    nightly = taught("introduction", "nightly")
    told = nightly.nights(nightly.received(), first=FIRST, last=LAST)
    rows = []
    for at in range(0, len(told), 7):
        days = told[at : at + 7]
        sold = sum(sold for *_, sold in days)
        rows.append(
            {
                "week": f"{days[0][0].day} {days[0][0]:%b}",
                "share": sum(guess for _, guess, _ in days) / sold,
            }
        )
    return pd.DataFrame(rows)


def figures() -> list[Figure]:
    """Return the figures of the page."""
    table = weeks()
    order = list(table["week"])
    x = alt.X("week:N", sort=order, title="week that begins on", axis=alt.Axis(labelAngle=0))
    y = alt.Y(
        "share:Q",
        title="forecast, as a share of what was sold",
        axis=alt.Axis(format="%"),
        scale=alt.Scale(domain=[0, 1.1]),
    )
    bars = (
        alt.Chart(table)
        .mark_bar(size=34)
        .encode(
            x=x,
            y=y,
            color=alt.condition(alt.datum.share < 1 - 0.10, alt.value(RED), alt.value(BLUE)),
        )
    )
    numbers = bars.mark_text(dy=14).encode(
        text=alt.Text("share:Q", format=".0%"), color=alt.value(PAPER)
    )
    sold = alt.Chart(pd.DataFrame({"at": [1.0]})).mark_rule(strokeDash=[4, 4], color=MUTED)
    shares = ", ".join(f"{share:.0%}" for share in table["share"])
    return [
        Figure(
            name="silent-fault",
            title="A forecast that sinks without an error",
            chart=(bars + numbers + sold.encode(y="at:Q")).properties(width=520, height=230),
            says=(
                f"Weekly forecast as a share of the cups sold, from {order[0]} on: {shares}. "
                "The channel was renamed on 2 March; weeks that are off by more than 10 % are red."
            ),
        )
    ]

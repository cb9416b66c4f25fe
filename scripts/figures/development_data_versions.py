"""Figure of the chapter on data versions: which way to name a version notices which change."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import altair as alt
import pandas as pd

from scripts.figures.chart import GREEN, INK, PAPER, RED, Figure
from scripts.figures.development_programs import program

SAME = "copied, nothing else"
"""The one change after which the data are the same."""


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [noticed()]


def noticed() -> Figure:
    """Draw a table of changes by ways to name a version; colour and word tell what is wrong."""
    work = program("snapshots")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # hints about types of columns
        seen = work.noticed(Path(folder))
    table = pd.DataFrame(
        {
            "change": change,
            "way": way,
            "right": bool(value) != (change == SAME),
            "word": _word(noticed=bool(value), same=change == SAME),
        }
        for change, ways in seen.iterrows()
        for way, value in ways.items()
    )
    base = alt.Chart(table).encode(
        x=alt.X(
            "way:N",
            title=None,
            sort=list(seen.columns),
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, labelLimit=130),
        ),
        y=alt.Y(
            "change:N",
            title=None,
            sort=list(seen.index),
            axis=alt.Axis(domain=False, ticks=False, labelFontSize=13, minExtent=160),
        ),
    )
    boxes = base.mark_rect(stroke=PAPER, strokeWidth=3, opacity=0.28, cornerRadius=5).encode(
        color=alt.Color(
            "right:N", scale=alt.Scale(domain=[True, False], range=[GREEN, RED]), legend=None
        )
    )
    words = base.mark_text(color=INK).encode(text="word:N")
    chart = (boxes + words).properties(width=560, height=210)
    return Figure(name="versions-noticed", chart=chart, says=_says(table))


def _word(*, noticed: bool, same: bool) -> str:
    if same:
        return "false alarm" if noticed else "quiet"
    return "noticed" if noticed else "missed"


def _says(table: pd.DataFrame) -> str:
    told = []
    for way, rows in table.groupby("way", sort=False):
        wrong = rows[~rows["right"]]
        listed = ", ".join(f"{one.change} ({one.word})" for one in wrong.itertuples())
        told.append(f"{way}: {listed or 'nothing'}")
    return "What each way to name a version gets wrong. " + "; ".join(told) + "."

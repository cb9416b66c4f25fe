"""Figures of the page on responding: what each answer does, and how much past to learn from."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, CARD, GREEN, INK, ORANGE, PAPER, RED, Figure
from scripts.figures.monitoring_programs import LEFT, ROOMY, program

ANSWERS: Final = {
    "nothing": "nothing",
    "tune": "tune",
    "retrain": "retrain",
    "roll_back": "roll back",
    "relabel": "relabel",
}
NOTABLY_WORSE: Final = 0.02
"""Points of WAPE above the best answer from which a cell is marked."""
SINCE: Final = (2, 4, 8)
USED: Final = (2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26)


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [answers(), windows()]


def answers() -> Figure:
    """Draw cause by answer: the error of the next four weeks."""
    wide = program("respond").outcomes().rename(columns=ANSWERS)
    table = (
        wide.rename_axis("cause").reset_index().melt("cause", var_name="answer", value_name="error")
    )
    best = wide.min(axis=1)
    table["kind"] = [
        "worse" if error > best[cause] + NOTABLY_WORSE else "fine"
        for cause, error in zip(table["cause"], table["error"], strict=True)
    ]
    base = alt.Chart(table).encode(
        x=alt.X(
            "answer:N",
            sort=list(ANSWERS.values()),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, labelFontSize=13, domain=False, ticks=False),
        ),
        y=alt.Y(
            "cause:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelFontSize=13, domain=False, ticks=False, labelLimit=200),
        ),
    )
    fill = alt.Color(
        "kind:N", legend=None, scale=alt.Scale(domain=["fine", "worse"], range=[CARD, RED])
    )
    ink = alt.Color(
        "kind:N", legend=None, scale=alt.Scale(domain=["fine", "worse"], range=[INK, PAPER])
    )
    boxes = base.mark_rect(stroke=PAPER, strokeWidth=3).encode(color=fill)
    words = base.mark_text(fontSize=14).encode(text=alt.Text("error:Q", format=".1%"), color=ink)
    chart = (
        (boxes + words)
        .resolve_scale(color="independent")
        .properties(width=440, height=210, padding=LEFT)
    )
    told = "; ".join(
        f"{cause}: " + ", ".join(f"{answer} {error:.1%}" for answer, error in row.items())
        for cause, row in wide.iterrows()
    )
    return Figure(
        name="responding-answers",
        chart=chart,
        title="What each answer does to the error of the next four weeks",
        says=f"WAPE of the four weeks after the decision, by cause and answer. {told}.",
    )


def windows() -> Figure:
    """Draw the error of a retrained model by how many weeks it learnt from."""
    wide = program("respond").window_errors(SINCE, USED)
    table = pd.DataFrame(
        [
            {
                "since": f"{since} weeks after",
                "used": used,
                "error": wide.loc[since, used],
            }
            for since in SINCE
            for used in USED
        ]
    )
    order = [f"{since} weeks after" for since in SINCE]
    lines = alt.Chart(table).encode(
        x=alt.X(
            "used:Q",
            title="weeks that the new model learns from, some weeks after the change",
            axis=alt.Axis(grid=False),
        ),
        y=alt.Y(
            "error:Q",
            title="WAPE of the next 4 weeks",
            axis=alt.Axis(format=".0%"),
            scale=alt.Scale(domain=[0.16, 0.225], zero=False),
        ),
        color=alt.Color(
            "since:N",
            sort=order,
            scale=alt.Scale(domain=order, range=[ORANGE, BLUE, GREEN]),
            legend=ROOMY,
        ),
        strokeDash=alt.StrokeDash("since:N", sort=order, scale=alt.Scale(domain=order)),
    )
    chart = (lines.mark_line(point={"size": 55})).properties(width=480, height=220)
    best = table.loc[table.groupby("since")["error"].idxmin()]
    told = "; ".join(
        f"{row.since}: best with {row.used} weeks ({row.error:.1%}), with {USED[-1]} weeks "
        f"{table[(table['since'] == row.since) & (table['used'] == USED[-1])]['error'].iloc[0]:.1%}"
        for row in best.itertuples()
    )
    return Figure(
        name="responding-windows",
        chart=chart,
        title="How much of the past to learn from",
        says=f"Error of a model that was trained again after a new habit. {told}.",
    )

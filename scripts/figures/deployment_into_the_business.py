"""Figure of the chapter on batch and online: what fresh data are worth."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, MUTED, ORANGE, Figure
from scripts.figures.deployment_examples import beside

HOUR: Final = 60
DAY: Final = 24 * HOUR
QUANTITIES: Final = {
    "level of an outlet's demand (memory halves in 30 days)": (30 * DAY, BLUE),
    "queue at the counter (memory halves in 15 minutes)": (15, ORANGE),
}
"""What is forecast -> (half-life in minutes, colour)."""
MARKS: Final = {1: "1 minute", 15: "15 minutes", HOUR: "1 hour", DAY: "1 day", 7 * DAY: "1 week"}
AGES: Final = tuple(1.1**step for step in range(97))


def figures() -> list[Figure]:
    """Return the figures of the page."""
    error = beside("morning").error
    frame = pd.DataFrame(
        [
            {"age": age, "what": what, "error": error(age, half_life)}
            for what, (half_life, _) in QUANTITIES.items()
            for age in AGES
        ]
    )
    told = "; ".join(
        f"{what}: "
        + ", ".join(f"{error(age, half_life):.2f} at {MARKS[age]}" for age in (1, HOUR, DAY))
        for what, (half_life, _) in QUANTITIES.items()
    )
    return [
        Figure(
            name="deployment-age",
            title="What fresh data are worth",
            chart=chart(frame),
            says="Error of the best forecast by the age of the data; 1: the data are of no "
            f"use. {told}.",
        )
    ]


def chart(frame: pd.DataFrame) -> alt.Chart:
    """Draw a curve for each quantity, over the age of the data on a log scale."""
    names = list(QUANTITIES)
    labels = "{" + ", ".join(f"'{at}': '{words}'" for at, words in MARKS.items()) + "}[datum.value]"
    drawn: alt.Chart = (
        alt.Chart(frame)
        .mark_line(clip=True)
        .encode(
            x=alt.X(
                "age:Q",
                title="age of the data when the forecast is used",
                scale=alt.Scale(type="log", domain=[1, 7 * DAY]),
                axis=alt.Axis(
                    values=list(MARKS), labelExpr=labels, gridColor=MUTED, gridOpacity=0.3
                ),
            ),
            y=alt.Y("error:Q", title="error (1 = data of no use)"),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=names, range=[tone for _, tone in QUANTITIES.values()]),
                legend=alt.Legend(columns=1, labelLimit=400),
            ),
            strokeDash=alt.StrokeDash("what:N", scale=alt.Scale(domain=names)),
        )
        .properties(width=460, height=230)
    )
    return drawn

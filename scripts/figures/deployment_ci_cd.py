"""Figure of the chapter on CI/CD: how often three gates let a candidate pass."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, MUTED, RED, Figure
from scripts.figures.deployment_examples import beside

SIZES: Final = (0.0, 0.4, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4)
"""Bias of the candidate, as a multiple of the champion's."""
GATES: Final = {
    "under a fixed limit": RED,
    "lower error": BLUE,
    "surely lower error": GREEN,
}


def figures() -> list[Figure]:
    """Return the figures of the page."""
    frame = simulated()
    return [
        Figure(
            name="deployment-gates",
            title="How often a gate opens",
            chart=chart(frame),
            says=says(frame),
        )
    ]


def simulated() -> pd.DataFrame:
    """Return, for each candidate and gate, how often the gate opens."""
    gates = beside("gates")
    rows = [gates.passes(size, times=2000) for size in SIZES]
    return pd.DataFrame(rows).melt("difference", var_name="gate", value_name="opens")


def chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw a curve for each gate, and the champion as a line."""
    lines = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X(
                "difference:Q",
                title="true error of the candidate against the champion's",
                axis=alt.Axis(format="+.0%", values=[step / 100 for step in range(-16, 13, 4)]),
            ),
            y=alt.Y("opens:Q", title="the gate opens", axis=alt.Axis(format=".0%")),
            color=alt.Color(
                "gate:N",
                scale=alt.Scale(domain=list(GATES), range=list(GATES.values())),
                legend=alt.Legend(columnPadding=24, labelLimit=240),
            ),
            strokeDash=alt.StrokeDash("gate:N", scale=alt.Scale(domain=list(GATES))),
        )
    )
    equal = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=MUTED).encode(x="at:Q")
    return alt.LayerChart(layer=[equal, lines]).properties(width=460, height=250)


def says(frame: pd.DataFrame) -> str:
    """Tell where the curves are for a better, an equal and a worse candidate."""
    told = []
    for gate in GATES:
        mine = frame[frame["gate"] == gate].reset_index(drop=True)
        seen = ", ".join(
            f"{mine['opens'][at]:.0%} at {mine['difference'][at]:+.0%}"
            for at in (SIZES.index(0.8), SIZES.index(1.0), SIZES.index(1.2))
        )
        told.append(f"Gate “{gate}” opens for {seen}.")
    return "Candidates with a true error below or above the champion's. " + " ".join(told)

"""Figure of the chapter on feature engineering: selecting before the split finds gold in noise."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, INK, ORANGE, Figure
from scripts.figures.development_programs import program

DRAWS: Final = 20
"""Data sets of pure chance."""
BEFORE: Final = "before the split"
WITHIN: Final = "inside each fold"
SCALE: Final = alt.Scale(domain=[0.3, 1])


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [selection()]


def selection() -> Figure:
    """Draw the accuracy that cross-validation reports where nothing can be learnt."""
    table = pd.DataFrame([_one(seed) for seed in range(DRAWS)])
    long = table.melt(var_name="selected", value_name="accuracy")
    base = alt.Chart(long).encode(
        x=alt.X(
            "accuracy:Q",
            title="accuracy that cross-validation reports",
            axis=alt.Axis(format="%", labelFlush=False, tickCount=7),
            scale=SCALE,
        ),
        y=alt.Y(
            "selected:N",
            title=None,
            sort=[BEFORE, WITHIN],
            axis=alt.Axis(labelFontSize=13, minExtent=125),
        ),
        color=alt.Color(
            "selected:N",
            scale=alt.Scale(domain=[BEFORE, WITHIN], range=[ORANGE, BLUE]),
            legend=None,
        ),
    )
    truth = (
        alt.Chart(pd.DataFrame({"at": [0.5]}))
        .mark_rule(color=INK)
        .encode(x=alt.X("at:Q", scale=SCALE))
    )
    dots = base.mark_circle(size=60, opacity=0.5)
    middle = base.mark_tick(thickness=3, size=40).encode(x="mean(accuracy):Q")
    chart = (truth + dots + middle).properties(width=440, height=130)
    return Figure(name="selection-before-split", chart=chart, says=_says(table))


def _one(seed: int) -> dict[str, float]:
    work = program("choosing_features")
    drawn = work.noise(seed)
    return {
        BEFORE: float(work.selected_before(*drawn)),
        WITHIN: float(work.selected_within(*drawn)),
    }


def _says(table: pd.DataFrame) -> str:
    told = [
        f"Selected {name}: {table[name].mean():.0%} on average, from {table[name].min():.0%} "
        f"to {table[name].max():.0%}."
        for name in (BEFORE, WITHIN)
    ]
    return f"Accuracy reported for {DRAWS} data sets of pure chance; the truth is 50%. " + " ".join(
        told
    )

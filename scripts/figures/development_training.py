"""Figure of the chapter on training: what two kinds of split promise, and what comes."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, INK, ORANGE, Figure
from scripts.figures.development_programs import program

SHOPS: Final = range(7, 17)
"""Seeds of the invented chains."""
TREES: Final = 5
"""Enough to see the effect, and quick."""
RANDOM: Final = "random split"
TIME: Final = "split by time"


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [promises()]


def promises() -> Figure:
    """Draw how far the promised error is from the error that came, for ten invented chains."""
    table = pd.DataFrame([_one(seed) for seed in SHOPS])
    long = table.melt(id_vars="seed", var_name="split", value_name="points")
    base = alt.Chart(long).encode(
        x=alt.X(
            "points:Q",
            title="promised WAPE minus the WAPE that came, in points",
            axis=alt.Axis(labelFlush=False),
        ),
        y=alt.Y(
            "split:N",
            title=None,
            sort=[RANDOM, TIME],
            axis=alt.Axis(labelFontSize=13, minExtent=100),
        ),
        color=alt.Color("split:N", scale=_scale(), legend=None),
    )
    zero = alt.Chart(pd.DataFrame({"at": [0]})).mark_rule(color=INK).encode(x="at:Q")
    dots = base.mark_circle(size=70, opacity=0.7)
    middle = base.mark_tick(thickness=3, size=40).encode(x="mean(points):Q")
    chart = (zero + dots + middle).properties(width=440, height=130)
    return Figure(name="training-promises", chart=chart, says=_says(table))


def _one(seed: int) -> dict[str, Any]:
    work = program("forecasting")
    sales, features = work.prepared(seed)
    features = work.dated(sales, features)

    def score(masks: Any) -> float:
        model = work.make_model(n_estimators=TREES)
        return 100 * float(work.score(model, sales, features, masks))

    came = score(work.by_time(sales, work.TEST, work.END))
    return {
        "seed": seed,
        RANDOM: score(work.at_random(sales, work.TEST)) - came,
        TIME: score(work.by_time(sales, work.VALIDATION, work.TEST)) - came,
    }


def _scale() -> alt.Scale:
    return alt.Scale(domain=[RANDOM, TIME], range=[ORANGE, BLUE])


def _says(table: pd.DataFrame) -> str:
    told = []
    for name in (RANDOM, TIME):
        points = table[name]
        told.append(
            f"{name.capitalize()}: {points.mean():+.1f} points on average, from "
            f"{points.min():+.1f} to {points.max():+.1f}; too good in "
            f"{(points < 0).sum()} of {len(points)} chains."
        )
    return "Promised error minus the error that came, for ten invented chains. " + " ".join(told)

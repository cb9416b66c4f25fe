"""Figure of the chapter on pipelines: how many trainings a search for hyperparameters takes."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, MUTED, Figure

SHARES: Final = {0.05: ("the best 5 %", BLUE), 0.01: ("the best 1 %", GREEN)}
MOST: Final = 340
GRID: Final = {parameters: 4**parameters for parameters in (2, 3, 4)}
"""Parameters -> trainings of a grid with four values for each."""


def figures() -> list[Figure]:
    """Return the figures of the page."""
    frame = pd.DataFrame(
        [
            {"trainings": count, "hit": hit(share, count), "among": name}
            for share, (name, _) in SHARES.items()
            for count in range(1, MOST + 1)
        ]
    )
    said = "; ".join(
        f"{name}: {hit(share, 20):.0%} after 20 trainings, {hit(share, 60):.0%} after 60, "
        f"{hit(share, 300):.0%} after 300"
        for share, (name, _) in SHARES.items()
    )
    return [
        Figure(
            name="deployment-search",
            title="Random search: trainings and the chance of a good setting",
            chart=chart(frame),
            says=f"Chance that random search has tried one of {said}. "
            "A grid of four values takes "
            + ", ".join(f"{size} trainings for {count} parameters" for count, size in GRID.items())
            + ".",
        )
    ]


def hit(share: float, trainings: int) -> float:
    """Return the chance that one of so many random settings is among the best `share` of all."""
    return 1 - float((1 - share) ** trainings)


def chart(frame: pd.DataFrame) -> alt.LayerChart:
    """Draw both curves, and the sizes of three grids as lines."""
    names = [name for name, _ in SHARES.values()]
    lines = (
        alt.Chart(frame)
        .mark_line()
        .encode(
            x=alt.X(
                "trainings:Q",
                title="trainings",
                scale=alt.Scale(domain=[0, MOST]),
                axis=alt.Axis(tickCount=7),
            ),
            y=alt.Y("hit:Q", title="one of them was tried", axis=alt.Axis(format=".0%")),
            color=alt.Color(
                "among:N",
                scale=alt.Scale(domain=names, range=[tone for _, tone in SHARES.values()]),
                legend=alt.Legend(columnPadding=24),
            ),
            strokeDash=alt.StrokeDash("among:N", scale=alt.Scale(domain=names)),
        )
    )
    grids = alt.Chart(
        pd.DataFrame(
            [
                {
                    "at": size,
                    "words": f"{count} parameters: {size}",
                    "high": 0.05 + 0.08 * (count % 2),
                }
                for count, size in GRID.items()
            ]
        )
    ).encode(x="at:Q")
    rules = grids.mark_rule(color=MUTED, strokeDash=[2, 3])
    words = grids.mark_text(align="left", dx=4, fontSize=11, color=MUTED).encode(
        y="high:Q", text="words:N"
    )
    return alt.LayerChart(layer=[rules, words, lines]).properties(width=460, height=230)

"""Figure of *Where are we?*: at which level each maturity model asks for which practice."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, CARD, INK, PAPER, Figure
from scripts.figures.introduction_what_is_mlops import taught

NOT_NAMED: Final = "-"
"""What stands where a model does not name a practice."""


def cells() -> pd.DataFrame:
    """Return for each practice and model the level that asks for it."""
    levels = taught("maturity", "levels")
    rows = []
    for model, steps in levels.MODELS.items():
        names = list(steps)
        for practice in levels.PRACTICES:
            place = next((at for at, name in enumerate(names) if practice in steps[name]), None)
            rows.append(
                {
                    "model": model,
                    "practice": practice,
                    "level": NOT_NAMED if place is None else names[place].split()[0],
                    "height": 0.0 if place is None else place / (len(names) - 1),
                }
            )
    return pd.DataFrame(rows)


def figures() -> list[Figure]:
    """Return the figures of the page."""
    table = cells()
    models, practices = (list(dict.fromkeys(table[key])) for key in ("model", "practice"))
    base = alt.Chart(table).encode(
        x=alt.X(
            "model:N",
            sort=models,
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False, grid=False),
        ),
        y=alt.Y(
            "practice:N",
            sort=practices,
            title=None,
            axis=alt.Axis(domain=False, ticks=False, grid=False, labelLimit=200),
        ),
    )
    card = base.mark_rect(color=CARD, stroke=PAPER, strokeWidth=3)
    shade = base.mark_rect(color=BLUE, stroke=PAPER, strokeWidth=3).encode(
        opacity=alt.Opacity(
            "height:Q", legend=None, scale=alt.Scale(domain=[0, 1], range=[0.0, 0.42])
        )
    )
    letters = base.mark_text(fontWeight=600, color=INK).encode(text="level:N")
    said = "; ".join(
        f"{model}: " + ", ".join(f"{row.practice} {row.level}" for row in part.itertuples())
        for model, part in table[table["level"] != NOT_NAMED].groupby("model", sort=False)
    )
    grid = (card + shade + letters).properties(width=390, height=380)
    return [
        Figure(
            name="maturity-models",
            title="At which level each model asks for a practice",
            chart=grid.configure_view(strokeWidth=0).properties(
                padding={"left": 14, "top": 4, "right": 4, "bottom": 4}
            ),
            says=f"The level at which each maturity model asks for a practice. {said}.",
        )
    ]

"""Figure of the chapter on containers: which steps of two Dockerfiles run again after a change.

The numbers are those of course/deployment/layers.py, which tests compare with a real engine.
"""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from scripts.figures.chart import CARD, INK, LINE, ORANGE, PAPER, Figure
from scripts.figures.deployment_examples import beside

FILES: Final = {
    "Dockerfile.2024": "the source's Dockerfile",
    "Dockerfile": "ours",
}
CHANGES: Final = {
    "README.md": "README",
    "app.py": "code",
    "model/model.json": "model",
    "requirements.txt": "dependencies",
}
"""Changed file -> what it is called."""
WIDEST: Final = 34


def figures() -> list[Figure]:
    """Return the figures of the page."""
    rows = cells()
    return [
        Figure(
            name="deployment-layers",
            title="Which steps run again",
            chart=chart(rows),
            says=says(rows),
        )
    ]


def cells() -> list[dict[str, Any]]:
    """Return one row for each step of each Dockerfile and each change."""
    layers = beside("layers")
    return [
        {
            "file": name,
            "step": f"{at:02d} {step if len(step) <= WIDEST else step[: WIDEST - 1] + '…'}",
            "change": word,
            "again": step in layers.again(file, path),
        }
        for file, name in FILES.items()
        for at, step in enumerate(layers.steps(file), start=1)
        for path, word in CHANGES.items()
    ]


def chart(rows: list[dict[str, Any]]) -> alt.VConcatChart:
    """Draw a table for each Dockerfile: steps down, changes across."""
    return alt.vconcat(*(_table(rows, name) for name in FILES.values()), spacing=24)


def _table(rows: list[dict[str, Any]], name: str) -> alt.LayerChart:
    base = alt.Chart(pd.DataFrame([row for row in rows if row["file"] == name])).encode(
        x=alt.X(
            "change:N",
            sort=list(CHANGES.values()),
            title="a change of …",
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
        ),
        y=alt.Y(
            "step:N",
            title=None,
            axis=alt.Axis(
                labelExpr="substring(datum.value, 3)", labelLimit=260, domain=False, ticks=False
            ),
        ),
    )
    boxes = base.mark_rect(stroke=LINE, strokeWidth=1).encode(
        color=alt.condition("datum.again", alt.value(ORANGE), alt.value(CARD))
    )
    words = base.mark_text(fontSize=11).encode(
        text=alt.condition("datum.again", alt.value("again"), alt.value("reused")),
        color=alt.condition("datum.again", alt.value(PAPER), alt.value(INK)),
    )
    return alt.LayerChart(layer=[boxes, words], title=alt.Title(name, frame="group")).properties(
        width=alt.Step(86), height=alt.Step(24)
    )


def says(rows: list[dict[str, Any]]) -> str:
    """Tell the counts that the picture shows."""
    told = []
    for name in FILES.values():
        mine = [row for row in rows if row["file"] == name]
        steps = len(mine) // len(CHANGES)
        counts = ", ".join(
            f"{sum(row['again'] for row in mine if row['change'] == word)} after a change of {word}"
            for word in CHANGES.values()
        )
        told.append(f"Of the {steps} steps of {name}, so many run again: {counts}.")
    return " ".join(told)

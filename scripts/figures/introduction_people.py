"""Figure of *People and roles*: who decides, does, is asked, is told."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, CARD, GREEN, INK, LINE, PAPER, Figure
from scripts.figures.introduction_what_is_mlops import taught

COLOURS: Final = {"AR": GREEN, "A": GREEN, "R": BLUE, "C": LINE, "I": CARD}
"""Letters of a cell -> colour; decides and does it are both green with the word for both."""
BRIGHT: Final = frozenset({"AR", "A", "R"})


def cells() -> pd.DataFrame:
    """Return one row for each task and role with its letters."""
    raci = taught("introduction", "raci")
    roles, rows = raci.read("raci")
    return pd.DataFrame(
        [
            {
                "stage": row["stage"],
                "task": row["task"],
                "role": role,
                "letters": "A R" if row[role] == "AR" else row[role],
                "kind": row[role],
                "bright": row[role] in BRIGHT,
            }
            for row in rows
            for role in roles
            if row[role]
        ]
    )


def figures() -> list[Figure]:
    """Return the figures of the page."""
    table = cells()
    tasks, roles = list(table["task"].unique()), list(table["role"].unique())
    order = ["business stakeholder", "subject-matter expert", "data scientist"]
    order += [role for role in roles if role not in order]
    base = alt.Chart(table).encode(
        x=alt.X(
            "role:N",
            sort=order,
            title=None,
            axis=alt.Axis(
                orient="top",
                labelAngle=0,
                labelExpr="split(datum.label, ' ')",
                domain=False,
                ticks=False,
                grid=False,
                labelPadding=22,
            ),
        ),
        y=alt.Y(
            "task:N",
            sort=tasks,
            title=None,
            axis=alt.Axis(labelLimit=260, domain=False, ticks=False, grid=False),
        ),
    )
    boxes = base.mark_rect(stroke=PAPER, strokeWidth=3).encode(
        color=alt.Color(
            "kind:N",
            legend=None,
            scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
        )
    )
    letters = base.mark_text(fontWeight=600).encode(
        text="letters:N",
        color=alt.condition(alt.datum.bright, alt.value(PAPER), alt.value(INK)),
    )
    deciders = table[table["kind"].isin(["A", "AR"])]
    said = "; ".join(f"{row.task}: {row.role}" for row in deciders.itertuples())
    return [
        Figure(
            name="raci",
            title="Who does what in the lifecycle",
            chart=(boxes + letters)
            .configure_view(strokeWidth=0)
            .properties(
                width=430, height=320, padding={"left": 34, "top": 4, "right": 4, "bottom": 4}
            ),
            says=f"A decides, R does it, C is asked before, I is told after. Who decides: {said}.",
        )
    ]

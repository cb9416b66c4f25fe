"""Figure of the chapter on scaling: how long requests wait, by how busy the replicas are."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, ORANGE, Figure
from scripts.figures.deployment_examples import beside

SECONDS: Final = 0.05
REPLICAS: Final = {1: ORANGE, 2: BLUE, 8: GREEN}
BUSY: Final = tuple(step / 100 for step in range(30, 97))


def figures() -> list[Figure]:
    """Return the figures of the page."""
    queueing = beside("queueing")
    frame = pd.DataFrame(
        [
            {
                "busy": busy,
                "replicas": words(count),
                "wait": 1000 * queueing.waits(busy * count / SECONDS, SECONDS, count),
            }
            for count in REPLICAS
            for busy in BUSY
        ]
    )
    told = []
    for count in REPLICAS:
        mine = frame[frame["replicas"] == words(count)].set_index("busy")["wait"]
        told.append(
            f"{words(count)}: "
            + ", ".join(f"{mine[at]:.0f} ms at {at:.0%}" for at in (0.5, 0.8, 0.95))
        )
    return [
        Figure(
            name="deployment-waiting",
            title="Waiting time by how busy the replicas are",
            chart=chart(frame),
            says="Time within which 95 % of the requests begin to be served. "
            + "; ".join(told)
            + ".",
        )
    ]


def words(count: int) -> str:
    """Name a curve."""
    return f"{count} replica{'s' if count > 1 else ''}"


def chart(frame: pd.DataFrame) -> alt.Chart:
    """Draw a curve for each number of replicas."""
    names = [words(count) for count in REPLICAS]
    drawn: alt.Chart = (
        alt.Chart(frame)
        .mark_line(clip=True)
        .encode(
            x=alt.X(
                "busy:Q",
                title="how busy each replica is",
                scale=alt.Scale(domain=[0.3, 1]),
                axis=alt.Axis(format=".0%"),
            ),
            y=alt.Y(
                "wait:Q",
                title="95 % wait less than (ms)",
                scale=alt.Scale(domain=[0, 2000]),
            ),
            color=alt.Color(
                "replicas:N",
                scale=alt.Scale(domain=names, range=list(REPLICAS.values())),
                legend=alt.Legend(columnPadding=24),
            ),
            strokeDash=alt.StrokeDash("replicas:N", scale=alt.Scale(domain=names)),
        )
        .properties(width=460, height=230)
    )
    return drawn

"""Figure of the chapter on the model registry: how long a better model waits for its crown."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, GREEN, MUTED, ORANGE, Figure
from scripts.figures.development_programs import program

GAINS: Final = (0.0, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08)
"""How much smaller the candidate's error truly is, as a share of the champion's."""
TONES: Final = {14: MUTED, 28: BLUE, 56: ORANGE, 91: GREEN}
"""Number of fresh days -> colour."""
ROUNDS: Final = 10_000
RULE: Final = "paired, fresh days"


def figures() -> list[Figure]:
    """Return the figures of the page."""
    return [power()]


def power() -> Figure:
    """Draw how often a candidate is promoted, by its true gain and the number of fresh days."""
    rules = program("champion_rules")
    table = pd.DataFrame(
        {
            "gain": gain,
            "days": f"{days} days",
            "share": rules.promotions([0.0, gain], days=days, rounds=ROUNDS)[RULE],
        }
        for days in TONES
        for gain in GAINS
    )
    names = [f"{days} days" for days in TONES]
    base = alt.Chart(table).encode(
        x=alt.X(
            "gain:Q",
            title="how much smaller its error truly is",
            axis=alt.Axis(format="%", labelFlush=False),
        ),
        y=alt.Y(
            "share:Q", title="promoted", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])
        ),
        color=alt.Color(
            "days:N", sort=names, scale=alt.Scale(domain=names, range=list(TONES.values()))
        ),
    )
    chart = (base.mark_line() + base.mark_circle(size=50, opacity=1)).properties(
        width=440, height=230
    )
    return Figure(name="registry-power", chart=chart, says=_says(table))


def _says(table: pd.DataFrame) -> str:
    shares = table.set_index(["days", "gain"])["share"]
    told = [
        f"{name}: {shares[name, 0.0]:.0%} without a gain, {shares[name, 0.03]:.0%} at 3%, "
        f"{shares[name, 0.05]:.0%} at 5%"
        for name in table["days"].unique()
    ]
    return (
        "How often the paired rule promotes one candidate on fresh days, by how much smaller its "
        "error truly is. " + "; ".join(told) + "."
    )

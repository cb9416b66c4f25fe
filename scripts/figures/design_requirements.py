"""Figure of *Requirements*: the error that chance alone leaves, by how much is sold."""

from __future__ import annotations

from typing import Final

import altair as alt
import pandas as pd

from scripts.figures.chart import BLUE, INK, RED, Figure
from scripts.figures.introduction_what_is_mlops import taught

WISH: Final = 0.10
"""The error that the draft asks for."""
EXAMPLES: Final = {
    5: "one tea, app",
    20: "croissants, one channel",
    64: "",
    200: "an outlet",
}
"""Mean sales a day -> what sells about that much; they are marked in the picture."""
STEPS: Final = tuple(round(2 * 1.06**step, 2) for step in range(94))
LAST: Final = 400


def floor() -> pd.DataFrame:
    """Return the smallest possible WAPE for each mean."""
    check = taught("design", "requirements_check")
    return pd.DataFrame(
        [{"mean": mean, "wape": check.best_wape(mean)} for mean in STEPS if mean <= LAST]
    )


def figures() -> list[Figure]:
    """Return the figures of the page."""
    check = taught("design", "requirements_check")
    marked = pd.DataFrame(
        [
            {"mean": mean, "wape": check.best_wape(mean), "what": what}
            for mean, what in EXAMPLES.items()
        ]
    )
    x = alt.X(
        "mean:Q",
        title="units sold on a mean day (logarithmic)",
        scale=alt.Scale(type="log", domain=[2, LAST], nice=False),
        axis=alt.Axis(values=[2, 5, 10, 20, 50, 100, 200, 400]),
    )
    y = alt.Y("wape:Q", title="smallest possible WAPE", axis=alt.Axis(format="%"))
    line = alt.Chart(floor()).mark_line(color=BLUE).encode(x=x, y=y)
    dots = alt.Chart(marked).mark_circle(size=70, color=INK, opacity=1).encode(x=x, y=y)
    words = (
        alt.Chart(marked[marked["what"] != ""])
        .mark_text(align="left", dx=-2, dy=-14, color=INK)
        .encode(x=x, y=y, text="what:N")
    )
    wish = alt.Chart(pd.DataFrame({"wape": [WISH], "says": ["“90 % accuracy”"]}))
    rule = wish.mark_rule(color=RED, strokeDash=[6, 4], strokeWidth=2).encode(y="wape:Q")
    label = wish.mark_text(color=RED, fontWeight=600, align="left", dx=6, dy=-8).encode(
        x=alt.datum(2), y="wape:Q", text="says:N"
    )
    said = ", ".join(f"{row.wape:.1%} at {row.mean} a day" for row in marked.itertuples())
    return [
        Figure(
            name="noise-floor",
            title="The error that chance alone leaves",
            chart=(line + rule + label + dots + words).properties(width=500, height=240),
            says=(
                "Smallest possible WAPE if sales are Poisson and the true mean is known: "
                f"{said}. A wish of 10 % cannot be met below about 64 units a day."
            ),
        )
    ]

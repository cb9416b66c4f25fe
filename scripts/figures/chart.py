"""Makes SVG of Altair charts that fits the pages: their colours in light and dark, their fonts.

A chart is written with the colours below, which are those of the light pages. In the SVG each of
them becomes a variable of course/assets/course.css, so that the same picture is right in the dark.
Any other colour is refused, since it would be right in one of the two only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import vl_convert

from scripts.figures.drawing import opening

INK: Final = "#1d2a25"
MUTED: Final = "#5a6a63"
LINE: Final = "#cfd8d3"
CARD: Final = "#f2f5f3"
PAPER: Final = "#ffffff"
BLUE: Final = "#1f5fa8"
ORANGE: Final = "#a35d08"
GREEN: Final = "#2f7d5d"
RED: Final = "#b3262d"

VARIABLES: Final = {
    INK: "--fig-ink",
    MUTED: "--fig-soft",
    LINE: "--fig-line",
    CARD: "--fig-card",
    PAPER: "--md-default-bg-color",
    BLUE: "--fig-blue",
    ORANGE: "--fig-mild",
    GREEN: "--fig-good",
    RED: "--fig-bad",
}
"""Colour of a light page -> variable of the style sheet."""
GROWS: Final = 1.35
"""How much wider than drawn a chart may be shown, so that its letters stay letters."""

_TEXTS: Final = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
_AXIS: Final = {
    "labelColor": MUTED,
    "titleColor": MUTED,
    "domainColor": LINE,
    "tickColor": LINE,
    "gridColor": LINE,
    "labelFlush": False,  # else the labels at both ends move inwards, onto their neighbours
    "labelPadding": 5,
    "titlePadding": 8,
    **_TEXTS,
}
CONFIG: Final[dict[str, Any]] = {
    "aria": False,  # the picture has one text of its own; a label for each mark only adds noise
    "background": None,
    "font": "sans-serif",
    "padding": 4,
    "view": {"stroke": None, "continuousWidth": 440, "continuousHeight": 240},
    "axis": _AXIS,
    "legend": {
        "labelColor": INK,
        "titleColor": MUTED,
        "orient": "top",
        "symbolStrokeWidth": 3,
        "title": None,
        **_TEXTS,
    },
    "header": {"labelColor": INK, "titleColor": MUTED, **_TEXTS},
    "title": {"color": INK, "subtitleColor": MUTED, "fontSize": 13, "anchor": "start"},
    "text": {"color": INK, "fontSize": 12},
    "mark": {"color": BLUE},
    "line": {"strokeWidth": 2.5},
    "rule": {"color": INK},
    "range": {"category": [BLUE, ORANGE, GREEN, RED, MUTED]},
}
"""What a chart looks like where it does not say otherwise."""

_COLOUR: Final = re.compile(r'(fill|stroke|stop-color)="([^"]*)"')
_NUMBERS: Final = re.compile(r'( (?:d|transform|points|x|y|x1|x2|y1|y2|width|height)=")([^"]*)(")')
_LONG: Final = re.compile(r"-?\d*\.\d{3,}(?:e-?\d+)?|-?\d+e-\d+")
_NOISE: Final = re.compile(
    r' (?:class|role|aria-[a-z]+|pointer-events|text-rendering)="[^"]*"'
    r'| opacity="1"|<path [^>]*display="none"/>'
)
"""What Vega writes for its own styles and listeners; classes of ours must not meet it."""
_ID: Final = re.compile(r'\bid="([^"]+)"')
_URL: Final = re.compile(r"url\(#([^)]+)\)")
_OPENING: Final = re.compile(r"<svg[^>]*>")
_SIZE: Final = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart made from data."""

    name: str
    """File in course/figures/, without `.svg`; unique in the whole course."""
    chart: alt.ChartType
    """The chart."""
    says: str
    """What the picture says, with its numbers, in one or two sentences."""
    title: str = ""
    """What it is, in a few words; by default, the words of its name."""

    def svg(self) -> str:
        """Return the file; raises ValueError for a colour that is not ours."""
        with alt.theme.enable("none"):  # Altair's own theme would win over the course's
            specification = self.chart.to_dict()
        drawn = vl_convert.vegalite_to_svg(specification, config=CONFIG)
        bare = _NOISE.sub("", drawn).replace('<path d="M0,0h0v0h0Z"/>', "")
        return _opened(self, _named(self.name, _rounded(_coloured(self.name, bare))))


def _coloured(name: str, svg: str) -> str:
    """Replace our colours by variables; the light colour stays as what to use without them."""

    def variable(match: re.Match[str]) -> str:
        kind, colour = match.group(1), match.group(2).lower()
        if colour in {"none", "transparent", ""} or colour.startswith("url("):
            return match.group(0)
        if colour not in VARIABLES:
            raise ValueError(
                f"figure {name}: the colour {colour} is not one of the course's. "
                "Use INK, MUTED, LINE, CARD, PAPER, BLUE, ORANGE, GREEN or RED of "
                "scripts/figures/chart.py, and opacity for shades."
            )
        return f'{kind}="var({VARIABLES[colour]},{colour})"'

    return _COLOUR.sub(variable, svg)


def _rounded(svg: str) -> str:
    """Round places to a tenth of a unit: the same picture, smaller, and on every machine alike."""

    def short(match: re.Match[str]) -> str:
        rounded = f"{round(float(match.group(0)), 1):g}"
        return "0" if rounded == "-0" else rounded

    return _NUMBERS.sub(
        lambda match: match.group(1) + _LONG.sub(short, match.group(2)) + match.group(3), svg
    )


def _named(name: str, svg: str) -> str:
    """Name ids after the figure, since many figures share a page; leave fonts to the page.

    They are counted anew: Vega's own count goes on from figure to figure within a process, so
    that a file would tell what else was drawn before it.
    """
    ours = {old: f"{name}-{at}" for at, old in enumerate(dict.fromkeys(_ID.findall(svg)), start=1)}
    svg = _ID.sub(lambda match: f'id="{ours[match.group(1)]}"', svg)
    svg = _URL.sub(lambda match: f"url(#{ours[match.group(1)]})", svg)
    return re.sub(r' font-family="[^"]*"', "", svg)


def _opened(figure: Figure, svg: str) -> str:
    """Replace the opening tag by one that says what the picture is and shows."""
    size = _SIZE.search(svg)
    if size is None:
        raise ValueError(f"figure {figure.name}: the SVG has no viewBox")
    width, height = (round(float(one)) for one in size.groups())
    title = figure.title or figure.name.replace("-", " ").capitalize()
    style = f"max-width:{width * GROWS:.0f}px"
    opened = opening(figure.name, title, figure.says, (width, height), style=style)
    return _OPENING.sub(lambda _: opened + "\n", svg, count=1).strip() + "\n"

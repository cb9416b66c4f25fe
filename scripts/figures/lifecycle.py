"""The map of the course: four stages in a circle of work, each stage and each lab a link.

It is drawn once for every stage, with that stage lit. Links are relative, so the first page has
a file of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from scripts.curriculum import CAPSTONE, STAGES, TITLES, Stage, slugs
from scripts.figures.drawing import Drawing, arrow, text

CARD: Final = (178, 98)
GAP: Final = (44, 40)
EDGE: Final = 3
CHIP: Final = (34, 30)
PLACES: Final = ((0, 0), (1, 0), (1, 1), (0, 1))
"""Column and row of each stage: clockwise, so that the circle is seen."""
SIZE: Final = (2 * CARD[0] + GAP[0] + 2 * EDGE, 2 * CARD[1] + GAP[1] + 2 * EDGE)
UP: Final = "../"


def figures() -> list[Drawing]:
    """Return the map for the first page, for all stages together and for each stage."""
    return [
        picture("lifecycle-home", up=""),
        picture("lifecycle", up=UP),
        *(picture(f"lifecycle-{stage.slug}", up=UP, lit=stage.name) for stage in STAGES),
    ]


def picture(name: str, up: str, lit: str = "") -> Drawing:
    """Draw the map; `up` leads from the page to the top of the site, `lit` is where we are."""
    body = [*_ways(), *_capstone(up)]
    for stage, place in zip(STAGES, PLACES, strict=True):
        body += _station(stage, _corner(place), up, is_lit=stage.name == lit)
    return Drawing(
        name=name,
        title="Map of the lifecycle",
        says=_tell(lit),
        size=SIZE,
        body=('<g class="map">', *body, "</g>"),
        has_links=True,
    )


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    column, row = place
    return EDGE + column * (CARD[0] + GAP[0]), EDGE + row * (CARD[1] + GAP[1])


def _ways() -> Iterator[str]:
    """Draw the four arrows from stage to stage."""
    (left, top), (right, bottom) = _corner((0, 0)), _corner((1, 1))
    middles = (top + CARD[1] / 2, bottom + CARD[1] / 2)
    centres = (left + CARD[0] / 2, right + CARD[0] / 2)
    ends = (left + CARD[0], right, top + CARD[1], bottom)
    yield arrow(f"M{ends[0] + 4} {middles[0]} H{ends[1] - 10}", (ends[1] - 4, middles[0]), "right")
    yield arrow(f"M{centres[1]} {ends[2] + 4} V{ends[3] - 10}", (centres[1], ends[3] - 4), "down")
    yield arrow(f"M{ends[1] - 4} {middles[1]} H{ends[0] + 10}", (ends[0] + 4, middles[1]), "left")
    yield arrow(f"M{centres[0]} {ends[3] - 4} V{ends[2] + 10}", (centres[0], ends[2] + 4), "up")


def _station(stage: Stage, corner: tuple[int, int], up: str, *, is_lit: bool) -> Iterator[str]:
    """Draw one stage with its labs."""
    x, y = corner
    here = ' aria-current="true"' if is_lit else ""
    yield f'<g class="station {stage.slug}{" lit" if is_lit else ""}">'
    yield f'<a href="{up}{stage.page}"{here}>'
    yield f'<rect x="{x}" y="{y}" width="{CARD[0]}" height="{CARD[1]}" rx="10" class="card"/>'
    yield f'<path class="stripe" d="M{x + 12} {y} h52 v5 h-52 z"/>'
    yield text((x + 12, y + 29), stage.name, font_size=16.5, font_weight=650)
    yield text((x + 12, y + 47), stage.asks, "soft", font_size=12.5)
    yield "</a>"
    for at, number in enumerate(stage.labs):
        yield from _chip(number, (x + 12 + at * (CHIP[0] + 6), y + CARD[1] - CHIP[1] - 9), up)
    yield "</g>"


def _chip(number: str, corner: tuple[float, float], up: str) -> Iterator[str]:
    """Draw a lab's number: a link where the lab is there, dashed where it is planned."""
    x, y = corner
    slug = slugs().get(number, "")
    told = f"Lab {number}, {TITLES[number]}"
    yield (
        f'<a href="{up}labs/{slug}.html" class="chip" data-lab="{slug}">'
        if slug
        else ('<g class="chip planned">')
    )
    yield f"<title>{escape(told if slug else f'{told}: planned')}</title>"
    yield f'<rect x="{x:g}" y="{y:g}" width="{CHIP[0]}" height="{CHIP[1]}" rx="7"/>'
    middle = (x + CHIP[0] / 2, y + CHIP[1] / 2 + 4.5)
    yield text(middle, number, "number", font_size=13, text_anchor="middle")
    yield "</a>" if slug else "</g>"


def _capstone(up: str) -> Iterator[str]:
    """Put the lab that belongs to all stages into the middle."""
    yield from _chip(CAPSTONE, (SIZE[0] / 2 - CHIP[0] / 2, SIZE[1] / 2 - CHIP[1] / 2), up)


def _tell(lit: str) -> str:
    found = slugs()
    there = [f"{number} {title}" for number, title in TITLES.items() if number in found]
    planned = [f"{number} {title}" for number, title in TITLES.items() if number not in found]
    told = (
        "Design leads to development, development to deployment, deployment to monitoring, and "
        "monitoring back to design."
    )
    told += f" This page belongs to {lit.lower()}." if lit else ""
    told += f" Labs that are there: {'; '.join(there)}."
    return told + (f" Planned: {'; '.join(planned)}." if planned else "")

"""Draws diagrams by hand as SVG whose colours are classes of course/assets/course.css.

Pure: numbers and words in, text out. A drawing says in its `<desc>` what it shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A picture that was drawn by hand or by a program of its own."""

    name: str
    """File in course/figures/, without `.svg`."""
    title: str
    """What it is, in a few words."""
    says: str
    """What the picture says, for those who do not see it."""
    size: tuple[int, int]
    """Width and height of what is drawn."""
    body: tuple[str, ...]
    """Elements of SVG, one or more to a line."""
    has_links: bool = False
    """Whether something in it can be clicked; a picture with links is a group, not one image."""

    def svg(self) -> str:
        """Return the file."""
        role = "group" if self.has_links else "img"
        opened = opening(self.name, self.title, self.says, self.size, role)
        return "\n".join([opened, *self.body, "</svg>"]) + "\n"


def opening(
    name: str, title: str, says: str, size: tuple[int, int], role: str = "img", style: str = ""
) -> str:
    """Return the first lines of a figure's file: what it is, shows and says, and its `--drawn`.

    The style sheet does not let it shrink far below that width. `style` are more declarations.
    """
    width, height = size
    lines = (
        f'<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg"',
        f'data-search-exclude="" role="{role}" aria-labelledby="{name}-title {name}-desc"',
        f'style="--drawn:{width}px{style and ";"}{style}">',
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-desc">{escape(says)}</desc>',
    )
    return "\n".join(lines)


def text(at: tuple[float, float], words: str, kind: str = "ink", **more: Any) -> str:
    """Return a text; `more` are attributes with `_` for `-`."""
    attributes = {"font-size": 13} | {key.replace("_", "-"): value for key, value in more.items()}
    told = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f'<text x="{at[0]:g}" y="{at[1]:g}" class="{kind}" {told}>{escape(words)}</text>'


def box(at: tuple[float, float], size: tuple[float, float], kind: str = "card") -> str:
    """Return a card with round corners."""
    place = f'x="{at[0]:g}" y="{at[1]:g}" width="{size[0]:g}" height="{size[1]:g}"'
    return f'<rect {place} rx="8" class="{kind}"/>'


def arrow(path: str, tip: tuple[float, float], towards: str) -> str:
    """Return a line along `path` and its head at `tip`; towards is right, left, up or down."""
    heads = {
        "right": "l-9 -5 v10 z",
        "left": "l9 -5 v10 z",
        "up": "l-5 9 h10 z",
        "down": "l-5 -9 h10 z",
    }
    head = f'<path class="head" d="M{tip[0]:g} {tip[1]:g} {heads[towards]}"/>'
    return f'<path class="arrow" d="{path}"/>{head}'

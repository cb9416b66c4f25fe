"""Rules of the self-assessment: points by area, Google's level, next steps.

Levels after Google Cloud, "MLOps: continuous delivery and automation pipelines in machine
learning". The rules are written here as a table of their own; statements and steps are in
course/assets/figures/numbers/maturity.js.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

YES: Final = 2

AREAS: Final[dict[str, tuple[str, ...]]] = {
    "People": ("metric", "owner"),
    "Data": ("gate", "features"),
    "Training": ("tracking", "validation", "pipeline"),
    "Delivery": ("tests", "delivery", "rollout"),
    "Monitoring": ("trigger", "watching"),
}
"""Area -> its statements."""
LEVEL_1: Final = ("tracking", "gate", "features", "validation", "pipeline", "trigger")
"""What level 1 asks for, in the order of the steps."""
LEVEL_2: Final = ("tests", "delivery", "watching")
"""What level 2 asks for beside."""
ORDER: Final = ("metric", "owner", *LEVEL_1, *LEVEL_2, "rollout")
"""All statements, in the order of the page."""


def by_area(answers: Sequence[int]) -> dict[str, float]:
    """Return area -> share of its points; 2 for always, 1 for in part, none for no answer (-1)."""
    given = dict(zip(ORDER, answers, strict=True))
    return {
        area: sum(max(0, given[key]) for key in keys) / (YES * len(keys))
        for area, keys in AREAS.items()
    }


def level(answers: Sequence[int]) -> int:
    """Return 2 if all of levels 1 and 2 are "always", 1 if all of level 1 are, otherwise 0."""
    done = {key for key, answer in zip(ORDER, answers, strict=True) if answer == YES}
    if not done.issuperset(LEVEL_1):
        return 0
    return 2 if done.issuperset(LEVEL_2) else 1


def next_steps(answers: Sequence[int], most: int = 3) -> list[str]:
    """Return what the next level lacks, then whatever else is not "always", in the page's order."""
    lacking = [key for key, answer in zip(ORDER, answers, strict=True) if answer != YES]
    asked = LEVEL_1 if level(answers) == 0 else LEVEL_2
    first = [key for key in lacking if key in asked]
    return (first + [key for key in lacking if key not in first])[:most]

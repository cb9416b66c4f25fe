"""What the course consists of: its stages, their first pages, the labs that are there or planned.

The map of the lifecycle, the list of labs and the table of coverage are made from this.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
LABS: Final = ROOT / "labs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One of the four stages of the lifecycle."""

    name: str
    """As it is written on the map."""
    asks: str
    """What it is about, in a few words."""
    page: str
    """Its first page, as an address inside the site."""
    labs: tuple[str, ...]
    """Numbers of its labs."""

    @property
    def slug(self) -> str:
        """The stage in lab.toml and in names of files."""
        return self.name.lower()


STAGES: Final = (
    Stage(
        name="Design",
        asks="what is it worth?",
        page="design/added-value.html",
        labs=("01",),
    ),
    Stage(
        name="Development",
        asks="from data to a model",
        page="development/data-quality.html",
        labs=("02", "03", "04"),
    ),
    Stage(
        name="Deployment",
        asks="into use, safely",
        page="deployment/into-the-business.html",
        labs=("05", "06", "07", "08"),
    ),
    Stage(
        name="Monitoring",
        asks="is it still right?",
        page="monitoring/watching.html",
        labs=("09", "10"),
    ),
)
TITLES: Final = {
    "01": "Value and metrics",
    "02": "A gate for bad data",
    "03": "Features",
    "04": "Which run was that? (experiment tracking)",
    "05": "Ship it in a box (containers)",
    "06": "Red, then green (CI/CD)",
    "07": "Pipelines",
    "08": "Nobody should notice (deployment strategies)",
    "09": "The world moved (drift)",
    "10": "Watching a model",
    "11": "Maturity",
}
"""Number -> title, also of labs that are planned and not there yet."""
CAPSTONE: Final = "11"
"""The lab that belongs to no single stage."""


def stage_of(number: str) -> str:
    """Return the stage of a lab, as a word."""
    return next((stage.slug for stage in STAGES if number in stage.labs), "all stages")


def slugs() -> dict[str, str]:
    """Return number -> slug of the labs that are there: those with a manifest and a README."""
    return {
        path.parent.name[:2]: path.parent.name
        for path in sorted(LABS.glob("*/lab.toml"))
        if (path.parent / "README.md").is_file()
    }

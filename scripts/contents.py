"""Reads the course's table of contents from `nav` in mkdocs.yml, with each page's own title."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[1]
COURSE: Final = ROOT / "course"
CHAPTERS: Final = (
    "introduction",
    "design",
    "development",
    "deployment",
    "monitoring",
    "maturity",
)
"""Folders whose pages are chapters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One page in the table of contents."""

    path: str
    """The page's file, from course/."""
    title: str
    """As the navigation names it; the page's own title where it does not."""

    @property
    def address(self) -> str:
        """Where the page is on the site, from its top: `design/added-value.html`."""
        return f"{self.path.removesuffix('.md')}.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the course."""

    title: str
    """As the navigation names it."""
    entries: tuple[Entry, ...]
    """Its pages, in order."""

    @property
    def is_chapters(self) -> bool:
        """Whether its pages are chapters."""
        return self.entries[0].path.partition("/")[0] in CHAPTERS


def read_contents(settings: Path = ROOT / "mkdocs.yml") -> tuple[Part, ...]:
    """Return the parts of the course in the order of the navigation."""
    nav = yaml.safe_load(settings.read_text(encoding="utf-8"))["nav"]
    return tuple(part for item in nav for part in _parts(item))


def _parts(item: dict[str, Any]) -> Iterator[Part]:
    """Return an item of the navigation as a part, and the parts inside it after it."""
    ((title, inside),) = item.items()
    rows = [{title: inside}] if isinstance(inside, str) else inside
    own = [row for row in rows if not _is_part(row)]
    if own:
        yield Part(title=title, entries=tuple(_entry(row) for row in own))
    for row in rows:
        if _is_part(row):
            yield from _parts(row)


def _is_part(row: object) -> bool:
    return isinstance(row, dict) and isinstance(next(iter(row.values())), list)


def _entry(row: str | dict[str, str]) -> Entry:
    if isinstance(row, str):
        return Entry(path=row, title=title_of(COURSE / row))
    ((title, path),) = row.items()
    return Entry(path=path, title=title)


def title_of(page: Path) -> str:
    """Return the first heading of a page."""
    found = re.search(r"^# (.+?)(?: \{[^}]*\})?$", page.read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit(f"{page.relative_to(ROOT)} has no heading of the first rank")
    return found.group(1)

"""Draws the course's figures as SVG that the pages include: `--check` only compares.

Every module of scripts/figures/ with a function `figures()` is asked for its figures. Words after
the program's name choose modules: `course_figures.py monitoring_data_drift`.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final, Protocol

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that `scripts` is found wherever this is started

import scripts.figures  # noqa: E402 - the path has to be set before

FIGURES: Final = ROOT / "course" / "figures"


class Drawable(Protocol):
    """What a module's `figures()` returns."""

    @property
    def name(self) -> str:
        """The file's name, without `.svg`."""

    def svg(self) -> str:
        """Return the file."""


def modules(chosen: Iterable[str]) -> list[str]:
    """Return the modules with figures, or those of them that were chosen."""
    there = sorted(one.name for one in pkgutil.iter_modules(scripts.figures.__path__))
    wanted = {name.removesuffix(".py").rpartition("/")[2] for name in chosen}
    unknown = wanted - set(there)
    if unknown:
        raise SystemExit(
            f"there is no scripts/figures/{min(unknown)}.py; there are: {', '.join(there)}"
        )
    return [name for name in there if not wanted or name in wanted]


def drawn_by(name: str) -> list[tuple[str, str]]:
    """Return (file, text) of every figure of a module."""
    module = importlib.import_module(f"scripts.figures.{name}")
    figures: list[Drawable] = module.figures() if hasattr(module, "figures") else []
    return [(f"{figure.name}.svg", figure.svg()) for figure in figures]


def drawn(names: list[str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Return (module, its files), as many modules at a time as there are cores."""
    if len(names) == 1:
        yield names[0], drawn_by(names[0])
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        yield from zip(names, pool.map(drawn_by, names), strict=True)


def files(names: list[str]) -> dict[str, str]:
    """Return file -> text; raises SystemExit when two modules draw the same file."""
    made: dict[str, str] = {}
    owners: dict[str, str] = {}
    for module, found in drawn(names):
        for file, text in found:
            if file in owners:
                raise SystemExit(
                    f"{file} is drawn by scripts/figures/{owners[file]}.py and {module}.py: "
                    "rename one of the figures."
                )
            owners[file] = module
            made[file] = text
    return made


def main(arguments: list[str]) -> int:
    """Write the figures, or with `--check` say which are not up to date."""
    chosen = [word for word in arguments if not word.startswith("-")]
    made = files(modules(chosen))
    there = {path.name for path in FIGURES.glob("*.svg")}
    stale = [
        name
        for name, text in made.items()
        if name not in there or (FIGURES / name).read_text(encoding="utf-8") != text
    ]
    orphans = set() if chosen else there - made.keys()
    if "--check" in arguments:
        return _told(stale, orphans)
    FIGURES.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (FIGURES / name).write_text(made[name], encoding="utf-8", newline="\n")
        print(f"written: course/figures/{name}")
    for name in sorted(orphans):
        print(f"nothing draws course/figures/{name}: remove it", file=sys.stderr)
    return 0


def _told(stale: list[str], orphans: set[str]) -> int:
    if stale:
        print(
            f"not up to date: {', '.join(stale)}. Run: python scripts/course_figures.py",
            file=sys.stderr,
        )
    for name in sorted(orphans):
        print(f"nothing draws course/figures/{name}: remove it", file=sys.stderr)
    return 1 if stale or orphans else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

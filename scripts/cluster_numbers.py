"""Writes the table of `course/instructors/cluster.md` from the measured figures in `cluster.py`.

python scripts/cluster_numbers.py [--check]. A figure is changed in one place; this does the rest.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "course" / "instructors" / "cluster.md"
BEGIN: Final = "<!-- numbers: written by scripts/cluster_numbers.py -->\n"
END: Final = "<!-- end of numbers -->\n"
HAND_INS: Final = (500, 5_000, 100_000)
MACHINES: Final = (
    ("a laptop, 2 cores", 2),
    ("a server, 16 cores", 16),
    ("4 servers, 64 cores", 64),
    ("16 servers, 256 cores", 256),
)
HOUR: Final = 60


def table() -> str:
    """Return the table, and the sentence below it."""
    figures = runpy.run_path(str(PAGE.with_suffix(".py")))
    lines = ["", "| hand-ins | " + " | ".join(name for name, _ in MACHINES) + " |"]
    lines.append("|--:|" + "--:|" * len(MACHINES))
    for count in HAND_INS:
        cells = (spelled(figures["minutes"](count, cores)) for _, cores in MACHINES)
        lines.append(f"| {count:,} | " + " | ".join(cells) + " |")
    cores = round(figures["useful_cores"](), -1)
    below = (
        f"One hand-in of lab 02 takes {figures['CORE_S']:.2f} core-seconds. From about {cores:.0f} "
        "cores on, more machines are of no use: the program that keeps the results is then busy."
    )
    return "\n".join([*lines, "", below, ""]) + "\n"


def spelled(minutes: float) -> str:
    """Return a time as people say it."""
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    if minutes < 2 * HOUR:
        return f"{minutes:.0f} min"
    return f"{minutes / HOUR:.1f} h"


def written(text: str) -> str:
    """Return the page with the table of today. Raises SystemExit where the marks are gone."""
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.exit(f"{PAGE.name}: the marks of the table are gone: {BEGIN.strip()} {END.strip()}")
    return f"{head}{BEGIN}{table()}{END}{tail}"


def main(arguments: list[str]) -> int:
    """Write the table, or with `--check` say whether it is as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    wanted = written(text)
    place = PAGE.relative_to(ROOT).as_posix()
    if text == wanted:
        return 0
    if "--check" in arguments:
        print(f"{place}: not up to date. Run: python scripts/cluster_numbers.py", file=sys.stderr)
        return 1
    PAGE.write_text(wanted, encoding="utf-8", newline="\n")
    print(f"written: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

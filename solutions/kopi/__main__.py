"""Writes the extract of a lab: `cd solutions && python -m kopi extract 02-data-quality`.

Overwrites the files that it makes, and deletes nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .extracts import EXTRACTS, GIVEN_FOLDERS, SEED

LABS = Path(__file__).resolve().parents[2] / "labs"


def main(argv: list[str] | None = None) -> int:
    """Write the files, and say which."""
    parser = argparse.ArgumentParser(prog="python -m kopi", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    extract = verbs.add_parser("extract", help="write a lab's data folder")
    extract.add_argument("lab", choices=sorted(EXTRACTS))
    extract.add_argument("--seed", type=int, default=SEED, help="default: %(default)s")
    extract.add_argument("--out", type=Path, help="default: the lab's own folder")
    asked = parser.parse_args(argv)
    folder = asked.out or LABS / asked.lab / GIVEN_FOLDERS.get(asked.lab, "data")
    for path, text in EXTRACTS[asked.lab](asked.seed).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"{file}: {len(text) / 1000:.1f} kB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

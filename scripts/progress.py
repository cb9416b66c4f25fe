"""Writes what the progress page lists: chapters, their questions, labs. `--check` only compares.

The list is plain HTML with links; course/assets/progress.js fills in what this browser remembers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that `scripts` is found wherever this is started

from scripts.contents import COURSE, Entry, Part, read_contents  # noqa: E402 - as above
from scripts.curriculum import slugs  # noqa: E402 - as above
from scripts.questions import read_questions  # noqa: E402 - as above

LIST: Final = COURSE / ".parts" / "progress.html"
UP: Final = "../"
"""From course/start/progress.md to the top of the site."""


def listed(parts: tuple[Part, ...]) -> str:
    """Return the list as HTML."""
    lines = ['<div class="progress" data-progress>', *_panel()]
    lines += ["<table>", "<thead><tr><th>Page</th><th>Read</th><th>Questions</th></tr></thead>"]
    for part in (part for part in parts if part.is_chapters):
        lines.append(f'<tbody><tr><th colspan="3" scope="colgroup">{escape(part.title)}</th></tr>')
        lines += [line for entry in part.entries for line in _row(entry)]
        lines.append("</tbody>")
    lines += ["</table>", "<table>", "<thead><tr><th>Lab</th><th>Handed in</th></tr></thead>"]
    lines += ["<tbody>", *_labs(parts), "</tbody>", "</table>", "</div>"]
    return "\n".join(lines) + "\n"


def _panel() -> Iterator[str]:
    yield '<p class="needs-script">Ticks need JavaScript; the list works without it.</p>'
    yield '<p class="summary" role="status" aria-live="polite"></p>'
    yield '<p class="actions" hidden>'
    yield '<button type="button" class="md-button" data-do="export">Save to a file</button>'
    yield '<button type="button" class="md-button" data-do="import">Read from a file</button>'
    yield '<button type="button" class="md-button" data-do="forget">Forget everything</button>'
    yield '<input type="file" accept=".json,application/json" hidden aria-label="Saved progress">'
    yield "</p>"


def _row(entry: Entry) -> Iterator[str]:
    path = (COURSE / entry.path).with_suffix(".quiz.toml")
    quiz = f"{path.parent.name}-{path.name.removesuffix('.quiz.toml')}"
    count = len(read_questions(path.read_text("utf-8"), path.name)) if path.is_file() else 0
    yield (
        f'<tr data-page="{entry.address}"><td><a href="{UP}{entry.address}">'
        f'{escape(entry.title)}</a></td><td class="tick">&ndash;</td>'
    )
    yield f'<td class="score" data-quiz="{quiz}" data-of="{count}">{count or "&ndash;"}</td></tr>'


def _labs(parts: tuple[Part, ...]) -> Iterator[str]:
    there = slugs().values()
    for part in parts:
        for entry in part.entries:
            slug = Path(entry.path).stem
            if entry.path.startswith("labs/") and slug in there:
                yield (
                    f'<tr data-lab="{slug}"><td><a href="{UP}{entry.address}">'
                    f'{escape(entry.title)}</a></td><td class="tick">&ndash;</td></tr>'
                )


def main(arguments: list[str]) -> int:
    """Write the list, or with `--check` say whether it is as it should be."""
    text = listed(read_contents())
    place = LIST.relative_to(ROOT).as_posix()
    if LIST.is_file() and LIST.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"{place}: not up to date. Run: python scripts/progress.py", file=sys.stderr)
        return 1
    LIST.parent.mkdir(parents=True, exist_ok=True)
    LIST.write_text(text, encoding="utf-8", newline="\n")
    print(f"written: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Reads the pages of the course and the texts beside them: fences, tables, headings, links.

Nothing is judged here; the tests of this folder do that.
"""

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COURSE = ROOT / "course"
FENCE = re.compile(
    r"^(?P<indent> *)```(?P<lang>[\w-]*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
MARK = re.compile(r"<!-- (?P<word>run|no-run)(?:: (?P<more>[^\n]*?))? -->\s*\Z")
INCLUDE = re.compile(r'^\s*--8<-- "(?P<path>[^":]+)(?::[\w-]+)?"\s*$')


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """One fenced block of a page."""

    page: Path
    """The page."""
    line: int
    """Line of the opening fence."""
    lang: str
    """Language, as it is written."""
    code: str
    """What stands in it, without the indentation of the fence."""
    mark: str
    """`run`, `no-run`, or empty."""
    more: str
    """What follows the mark: a file's name, or a reason."""

    @property
    def name(self):
        """Where it stands."""
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"

    @property
    def includes(self):
        """Files that it includes, if it holds nothing else."""
        lines = [INCLUDE.match(line) for line in self.code.strip().splitlines()]
        return [found.group("path") for found in lines] if lines and all(lines) else []


def generated(page):
    """Whether a script of the repository writes the page."""
    return "<!-- Written by scripts/" in page.read_text(encoding="utf-8")[:400]


def pages():
    """Return every page of the course."""
    return sorted(COURSE.rglob("*.md"))


def written_pages():
    """Return the pages that people write."""
    return [page for page in pages() if not generated(page)]


def fences(page):
    """Return the fenced blocks of a page."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in FENCE.finditer(text):
        mark = MARK.search(text[: match.start()])
        found.append(
            Fence(
                page=page,
                line=text[: match.start()].count("\n") + 1,
                lang=match.group("lang"),
                code=textwrap.dedent(match.group("code")),
                mark=mark.group("word") if mark else "",
                more=(mark.group("more") or "") if mark else "",
            )
        )
    return found


def section(page, heading):
    """Return what stands below a heading, up to the next heading of its rank or above."""
    text = (COURSE / page).read_text(encoding="utf-8")
    text = FENCE.sub("", text)
    title = rf"^(#+) {re.escape(heading)}[ \t]*(\{{[^}}]*\}})?[ \t]*$"
    found = re.search(title, text, re.MULTILINE)
    assert found, f"{page} has no heading {heading!r}"
    rest = text[found.end() :]
    following = re.search(rf"^#{{1,{len(found.group(1))}}} ", rest, re.MULTILINE)
    return rest[: following.start()] if following else rest


def first_cells(text):
    """Return the words in backticks in the first column of every table of a text."""
    found = []
    for line in text.splitlines():
        if line.startswith("|"):
            found += re.findall(r"`([^`]+)`", line.split("|")[1])
    return found

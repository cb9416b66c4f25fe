"""Writes the table of what the course covers from course/coverage.toml: `--check` only compares.

Each topic of the source has a place where it is taught, questions that ask for it, and a lab. What
does not exist is a hole, and a hole is an error that names it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from markdown.extensions.toc import slugify  # type: ignore[import-untyped]  # has no types

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that `scripts` is found wherever this is started

from scripts.contents import COURSE, title_of  # noqa: E402 - as above
from scripts.curriculum import TITLES, slugs  # noqa: E402 - as above
from scripts.questions import read_questions  # noqa: E402 - as above

SOURCE: Final = COURSE / "coverage.toml"
PAGE: Final = COURSE / "reference" / "coverage.md"
HEAD: Final = """\
---
description: Every topic of the course's source, where it is taught, asked and practised
---

<!-- Written by scripts/coverage.py from course/coverage.toml. Change that file. -->

# What the course covers

The course grew out of *Introduction to MLOps* by Syukron Abu Ishaq Alfarizi (2024). Every topic \
of that source is below, in its order: where it is taught here, which questions ask for it, and in \
which lab it is practised. A lab that is planned says so.
"""
_HEADING: Final = re.compile(r"^#{1,6} (.+?)(?: \{#([\w-]+)\})?$", re.MULTILINE)
_FENCE: Final = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
_KEYS: Final = {"says", "page", "ask", "lab"}


class HoleError(ValueError):
    """A topic points at something that does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic of the source."""

    says: str
    """What the source says, shortly."""
    page: str
    """Where it is taught: file and anchor."""
    ask: tuple[str, ...]
    """Questions that ask for it, as PART-PAGE/ID."""
    lab: str
    """Number of the lab that practises it."""


def read_topics(text: str) -> list[tuple[str, tuple[Topic, ...]]]:
    """Return (section of the source, its topics); raises HoleError for what is not as it should."""
    found = []
    for section in tomllib.loads(text)["section"]:
        topics = tuple(_topic(row, section["title"]) for row in section["topic"])
        found.append((section["title"], topics))
    return found


def _topic(row: dict[str, Any], section: str) -> Topic:
    if set(row) != _KEYS:
        raise HoleError(f"{section}: a topic has the keys {', '.join(sorted(_KEYS))}: {row}")
    home = row["page"].partition("#")[0].removesuffix(".md").replace("/", "-")
    ask = tuple(one if "/" in one else f"{home}/{one}" for one in row["ask"])
    return Topic(says=row["says"], page=row["page"], ask=ask, lab=row["lab"])


def anchors(page: Path) -> set[str]:
    """Return what a page's headings can be linked at."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    return {anchor or slugify(words, "-") for words, anchor in _HEADING.findall(text)}


def questions() -> dict[str, str]:
    """Return PART-PAGE/ID -> page of every question of the course."""
    found = {}
    for path in sorted(COURSE.rglob("*.quiz.toml")):
        name = path.name.removesuffix(".quiz.toml")
        page = f"{path.parent.name}/{name}.md"
        for question in read_questions(path.read_text(encoding="utf-8"), path.name):
            found[f"{path.parent.name}-{name}/{question.id}"] = page
    return found


def holes(topics: list[Topic], asked: dict[str, str]) -> Iterator[str]:
    """Say what is missing: a page, an anchor, a question, a lab; a topic that nobody asks for."""
    for topic in topics:
        path, _, anchor = topic.page.partition("#")
        if not (COURSE / path).is_file():
            yield f"{topic.says!r}: there is no page {path}"
        elif anchor not in anchors(COURSE / path):
            yield f"{topic.says!r}: {path} has no heading #{anchor}"
        if not topic.ask:
            yield f"{topic.says!r}: no question asks for it"
        for one in topic.ask:
            if one not in asked:
                yield f"{topic.says!r}: there is no question {one}"
        if topic.lab not in TITLES:
            yield f"{topic.says!r}: there is no lab {topic.lab!r}, not even a planned one"


def table(sections: list[tuple[str, tuple[Topic, ...]]]) -> str:
    """Return the page; raises HoleError that lists all holes."""
    asked = questions()
    missing = list(holes([topic for _, topics in sections for topic in topics], asked))
    if missing:
        raise HoleError("course/coverage.toml has holes:\n  " + "\n  ".join(missing))
    parts = [HEAD]
    for title, topics in sections:
        parts.append(f"## {title}\n")
        parts.append("| Topic | Taught in | Asked | Practised |\n|---|---|---|---|")
        parts += [_row(topic, asked) for topic in topics]
        parts[-1] += "\n"
    return "\n".join(parts)


def _row(topic: Topic, asked: dict[str, str]) -> str:
    path, _, anchor = topic.page.partition("#")
    taught = f"[{title_of(COURSE / path)}](../{path}#{anchor})"
    links = [f"[{one.rpartition('/')[2]}](../{asked[one]}#{_place(one)})" for one in topic.ask]
    slug = slugs().get(topic.lab)
    lab = f"[lab {topic.lab}](../labs/{slug}.md)" if slug else f"lab {topic.lab}, planned"
    return f"| {topic.says} | {taught} | {', '.join(links)} | {lab} |"


def _place(question: str) -> str:
    return f"check-{question.rpartition('/')[2]}"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is as it should be."""
    try:
        text = table(read_topics(SOURCE.read_text(encoding="utf-8")))
    except HoleError as problem:
        print(problem, file=sys.stderr)
        return 1
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    place = PAGE.relative_to(ROOT).as_posix()
    if "--check" in arguments:
        print(f"{place}: not up to date. Run: python scripts/coverage.py", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(f"written: {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

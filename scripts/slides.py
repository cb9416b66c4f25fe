"""Writes the slides for each part of the course, from its chapters: `--check` only compares.

course/instructors/slides/PART.html: one file that needs no network, shows with the arrow keys, and
prints one slide on a page. Figures, questions and words are those of the chapters.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that `scripts` is found wherever this is started

from scripts.contents import COURSE, read_contents  # noqa: E402 - as above
from scripts.decks import DeckError, Slide, inline, slides_of  # noqa: E402 - as above
from scripts.questions import Question, read_questions  # noqa: E402 - as above

FOLDER: Final = COURSE / "instructors" / "slides"
QUIZ: Final = COURSE / "instructors" / "quiz-before-after.quiz.toml"
LETTERS: Final = "ABCDEFGH"
PAGE: Final = """\
<!doctype html>
<!-- Written by scripts/slides.py from the chapters. Change them. -->
<html lang="en" data-md-color-scheme="default">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="icon" href="../../assets/favicon.svg">
<link rel="stylesheet" href="../../assets/course.css">
<link rel="stylesheet" href="slides.css">
<script src="slides.js" defer></script>
</head>
<body>
<main>
{slides}
</main>
</body>
</html>
"""


def read(path: str) -> str:
    """Return the text of a file below course/."""
    return (COURSE / path).read_text(encoding="utf-8")


def part_slides(title: str, pages: list[str]) -> Iterator[str]:
    """Return the slides of a part as HTML: a cover, then chapter by chapter."""
    yield _section(Slide(kind="cover", heading=escape(title), body=""), "", 1, "h1")
    number = 1
    for page in pages:
        try:
            slides = slides_of(read(page), read)
        except DeckError as problem:
            raise SystemExit(f"course/{page}: {problem}") from problem
        chapter = slides[0].heading
        foot = f'<a href="../../{page.removesuffix(".md")}.html">{chapter}</a>'
        for slide in slides:
            number += 1
            yield _section(slide, foot, number, "h2")


def quiz_slides(questions: tuple[Question, ...]) -> Iterator[str]:
    """Return one slide for each question, without answers."""
    cover = Slide(kind="cover", heading="Ten questions", body="<p>Alone, on paper.</p>")
    yield _section(cover, "", 1, "h1")
    for number, question in enumerate(questions, 1):
        options = "".join(
            f"<li>{inline(option.text)}</li>"
            for _, option in zip(LETTERS, question.options, strict=False)
        )
        hint = "<p>More than one may be right.</p>" if question.many else ""
        asked = f"{number}. {inline(question.ask)}"
        body = f'{hint}<ol class="letters">{options}</ol>'
        yield _section(Slide(kind="quiz", heading=asked, body=body), "", number + 1, "h2")


def _section(slide: Slide, foot: str, number: int, rank: str) -> str:
    """Return a slide; figures get the slide's number into their ids, since they may come twice."""
    body = re.sub(
        r'(id="|aria-labelledby="|url\(#|href="#)([a-z])', rf"\g<1>s{number}-\2", slide.body
    )
    body = re.sub(r'(aria-labelledby="\S+ )([a-z])', rf"\g<1>s{number}-\2", body)
    lines = [
        f'<section class="slide {slide.kind}" id="{number}">',
        f"<{rank}>{slide.heading}</{rank}>",
        f'<div class="inside">{body}</div>' if body else "",
        f"<footer>{foot}<span>{number}</span></footer>",
        "</section>",
    ]
    return "\n".join(line for line in lines if line)


def made() -> dict[Path, str]:
    """Return file -> text of every deck."""
    decks: dict[Path, str] = {}
    for part in read_contents():
        if not part.is_chapters:
            continue
        pages = [entry.path for entry in part.entries if (COURSE / entry.path).is_file()]
        name = pages[0].partition("/")[0]
        slides = "\n".join(part_slides(part.title, pages))
        decks[FOLDER / f"{name}.html"] = PAGE.format(title=escape(part.title), slides=slides)
    questions = read_questions(QUIZ.read_text(encoding="utf-8"), QUIZ.name)
    slides = "\n".join(quiz_slides(questions))
    decks[FOLDER / "quiz.html"] = PAGE.format(title="Quiz before and after", slides=slides)
    return decks


def main(arguments: list[str]) -> int:
    """Write the decks, or with `--check` say which are not up to date."""
    stale = []
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in made().items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"written: course/instructors/slides/{path.name} ({len(text) / 1000:,.0f} kB)")
    if stale and "--check" in arguments:
        told = f"not up to date: {', '.join(stale)}. Run: python scripts/slides.py"
        print(told, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

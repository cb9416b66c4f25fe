"""Writes the quizzes as HTML that the pages include: `--check` only compares.

course/PART/PAGE.quiz.toml becomes course/.parts/quizzes/PART-PAGE.html. Without JavaScript the
answers are in a fold; course/assets/quiz.js makes them answerable.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Final

import markdown  # type: ignore[import-untyped]  # it has no types of its own

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that `scripts` is found wherever this is started

from scripts.questions import Option, Question, QuizError, read_questions  # noqa: E402 - as above

COURSE: Final = ROOT / "course"
QUIZZES: Final = COURSE / ".parts" / "quizzes"
MADE_BY: Final = "<!-- Written by scripts/quizzes.py from course/{}. Change that file. -->"


def name_of(path: Path) -> str:
    """Return the name of a quiz: its folder and its page."""
    return f"{path.parent.name}-{path.name.removesuffix('.quiz.toml')}"


def rendered(name: str, source: str, questions: tuple[Question, ...]) -> str:
    """Return the HTML of a quiz."""
    lines = [
        f'<div class="quiz" data-quiz="{name}">',
        MADE_BY.format(source),
        *(
            line
            for number, question in enumerate(questions, 1)
            for line in _asked(name, number, question)
        ),
        "</div>",
    ]
    return "\n".join(lines) + "\n"


def _asked(quiz: str, number: int, question: Question) -> Iterator[str]:
    kind = "checkbox" if question.many else "radio"
    hint = ' <span class="many">More than one may be right.</span>' if question.many else ""
    yield (
        f'<fieldset class="question" id="check-{question.id}" data-question="{question.id}" '
        "data-search-exclude>"  # a search must not show what is right
    )
    yield f"<legend>{number}. {inline(question.ask)}{hint}</legend>"
    for at, option in enumerate(question.options, 1):
        field = f'type="{kind}" name="{quiz}-{question.id}" value="{at}"'
        yield '<div class="option">'
        yield f"<label><input {field}> <span>{inline(option.text)}</span></label>"
        yield "</div>"
    yield '<p class="verdict" role="status" aria-live="polite"></p>'
    yield '<details class="answers"><summary>Answer and reasons</summary>'
    yield "<ul>"
    yield from (_reason(option) for option in question.options)
    yield "</ul></details>"
    yield "</fieldset>"


def _reason(option: Option) -> str:
    verdict = "right" if option.right else "not right"
    return (
        f'<li data-right="{str(option.right).lower()}"><em>{inline(option.text)}</em> '
        f'<strong>({verdict})</strong> <span class="why">{inline(option.why)}</span></li>'
    )


def inline(text: str) -> str:
    """Return inline Markdown as HTML, without a paragraph around it."""
    made = markdown.markdown(text, output_format="html").strip()
    return made.removeprefix("<p>").removesuffix("</p>") if made.startswith("<p>") else escape(text)


def made() -> dict[Path, str]:
    """Return path -> text of every quiz; raises QuizError."""
    found = {}
    for path in sorted(COURSE.rglob("*.quiz.toml")):
        source = path.relative_to(COURSE).as_posix()
        questions = read_questions(path.read_text(encoding="utf-8"), f"course/{source}")
        found[QUIZZES / f"{name_of(path)}.html"] = rendered(name_of(path), source, questions)
    return found


def main(arguments: list[str]) -> int:
    """Write the quizzes, or with `--check` say which are not up to date."""
    try:
        pages = made()
    except QuizError as problem:
        print(problem, file=sys.stderr)
        return 1
    stale = [
        path
        for path, text in pages.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    orphans = sorted(set(QUIZZES.glob("*.html")) - pages.keys())
    if "--check" in arguments:
        for path in [*stale, *orphans]:
            name = path.relative_to(ROOT).as_posix()
            print(f"{name}: not up to date. Run: python scripts/quizzes.py", file=sys.stderr)
        return 1 if stale or orphans else 0
    QUIZZES.mkdir(parents=True, exist_ok=True)
    for path in stale:
        path.write_text(pages[path], encoding="utf-8", newline="\n")
        print(f"written: {path.relative_to(ROOT).as_posix()}")
    for path in orphans:
        path.unlink()
        print(f"removed, its questions are gone: {path.relative_to(ROOT).as_posix()}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

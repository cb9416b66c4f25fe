"""Reads a page's questions from its `.quiz.toml`; what is wrong in it is said with its place.

Pure text in, questions out. How they look is the matter of scripts/quizzes.py.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any, Final

_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FEWEST_OPTIONS: Final = 2
_QUESTION_KEYS: Final = {"id", "ask", "options", "many"}
_OPTION_KEYS: Final = {"text", "why", "right"}


class QuizError(ValueError):
    """A quiz file is not as it should be: which file, which question, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer that can be chosen."""

    text: str
    """The answer, inline Markdown."""
    why: str
    """Why it is right or wrong, inline Markdown."""
    right: bool
    """Whether it is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with its options, in the order in which they are shown."""

    id: str
    """Its name, unique in the page."""
    ask: str
    """The question, inline Markdown."""
    options: tuple[Option, ...]
    """Two or more answers."""
    many: bool = False
    """Whether any number of answers may be right; otherwise exactly one is."""


def read_questions(text: str, where: str) -> tuple[Question, ...]:
    """Return the questions of a file; raises QuizError naming `where` and what to do."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise QuizError(f"{where}: this is not TOML: {problem}") from problem
    _only(table, {"question"}, where)
    rows = table.get("question")
    if not isinstance(rows, list) or not rows:
        raise QuizError(f"{where}: there is no question. Begin one with [[question]].")
    questions = tuple(_question(row, f"{where}: question {at}") for at, row in enumerate(rows, 1))
    ids = [question.id for question in questions]
    for id_ in ids:
        if ids.count(id_) > 1:
            raise QuizError(f"{where}: two questions have the id {id_!r}. Rename one of them.")
    return questions


def _question(row: dict[str, Any], where: str) -> Question:
    _only(row, _QUESTION_KEYS, where)
    id_ = _text(row, "id", where)
    if not _ID.fullmatch(id_):
        raise QuizError(f"{where}: the id {id_!r} must be small letters, digits and dashes.")
    where = f"{where} ({id_})"
    many = row.get("many", False)
    if not isinstance(many, bool):
        raise QuizError(f"{where}: many must be true or false.")
    rows = row.get("options")
    if not isinstance(rows, list) or len(rows) < _FEWEST_OPTIONS:
        raise QuizError(f"{where}: give at least {_FEWEST_OPTIONS} options.")
    options = tuple(_option(one, f"{where}, option {at}") for at, one in enumerate(rows, 1))
    right = sum(option.right for option in options)
    if not many and right != 1:
        raise QuizError(
            f"{where}: {right} options are right, and one must be. Mark it with right = true, "
            "or write many = true in the question."
        )
    if len({option.text for option in options}) < len(options):
        raise QuizError(f"{where}: two options have the same text.")
    return Question(id=id_, ask=_text(row, "ask", where), options=options, many=many)


def _option(row: object, where: str) -> Option:
    if not isinstance(row, dict):
        raise QuizError(f'{where}: write it as {{ text = "…", why = "…" }}.')
    _only(row, _OPTION_KEYS, where)
    right = row.get("right", False)
    if not isinstance(right, bool):
        raise QuizError(f"{where}: right must be true or false.")
    return Option(text=_text(row, "text", where), why=_text(row, "why", where), right=right)


def _text(row: dict[str, Any], key: str, where: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise QuizError(f"{where}: {key} is missing; it is a text that says something.")
    return " ".join(value.split())


def _only(row: dict[str, Any], known: set[str], where: str) -> None:
    for key in row:
        if key not in known:
            raise QuizError(f"{where}: {key} is unknown here. Known: {', '.join(sorted(known))}.")

"""Makes a new lab: small, complete and working, so that its author changes instead of inventing.

It writes into two folders that did not exist before, and refuses to touch anything else.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
from pathlib import Path
from typing import Final

import jinja2

from grader.errors import LabError, UsageError
from grader.lab_reader import read_lab
from grader.starter import make_starter

SLUG: Final = re.compile(r"\d\d-[a-z0-9]+(-[a-z0-9]+)*")
MAX_SLUG: Final = 50
MODULE: Final = "column.py"

PUBLIC: Final = {
    "lab.toml": "lab.toml",
    "README.md": "README.md",
    "conftest.py": "conftest.py",
    "test_public.py": "test_public.py",
}
PRIVATE: Final = {
    f"source/{MODULE}": "source.py",
    "test_hidden.py": "test_hidden.py",
    "conftest.py": "hidden_conftest.py",
    "DESIGN.md": "DESIGN.md",
}
EXAMPLES: Final = {
    "right__loop": 'why = "Counts in a loop, and asks for blank text in another way."\n',
    "wrong__zero_is_missing": 'why = "Takes a zero for a missing value."\n'
    'loses = ["none_is_missing", "blank_text_is_missing"]\n',
    "wrong__only_none": 'why = "Does not think of blank text."\n'
    'loses = ["blank_text_is_missing"]\n',
    "wrong__empty_is_zero": 'why = "Answers a question that has no answer."\n'
    'loses = ["empty_column_is_refused"]\n',
    "hostile__always_equal": 'why = "Returns a number that says it is equal to everything."\n'
    "max_points = 0\n",
}


def new(root: Path, slug: str, title: str = "") -> tuple[Path, ...]:
    """Write a new lab below `labs/` and `solutions/` of the root, and return its files.

    Without a title, the words of the slug are used. Raises UsageError for a name that is taken or
    not of the form NN-words; nothing is written then.
    """
    _demand_free(root, slug)
    title = " ".join(title.split()) or slug[3:].replace("-", " ").capitalize()
    if any(not character.isprintable() for character in title):
        raise UsageError("the title has characters that cannot be shown.", where=repr(title))
    public, private = _texts(title)
    written: list[Path] = []
    try:
        for folder, files in ((root / "solutions" / slug, private), (root / "labs" / slug, public)):
            written.append(folder)
            _write(folder, files)
    except OSError as error:
        for folder in written:
            shutil.rmtree(folder, ignore_errors=True)
        raise LabError(
            f"the lab cannot be written: {error.strerror}.", where=str(error.filename or root)
        ) from None
    read_lab((root / "labs" / slug).resolve(), (root / "solutions" / slug).resolve())
    return tuple(sorted(path for folder in written for path in folder.rglob("*") if path.is_file()))


def _demand_free(root: Path, slug: str) -> None:
    if not SLUG.fullmatch(slug) or len(slug) > MAX_SLUG:
        raise UsageError(
            f"{slug!r} cannot be the name of a lab.",
            advice="Two digits, then words in lower case, joined by hyphens: 12-model-cards.",
        )
    taken = {
        place.name[:2]: place.name
        for folder in ("labs", "solutions")
        for place in (root / folder).glob("[0-9][0-9]-*")
    }
    if slug in taken.values():
        raise UsageError(f"there is a lab {slug!r} already.", advice=_free_number(taken))
    if slug[:2] in taken:
        raise UsageError(
            f"the number {slug[:2]} belongs to {taken[slug[:2]]!r}.", advice=_free_number(taken)
        )


def _free_number(taken: dict[str, str]) -> str:
    free = [f"{number:02}" for number in range(1, 100) if f"{number:02}" not in taken]
    return f"The next free number is {free[0]}." if free else "No number is free any more."


def _texts(title: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the files of the public and of the private folder."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("grader", "templates/new_lab"),
        autoescape=False,  # noqa: S701 - Python, TOML and Markdown, no HTML
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )

    def text(name: str) -> str:
        template = environment.get_template(f"{name}.j2")
        return template.render(title=title, title_in_toml=json.dumps(title, ensure_ascii=False))

    public = {path: text(name) for path, name in PUBLIC.items()}
    private = {path: text(name) for path, name in PRIVATE.items()}
    for example, expected in EXAMPLES.items():
        private[f"submissions/{example}/{MODULE}"] = text(f"{example}.py")
        private[f"submissions/{example}/expected.toml"] = expected
    public[MODULE] = make_starter(private[f"source/{MODULE}"], MODULE)
    return public, private


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write a folder beside its place and move it there, so that half a lab never shows."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        for path, text in files.items():
            place = fresh / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)

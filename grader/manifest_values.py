"""What a single value of a manifest may be: names, paths, pages, lines, and lists of them.

Types for pydantic; each refuses with a sentence that says what to write instead.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import PurePosixPath
from typing import Annotated, Final

from pydantic import AfterValidator, Field

TRUSTED_MODULES: Final = frozenset(
    {
        *sys.stdlib_module_names,
        *("__main__", "sitecustomize", "usercustomize", "annotationlib", "compression"),
        *("grader", "pytest", "_pytest", "pluggy", "iniconfig", "packaging", "hypothesis"),
        *("numpy", "pandas", "scipy", "sklearn", "joblib", "threadpoolctl"),
        *("dateutil", "pytz", "tzdata", "six", "pip", "setuptools", "pkg_resources"),
        *("conftest", "test_public", "test_hidden", "hidden"),
    }
)
"""Names that the checker itself imports. Were one of them to resolve to a student's module, the
trusted side would call the student where it means to call a library."""

LABS_OWN_FILES: Final = frozenset(
    {"lab.toml", "starter.toml", "conftest.py", "test_public.py", "test_hidden.py"}
)


def number(value: object) -> object:
    """Return the value, unless it is true or false: those are equal to 1 and 0."""
    if isinstance(value, bool):
        raise ValueError(f"this must be 1, not {value}.")  # noqa: TRY004 - pydantic takes this one
    return value


def _one_line(value: str) -> str:
    if not value.strip() or "\n" in value:
        raise ValueError("this must be one line of text.")
    return value


def _check_id(value: str) -> str:
    if not all(part.isidentifier() for part in value.split(".")):
        raise ValueError(
            f"{value!r} cannot be the name of a check. Write the name of the test function "
            "without `test_`; for a method, the class and a dot before it."
        )
    return value


def _module(value: str) -> str:
    if "." in value and all(part.isidentifier() for part in value.split(".")):
        top = value.split(".", maxsplit=1)[0]
        raise ValueError(f"name only the package, {top!r}: its submodules come with it.")
    if not value.isidentifier() or keyword.iskeyword(value):
        raise ValueError(f"{value!r} is not a name that Python can import.")
    if value in TRUSTED_MODULES:
        raise ValueError(
            f"{value!r} is also the name of a module that the trusted side imports; "
            "student code would answer in its place. Choose another name for the student's module."
        )
    return value


def _library(value: str) -> str:
    if not all(part.isidentifier() for part in value.split(".")):
        raise ValueError(f"{value!r} is not a name that Python can import.")
    if value.split(".", maxsplit=1)[0] in {"grader", "pytest", "_pytest", "conftest"}:
        raise ValueError(f"{value!r} has no place in the box that runs student code.")
    return value


def _inside_path(value: str) -> str:
    parts = PurePosixPath(value).parts
    if not parts or value.startswith("/") or ".." in parts or "\\" in value or "\0" in value:
        raise ValueError(f"{value!r} must be a path inside the folder, with forward slashes.")
    if str(PurePosixPath(value)) != value:
        raise ValueError(f"write this path as {str(PurePosixPath(value))!r}.")
    return value


def _hand_in(value: str) -> str:
    if _inside_path(value) in LABS_OWN_FILES:
        raise ValueError(f"{value!r} belongs to the lab; a student cannot hand it in.")
    return value


def _folder_name(value: str) -> str:
    if "/" in value or _inside_path(value).startswith("."):
        raise ValueError(f"{value!r} must be the name of one folder of solutions/.")
    return value


def _generator(value: str) -> str:
    if not all(part.isidentifier() for part in value.split(".")):
        raise ValueError(f"{value!r} must be a module, such as 'kopi.extracts'.")
    return value


def _page(value: str) -> str:
    if value and not re.fullmatch(r"(?!.*\.\.)\w[\w./-]*\.md", value):
        raise ValueError(
            f"{value!r} must be a page of the course, such as 'development/data-quality.md'."
        )
    return value


def _learn(value: str) -> str:
    page, hash_sign, anchor = value.partition("#")
    _page(page)
    if hash_sign and not re.fullmatch(r"[\w.-]+", anchor):
        raise ValueError(f"{value!r} needs the anchor of a heading after the '#'.")
    return value


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"{value!r} stands here more than once.")
    return values


Line = Annotated[str, AfterValidator(_one_line)]
CheckId = Annotated[str, AfterValidator(_check_id)]
HandInPath = Annotated[str, AfterValidator(_hand_in)]
InsidePath = Annotated[str, AfterValidator(_inside_path)]

# strict=False is for the list alone, since TOML has no tuples; its items stay strict.
Lines = Annotated[tuple[Line, ...], Field(strict=False)]
CheckIds = Annotated[tuple[CheckId, ...], Field(strict=False), AfterValidator(_distinct)]
HandInPaths = Annotated[tuple[HandInPath, ...], Field(strict=False), AfterValidator(_distinct)]
InsidePaths = Annotated[tuple[InsidePath, ...], Field(strict=False), AfterValidator(_distinct)]
Modules = Annotated[
    tuple[Annotated[str, AfterValidator(_module)], ...],
    Field(strict=False),
    AfterValidator(_distinct),
]
Libraries = Annotated[
    tuple[Annotated[str, AfterValidator(_library)], ...],
    Field(strict=False),
    AfterValidator(_distinct),
]
Folders = Annotated[
    tuple[Annotated[str, AfterValidator(_folder_name)], ...],
    Field(strict=False),
    AfterValidator(_distinct),
]

Page = Annotated[str, AfterValidator(_page)]
Learn = Annotated[str, AfterValidator(_learn)]
Generator = Annotated[str, AfterValidator(_generator)]

"""What a lab's author may write in `lab.toml`, key by key.

Only what the manifest says by itself is judged here; whether the checks that it names exist is
judged by `grader.library`, which has the test files at hand. No files are read here.
"""

from __future__ import annotations

import graphlib
import keyword
import re
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from grader.lab import EngineNeeds, Floors, Limits, Submit
from grader.tables import Problem, Table, nearest, read_table, refuse

STAGES: Final = ("design", "development", "deployment", "monitoring")

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

LABS_OWN_FILES: Final = frozenset({"lab.toml", "conftest.py", "test_public.py", "test_hidden.py"})

_LIMITS: Final = Limits()
_FLOORS: Final = Floors()


def _number(value: object) -> object:
    if isinstance(value, bool):  # which is equal to 1, and so would pass
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


class SubmitTable(Table):
    """`[submit]`: what a student hands in."""

    required: HandInPaths = ()
    """Paths without which a hand-in is ungradable; absent, they follow from `modules`."""
    optional: HandInPaths = ()
    """Paths that may be there too."""
    modules: Modules = ()
    """Imports of the test files that resolve to the student's modules."""


class ImageTable(Table):
    """`[image]`: what the boxes load before the student's code arrives."""

    preload: Libraries = ()
    """Libraries that are imported ahead of time, so that nobody waits for them."""
    tools: bool = False
    """True gives the student's code the large libraries and programs: MLflow, Evidently, act…"""


class EngineTable(Table):
    """`[engine]`: lets the tests build and run what is handed in, through the supervisor."""

    bases: Lines = ()
    """Images that a Dockerfile may begin with; naming one is what asks for the engine."""
    build_s: float = Field(default=60.0, ge=1, le=3600)
    build_mb: int = Field(default=512, ge=64, le=65536)
    image_mb: int = Field(default=512, ge=1, le=65536)


class LimitsTable(Table):
    """`[limits]`: what one run may use; a lab names only what differs from the defaults."""

    call_s: float = Field(default=_LIMITS.call_s, ge=0.1, le=3600)
    wall_s: float = Field(default=_LIMITS.wall_s, ge=1, le=14400)
    memory_mb: int = Field(default=_LIMITS.memory_mb, ge=64, le=65536)
    processes: int = Field(default=_LIMITS.processes, ge=8, le=4096)
    disk_mb: int = Field(default=_LIMITS.disk_mb, ge=1, le=16384)
    output_kb: int = Field(default=_LIMITS.output_kb, ge=1, le=1024)


class FloorsTable(Table):
    """`[floors]`: what the lab must reach in its proof."""

    starter_max: int = Field(default=_FLOORS.starter_max, ge=0, le=1000)
    liars_max: int = Field(default=_FLOORS.liars_max, ge=0, le=1000)
    mutants_killed_min: float = Field(default=_FLOORS.mutants_killed_min, ge=0, le=1)


class PrivateTable(Table):
    """`[private]`: what of `solutions/` the hidden tests share with other labs."""

    include: Folders = ()
    """Folders of `solutions/` that are copied beside the hidden tests."""
    data: Annotated[str, AfterValidator(_generator)] = ""
    """Module among them that makes `data/` from a seed, so that each student can have their own."""


class BuildTable(Table):
    """`[build]`: files of `source/` that carry no solution markers on purpose."""

    given: InsidePaths = ()
    """Copied to the student's folder unchanged."""
    withheld: InsidePaths = ()
    """Never copied: the student starts this file from nothing."""


class CheckTable(Table):
    """`[[check]]`: one test function and what it is worth."""

    id: CheckId
    """The test function's name without `test_`; `Class.name` for a method."""
    points: int = Field(ge=0, le=1000)
    """Whole points, earned all or not at all."""
    task: int | None = Field(default=None, ge=1, le=99)
    """Number of the task in the README."""
    needs: CheckIds = ()
    """Checks without which this one is skipped."""
    hints: Lines = ()
    """From gentle to plain."""
    learn: Annotated[str, AfterValidator(_learn)] = ""
    """Page and anchor of the course that teaches this."""


class Manifest(Table):
    """All of `lab.toml`."""

    schema_: Annotated[Literal[1] | None, BeforeValidator(_number)] = Field(
        default=None, alias="schema"
    )
    title: Line | None = None
    stage: Literal["design", "development", "deployment", "monitoring", ""] = ""
    page: Annotated[str, AfterValidator(_page)] = ""
    minutes: int = Field(default=0, ge=0, le=600)
    remote_operators: bool = False
    submit: SubmitTable = SubmitTable()
    image: ImageTable = ImageTable()
    engine: EngineTable | None = None
    limits: LimitsTable = LimitsTable()
    floors: FloorsTable = FloorsTable()
    private: PrivateTable = PrivateTable()
    build: BuildTable = BuildTable()
    check: Annotated[tuple[CheckTable, ...], Field(strict=False)] = ()


def read_manifest(text: bytes | str, where: str) -> Manifest:
    """Return the manifest that the text of a `lab.toml` describes.

    Raises ManifestError, with the file and the key, for anything that is wrong with it.
    """
    manifest = read_table(text, Manifest, where)
    problems = list(_contradictions(manifest))
    if problems:
        refuse(where, problems)
    return manifest


def limits_of(manifest: Manifest) -> Limits:
    """Return the limits of the lab, defaults filled in."""
    return Limits(**manifest.limits.model_dump())


def engine_of(manifest: Manifest) -> EngineNeeds | None:
    """Return what the lab asks of the container engine; None for nothing."""
    return EngineNeeds(**manifest.engine.model_dump()) if manifest.engine else None


def floors_of(manifest: Manifest) -> Floors:
    """Return what proving demands, defaults filled in."""
    return Floors(**manifest.floors.model_dump())


def submit_of(manifest: Manifest, required: tuple[str, ...]) -> Submit:
    """Return what is handed in; `required` is what the manifest or the folder says of it."""
    table = manifest.submit
    return Submit(required=required, optional=table.optional, modules=table.modules)


def _contradictions(manifest: Manifest) -> Iterator[Problem]:
    limits, submit = manifest.limits, manifest.submit
    if limits.call_s > limits.wall_s:
        yield Problem(
            location=("limits", "call_s"),
            message=f"one call may take {limits.call_s:g} s, "
            f"but the whole run only {limits.wall_s:g} s.",
            advice="Lower call_s or raise wall_s.",
        )
    if limits.disk_mb >= limits.memory_mb:
        yield Problem(
            location=("limits", "disk_mb"),
            message=f"{limits.disk_mb} MB of files would fill all {limits.memory_mb} MB of memory.",
            advice="Files are kept in memory: leave room for the program.",
        )
    yield from _engine_problems(manifest.engine, limits.wall_s)
    for path in submit.optional:
        if path in submit.required:
            yield Problem(location=("submit", "optional"), message=f"{path!r} is required already.")
    if not submit.required and not submit.modules:
        yield Problem(
            location=("submit",),
            message="neither `required` nor `modules` is there, so nothing would be handed in.",
            advice='Write for example modules = ["quality"].',
        )
    for path in manifest.build.given:
        if path in manifest.build.withheld:
            yield Problem(
                location=("build", "given"), message=f"{path!r} is both given and withheld."
            )
    yield from _check_problems(manifest.check)


def _engine_problems(engine: EngineTable | None, wall_s: float) -> Iterator[Problem]:
    if engine is None:
        return
    if not engine.bases:
        yield Problem(
            location=("engine", "bases"),
            message="no base is allowed, so no Dockerfile could be built.",
            advice='Write for example bases = ["python:3.11-slim-bookworm"].',
        )
    for place, base in enumerate(engine.bases):
        if ":" not in base or base.endswith(":latest") or not re.fullmatch(r"[\w./:@-]+", base):
            yield Problem(
                location=("engine", "bases", place),
                message=f"{base!r} is not the name of an image with its version.",
                advice='Write for example "python:3.11-slim-bookworm".',
            )
    if engine.build_s > wall_s:
        yield Problem(
            location=("engine", "build_s"),
            message=f"one build may take {engine.build_s:g} s, "
            f"but the whole run only {wall_s:g} s.",
            advice="Lower build_s or raise limits.wall_s.",
        )


def _check_problems(checks: tuple[CheckTable, ...]) -> Iterator[Problem]:
    ids = [check.id for check in checks]
    for place, check in enumerate(checks):
        if check.id in ids[:place]:
            first = ids.index(check.id)
            yield Problem(
                location=("check", place, "id"),
                message=f"{check.id!r} is the id of check[{first + 1}] already.",
            )
        for need in check.needs:
            if need not in ids:
                yield Problem(
                    location=("check", place, "needs"),
                    message=f"there is no check {need!r}.",
                    advice=nearest(need, ids),
                )
    if checks and not any(check.points for check in checks):
        yield Problem(location=("check",), message="all checks together are worth no point.")
    circle = _circle({check.id: check.needs for check in checks})
    if circle:
        place = ids.index(circle[0])
        yield Problem(
            location=("check", place, "needs"),
            message=f"these checks wait for each other: {' needs '.join(circle)}.",
        )


def _circle(needs: dict[str, tuple[str, ...]]) -> list[str]:
    """Return one circle of needs, its first id again at the end; empty when there is none."""
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        circle: list[str] = error.args[1]
        return circle[::-1]
    return []

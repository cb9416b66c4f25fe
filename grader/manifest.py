"""What a lab's author may write in `lab.toml`, key by key.

Only what the manifest says by itself is judged here; whether the checks that it names exist is
judged by `grader.library`, which has the test files at hand. No files are read here.
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from grader.lab import EngineNeeds, Floors, Limits, Submit
from grader.manifest_values import (
    CheckId,
    CheckIds,
    Folders,
    Generator,
    HandInPath,
    HandInPaths,
    InsidePaths,
    Learn,
    Libraries,
    Line,
    Lines,
    Modules,
    Page,
    number,
)
from grader.nbgrader_course.table import NbgraderTable
from grader.tables import Problem, Table, nearest, read_table, refuse

STAGES: Final = ("design", "development", "deployment", "monitoring")

_LIMITS: Final = Limits()
_FLOORS: Final = Floors()


class SubmitTable(Table):
    """`[submit]`: what a student hands in."""

    required: HandInPaths = ()
    """Paths without which a hand-in is ungradable; absent, they follow from `modules`."""
    optional: HandInPaths = ()
    """Paths that may be there too."""
    modules: Modules = ()
    """Imports of the test files that resolve to the student's modules."""
    notebooks: dict[str, HandInPath] = Field(default_factory=dict)
    """Module -> notebook that may be handed in instead of it."""


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
    data: Generator = ""
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
    learn: Learn = ""
    """Page and anchor of the course that teaches this."""
    cell: str = ""
    """`notebook/id` of the cell of an nbgrader course that it stands for."""


class Manifest(Table):
    """All of `lab.toml`."""

    schema_: Annotated[Literal[1] | None, BeforeValidator(number)] = Field(
        default=None, alias="schema"
    )
    title: Line | None = None
    stage: Literal["design", "development", "deployment", "monitoring", ""] = ""
    page: Page = ""
    minutes: int = Field(default=0, ge=0, le=600)
    remote_operators: bool = False
    submit: SubmitTable = SubmitTable()
    image: ImageTable = ImageTable()
    engine: EngineTable | None = None
    limits: LimitsTable = LimitsTable()
    floors: FloorsTable = FloorsTable()
    private: PrivateTable = PrivateTable()
    build: BuildTable = BuildTable()
    nbgrader: NbgraderTable | None = None
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
    return Submit(
        required=required,
        optional=table.optional,
        modules=table.modules,
        notebooks=tuple(sorted(table.notebooks.items())),
    )


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
    yield from _notebook_problems(submit)
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


def _notebook_problems(submit: SubmitTable) -> Iterator[Problem]:
    for module, path in submit.notebooks.items():
        location = ("submit", "notebooks", module)
        if module not in submit.modules:
            advice = nearest(module, submit.modules)
            yield Problem(
                location=location, message=f"{module!r} is not in `modules`.", advice=advice
            )
        if not path.endswith(".ipynb"):
            yield Problem(location=location, message=f"{path!r} is no notebook: name an .ipynb.")
        if list(submit.notebooks.values()).count(path) > 1:
            yield Problem(location=location, message=f"{path!r} stands for two modules.")


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

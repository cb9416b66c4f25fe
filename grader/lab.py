"""What a lab is: its checks, its limits, what is handed in. Values only; no files are read here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Visibility(StrEnum):
    """Who sees the inputs, outputs and messages of a check."""

    PUBLIC = "public"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One test function, and what it is worth."""

    id: str
    """Name of the check: `completeness` for `test_completeness`, `Gate.rejects` in a class."""
    points: int
    """Whole points, earned all or not at all."""
    visibility: Visibility
    """Public checks show inputs and messages; hidden ones only title, hints and learn."""
    file: str
    """Name of the test file, for example `test_hidden.py`."""
    node: str
    """Node id inside the file, as pytest spells it: `test_x` or `TestGate::test_rejects`."""
    title: str
    """First paragraph of the test's docstring: the line a student reads."""
    task: int | None = None
    """Number of the task in the lab's README that this check belongs to."""
    needs: tuple[str, ...] = ()
    """Ids of checks without which this one is skipped."""
    hints: tuple[str, ...] = ()
    """Hints, from gentle to plain."""
    learn: str = ""
    """Page and anchor of the course that teaches this, relative to `course/`."""
    cell: str = ""
    """`notebook/id` of the cell of an nbgrader course that it stands for; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may use. Safe defaults; a lab names only what differs."""

    call_s: float = 10.0
    """Seconds that one call into the student's code may take, importing it included."""
    wall_s: float = 120.0
    """Seconds that a whole run may take."""
    memory_mb: int = 512
    """Memory of the worker box, its files in tmpfs included."""
    processes: int = 256
    """Processes and threads in the worker box."""
    disk_mb: int = 64
    """Size of the worker's own folder (tmpfs, so it counts as memory too)."""
    output_kb: int = 64
    """Kilobytes of stdout and stderr kept for one check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineNeeds:
    """What a lab asks of the container engine, which the supervisor uses on its behalf."""

    bases: tuple[str, ...]
    """Names of the images that a FROM may use."""
    build_s: float = 60.0
    """Seconds that one build may take."""
    build_mb: int = 512
    """Memory of one step of a build."""
    image_mb: int = 512
    """Megabytes that one step of a build may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """What a student hands in."""

    required: tuple[str, ...] = ()
    """Paths without which a hand-in is ungradable."""
    optional: tuple[str, ...] = ()
    """Paths that may be there too; anything else is kept, but nothing looks at it."""
    modules: tuple[str, ...] = ()
    """Names that resolve to the student's modules in the worker when a test imports them."""
    notebooks: tuple[tuple[str, str], ...] = ()
    """(module, path of a notebook) where a module may be handed in as a notebook instead."""
    starters: tuple[tuple[str, str], ...] = ()
    """(path, print) of starters: of a module and its notebook, an untouched one does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a lab came from: a folder in `source/` of an nbgrader course."""

    name: str
    """Name of the folder, and of those that students hand in."""
    scale: int = 1
    """Points here for one point there, so that all points here are whole numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """What a lab must reach before it is offered (read by proving)."""

    starter_max: int = 10
    """Points that the untouched starter may earn at most."""
    liars_max: int = 10
    """Points that a universal liar may earn at most."""
    mutants_killed_min: float = 0.9
    """Share of sampled, non-equivalent mutants of the reference that must lose a point."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """A lab as the grader knows it."""

    slug: str
    """`NN-kebab-name`, or the name of the folder that was given as a path."""
    title: str
    """What the lab is called on its page."""
    stage: str = ""
    """design, development, deployment or monitoring; empty for a lab given as a path."""
    page: str = ""
    """Page of the course that the lab belongs to, relative to `course/`."""
    minutes: int = 0
    """Minutes that a student needs; 0 when unknown."""
    submit: Submit = field(default_factory=Submit)
    """What is handed in."""
    limits: Limits = field(default_factory=Limits)
    """What a run may use."""
    checks: tuple[Check, ...] = ()
    """The checks, public files first, in the order of the manifest within them."""
    preload: tuple[str, ...] = ()
    """Libraries that both boxes import before the student's code arrives."""
    tools: bool = False
    """Whether the student's code has the large libraries and programs: MLflow, Evidently, act…"""
    engine: EngineNeeds | None = None
    """What the tests may ask of the container engine; None when they use none."""
    remote_operators: bool = False
    """True trusts comparisons to the student's objects (for suites written elsewhere)."""
    floors: Floors = field(default_factory=Floors)
    """What proving demands."""
    trusted_files: tuple[tuple[str, bytes], ...] = ()
    """(path, content) of what the checker gets: test files, conftest.py, data. Never the worker."""
    worker_files: tuple[tuple[str, bytes], ...] = ()
    """(path, content) of public data that lies beside the student's files in the worker."""
    data_from: str = ""
    """Module on the private side that makes `data/` from a seed; empty where all data are alike."""
    variant: int | None = None
    """Seed of the data that lie in `data/`: a student's own. None for everybody's copy."""
    origin: Origin | None = None
    """The nbgrader course that it was imported from; None for all others."""
    digest: str = ""
    """SHA-256 over all that can change a mark."""

    @property
    def out_of(self) -> int:
        """Points that a perfect hand-in earns."""
        return sum(check.points for check in self.checks)

    def check(self, check_id: str) -> Check:
        """Return the check of that id; KeyError if there is none."""
        for check in self.checks:
            if check.id == check_id:
                return check
        raise KeyError(check_id)

    def run_as(self, paths: Collection[str]) -> Lab:
        """Return it with the notebooks among these files only: what a worker must be ready for.

        A worker that can run cells takes twice as long to start, and most hand-ins have none.
        """
        return self._with(tuple(pair for pair in self.submit.notebooks if pair[1] in paths))

    def run_as_usual(self) -> Lab:
        """Return it with the notebooks that are the rule: no file of their module is asked for."""
        files = tuple(path for path in self.submit.required if not path.endswith(".ipynb"))
        return self._with(
            tuple(
                (module, path)
                for module, path in self.submit.notebooks
                if not any(
                    file == f"{module}.py" or file.startswith(f"{module}/") for file in files
                )
            )
        )

    def _with(self, notebooks: tuple[tuple[str, str], ...]) -> Lab:
        if notebooks == self.submit.notebooks:
            return self
        return replace(self, submit=replace(self.submit, notebooks=notebooks))

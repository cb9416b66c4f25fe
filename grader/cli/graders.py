"""Who grades a batch: boxes on this machine, or on each machine of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from grader.batch import Grading
from grader.cli.boxes import SandboxChoice, grading_with, open_boxes
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.outcome import Run
from grader.submission import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Graders:
    """What a batch needs to know of them."""

    grade: Grading
    """Grades one submission, here."""
    jobs: int
    """Gradings at the same time."""
    executor: Executor | None = None
    """Where gradings run; None for threads of this process."""
    bind: Callable[[Grading, Lab], Callable[[Submission], Run]] = partial
    """Makes what is sent to the executor."""


@contextmanager
def open_graders(
    choice: SandboxChoice,
    folder: LabFolder,
    secret: bytes,
    *,
    jobs: int,
    cluster: str = "",
    warned: bool = True,
) -> Iterator[Graders]:
    """Open what grades this lab: `jobs` boxes here, or what a cluster has; 0 jobs are all of it.

    Raises what `open_boxes` and `open_cluster` raise.
    """
    if not cluster:
        with open_boxes(choice, jobs, warned=warned) as boxes:
            boxes.prepare(folder.lab)
            yield Graders(grade=grading_with(folder, boxes, secret), jobs=jobs)
        return
    from grader.cli.cluster import open_cluster  # noqa: PLC0415 - Dask only where it is asked for

    with open_cluster(cluster, folder, choice, secret) as machines:
        yield Graders(
            grade=lambda _lab, submission: machines.grade(submission),
            jobs=jobs or machines.slots,
            executor=machines.executor,
            bind=lambda _grade, _lab: machines.grade,
        )

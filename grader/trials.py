"""Plans what a lab is tried on: each submission with a known outcome, and how it must end.

Nothing is graded here. The order is the order of the proof's table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from grader.judging import EVERYTHING, Wanted, wanted_of
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.liars import liars_of
from grader.nbgrader_course.flat import flat, folded
from grader.outcome import Run
from grader.proof import Kind
from grader.submission import Bundle

HANG_CALL_S: Final = 1.0
"""A liar that never answers is as silent after one second as after ten."""

_EXAMPLES: Final[tuple[Kind, ...]] = ("right", "wrong", "hostile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One submission to be tried, and its runs when that is done."""

    name: str
    """`reference`, `starter`, the name of an example's folder, or `liar__…`."""
    kind: Kind
    """Why it is tried."""
    lab: Lab
    """The lab, with the limits that this trial gets."""
    bundle: Bundle
    """What is handed in."""
    wanted: Wanted
    """How it must end."""
    seeds: tuple[int, ...]
    """It is graded once with each of these."""
    runs: tuple[Run, ...] = ()
    """One for each seed; empty when it was not run."""


def reference_trial(lab: Lab, reference: Bundle, seeds: tuple[int, ...]) -> Trial:
    """Return the trial that everything else stands on."""
    return Trial(
        name="reference",
        kind="reference",
        lab=lab,
        bundle=reference,
        wanted=EVERYTHING,
        seeds=seeds,
    )


def other_trials(
    folder: LabFolder, reference: Bundle, seeds: tuple[int, ...], *, thorough: bool = False
) -> tuple[Trial, ...]:
    """Return starter, both as notebooks where the lab takes them, examples and liars.

    Right examples get two seeds. Wrong ones get one each, in turns, so that both are seen by about
    half of them; two where the proof is thorough. All others get one.

    In a lab that builds images, all of them get one.

    Raises LabError when the starter has not been built or an example is not as it should be.
    """
    starter = folder.starter()
    return (
        _starter_trial(folder.lab, starter, seeds),
        *_notebook_trials(folder, seeds),
        *_example_trials(folder, seeds, thorough=thorough),
        *_liar_trials(folder, reference, starter, seeds),
    )


def _starter_trial(lab: Lab, starter: Bundle, seeds: tuple[int, ...]) -> Trial:
    return Trial(
        name="starter",
        kind="starter",
        lab=lab,
        bundle=starter,
        wanted=Wanted(max_points=lab.floors.starter_max),
        seeds=seeds[:1],
    )


def _notebook_trials(folder: LabFolder, seeds: tuple[int, ...]) -> Iterator[Trial]:
    """Yield the reference and the starter once more, as notebooks, where the lab takes those."""
    untouched, solved = folder.starter_as_notebook(), folder.reference_as_notebook()
    if untouched is not None:
        trial = _starter_trial(folder.lab, untouched, seeds)
        yield replace(trial, name="starter_as_notebook")
    if solved is not None:
        trial = reference_trial(folder.lab, solved, seeds[:2])
        yield replace(trial, name="reference_as_notebook", kind="right")


def _example_trials(
    folder: LabFolder, seeds: tuple[int, ...], *, thorough: bool
) -> Iterator[Trial]:
    examples = folder.examples()
    # Images are built for every run: a second seed would cost half a minute, and draws only names
    # and numbers anew.
    two = seeds[: 1 if folder.lab.engine is not None else 2]
    for kind in _EXAMPLES:
        of_kind = [example for example in examples if example.kind == kind]
        for number, example in enumerate(of_kind):
            if kind == "hostile":
                chosen = seeds[:1]
            elif kind == "right" or thorough:
                chosen = two
            else:
                chosen = (two[number % len(two)],)
            yield Trial(
                name=example.name,
                kind=kind,
                lab=folder.lab,
                bundle=example.bundle,
                wanted=wanted_of(example.expected),
                seeds=chosen,
            )


def _liar_trials(
    folder: LabFolder, reference: Bundle, starter: Bundle, seeds: Sequence[int]
) -> list[Trial]:
    lab = folder.lab
    short = min(HANG_CALL_S, lab.limits.call_s)
    hurried = replace(lab, limits=replace(lab.limits, call_s=short))
    withheld = folder.manifest.build.withheld
    return [
        Trial(
            name=liar.name,
            kind="liar",
            lab=hurried if liar.hangs else lab,
            bundle=folded(liar.bundle, lab),
            wanted=Wanted(max_points=lab.floors.liars_max),
            seeds=tuple(seeds[:1]),
        )
        for liar in liars_of(flat(reference, lab), starter, lab.submit.modules, withheld)
    ]

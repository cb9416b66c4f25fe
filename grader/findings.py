"""Tells what trying a lab brought to light: rows for the table, and findings with advice.

Pure: trials with their runs go in, text comes out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from statistics import median
from typing import Final

from grader.judging import complaints, is_as_wanted, refusals, saw, short_note, worst_points
from grader.lab import Lab
from grader.outcome import Probe, Run, Verdict
from grader.proof import Kind, ProofRow
from grader.sandbox.base import Sandbox
from grader.trials import Trial

NOT_CONTAINED: Final = "not run: nothing contains it here"
NOT_REACHED: Final = "not run: the reference must pass first"

_ADVICE: Final[dict[Kind, str]] = {
    "reference": "Nobody can earn what the reference does not: correct the reference or the check.",
    "starter": "A student who has not begun must be graded, and earn next to nothing: ask for "
    "more in those checks, or declare `starter_max` under [floors] in lab.toml.",
    "right": "Correct work must earn everything: loosen the check, or correct the submission.",
    "wrong": "Correct the check, or `loses` and `status` in the submission's expected.toml.",
    "hostile": "Find out how that could happen before the lab is offered.",
    "liar": "It knows nothing of the work: add to those checks what this answer does not satisfy, "
    "or declare `liars_max` under [floors] in lab.toml.",
}
_BY_CHANCE: Final = " It depends on the seed: look at what the checks draw at random."
_OURS: Final = "That is never the submission's doing: look at the lab's tests and at the grader."


def row_of(trial: Trial, *, is_contained: bool) -> ProofRow:
    """Return the row of the table for one trial."""
    wanted = trial.wanted.text(trial.lab.out_of)
    if not trial.runs:
        why = NOT_REACHED if is_contained else NOT_CONTAINED
        return ProofRow(name=trial.name, kind=trial.kind, wanted=wanted, saw=why, ok=None)
    return ProofRow(
        name=trial.name,
        kind=trial.kind,
        wanted=wanted,
        saw=saw(trial.wanted, trial.runs),
        ok=all(is_as_wanted(trial.wanted, run) for run in trial.runs),
        points=worst_points(trial.wanted, trial.runs),
        seconds=median_seconds(trial.runs),
        runs=len(trial.runs),
    )


def findings_of(trials: Sequence[Trial], lab: Lab) -> Iterator[str]:
    """Yield a finding for everything that did not end as it should, and what to do about it."""
    for trial in trials:
        yield from _trial_findings(trial)
    if not any(trial.runs for trial in trials[1:]):
        return  # the reference failed, and nothing else was tried
    for refused in refusals(lab, [trial.runs for trial in trials if trial.kind == "wrong"]):
        if not refused.count:
            yield (
                f"check {refused.check} never said no: no wrong__ submission (of those that earn "
                "anything) fails it. Add one with a mistake that this check is there to find."
            )


def notes_of(trials: Sequence[Trial], lab: Lab, sandbox: Sandbox) -> Iterator[str]:
    """Yield what a reader should know although it is no fault of the lab."""
    hostile = sum(trial.kind == "hostile" for trial in trials)
    if hostile and not sandbox.isolates:
        yield (
            f"Hostile submissions not run: {hostile}. The {sandbox.name} sandbox contains "
            "nothing; prove the lab in containers, too."
        )
    if not any(trial.kind == "right" for trial in trials):
        yield (
            "There is no right__ submission: correct work that is written differently from the "
            "reference could lose points without anybody knowing."
        )
    if not lab.submit.modules:
        yield (
            "No Python module is handed in, so there are no liars; the wrong__ submissions take "
            "their place."
        )


def staff_notes(name: str, runs: Sequence[Run | Probe]) -> Iterator[str]:
    """Yield what the grader told staff about these runs: it may be the trace of a fault of ours."""
    told = Counter(short_note(note) for run in runs for note in run.staff_notes)
    for note, count in told.items():
        times = f" ({count} times)" if count > 1 else ""
        yield f"{name}: {note}{times}"


def median_seconds(runs: Sequence[Run]) -> float | None:
    """Return the median time of the runs; None when it was not measured."""
    seconds = [run.phases["total"] for run in runs if "total" in run.phases]
    return round(median(seconds), 3) if seconds else None


def _trial_findings(trial: Trial) -> Iterator[str]:
    seeds: defaultdict[tuple[tuple[str, ...], bool], list[int]] = defaultdict(list)
    for seed, run in zip(trial.seeds, trial.runs, strict=bool(trial.runs)):
        broke = run.verdict is Verdict.BROKEN
        seeds[complaints(trial.wanted, run), broke].append(seed)
    for (told, broke), which in seeds.items():
        if told:
            word = "seed" if len(which) == 1 else "seeds"
            named = f"{trial.name} ({word} {', '.join(map(str, which))})"
            chance = _BY_CHANCE if len(seeds) > 1 and not broke else ""
            yield f"{named}: {'; '.join(told)}.{chance} {_OURS if broke else _ADVICE[trial.kind]}"

"""Proves a lab before anyone is graded by it: tries it on submissions whose outcome is known.

The journey, in `_Proving.proof`:

1. The reference under several seeds. If it does not earn everything, nothing else is tried, since
   nothing else would mean anything.
2. Starter, right and wrong examples, universal liars, and hostile examples where the sandbox
   contains them.
3. Mutants of the reference, with a short time limit that the reference keeps with room to spare.
4. What is wrong and what to do, sentence by sentence.

Every run is an ordinary grading, with two exceptions that make a proof cheap enough to repeat. A
mutant's run ends at the first check that does not pass: whether it is noticed is all that is asked.
And wrong examples, liars and mutants share worker boxes, which are emptied in between, since their
start would cost more than their runs; in a thorough proof wrong examples get boxes of their own, as
all others do always. At the end the reference must still pass in the boxes that were shared.

Engine failures pass through to the caller: a proof is whole or is none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, Generic, Literal, Protocol, TypeVar

from grader import mutation
from grader.errors import LabError
from grader.findings import findings_of, median_seconds, notes_of, row_of, staff_notes
from grader.grading import grade, probe, utc_now
from grader.judging import EVERYTHING, is_as_wanted, refusals
from grader.lab import Lab
from grader.lab_folder import LabFolder
from grader.layout import place_of
from grader.mutants import EQUIVALENT_FILE, Mutant, Orchard, read_equivalents
from grader.nbgrader_course.flat import flat, folded
from grader.outcome import Probe, Run, Verdict
from grader.proof import Kind, MutationScore, Proof
from grader.sandbox.pool import Boxes
from grader.sandbox.reuse import ReusedWorkers
from grader.submission import Bundle, Submission
from grader.trials import Trial, other_trials, reference_trial

BRISK_CALL_S: Final = 3.0
"""Seconds that a mutant's call gets, at least."""
BRISK_RUN_S: Final = 30.0
"""Seconds that a mutant's run gets, at least."""
ROOM: Final = 5
"""How many times longer than the reference a mutant may take before it counts as hanging."""


class Grading(Protocol):
    """Grades one submission: `grader.grading.grade`, or a test's stand-in."""

    def __call__(
        self,
        lab: Lab,
        submission: Submission,
        boxes: Boxes,
        *,
        seed: int | None = None,
        reference: Bundle | None = None,
    ) -> Run:
        """Return the Run. Raises EngineError when the engine itself fails."""


class Probing(Protocol):
    """Probes one submission: `grader.grading.probe`, or a test's stand-in."""

    def __call__(
        self,
        lab: Lab,
        submission: Submission,
        boxes: Boxes,
        *,
        seed: int,
        reference: Bundle | None = None,
    ) -> Probe:
        """Return the Probe. Raises EngineError when the engine itself fails."""


class ProofProgress(Protocol):
    """Hears what a proof does, one event after another, in the thread that called it."""

    def begin(self, total: int) -> None:
        """Hear how many runs there will be at most."""

    def ran(self, name: str, *, good: bool) -> None:
        """Hear that a run ended, and whether it ended as it should."""

    def end(self) -> None:
        """Hear that no further event follows."""


class SilentProofProgress:
    """Hears everything, says nothing."""

    def begin(self, total: int) -> None:
        """Do nothing."""

    def ran(self, name: str, *, good: bool) -> None:
        """Do nothing."""

    def end(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofSettings:
    """How thoroughly a lab is tried, and by what means."""

    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    """Seeds of the reference's runs; right examples use the first two, others one of these."""
    thorough: bool = False
    """Wrong examples use both of these seeds, too, and boxes of their own."""
    mutants: int | None = 40
    """How many mutants to try; None: all of them; 0: none, and the proof is not complete."""
    mutants_seed: int = 0
    """Seed that chooses the mutants."""
    jobs: int = 2
    """Runs at the same time; the pool of boxes should have as many slots."""
    progress: ProofProgress = field(default_factory=SilentProofProgress)
    """Hears what happens."""
    grade: Grading = grade
    """Grades one submission."""
    probe: Probing = probe
    """Finds out whether a mutant is noticed."""


def prove(folder: LabFolder, boxes: Boxes, settings: ProofSettings | None = None) -> Proof:
    """Try a lab on its reference, starter, examples, liars and mutants; return what was seen.

    Raises LabError for a lab without reference or starter, UsageError where mutants are wanted
    and cannot be made, EngineError when the engine fails.
    """
    chosen = settings or ProofSettings()
    if not chosen.seeds:
        raise ValueError("a proof needs at least one seed")
    if folder.private is None or not (folder.private / "source").is_dir():
        raise LabError(
            "this lab has no reference solution, so nothing can be proved about it.",
            where=folder.where,
            advice="A lab that is proved has a folder in solutions/ with source/ (the reference, "
            "with solution markers) and submissions/ (examples). A folder that is given as a path "
            "can be used for grading, unproved.",
        )
    return _Proving(folder, boxes, chosen).proof()


_Seen = TypeVar("_Seen", Run, Probe)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt(Generic[_Seen]):
    """One run that is to be made, whole or not."""

    name: str
    make: Callable[[], _Seen]
    is_good: Callable[[_Seen], bool]


class _Proving:
    """One proof under way."""

    def __init__(self, folder: LabFolder, boxes: Boxes, settings: ProofSettings) -> None:
        self._lab = folder.lab
        self._boxes = boxes
        self._shared = ReusedWorkers(boxes) if boxes.sandbox.isolates else None
        self._settings = settings
        self._bundle = folder.reference()
        self._reference = reference_trial(folder.lab, self._bundle, settings.seeds)
        self._others = other_trials(
            folder, self._bundle, settings.seeds, thorough=settings.thorough
        )
        self._declared_in = place_of(folder.source.parent / EQUIVALENT_FILE)
        self._declared = read_equivalents(folder.source.parent, self._declared_in)
        self._orchard: Orchard | None = None
        self._mutants: tuple[Mutant, ...] = ()
        if settings.mutants != 0:
            shown = flat(self._bundle, folder.lab)
            self._orchard = Orchard(shown, folder.manifest.build.withheld)
            self._mutants = self._orchard.sample(settings.mutants, settings.mutants_seed)
        self._notes: list[str] = []

    def proof(self) -> Proof:
        """Do it, and end the boxes that were shared."""
        try:
            return self._proof()
        finally:
            if self._shared is not None:
                self._shared.close()

    def _proof(self) -> Proof:
        began = time.monotonic()
        # Some attacks last until a limit ends them. They begin first, so that all else runs beside
        # them, and no slot stands idle at the end until the last of them is over.
        contained = (trial for trial in self._others if self._is_contained(trial))
        can_run = sorted(contained, key=lambda trial: trial.kind != "hostile")
        runs = sum(len(trial.seeds) for trial in (self._reference, *can_run))
        runs += len(self._mutants) + bool(self._mutants) + self._times_again()
        self._settings.progress.begin(runs)
        (reference,) = self._tried([self._reference])
        holds = all(is_as_wanted(EVERYTHING, run) for run in reference.runs)
        done = {trial.name: trial for trial in (self._tried(can_run) if holds else ())}
        trials = (reference, *(done.get(trial.name, trial) for trial in self._others))
        found = [*findings_of(trials, self._lab)]
        for trial in trials:
            self._notes += staff_notes(trial.name, trial.runs)
        kept = None
        if holds and self._orchard is not None:
            kept, problems = self._mutation(self._orchard, reference.runs)
            found += problems
        if holds:
            found += self._again()
        self._settings.progress.end()
        return self._told(trials, kept, tuple(found), time.monotonic() - began)

    def _is_contained(self, trial: Trial) -> bool:
        return trial.kind != "hostile" or self._boxes.sandbox.isolates

    # -- runs

    def _tried(self, trials: Sequence[Trial]) -> tuple[Trial, ...]:
        """Return the trials with a run for each of their seeds."""
        attempts = [
            _Attempt(
                name=trial.name,
                make=partial(self._grade, trial, seed),
                is_good=partial(is_as_wanted, trial.wanted),
            )
            for trial in trials
            for seed in trial.seeds
        ]
        runs = iter(self._made(attempts))
        return tuple(
            replace(trial, runs=tuple(next(runs) for _ in trial.seeds)) for trial in trials
        )

    def _made(self, attempts: Sequence[_Attempt[_Seen]]) -> list[_Seen]:
        """Make the runs, several at a time; return them in the order of the attempts."""
        seen: dict[int, _Seen] = {}
        workers = ThreadPoolExecutor(max(1, self._settings.jobs), thread_name_prefix="proof")
        try:
            futures = {workers.submit(one.make): at for at, one in enumerate(attempts)}
            for future in as_completed(futures):
                at = futures[future]
                seen[at] = future.result()
                attempt = attempts[at]
                self._settings.progress.ran(attempt.name, good=attempt.is_good(seen[at]))
        except BaseException:
            workers.shutdown(wait=False, cancel_futures=True)
            raise
        workers.shutdown()
        return [seen[at] for at in range(len(attempts))]

    def _grade(self, trial: Trial, seed: int) -> Run:
        return self._settings.grade(
            trial.lab,
            _submission(trial.name, trial.lab, trial.bundle),
            self._boxes_for(trial.kind),
            seed=seed,
            reference=self._bundle,
        )

    def _boxes_for(self, kind: Kind | Literal["mutant"]) -> Boxes:
        shares = kind in {"liar", "mutant"} or (kind == "wrong" and not self._settings.thorough)
        return self._shared if shares and self._shared is not None else self._boxes

    # -- mutants

    def _mutation(
        self, orchard: Orchard, reference: Sequence[Run]
    ) -> tuple[MutationScore, list[str]]:
        """Try the mutants; return their score and what is wrong with it."""
        lab = self._brisk(reference) if self._mutants else self._lab
        attempts = [
            _Attempt(
                name=f"mutant {mutant.name}",
                make=partial(
                    self._probe,
                    lab,
                    f"mutant {mutant.name}",
                    folded(mutant.bundle(self._bundle), lab),
                ),
                is_good=mutation.is_killed,
            )
            for mutant in self._mutants
        ]
        probed = list(zip(self._mutants, self._made(attempts), strict=True))
        self._notes += staff_notes("mutants", [found for _, found in probed])
        seed, declared = self._settings.mutants_seed, self._declared
        kept = mutation.score(orchard, probed, declared, seed)
        problems = [*mutation.findings(lab, kept, probed)]
        problems += mutation.declaration_findings(orchard, probed, declared, self._declared_in)
        if not orchard.spots and self._lab.submit.modules:
            problems.append(
                "no mutant can be made: no Python stands between solution markers. "
                "Mark in source/ what students write."
            )
        return replace(kept, call_s=round(lab.limits.call_s, 1)), problems

    def _probe(self, lab: Lab, name: str, bundle: Bundle) -> Probe:
        return self._settings.probe(
            lab,
            _submission(name, lab, bundle),
            self._boxes_for("mutant"),
            seed=self._settings.seeds[0],
            reference=self._bundle,
        )

    def _times_again(self) -> int:
        return 0 if self._shared is None else self._settings.jobs

    def _again(self) -> list[str]:
        """Probe the reference in boxes that were shared; say so where it does not pass there."""
        attempts = [
            _Attempt(
                name="reference again",
                make=partial(self._probe, self._lab, "reference again", self._bundle),
                is_good=_passes,
            )
            for _ in range(self._times_again())
        ]
        if all(map(_passes, self._made(attempts))):
            return []
        told = (
            "the reference does not pass in a box that had served other submissions before: one of "
            "them left something behind, so what was seen of those after it cannot be believed. "
            "Look for what it starts or writes outside of its folder."
        )
        return [told]

    def _brisk(self, reference: Sequence[Run]) -> Lab:
        """Return the lab with short limits, if the reference keeps them; else the lab itself."""
        results = [result for run in reference for result in run.results]
        slowest_call = max((result.student_seconds for result in results), default=0.0)
        slowest_run = max(run.phases.get("total", 0.0) for run in reference)
        own = self._lab.limits
        limits = replace(
            own,
            call_s=min(own.call_s, max(BRISK_CALL_S, ROOM * slowest_call)),
            wall_s=min(own.wall_s, max(BRISK_RUN_S, ROOM * slowest_run)),
        )
        brisk = replace(self._lab, limits=limits)
        control = replace(self._reference, lab=brisk, seeds=self._settings.seeds[:1])
        (tried,) = self._tried([control])
        if is_as_wanted(EVERYTHING, tried.runs[0]):
            return brisk
        self._notes.append(
            "The reference did not keep the short time limits for mutants, so they got the lab's."
        )
        return self._lab

    # -- what is told

    def _told(
        self,
        trials: Sequence[Trial],
        kept: MutationScore | None,
        found: tuple[str, ...],
        seconds: float,
    ) -> Proof:
        sandbox, lab = self._boxes.sandbox, self._lab
        return Proof(
            lab=lab.slug,
            title=lab.title,
            lab_digest=lab.digest,
            out_of=lab.out_of,
            floors=lab.floors,
            sandbox=sandbox.name,
            isolates=sandbox.isolates,
            seeds=self._settings.seeds,
            rows=tuple(row_of(trial, is_contained=self._is_contained(trial)) for trial in trials),
            mutation=kept,
            refusals=refusals(lab, [trial.runs for trial in trials if trial.kind == "wrong"]),
            findings=found,
            notes=(*notes_of(trials, lab, sandbox), *self._notes),
            reference_seconds=median_seconds(trials[0].runs),
            seconds=round(seconds, 3),
        )


def _passes(probe: Probe) -> bool:
    return probe.verdict is Verdict.GRADED and probe.refused is None


def _submission(name: str, lab: Lab, bundle: Bundle) -> Submission:
    return Submission(student=name, lab=lab.slug, attempt=1, received_at=utc_now(), bundle=bundle)

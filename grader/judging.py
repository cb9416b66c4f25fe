"""Says whether a run ended as its submission should have: the rules of a proof.

Pure: a wanted outcome and a run go in, complaints come out. A check is lost when it does not pass,
also when it was skipped because a check that it needs was lost; so authors declare those, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from grader.expected import Expected, statuses_of, verdict_of
from grader.lab import Lab
from grader.outcome import Probe, Run, Status, Verdict
from grader.plaintext import one_line
from grader.proof import Refusals

SHOWN: Final = 3
"""So many checks are named; more are counted."""
NOTE_LENGTH: Final = 300
"""Characters of a note for staff that are shown."""
REFUSING: Final = frozenset({Status.FAILED, Status.TIMED_OUT})
"""Ends in which a check itself said no: a crash says nothing of it, and a skip even less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a submission must end, whatever the seed."""

    loses: tuple[str, ...] | None = None
    """Exactly these checks are lost (none: everything is earned); None when that is left open."""
    max_points: int | None = None
    """The most that it may earn; None when `loses` says it."""
    status: Mapping[str, Status] = field(default_factory=dict)
    """How lost checks must end, where that matters."""
    verdict: Verdict = Verdict.GRADED
    """Whether it is gradable at all."""

    @property
    def is_everything(self) -> bool:
        """Whether every point must be earned."""
        return self.verdict is Verdict.GRADED and self.loses == ()

    def text(self, out_of: int) -> str:
        """Say it in a few words."""
        if self.verdict is not Verdict.GRADED:
            return str(self.verdict)
        parts = []
        if self.loses is not None:
            parts.append(losses(self.loses) if self.loses else f"{out_of} points")
        if self.max_points is not None:
            parts.append(f"at most {_points(self.max_points)}")
        parts += [f"{check} {_word(status)}" for check, status in self.status.items()]
        return "; ".join(parts)


EVERYTHING: Final = Wanted(loses=())


def wanted_of(expected: Expected) -> Wanted:
    """Return what the `expected.toml` of an example submission asks for."""
    if expected.loses is None and expected.max_points is None:
        loses: tuple[str, ...] | None = () if expected.verdict == "graded" else None
    else:
        loses = expected.loses
    return Wanted(
        loses=loses,
        max_points=expected.max_points,
        status=statuses_of(expected),
        verdict=verdict_of(expected),
    )


def lost(run: Run) -> tuple[str, ...]:
    """Return the ids of the checks that did not pass, in the order of the lab."""
    return tuple(result.id for result in run.results if result.status is not Status.PASSED)


def complaints(wanted: Wanted, run: Run) -> tuple[str, ...]:
    """Return what is not as it should be: parts of sentences without a full stop."""
    if run.verdict is Verdict.BROKEN:
        return (f"the grader itself could not finish the run ({why_broken(run)})",)
    if run.verdict is not wanted.verdict:
        told = f" ({run.reason.rstrip('.')})" if run.reason else ""
        return (f"the run ended {run.verdict}{told} instead of {wanted.verdict}",)
    if run.verdict is Verdict.UNGRADABLE:
        return ()
    return (*_loss_complaints(wanted, run), *_end_complaints(wanted, run))


def is_as_wanted(wanted: Wanted, run: Run) -> bool:
    """Tell whether there is nothing to complain about."""
    return not complaints(wanted, run)


def saw(wanted: Wanted, runs: Sequence[Run]) -> str:
    """Say in a few words how the worst of the runs ended."""
    run = worst(wanted, runs)
    if run.verdict is not Verdict.GRADED:
        return str(run.verdict)
    gone = lost(run)
    parts = []
    if wanted.loses is None or not gone:
        parts.append(_points(run.earned))
    if wanted.loses is not None and gone:
        parts.append(losses(gone))
    if wanted.loses is not None and wanted.max_points is not None:
        parts.append(_points(run.earned))
    ends = {result.id: result.status for result in run.results}
    parts += [f"{check} {_word(ends[check])}" for check in wanted.status if check in ends]
    return "; ".join(dict.fromkeys(parts))


def worst(wanted: Wanted, runs: Sequence[Run]) -> Run:
    """Return the run that speaks most against the lab: one with complaints before one without."""

    def badness(run: Run) -> tuple[bool, int]:
        return bool(complaints(wanted, run)), -run.earned if wanted.is_everything else run.earned

    return max(runs, key=badness)


def worst_points(wanted: Wanted, runs: Iterable[Run]) -> int | None:
    """Return the fewest points where all are wanted, the most elsewhere; None without a grade."""
    earned = [run.earned for run in runs if run.verdict is Verdict.GRADED]
    if not earned:
        return None
    return min(earned) if wanted.is_everything else max(earned)


def refusals(lab: Lab, wrong: Iterable[Sequence[Run]]) -> tuple[Refusals, ...]:
    """Count for each check the wrong submissions (each with its runs) to which it said no.

    A submission that earns nothing at all shows of no check that it can tell right from wrong, so
    it does not count; unless a single check said no and all others were skipped for it: then that
    one did.
    """
    said: Counter[str] = Counter()
    for runs in wrong:
        telling = [run for run in runs if run.verdict is Verdict.GRADED and _tells(run)]
        said.update(
            {result.id for run in telling for result in run.results if result.status in REFUSING}
        )
    return tuple(Refusals(check=check.id, count=said[check.id]) for check in lab.checks)


def _tells(run: Run) -> bool:
    tried = [result for result in run.results if result.status is not Status.SKIPPED]
    return bool(run.earned) or len(tried) == 1


def why_broken(run: Run | Probe) -> str:
    """Say on one line what the grader told staff about a run that it could not finish."""
    return " | ".join(short_note(note) for note in run.staff_notes) or run.reason


def short_note(note: str) -> str:
    """Return a note for staff on one line; of a long one its end, where traces say what it was."""
    words = " ".join(note.split())
    cut = words if len(words) <= NOTE_LENGTH else f"… {words[-NOTE_LENGTH:]}"
    return one_line(cut, 4 * NOTE_LENGTH)


def losses(checks: Sequence[str]) -> str:
    """Name the checks if they are few, else count them."""
    if len(checks) > SHOWN:
        return f"loses {len(checks)} checks"
    return f"loses {', '.join(checks)}"


def _loss_complaints(wanted: Wanted, run: Run) -> list[str]:
    gone = lost(run)
    found = []
    if wanted.loses is not None:
        more = [check for check in gone if check not in wanted.loses]
        kept = [check for check in wanted.loses if check not in gone]
        if more:
            also = "also " if wanted.loses else ""
            found.append(f"it {also}loses {_with_ends(more, run)}")
        if kept:
            found.append(f"it keeps {', '.join(kept)}")
    if wanted.max_points is not None and run.earned > wanted.max_points:
        through = ", ".join(result.id for result in run.results if result.earned)
        found.append(
            f"it earns {_points(run.earned)} where at most {wanted.max_points} may be earned, "
            f"through {through}"
        )
    return found


def _end_complaints(wanted: Wanted, run: Run) -> list[str]:
    ends = {result.id: result.status for result in run.results}
    return [
        f"{check} ended {_word(ends[check])} instead of {_word(status)}"
        for check, status in wanted.status.items()
        if check in ends and ends[check] is not status
    ]


def _with_ends(checks: Sequence[str], run: Run) -> str:
    ends = {result.id: result.status for result in run.results}
    return ", ".join(f"{check} ({_word(ends[check])})" for check in checks)


def _points(points: int) -> str:
    return f"{points} point" if points == 1 else f"{points} points"


def _word(status: Status) -> str:
    return str(status).replace("_", " ")

"""Keeps the score of mutants: who was noticed, who survived, and what the author says of them.

Pure: nothing is run or read here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.judging import why_broken
from grader.lab import Lab
from grader.mutants import Equivalent, Mutant, Orchard
from grader.outcome import Probe, Verdict
from grader.proof import MutationScore, Survivor

Probed = Sequence[tuple[Mutant, Probe]]
"""Mutants, each with what was found out about it."""

SHOWN = 5


def is_killed(probe: Probe) -> bool:
    """Tell whether a mutant lost a point, be it by a wrong answer, a crash or its time."""
    return probe.verdict is Verdict.GRADED and probe.refused is not None


def score(
    orchard: Orchard, probed: Probed, declared: Sequence[Equivalent], seed: int
) -> MutationScore:
    """Return the score; a survivor that is declared equivalent says why."""
    survivors = [
        mutant
        for mutant, probe in probed
        if probe.verdict is Verdict.GRADED and not is_killed(probe)
    ]
    why = {
        mutant.spot: entry.why
        for entry in declared
        if len(orchard.matching(entry)) == 1
        for mutant in orchard.matching(entry)
    }
    return MutationScore(
        possible=len(orchard.spots),
        tried=len(probed),
        killed=sum(is_killed(probe) for _, probe in probed),
        survivors=tuple(_survivor(mutant, why.get(mutant.spot, "")) for mutant in survivors),
        seed=seed,
    )


def findings(lab: Lab, kept: MutationScore, probed: Probed) -> Iterator[str]:
    """Yield what is wrong with the score, and with runs that broke."""
    for mutant, probe in probed:
        if probe.verdict is not Verdict.GRADED:
            yield (
                f"mutant {mutant.name}: the run ended {probe.verdict} ({why_broken(probe)}). "
                "A mistake in a submission must never have that effect: look for it in the "
                "lab's tests and in the grader."
            )
    floor = lab.floors.mutants_killed_min
    if kept.rate is not None and kept.rate < floor:
        alive = [survivor for survivor in kept.survivors if not survivor.equivalent]
        told = "; ".join(
            f"{one.file}:{one.line} {one.operator} `{one.becomes}`" for one in alive[:SHOWN]
        )
        more = f"; and {len(alive) - SHOWN} more" if len(alive) > SHOWN else ""
        yield (
            f"the checks noticed {kept.killed} of {kept.noticeable} mutants ({kept.percent}%); "
            f"at least {floor:.0%} is demanded. Nobody noticed: {told}{more}. Add a check for "
            "each, or declare in equivalent.toml why it means the same."
        )


def declaration_findings(
    orchard: Orchard, probed: Probed, declared: Sequence[Equivalent], where: str
) -> Iterator[str]:
    """Yield what is wrong with the declarations in equivalent.toml."""
    killed = {mutant.spot for mutant, probe in probed if is_killed(probe)}
    for entry in declared:
        place = f"{where}: {entry.file}:{entry.line} {entry.operator}"
        found = orchard.matching(entry)
        if not found:
            yield (
                f"{place}: there is no such mutant. Has the file changed? Correct the entry, or "
                "remove it."
            )
        elif len(found) > 1:
            ways = ", ".join(repr(mutant.becomes) for mutant in found)
            yield (
                f"{place}: this operator can change the line in {len(found)} ways. Say which one "
                f"is meant with `becomes`: {ways}."
            )
        elif found[0].spot in killed:
            yield (
                f"{place}: declared equivalent, but a check noticed this mutant. Remove the entry."
            )


def _survivor(mutant: Mutant, why: str) -> Survivor:
    return Survivor(
        file=mutant.spot.file,
        line=mutant.spot.line,
        operator=mutant.spot.operator,
        becomes=mutant.becomes,
        diff=mutant.diff,
        equivalent=why,
    )

"""Shows a proof: rows for a terminal, JSON for machines, and Markdown for the course's site.

Values in, text out. The Markdown is public: it counts kinds and says nothing of solutions, tests
or single submissions, nor anything that differs from one machine to the next but by its speed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from grader.proof import Kind, MutationScore, Proof, ProofRow

SCHEMA_VERSION: Final = 1
"""Version of the JSON: a reader refuses what is newer."""
HEADER: Final = ("", "Submission", "Wanted", "Seen", "Points", "Seconds")
"""Column names of the rows for a terminal."""
HEADER_OF_ALL: Final = ("", "Lab", "Runs", "As wanted", "Mutants killed", "A run", "Seconds")
"""Column names of the table that has a line for each lab."""

MARK: Final[dict[bool | None, str]] = {True: "ok", False: "WRONG", None: "-"}

_KIND_NAMES: Final[dict[Kind, str]] = {
    "reference": "The reference solution",
    "starter": "The starter, untouched",
    "right": "Correct work, written differently",
    "wrong": "Work with one typical mistake",
    "hostile": "Attacks on the grader",
    "liar": "Liars: answers without work",
}
_TIMES_S: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminalRow:
    """One line of the table, every cell as text."""

    cells: tuple[str, ...]
    """As many as HEADER has."""
    ok: bool | None
    """Decides the colour; None when the submission was not run."""


def rows_for_terminal(proof: Proof) -> tuple[TerminalRow, ...]:
    """Return a line for each submission, and one for the mutants."""
    rows = [
        TerminalRow(
            cells=(
                MARK[row.ok],
                row.name,
                row.wanted,
                row.saw,
                "" if row.points is None else str(row.points),
                "" if row.seconds is None else f"{row.seconds:.1f}",
            ),
            ok=row.ok,
        )
        for row in proof.rows
    ]
    if proof.mutation is not None:
        rows.append(_mutants_row(proof.mutation, proof.floors.mutants_killed_min))
    return tuple(rows)


def rows_of_all(proofs: Sequence[Proof]) -> tuple[TerminalRow, ...]:
    """Return a line for each lab: how much was tried, and whether it held."""
    return tuple(
        TerminalRow(
            cells=(
                MARK[_is_whole(proof)],
                proof.lab,
                str(sum(row.runs for row in proof.rows)),
                f"{sum(row.ok is True for row in proof.rows)} of {len(proof.rows)}",
                _killed(proof.mutation),
                "" if proof.reference_seconds is None else f"{proof.reference_seconds:.1f}",
                f"{proof.seconds:.0f}",
            ),
            ok=_is_whole(proof),
        )
        for proof in proofs
    )


def total_line(proofs: Sequence[Proof]) -> str:
    """Say how many labs are proved, and how long that took."""
    proved = sum(_is_whole(proof) is True for proof in proofs)
    minutes, seconds = divmod(round(sum(proof.seconds for proof in proofs)), 60)
    return f"{proved} of {len(proofs)} labs proved in {minutes} min {seconds} s."


def summary_lines(proof: Proof) -> tuple[str, ...]:
    """Return what stands below the table: verdict, findings, notes, survivors, time."""
    return tuple(_summary(proof))


def to_json(proof: Proof) -> dict[str, Any]:
    """Return the proof as plain JSON values, for staff: it shows changed lines of the solution."""
    mutation = proof.mutation
    return {
        "schema_version": SCHEMA_VERSION,
        "lab": proof.lab,
        "title": proof.title,
        "lab_digest": proof.lab_digest,
        "out_of": proof.out_of,
        "proved": proof.is_proved,
        "complete": proof.is_complete,
        "floors": asdict(proof.floors),
        "sandbox": proof.sandbox,
        "isolates": proof.isolates,
        "seeds": list(proof.seeds),
        "rows": [asdict(row) for row in proof.rows],
        "mutation": None if mutation is None else _mutation_to_json(mutation),
        "refusals": {refused.check: refused.count for refused in proof.refusals},
        "findings": list(proof.findings),
        "notes": list(proof.notes),
        "reference_seconds": proof.reference_seconds,
        "seconds": proof.seconds,
    }


def to_markdown(proof: Proof) -> str:
    """Return the table of a lab's page that tells how we know that its grader is right."""
    lines = [
        _verdict_for_page(proof),
        "",
        "| What was graded | How many | Wanted | Seen | Worst case | Time of a run |",
        "| --- | ---: | --- | --- | --- | --- |",
        *(_kind_line(kind, proof) for kind in _KIND_NAMES if _of_kind(kind, proof)),
        "",
        *_mutants_for_page(proof),
        *_checks_for_page(proof),
    ]
    return "\n".join(lines).rstrip() + "\n"


# -- terminal


def _mutants_row(mutation: MutationScore, floor: float) -> TerminalRow:
    rate = mutation.rate
    ok = None if rate is None else rate >= floor
    saw = "none could be made" if rate is None else f"{mutation.percent}% killed"
    return TerminalRow(
        cells=(MARK[ok], _mutants_name(mutation), f"at least {floor:.0%} killed", saw, "", ""),
        ok=ok,
    )


def _is_whole(proof: Proof) -> bool | None:
    """Tell whether a lab is proved; None where nothing is wrong and not everything was tried."""
    return None if proof.is_proved and not proof.is_complete else proof.is_proved


def _killed(mutation: MutationScore | None) -> str:
    if mutation is None:
        return "not tried"
    return f"{mutation.killed} of {mutation.noticeable}" if mutation.noticeable else "none made"


def _mutants_name(mutation: MutationScore) -> str:
    return f"{mutation.tried} of {mutation.possible} mutants (seed {mutation.seed})"


def _summary(proof: Proof) -> Iterator[str]:
    if proof.findings:
        count = len(proof.findings)
        yield f"{proof.lab} is not proved: {count} {'finding' if count == 1 else 'findings'}."
    elif proof.is_complete:
        yield f"{proof.lab} is proved."
    else:
        yield f"{proof.lab}: nothing wrong was found, but not everything was tried."
    yield from (f"finding: {finding}" for finding in proof.findings)
    yield from (f"note: {note}" for note in proof.notes)
    if proof.mutation is not None:
        yield from _survivor_lines(proof.mutation)
    if proof.reference_seconds is not None:
        yield f"A run of the reference takes {proof.reference_seconds:.1f} s (median)."
    yield f"The proof took {proof.seconds:.0f} s."


def _survivor_lines(mutation: MutationScore) -> Iterator[str]:
    for survivor in mutation.survivors:
        place = f"{survivor.file}:{survivor.line} {survivor.operator}: {survivor.becomes}"
        if survivor.equivalent:
            yield f"equivalent mutant: {place} ({survivor.equivalent})"
        else:
            yield f"surviving mutant: {place}"


# -- JSON


def _mutation_to_json(mutation: MutationScore) -> dict[str, Any]:
    return {
        "possible": mutation.possible,
        "tried": mutation.tried,
        "killed": mutation.killed,
        "equivalent": mutation.equivalent,
        "rate": mutation.rate,
        "seed": mutation.seed,
        "call_s": mutation.call_s,
        "survivors": [asdict(survivor) for survivor in mutation.survivors],
    }


# -- Markdown


def _verdict_for_page(proof: Proof) -> str:
    if not proof.is_proved:
        return "**This lab is not proved at present; do not grade with it.**"
    if not proof.is_complete:
        return "Everything below ended as it should. Not everything could be tried."
    return "Every line below ended as it should, on the very tests that grade you."


def _of_kind(kind: Kind, proof: Proof) -> list[ProofRow]:
    return [row for row in proof.rows if row.kind == kind]


def _kind_line(kind: Kind, proof: Proof) -> str:
    rows = _of_kind(kind, proof)
    ran = [row for row in rows if row.ok is not None]
    cells = (
        _KIND_NAMES[kind],
        str(len(rows)),
        _wanted(kind, proof),
        _seen(rows, ran),
        _worst_case(kind, ran, proof.out_of),
        _time_class([row.seconds for row in ran if row.seconds is not None]),
    )
    return f"| {' | '.join(cells)} |"


def _wanted(kind: Kind, proof: Proof) -> str:
    seeds = len(proof.seeds)
    match kind:
        case "reference":
            drawn = "1 draw" if seeds == 1 else f"{seeds} draws"
            return f"{proof.out_of} points, with {drawn} of the data"
        case "starter":
            return f"at most {proof.floors.starter_max} points"
        case "right":
            return f"{proof.out_of} points each"
        case "wrong":
            return "each loses exactly the checks that look for its mistake"
        case "hostile":
            return "each ends as declared, with no point that it did not earn"
        case "liar":
            return f"at most {proof.floors.liars_max} points each"


def _seen(rows: Sequence[ProofRow], ran: Sequence[ProofRow]) -> str:
    if not ran:
        return "not run"
    good = sum(row.ok is True for row in ran)
    if good < len(ran):
        return f"{good} of {len(ran)} as wanted"
    return "as wanted" if len(ran) == len(rows) else f"as wanted ({len(rows) - len(ran)} not run)"


def _worst_case(kind: Kind, ran: Sequence[ProofRow], out_of: int) -> str:
    points = [row.points for row in ran if row.points is not None]
    if not points:
        return "—"
    if kind == "wrong":
        return f"{sum(row.ok is False for row in ran)} differ"
    worst = min(points) if kind in {"reference", "right"} else max(points)
    return f"{worst} of {out_of} points"


def _time_class(seconds: Sequence[float]) -> str:
    """Return the median as one of a few classes, so that the page is the same on most machines."""
    if not seconds:
        return "—"
    middle = median(seconds)
    return next((f"under {limit} s" for limit in _TIMES_S if middle < limit), "over 10 min")


def _mutants_for_page(proof: Proof) -> Iterator[str]:
    mutation = proof.mutation
    if mutation is None or mutation.rate is None:
        return
    equivalent = ""
    if mutation.equivalent:
        equivalent = f", leaving out {mutation.equivalent} that cannot change any result"
    yield (
        f"Then {mutation.tried} small mistakes were put into the reference solution, one at a "
        f"time, out of {mutation.possible} that can be made by machine. The checks noticed "
        f"{mutation.killed} of {mutation.noticeable} ({mutation.percent}%{equivalent}); at least "
        f"{proof.floors.mutants_killed_min:.0%} are demanded."
    )
    yield ""


def _checks_for_page(proof: Proof) -> Iterator[str]:
    silent = sum(not refused.count for refused in proof.refusals)
    if not proof.refusals or not any(row.kind == "wrong" and row.runs for row in proof.rows):
        return
    counted = len(proof.refusals)
    if silent:
        yield f"Of {counted} checks, {silent} never said no to a wrong submission."
    else:
        yield f"Each of the {counted} checks said no to at least one wrong submission."

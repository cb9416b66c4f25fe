"""Writes the page that shows the proofs of all labs side by side. Text in, text out.

A proof is `solutions/NN-slug/proof.md`, which `grader prove NN-slug --keep` writes for the
public (grader/prooftable.py). Nothing else of `solutions/` is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from grader.lab import Lab

HEADING: Final = "How we know that the grader is right"
"""The same words on the page of a lab and on the page of all."""
ANCHOR: Final = "how-we-know-that-the-grader-is-right"
MISSING: Final = (
    "The table of this lab's proof has not been published yet. "
    "[What a proof is, and the tables that are there](proofs.md)."
)
"""Stands on the page of a lab that has no proof.md."""
FURTHER: Final = "[What this means, and the same for all labs](proofs.md)."
"""Stands below the table of a lab."""

INTRODUCTION: Final = """\
<p class="promise">A grader is a program, so it can be wrong. Before a lab grades anybody, it \
grades work whose right mark is known. This page shows what came out.</p>

## What is tried

| tried | must end with |
|---|---|
| **Correct work**: the reference solution, several times with new data, and solutions that \
somebody wrote in another way | all points |
| **Typical mistakes**: correct work but for one mistake that people really make | the loss of \
exactly the checks that look for this mistake |
| **The starter**, untouched | next to nothing |
| **Liars**: answers without work. They return True, 0, nothing or their own input, raise, or \
hang | next to nothing |
| **Attacks** on the grader | nothing that was not earned |
| **Small mistakes made by machine**: one at a time is put into the reference | lost points, in \
most cases; some of these mistakes change no result at all |

And each check must have said no at least once: a check that never refuses anything proves nothing.

## What came out
"""
AFTERWARDS: Final = """\
The name of a lab leads to its whole table, with what was wanted, the worst case, and how long a \
run takes. The numbers are those of the last proof; a change of the lab's checks needs a new one.

## What it does not show

A proof shows mistakes that somebody thought of, or that a machine can make. A check may still \
refuse correct work that nobody imagined. If that happens to you, say so: your work becomes an \
example, and [everybody is graded again](../instructors/regrade.md). What the grader protects \
from, and what it does not, is on [a page of its own](../instructors/safety.md). Lab authors find \
the rules of a proof [in the reference](../reference/expected-toml.md#what-a-proof-demands).
"""
NONE: Final = "\u2013"
KINDS: Final = {
    "reference": "The reference solution",
    "right": "Correct work, written differently",
    "wrong": "Work with one typical mistake",
    "hostile": "Attacks on the grader",
    "liar": "Liars: answers without work",
}
"""What is counted here -> the name that a proof gives it."""

_ROW: Final = re.compile(r"^\| ([^|]+) \| (\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|", re.MULTILINE)
_MUTANTS: Final = re.compile(r"The checks noticed (\d+ of \d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a lab's proof."""

    count: int
    """How many submissions of this kind there are."""
    seen: str
    """`as wanted`, or what else was seen."""
    worst: str
    """The worst case, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a lab's proof says."""

    lines: dict[str, Line]
    """Name of a kind -> its line."""
    mutants: str
    """`39 of 40`, or empty when none were tried."""


def read_proof(text: str, name: str) -> Told:
    """Return what a proof says; raises ValueError when it has no table of ours. `name`: its lab."""
    lines = {
        kind.strip(): Line(count=int(count), seen=seen.strip(), worst=worst.strip())
        for kind, count, seen, worst in _ROW.findall(text)
    }
    if KINDS["reference"] not in lines:
        raise ValueError(
            f"solutions/{name}/proof.md has no line “{KINDS['reference']}”. "
            f"Write it again: grader prove {name} --keep"
        )
    noticed = _MUTANTS.search(text)
    return Told(lines=lines, mutants=noticed.group(1) if noticed else "")


def section(proof: str) -> str:
    """Return what the page of one lab says about its proof."""
    told = f"{proof.strip()}\n\n{FURTHER}" if proof else MISSING
    return f"## {HEADING}\n\n{told}"


def page_of(labs: Iterable[tuple[Lab, str]], made_by: str) -> str:
    """Return the page of all labs, each given with the text of its proof, or an empty one."""
    parts = [
        "---\ndescription: What was graded before anybody was, lab by lab\n---",
        f"# {HEADING}",
        made_by,
        INTRODUCTION.strip(),
        "\n".join(_table(labs)),
        AFTERWARDS.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def _table(labs: Iterable[tuple[Lab, str]]) -> Iterator[str]:
    yield "| lab | correct work | typical mistakes | liars | attacks | small mistakes noticed |"
    yield "|---|---|---|---|---|---|"
    for lab, proof in labs:
        name = f"[{lab.slug[:2]} {lab.title}]({lab.slug}.md#{ANCHOR})"
        if not proof:
            yield f"| {name} | not published yet |{f' {NONE} |' * 4}"
            continue
        told = read_proof(proof, lab.slug)
        cells = (_correct(told), *(_cell(told, kind) for kind in ("wrong", "liar", "hostile")))
        yield f"| {name} | {' | '.join(cells)} | {told.mutants or NONE} |"


def _correct(told: Told) -> str:
    lines = [
        told.lines[KINDS[kind]] for kind in ("reference", "right") if KINDS[kind] in told.lines
    ]
    seen = next((line.seen for line in lines if line.seen != "as wanted"), "all points")
    return f"{sum(line.count for line in lines)}: {seen}"


def _cell(told: Told, kind: str) -> str:
    line = told.lines.get(KINDS[kind])
    if line is None:
        return NONE
    if line.seen != "as wanted":
        return f"{line.count}: {line.seen}"
    return f"{line.count}: as wanted" if kind == "wrong" else f"{line.count}: at most {line.worst}"

"""Writes `course/instructors/attack.md`: what came of the catalogue of misbehaviour, and of peers.

python scripts/attack_page.py [--check]. Numbers come from benchmarks/attack.json and
benchmarks/peers.json, which `make attack` and `make attack-peers` write; rows from
tests/misbehaviour/catalogue. Nothing is counted here that was not seen.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it also runs where the package is not installed

from tests.misbehaviour.catalogue.registry import ROWS, cases  # noqa: E402 - the path comes first
from tests.misbehaviour.catalogue.rows import GROUPS, Row  # noqa: E402 - as above

PAGE: Final = ROOT / "course" / "instructors" / "attack.md"
RESULTS: Final = ROOT / "benchmarks"
SANDBOXES: Final = {"docker": "in containers", "process": "as plain processes"}
SHORT: Final = {"docker": "containers", "process": "processes"}
"""The same, as headings."""
NONE: Final = "\u2013"
CONTROLS: Final = ("honest work", "work that is wrong")
INTRO: Final = """\
---
description: What was tried against the grader, what came of it, and what remains possible
---

<!-- Written by scripts/attack_page.py from benchmarks/*.json. `make attack` measures anew. -->

# Under attack

<p class="promise">Students' code is hostile until shown otherwise, so we wrote the hostile code \
ourselves. This page shows what it earned, and says plainly what could still go wrong.</p>

How the grader protects itself is on [a page of its own](safety.md). Here is whether it does. A \
catalogue lists 167 ways to misbehave, from forged scores to full disks, and honest work that must \
not suffer from any of the fences. Each row is tried by hand-ins that are really graded, or by \
named tests of the part that has to withstand it, or it says why it is left out.

After each hand-in the same things are looked at: the points (exactly those that were earned), how \
each check ended, a message for the student, secrets in anything that the student can read or the \
code could print, the time, the memory of the supervisor, containers, processes, volumes, networks \
and files that were left behind, and whether the *next* hand-in, which is honest, earns everything.
"""
AGAIN: Final = """\
To see it on your machine: `make attack` (about an hour on two cores; `ARGS="--rows 1,2,3"` tries \
a few). A part of it runs with every `make test`.
"""
WORDS: Final = """\
*Containers*, *processes*: hand-ins that were graded in containers, and as plain processes. \
*Unearned*: points above those that the work deserved. *Leaks*: secrets that could be read. \
*Left*: things that were there afterwards and not before. *Honest after*: hand-ins of honest \
work, each right after an attack in the same boxes, that earned everything.
"""
REMAINS: Final = """\
## What remains possible {#what-remains}

Nothing unearned in a catalogue is no proof that nothing can be earned. These risks remain:

- **The kernel and the container runtime are shared.** A hole there ends everything. Keep both \
patched; for an exam use a machine that does nothing else, or a virtual machine. Images that \
students build (lab 05) meet the runtime's handling of odd files most directly.
- **Inputs of hidden checks are seen by the code that is tested.** It may remember them while it \
runs. They are drawn anew for each run, and nothing of a hidden check is shown.
- **Which checks fail is feedback**, and feedback can be asked for again and again. The class's \
rules may limit attempts; reports can show one number for all hidden checks.
- **Whoever knows the answer in the tests' own data, passes.** Weak tests are the lab's, not the \
sandbox's: [proofs](../labs/proofs.md) make them rare.
- **Our decoders are code, too.** A mistake in them could change the points of the hand-in that \
exploits it, and of no other.
- **Hand-ins share processors and caches.** They could notice each other, slowly.
- **Time near a limit is luck.** Honest work that takes most of its time may fail on a machine \
that is busier than the one that we tried.
- **An attack that nobody thought of** is in no catalogue. If you find one, \
[tell us first](safety.md#if-you-find-a-hole).
"""


def told_results() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what was measured: of the catalogue, and of peers; empty where nothing was."""
    read = []
    for name in ("attack.json", "peers.json"):
        path = RESULTS / name
        read.append(json.loads(path.read_text(encoding="utf-8")) if path.exists() else {})
    return read[0], read[1]


def page_of(attack: Mapping[str, Any], peers: Mapping[str, Any]) -> str:
    """Return the page."""
    parts = [
        INTRO,
        "## What came of it\n",
        "\n".join(_groups(attack)) + "\n",
        WORDS,
        "\n".join(_beside(attack)) + "\n",
        AGAIN,
        "\n".join(_left_out()) + "\n",
        "\n".join(_peers(peers)) + "\n",
        REMAINS,
        "\n".join(_gaps()) + "\n",
        "\n".join(_rows(attack)) + "\n",
    ]
    return "\n".join(parts)


def sums_of(attack: Mapping[str, Any], rows: set[int]) -> Counter[str]:
    """Return what came of these rows in all sandboxes together."""
    sums: Counter[str] = Counter()
    for sandbox, found in attack.get("corpus", {}).items():
        for row, one in found.items():
            if int(row) in rows:
                sums.update({key: value for key, value in one.items() if key != "seconds"})
                sums[sandbox] += one["cases"]
    return sums


def _groups(attack: Mapping[str, Any]) -> Iterator[str]:
    ran = [name for name in SANDBOXES if name in attack.get("corpus", {})]
    heads = ["group", "rows tried", *(SHORT[name] for name in ran)]
    heads += ["unearned", "leaks", "left", "honest after"]
    yield f"| {' | '.join(heads)} |"
    yield f"|---|{'--:|' * (len(heads) - 1)}"
    groups = {
        f"{letter} {title}": [row for row in ROWS if row.group == letter]
        for letter, (title, *_) in GROUPS.items()
    }
    for title, rows in (groups | {"**all**": list(ROWS)}).items():
        sums = sums_of(attack, {row.number for row in rows})
        cells = [title, f"{sum(row.is_tried for row in rows)} of {len(rows)}"]
        cells += [str(sums[name]) if sums[name] else NONE for name in ran]
        for word in ("unearned", "leaks", "left"):
            cells.append(str(sums[word]) if sums["cases"] else NONE)
        cells.append(f"{sums['honest']} of {sums['cases']}" if sums["cases"] else NONE)
        yield f"| {' | '.join(cells)} |"


def _beside(attack: Mapping[str, Any]) -> Iterator[str]:
    when = attack.get("when", {}).get("corpus", {})
    if when:
        yield (
            f"Run on {when['date']} with Python {when['python']} on {when['cores']} cores, beside "
            f"other work, with {len(cases())} different hand-ins; those without isolation leave "
            "out what would harm a machine that contains nothing."
        )
        yield ""
    under = attack.get("honest")
    if under:
        yield (
            f"**Honest work under load.** {under['cases']} honest hand-ins (processes, threads, "
            f"megabytes of output, odd values, temporary files …), {under['rounds']} times each, "
            f"while endless loops kept all other slots of {under['slots']} busy: "
            f"{under['whole']} of {under['tried']} earned everything. The {under['hogs']} loops "
            f"that ran beside them earned {under['unearned']} points."
        )
        yield ""
    yield from _fuzzed(attack.get("fuzz", {}))
    yield from _tested(attack.get("tests", {}))


def _fuzzed(fuzz: Mapping[str, Any]) -> Iterator[str]:
    if not fuzz:
        return
    well = not any("failure" in one for one in fuzz.values())
    yield (
        "**Changed input.** Bytes, trees and lines of good input were changed by machine, and read "
        "in a process with little room. "
        + ("Every one was read, or refused with a declared error:" if well else "What came of it:")
    )
    yield ""
    yield "| what | changed | read | refused | slowest | memory grew by |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name, one in fuzz.items():
        if "failure" in one:
            yield f"| {name} | {NONE} | {NONE} | {NONE} | failed: {one['failure']} | {NONE} |"
            continue
        cells = (f"{one[key]:,}" for key in ("count", "read", "refused"))
        yield f"| {name} | {' | '.join(cells)} | {one['slowest_s']} s | {one['grown_mb']} MB |"
    yield ""


def _tested(tests: Mapping[str, Any]) -> Iterator[str]:
    if not tests:
        return
    ends: Counter[str] = Counter()
    for one in tests.values():
        ends.update(one)
    told = ", ".join(f"{number:,} {end}" for end, number in sorted(ends.items()))
    yield f"**Tests that rows name.** {len(tests)} tests and files of tests: {told}."
    yield ""


def _left_out() -> Iterator[str]:
    yield "Left out, and why:"
    yield ""
    for row in ROWS:
        if row.left_out:
            yield f"- **{row.number}, {row.title}.** {row.left_out}"


def _peers(peers: Mapping[str, Any]) -> Iterator[str]:
    yield "## Beside other graders {#peers}"
    yield ""
    if not peers:
        yield "The comparison has not been run yet: `make attack-peers`."
        return
    tools = [tool for tool in peers["points"] if tool != "ours"]
    named = {"ours": "this grader"} | {tool: f"{tool} {peers['versions'][tool]}" for tool in tools}
    yield (
        "The same task (two functions, a visible and a hidden test of 50 points each), the same "
        f"texts handed in, points earned. Run on {peers['date']}; ours in {peers['sandbox']}."
    )
    yield ""
    yield f"| handed in | {' | '.join(named[tool] for tool in peers['points'])} |"
    yield f"|---|{'--:|' * len(peers['points'])}"
    for title in peers["points"]["ours"]:
        yield f"| {title} | {' | '.join(f'{one[title]:g}' for one in peers['points'].values())} |"
    forged = {
        tool: sum(points > 0 for title, points in one.items() if title not in CONTROLS)
        for tool, one in peers["points"].items()
    }
    yield (
        f"| **forgeries that earned something** | "
        f"{' | '.join(str(forged[tool]) for tool in peers['points'])} |"
    )
    yield ""
    yield "How each was set up:"
    yield ""
    for tool, how in peers["how"].items():
        yield f"- {named.get(tool, tool)}: {how}."
    yield ""
    yield (
        "To be fair: nbgrader's documentation says that it does not protect from unsafe code, and "
        "both tools are made for other things than exams under attack. Student code and tests "
        "share one kernel there, by design; that is what most of these lines use. otter can grade "
        "in a container (`otter grade`): this protects the machine, and the points are still "
        "decided beside the student's code. Its images could not be fetched for this comparison, "
        "so it is not measured. Tests of the other two have fixed inputs, as is usual there; ours "
        "draw them anew, so that “reads the tests from the disk” gains nothing even where it can. "
        "Four of the forgeries first failed against one of the other two through mistakes of ours, "
        "and were mended; nobody tuned them in the same way against this grader, which has its "
        "own catalogue above."
    )


def _gaps() -> Iterator[str]:
    gaps = dict.fromkeys(case.gap for _, case in cases().values() if case.gap)
    yield "Without containers (`--sandbox process`) more is open, and was not tried there:"
    yield ""
    for gap in gaps:
        rows = sorted({row.number for row, case in cases().values() if case.gap == gap})
        yield f"- {gap} (rows {', '.join(map(str, rows))})"


def _rows(attack: Mapping[str, Any]) -> Iterator[str]:
    yield "## Every row {#rows}"
    yield ""
    yield "| row | what is tried | hand-ins | tests named | what came of it |"
    yield "|--:|---|--:|--:|---|"
    for row in ROWS:
        sums = sums_of(attack, {row.number})
        yield (
            f"| {row.number} | {row.title} | {len(row.cases) or NONE} | {len(row.by) or NONE} | "
            f"{_end_of(row, sums, attack)} |"
        )


def _end_of(row: Row, sums: Counter[str], attack: Mapping[str, Any]) -> str:
    if row.left_out:
        return "left out"
    tests = attack.get("tests", {})
    seen = [tests[node] for node in row.by if node in tests]
    failed = sum(one.get("failed", 0) for one in seen)
    if sums["problems"] or failed:
        return "**not as promised**"
    if row.cases:
        return "as promised" if sums["cases"] else "not run yet"
    return "as promised" if seen else "with every `make test`"


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` say whether it is up to date."""
    text = page_of(*told_results())
    name = PAGE.relative_to(ROOT).as_posix()
    if PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(f"{name}: not up to date. Run: python scripts/attack_page.py", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8", newline="\n")
    print(f"written: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

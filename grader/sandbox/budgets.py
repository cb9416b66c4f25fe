"""Judges what one process of a probe box may use: `inside.budgets` provoked it, this compares.

Pure. The values that must be seen are those of `hardening`, so a change there is noticed here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

from grader.sandbox.finding import Finding, finding
from grader.sandbox.hardening import ENVIRONMENT, OPEN_FILES, OUT_OF_MEMORY_FIRST

MOST_PROCESSORS: Final = 1.5
"""Two busy processes may use one processor together; what is measured in half a second is rough."""
FROM_ENGINE: Final = frozenset({"HOSTNAME", "container", "TERM"})
"""Variables that engines add of their own accord; what they say is looked at elsewhere."""


def judge_budgets(seen: Mapping[str, Any]) -> Iterable[Finding]:
    """Compare what processes of a box could use and do with what they may."""
    yield from _judge_limits(seen["limits"])
    yield finding(
        "processor",
        ok=0 < seen["processors"] <= MOST_PROCESSORS,
        saw=f"{seen['processors']:.2f} processors for two busy processes",
        wants=f"at most {MOST_PROCESSORS:g}",
    )
    yield finding(
        "first to go",
        ok=seen["oom_score_adj"] >= OUT_OF_MEMORY_FIRST,
        saw=f"oom_score_adj {seen['oom_score_adj']}",
        wants=f"{OUT_OF_MEMORY_FIRST}: when the machine runs out, a box goes before the engine",
    )
    started = [folder for folder, result in seen["programs"].items() if result != "EACCES"]
    yield finding(
        "programs in writable folders",
        ok=bool(seen["programs"]) and not started and not seen["loose_mounts"],
        saw=f"started in {started or 'none'}; without nosuid or nodev: {seen['loose_mounts']}",
        wants="none; none",
    )
    yield finding(
        "first process",
        ok=seen["orphan"] == "reaped" and not seen["is_first"],
        saw=f"an orphan is {seen['orphan']}; ours is the first: {seen['is_first']}",
        wants="reaped; False",
    )
    yield finding(
        "devices", ok=not seen["devices"], saw=seen["devices"] or "none", wants="no disk, no memory"
    )
    more = sorted(set(seen["environment"]) - set(ENVIRONMENT) - FROM_ENGINE)
    yield finding(
        "environment", ok=not more, saw=" ".join(more) or "ours alone", wants="ours alone"
    )


def _judge_limits(limits: Mapping[str, Any]) -> Iterable[Finding]:
    """Judge the limits of one process: -1 is how the kernel says that there is none."""
    yield finding(
        "files of one process",
        ok=0 < limits["open"] <= OPEN_FILES,
        saw=f"{limits['open']} could be opened",
        wants=f"at most {OPEN_FILES}",
    )
    yield finding(
        "size of one file",
        ok=limits["longer"] == "EFBIG",
        saw=f"a longer one: {limits['longer']}",
        wants="EFBIG",
    )
    yield finding(
        "memory images", ok=limits["core"] == 0, saw=f"{limits['core']} bytes", wants="0 bytes"
    )
    seconds = limits["cpu"]
    yield finding(
        "processor seconds",
        ok=0 < seconds <= math.ceil(limits["lifetime"]),
        saw="no limit" if seconds < 0 else f"{seconds} s",
        wants=f"at most the lifetime of {limits['lifetime']:g} s",
    )

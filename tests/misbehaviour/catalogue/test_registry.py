"""The registry of the catalogue is whole: every row is there, and is tried or says why not."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import pairwise

from tests.misbehaviour.catalogue.elsewhere import NOTEBOOKS_FILE
from tests.misbehaviour.catalogue.lab import CORPUS, HIDDEN, HONEST, IN_INPUTS, PUBLIC, SECRETS
from tests.misbehaviour.catalogue.registry import ROWS, cases, node_ids
from tests.misbehaviour.catalogue.rows import GROUPS, LAST
from tests.misbehaviour.world import ROOT

TO_COME = {NOTEBOOKS_FILE} if not (ROOT / NOTEBOOKS_FILE).exists() else set()
"""Tests that rows name and that another change brings."""


def test_every_row_is_there_once():
    assert [one.number for one in ROWS] == list(range(1, LAST + 1))
    assert [one.group for one in ROWS] == sorted(one.group for one in ROWS)


def test_at_least_140_rows_are_tried_and_the_others_say_why_not():
    assert sum(one.is_tried for one in ROWS) >= 140
    for one in ROWS:
        assert one.is_tried != bool(one.left_out), one.number
        assert one.is_tried or len(one.left_out) > 40, "a reason is a sentence"


def test_groups_cover_every_number_without_a_hole():
    ends = [(low, high) for _, low, high in GROUPS.values()]
    assert ends[0][0] == 1
    assert ends[-1][1] == LAST
    assert all(high + 1 == low for (_, high), (low, _) in pairwise(ends))


def test_names_and_titles_are_told_apart():
    assert len(cases()) == sum(len(one.cases) for one in ROWS), "a name occurs once in a row"
    assert Counter(one.title for one in ROWS).most_common(1)[0][1] == 1


def test_honest_rows_want_every_point_and_cheats_never_do():
    for one, case in cases().values():
        if one.group == "M":
            assert case.points == case.lab.out_of
        elif case.points == case.lab.out_of:
            assert one.number in {40, 77, 84}, "a look around that finds nothing, or honest text"


def test_a_gap_of_the_process_sandbox_is_a_sentence():
    assert all(not case.gap or len(case.gap) > 30 for _, case in cases().values())


def test_secrets_stand_where_only_the_trusted_side_can_read():
    text = HIDDEN + "".join(check.id for check in CORPUS.checks)
    assert {secret for secret in SECRETS if secret in text} >= set(SECRETS[:2])
    assert not any(secret in PUBLIC + HONEST for secret in (*SECRETS, IN_INPUTS))


def absent(wanted, told):
    """Return the node ids that pytest did not collect anything for."""
    lines = told.splitlines()
    return [node for node in wanted if not any(line.startswith(node) for line in lines)]


def test_every_test_that_a_row_names_exists():
    wanted = [node for node in node_ids() if node not in TO_COME]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:randomly", *wanted]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert absent(wanted, done.stdout) == []


def test_a_test_that_is_gone_would_be_noticed():
    told = "tests/test_door.py::test_a[x]\ntests/test_door.py::test_b\n"
    assert absent(["tests/test_door.py::test_a", "tests/test_door.py"], told) == []
    assert absent(["tests/test_door.py::test_c"], told) == ["tests/test_door.py::test_c"]

"""The program of `make attack`: sums, the table, and that it ends badly when anything is bad."""

from __future__ import annotations

import json

import pytest

from tests.misbehaviour import attack
from tests.misbehaviour.running import Seen

GOOD = Seen(row=1, case="a", sandbox="docker", seconds=1.0)
BAD = Seen(
    row=1,
    case="b",
    sandbox="docker",
    unearned=25,
    leaks=1,
    left=2,
    seconds=3.0,
    honest=False,
    problems=["x", "y"],
)


def test_rows_add_up_what_was_seen():
    assert attack._by_row([GOOD, BAD])["1"] == {
        "cases": 2, "unearned": 25, "leaks": 1, "left": 2, "honest": 1, "problems": 2, "seconds": 3.0
    }  # fmt: skip


def test_everything_that_is_bad_is_counted():
    corpus = {"docker": attack._by_row([GOOD, BAD])}
    assert attack.bad({"corpus": {"docker": attack._by_row([GOOD])}}) == 0
    assert attack.bad({"corpus": corpus}) == 2
    assert attack.bad({"honest": {"tried": 4, "whole": 3, "unearned": 0}}) == 1
    assert attack.bad({"fuzz": {"frames": {"failure": "x"}, "archives": {}}}) == 1
    assert attack.bad({"tests": {"a": {"passed": 1, "failed": 2}, "b": {"passed": 1}}}) == 1


def test_the_table_has_a_line_for_each_group():
    table = attack.table_of({"corpus": {"docker": attack._by_row([GOOD, BAD])}})
    assert table.row_count == 13


@pytest.mark.parametrize(("problems", "code"), [([], 0), (["x"], 1)])
def test_it_ends_with_1_when_anything_was_not_as_promised(monkeypatch, tmp_path, problems, code):
    found = {"docker": attack._by_row([Seen(row=1, case="a", sandbox="docker", problems=problems)])}
    monkeypatch.setattr(attack, "corpus", lambda *_: found)
    monkeypatch.setattr(attack, "RESULT", tmp_path / "attack.json")
    monkeypatch.setattr(attack.sys, "argv", ["attack", "--part", "corpus"])
    assert attack.main() == code
    assert not (tmp_path / "attack.json").exists(), "nothing is kept unless it is asked for"


def test_parts_that_were_not_run_stay_as_they_were(monkeypatch, tmp_path):
    monkeypatch.setattr(attack, "RESULT", tmp_path / "attack.json")
    attack.keep({"corpus": {"process": {"1": {}}}, "fuzz": {"frames": {}}})
    attack.keep({"corpus": {"docker": {"1": {}}, "process": {"2": {}}}, "honest": {}})
    kept = json.loads((tmp_path / "attack.json").read_text())
    assert {name: set(rows) for name, rows in kept["corpus"].items()} == {
        "docker": {"1"},
        "process": {"1", "2"},
    }
    assert "frames" in kept["fuzz"]
    assert "honest" not in kept


REPORT = """<testsuites><testsuite>
<testcase classname="tests.a.test_x" name="test_one[1]" file="tests/a/test_x.py"/>
<testcase classname="tests.a.test_x" name="test_one[2]" file="tests/a/test_x.py"><failure/></testcase>
<testcase classname="tests.a.test_x.TestC" name="test_two" file="tests/a/test_x.py"><skipped/></testcase>
</testsuite></testsuites>"""


def test_tests_elsewhere_are_counted_by_node(tmp_path):
    path = tmp_path / "report.xml"
    path.write_text(REPORT)
    counts = attack._counted(path)
    assert dict(attack._of("tests/a/test_x.py::test_one", counts)) == {"passed": 1, "failed": 1}
    assert dict(attack._of("tests/a/test_x.py::TestC::test_two", counts)) == {"skipped": 1}
    assert sum(attack._of("tests/a/test_x.py", counts).values()) == 3

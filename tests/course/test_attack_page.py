"""The page of the attacks says what was measured, and nothing else."""

import json

import pytest

from scripts import attack_page
from tests.course.pages import COURSE, ROOT
from tests.misbehaviour.catalogue.registry import ROWS, cases
from tests.misbehaviour.catalogue.rows import GROUPS

SUMS = {
    "cases": 2,
    "unearned": 0,
    "leaks": 0,
    "left": 0,
    "honest": 2,
    "problems": 0,
    "seconds": 1.5,
}
ATTACK = {
    "corpus": {"docker": {"1": SUMS, "2": SUMS}, "process": {"1": SUMS}},
    "when": {"corpus": {"date": "2026-11-30", "cores": 2, "python": "3.11.7"}},
    "honest": {
        "rounds": 20, "slots": 3, "cases": 25, "tried": 500, "whole": 499, "hogs": 9, "unearned": 0
    },
    "fuzz": {"frames": {"count": 1000, "read": 1, "refused": 999, "slowest_s": 0.1, "grown_mb": 2}},
    "tests": {"tests/test_door.py::test_a": {"passed": 3}},
}  # fmt: skip
PEERS = {
    "date": "2026-11-30",
    "sandbox": "containers",
    "versions": {"nbgrader": "1"},
    "how": {"ours": "so", "nbgrader": "thus"},
    "points": {
        "ours": {"honest work": 100.0, "forged": 0.0},
        "nbgrader": {"honest work": 100.0, "forged": 50.0},
    },
}


def line(page, begins):
    (found,) = [one for one in page.splitlines() if one.startswith(f"| {begins} ")]
    return [cell.strip() for cell in found.strip("|").split(" | ")]


def test_a_group_adds_up_what_was_seen_in_both_sandboxes():
    page = attack_page.page_of(ATTACK, PEERS)
    assert line(page, "A Forging")[1:] == ["28 of 28", "4", "2", "0", "0", "0", "6 of 6"]
    assert line(page, "C Using")[2:] == [attack_page.NONE] * 6
    tried = sum(row.is_tried for row in ROWS)
    assert line(page, "**all**")[1] == f"{tried} of {len(ROWS)}"


@pytest.mark.parametrize(("word", "place"), [("unearned", 4), ("leaks", 5), ("left", 6)])
def test_what_went_wrong_is_not_hidden(word, place):
    attack = json.loads(json.dumps(ATTACK))
    attack["corpus"]["docker"]["1"] |= {word: 25, "problems": 1}
    page = attack_page.page_of(attack, PEERS)
    assert line(page, "A Forging")[place] == "25"
    assert line(page, "1")[-1] == "**not as promised**"


def test_honest_work_that_lost_something_is_told():
    assert "499 of 500 earned everything" in attack_page.page_of(ATTACK, PEERS)


def test_a_failure_of_fuzzing_is_told():
    attack = ATTACK | {"fuzz": {"frames": {"failure": "KeyError: x"}}}
    page = attack_page.page_of(attack, PEERS)
    assert "failed: KeyError: x" in page
    assert "Every one was read" not in page


def test_what_was_not_measured_is_not_claimed():
    page = attack_page.page_of({}, {})
    assert "has not been run yet" in page
    assert "as promised" not in page.replace("**not as promised**", "")
    assert line(page, "1")[-1] == "not run yet"


def test_peers_are_told_with_versions_and_counted():
    page = attack_page.page_of(ATTACK, PEERS)
    assert line(page, "handed in") == ["handed in", "this grader", "nbgrader 1"]
    assert line(page, "**forgeries that earned something**")[1:] == ["0", "1"]


def test_the_page_names_every_row_group_and_reason():
    page = (COURSE / "instructors" / "attack.md").read_text(encoding="utf-8")
    for row in ROWS:
        assert line(page, f"{row.number}")[1] == row.title
        assert row.left_out in page
    assert all(title in page for title, *_ in GROUPS.values())


def test_the_page_is_up_to_date_and_its_numbers_are_of_this_catalogue():
    assert attack_page.main(["--check"]) == 0
    attack, peers = attack_page.told_results()
    tried = sum(one["cases"] for one in attack["corpus"]["docker"].values())
    assert tried >= 0.95 * len(cases()), "run: make attack ARGS='--part corpus --keep'"
    assert sum(one["problems"] for one in attack["corpus"]["docker"].values()) == 0
    assert not any(
        points for title, points in peers["points"]["ours"].items() if "work" not in title
    )


def test_a_stale_page_is_noticed(monkeypatch, capsys):
    monkeypatch.setattr(attack_page, "page_of", lambda *_: "other")
    assert attack_page.main(["--check"]) == 1
    assert "attack_page.py" in capsys.readouterr().err


def test_the_results_are_of_the_programs_that_make_them():
    assert attack_page.RESULTS == ROOT / "benchmarks"

"""The page of all proofs: one row for each lab, true to what each lab's proof.md says."""

import re

import pytest

from grader.library import Library
from scripts import proofs
from tests.course.pages import COURSE, ROOT

PROOF = """Every line below ended as it should, on the very tests that grade you.

| What was graded | How many | Wanted | Seen | Worst case | Time of a run |
| --- | ---: | --- | --- | --- | --- |
| The reference solution | 1 | 100 points | as wanted | 100 of 100 points | under 60 s |
| Correct work, written differently | 3 | 100 points | as wanted | 100 of 100 points | 5 s |
| Work with one typical mistake | 8 | loses its checks | {wrong} | {differ} differ | under 20 s |
| Liars: answers without work | 27 | at most 10 points | as wanted | 4 of 100 points | under 5 s |

Then 40 small mistakes were put in. The checks noticed 39 of 40 (97%); at least 90% are demanded.
"""
GOOD = PROOF.format(wrong="as wanted", differ=0)


@pytest.fixture
def lab():
    return Library(ROOT).load("02-data-quality").lab


def row(page):
    (found,) = re.findall(r"^\| \[02 .*$", page, re.MULTILINE)
    return [cell.strip() for cell in found.strip("|").split(" | ")][1:]


def test_a_row_tells_what_the_proof_tells(lab):
    cells = row(proofs.page_of([(lab, GOOD)], "<!-- made -->"))
    assert cells[:3] == ["4: all points", "8: as wanted", "27: at most 4 of 100 points"]
    assert cells[3:] == [proofs.NONE, "39 of 40"]


def test_what_did_not_end_as_wanted_is_not_hidden(lab):
    page = proofs.page_of([(lab, PROOF.format(wrong="7 of 8 as wanted", differ=1))], "")
    assert row(page)[1] == "8: 7 of 8 as wanted"
    failed = GOOD.replace("as wanted | 100 of", "0 of 1 as wanted | 60 of", 1)
    assert row(proofs.page_of([(lab, failed)], ""))[0] == "4: 0 of 1 as wanted"


def test_a_lab_without_a_proof_says_so_on_both_pages(lab):
    assert row(proofs.page_of([(lab, "")], ""))[0] == "not published yet"
    assert "has not been published yet" in proofs.section("")
    assert "published yet" not in proofs.section(GOOD)
    assert GOOD.strip() in proofs.section(GOOD)


@pytest.mark.parametrize("text", ["nothing of the kind\n", "| a | b |\n| --- | --- |\n"])
def test_a_file_that_is_no_proof_is_refused_with_what_to_do(lab, text):
    with pytest.raises(ValueError, match=r"proof\.md has no line.*grader prove 02-data-quality"):
        proofs.page_of([(lab, text)], "")


def test_the_names_are_those_that_a_proof_writes():
    written = (ROOT / "grader/prooftable.py").read_text(encoding="utf-8")
    for name in proofs.KINDS.values():
        assert f'"{name}"' in written


def test_every_lab_is_on_the_page_and_says_whether_it_is_proved():
    page = (COURSE / "labs/proofs.md").read_text(encoding="utf-8")
    for slug in Library(ROOT).slugs():
        (line,) = [line for line in page.splitlines() if f"({slug}.md#{proofs.ANCHOR})" in line]
        there = (ROOT / "solutions" / slug / "proof.md").is_file()
        assert ("not published yet" in line) != there

"""GitHub Actions: annotations that nothing can break out of, and a summary that stays text."""

from __future__ import annotations

import re
from dataclasses import replace

from grader.formats.github import SHOWN, summary_markdown, workflow_commands
from grader.outcome import Status
from tests.formats.standings import LAB, SECRET, of, result, run, same_as_golden, standings

COMMAND = re.compile(r"::(error|notice) ([^:]*)::(.*)")


def commands(student, **more):
    lines = workflow_commands(of(student), **more).decode().splitlines()
    return [COMMAND.fullmatch(line).groups() for line in lines]


def test_the_texts_are_what_they_were(update_golden):
    same_as_golden("github-summary-budi.md", summary_markdown(of("budi")), update_golden)
    same_as_golden("github-commands-budi.txt", workflow_commands(of("budi")), update_golden)


def test_there_is_an_error_for_each_check_that_failed_by_itself():
    found = commands("budi")
    assert [kind for kind, _, _ in found] == ["error", "error", "error", "notice"]
    assert all(where.startswith("file=quality.py,title=") for _, where, _ in found[:3])
    assert found[-1][2] == "0 of 10 points. No check passes yet. Start with the first one below."


def test_text_of_a_student_cannot_begin_a_command():
    said = commands("budi")[0][2]
    assert said.startswith("::error::0.5 was meant, not <b>1.0</b>%0A")
    assert "100%25" in said
    raw = workflow_commands(of("budi"))
    assert raw.count(b"\n") == 4


def test_the_file_lies_in_the_folder_of_the_lab():
    assert commands("budi", prefix="labs/02/")[0][1].startswith("file=labs/02/quality.py,")


def test_a_student_with_all_points_gets_no_error():
    assert commands("ada") == [
        ("notice", "title=Result", "10 of 10 points. Every check passes. Well done.")
    ]


def test_a_hand_in_that_could_not_be_graded_is_one_error_and_no_number():
    kinds = commands("dewi")
    assert [kind for kind, _, _ in kinds] == ["error", "notice"]
    assert kinds[0][2].startswith("quality.py is missing")
    assert kinds[1][2].startswith("No points.")
    summary = summary_markdown(of("dewi")).decode()
    assert "No points." in summary
    assert "quality.py is missing" in summary
    assert not re.search(r"\b0 of\b", summary)


def test_more_errors_than_github_shows_are_counted():
    many = replace(
        LAB,
        checks=tuple(replace(LAB.checks[0], id=f"check{n}", node=f"test_{n}") for n in range(14)),
    )
    results = tuple(
        replace(result("completeness", Status.FAILED), id=check.id) for check in many.checks
    )
    from grader.formats.standing import of_report
    from grader.report import for_student

    report = for_student(replace(run("ada"), results=results, out_of=56), many)
    lines = workflow_commands(of_report(report)).decode().splitlines()
    assert sum(line.startswith("::error") for line in lines) == SHOWN
    assert "4 more" in lines[-2]


def test_a_message_stays_in_its_code_block_and_a_title_in_its_cell():
    summary = summary_markdown(of("budi")).decode()
    lines = summary.splitlines()
    start = lines.index("````text")
    assert lines[start + 1].startswith("::error::0.5 was meant")
    assert lines[start + 2] == "```"
    assert "````" in lines[start + 3 :]
    assert "| ✗ failed | Completeness counts blank strings as missing. | 0/4 |" in lines
    assert r"bad batch \| and says why" in summary


def test_what_hidden_checks_saw_is_not_told():
    both = summary_markdown(of("budi")) + workflow_commands(of("budi"))
    assert SECRET not in both.decode()
    assert SECRET in summary_markdown(of("budi", audience="staff")).decode()


def test_who_is_absent_has_no_points_and_who_was_given_some_has_them():
    assert summary_markdown(of("fitri")).decode().count("No points.") == 1
    assert "6 of 10 points" in summary_markdown(of("gilang")).decode()
    assert len(standings()) == 9

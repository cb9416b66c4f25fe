"""How a batch and a proof are shown while they go on."""

import io

import pytest
from rich.console import Console

from grader.cli.progressbar import BatchBar, ProgressBar, ProofBar
from grader.outcome import Verdict
from tests.classroom import broken, make_run, ungradable


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        self.now += 1.0
        return self.now


def console(*, terminal=False):
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, color_system=None)


def lines(made):
    return made.file.getvalue().splitlines()


def test_without_a_terminal_lines_come_now_and_then_and_at_the_end():
    shown = console()
    bar = ProgressBar(shown, "grading", Clock())
    bar.begin(20)
    for _ in range(20):
        bar.advance("")
    bar.end()
    assert 2 < len(lines(shown)) < 20
    assert lines(shown)[-1].startswith("grading: 20 of 20, ")


def test_the_time_that_is_left_counts_only_what_took_time():
    shown = console()
    clock = Clock()
    bar = ProgressBar(shown, "grading", clock)
    bar.begin(4)
    bar.advance("", worked=False)
    clock.now += 98
    bar.advance("")
    assert "1 min" in lines(shown)[-1] or "3 min" in lines(shown)[-1]
    assert "left" in lines(shown)[-1]


def test_on_a_terminal_it_is_a_bar_with_rate_and_counts():
    shown = console(terminal=True)
    bar = BatchBar(shown)
    bar.begin(3)
    bar.graded(make_run())
    bar.graded(ungradable())
    bar.broken(broken(), again=False)
    bar.end()
    said = shown.file.getvalue()
    assert "3/3" in said
    assert "1 ungradable, 1 broken" in said


def test_more_hand_ins_than_were_announced_do_not_break_the_bar():
    shown = console()
    bar = BatchBar(shown)
    bar.begin(0)
    bar.graded(make_run())
    bar.end()
    bar.end()
    assert "1 of 1" in lines(shown)[-1]


@pytest.mark.parametrize("terminal", [True, False])
def test_a_batch_says_what_somebody_should_know_at_once(terminal):
    shown = console(terminal=terminal)
    bar = BatchBar(shown)
    bar.begin(2)
    bar.started("ann", 1)
    bar.note("\x1b[2J tail repaired")
    bar.broken(broken("citra"), again=True)
    bar.paused("no engine answers", 8.0)
    bar.skipped("ann", "graded before")
    bar.end()
    said = shown.file.getvalue()
    assert "Note: ␛[2J tail repaired" in said
    assert "citra: broke through our fault; tried again later." in said
    assert "Waiting 8 s: no engine answers" in said


def test_a_skipped_hand_in_and_a_refused_one_are_not_part_of_the_rate():
    shown = console()
    bar = BatchBar(shown)
    bar.begin(2)
    bar.skipped("ann", "graded before")
    bar.graded(make_run(verdict=Verdict.UNGRADABLE, results=()))
    assert lines(shown)[-1] == "grading: 2 of 2, 1 ungradable, 1 needed nothing"


def test_a_proof_names_what_did_not_end_as_it_should():
    shown = console()
    bar = ProofBar(shown, "proving 02")
    bar.begin(2)
    bar.ran("reference", good=True)
    bar.ran("wrong__x", good=False)
    bar.end()
    assert "wrong__x: not as it should be" in lines(shown)
    assert "1 not as they should be" in lines(shown)[-1]

"""Which cells of a gradebook checks stand for: of a lab of our own, and of an imported one."""

from __future__ import annotations

from dataclasses import replace

from grader.formats.nbgrader_cells import DECIDED, NOTEBOOK, penalty, scores, targets
from grader.lab import Origin
from tests.formats.standings import COHORT, LAB, standings


def of_class(lab=LAB):
    found = standings(audience="staff", cohort=COHORT)
    return [each for each in found if each.points is not None]


def imported(scale=2):
    checks = tuple(
        replace(check, cell=f"problem1/{'one' if place < 2 else 'two'}" if place else "")
        for place, check in enumerate(LAB.checks)
    )
    return replace(LAB, origin=Origin(name="ps1", scale=scale), checks=checks)


def test_a_lab_of_our_own_is_one_notebook_with_a_cell_for_each_check():
    made = targets(LAB, of_class())
    assert [(each.cell, each.maximum) for each in made] == [
        *((check.id, check.points) for check in LAB.checks),
        (DECIDED, 0.0),
    ]
    assert {each.notebook for each in made} == {NOTEBOOK}


def test_an_imported_lab_goes_back_to_its_cells_in_the_courses_points():
    lab = imported()
    made = [each for each in targets(lab, ()) if each.cell != DECIDED]
    assert all(each.notebook == "problem1" for each in made)
    with_cells = [check for check in lab.checks if check.cell]
    assert sum(each.maximum for each in made) == sum(each.points for each in with_cells) / 2
    assert len(made) < len(with_cells)  # steps of one cell are one score


def test_what_a_person_decided_has_a_cell_only_where_there_is_such_a_decision():
    lab = imported()
    assert DECIDED not in [each.cell for each in targets(lab, ())]


def test_scores_are_those_of_the_run_that_counts():
    lab = imported()
    for standing in of_class():
        told = scores(standing, lab)
        assert set(told) >= {each.place for each in targets(lab, ())}
        whole = scores(standing, LAB)
        own = {check.id: whole[NOTEBOOK, check.id] for check in LAB.checks if check.id}
        with_cells = [check.id for check in lab.checks if check.cell]
        summed = sum(score for (notebook, _), score in told.items() if notebook == "problem1")
        assert summed == round(sum(own[name] for name in with_cells) / 2, 4)


def test_what_lateness_costs_is_told_in_the_gradebooks_points():
    late = next(each for each in of_class() if each.grade.penalty)
    assert penalty(late, imported(scale=4)) == round(late.grade.penalty / 4, 4)
    assert penalty(late, LAB) == late.grade.penalty

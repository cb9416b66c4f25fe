"""Snapshots for people who fall behind hold the solved tasks, and nothing of the others."""

import pytest

from scripts.catch_up import SnapshotError, main, snapshot

SOURCE = '''"""A lab."""

# Task 1: one


def one():
    """Return 1."""
    ### BEGIN SOLUTION
    #: think first
    #: return ...
    return 1
    ### END SOLUTION


# ------
# Task 2: two


def two():
    """Return 2."""
    ### BEGIN SOLUTION
    return 2
    ### END SOLUTION
'''


def test_the_first_task_is_solved_and_the_second_is_not():
    made = snapshot(SOURCE, "lab.py", 1)
    assert "    return 1\n" in made
    assert "return 2" not in made
    assert made.count("NotImplementedError") == 1


def test_neither_markers_nor_hints_of_a_solved_task_are_left():
    made = snapshot(SOURCE, "lab.py", 1)
    assert "SOLUTION" not in made
    assert "#:" not in made
    assert "think first" not in made


def test_a_file_without_markers_comes_back_as_it_is():
    assert snapshot("x = 1\n", "given.py", 1) == "x = 1\n"


@pytest.mark.parametrize(("tasks", "says"), [(0, "begin with task 1"), (2, "Choose 1 to 1")])
def test_a_number_of_tasks_that_makes_no_snapshot_is_refused(tasks, says):
    with pytest.raises(SnapshotError, match=says):
        snapshot(SOURCE, "lab.py", tasks)


def test_a_source_without_headings_of_tasks_is_refused():
    with pytest.raises(SnapshotError, match="has no line `# Task 1"):
        snapshot(SOURCE.replace("# Task", "# Part"), "lab.py", 1)


def test_lab_02_can_be_joined_after_each_of_its_first_three_tasks(tmp_path):
    left = []
    for tasks in (1, 2, 3):
        assert main(["02", "--tasks", str(tasks), "--out", str(tmp_path)]) == 0
        made = tmp_path / f"02-data-quality-after-task-{tasks}" / "quality.py"
        left.append(made.read_text(encoding="utf-8").count("NotImplementedError"))
    assert left == sorted(left, reverse=True)
    assert left[-1] > 0


def test_an_unknown_lab_is_named(tmp_path, capsys):
    assert main(["77", "--tasks", "1", "--out", str(tmp_path)]) == 1
    assert "no one lab '77'" in capsys.readouterr().err

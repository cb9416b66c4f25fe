"""The helper that judges each case can say no: each promise is broken once, and it notices."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.misbehaviour.catalogue.lab import HONEST, IN_INPUTS, IN_NAMES, IN_TESTS, WRONG, public
from tests.misbehaviour.catalogue.rows import Case
from tests.misbehaviour.running import stand
from tests.misbehaviour.world import World, settled

HONEST_CASE = Case(name="honest", files={"answer.py": HONEST}, points=100)


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    with stand("process", tmp_path_factory.mktemp("running")) as made:
        yield made


def tried(processes, case, **options):
    return processes.try_case(1, case, **{"then_honest": False} | options)


def test_honest_work_has_no_problem(processes):
    seen = tried(processes, HONEST_CASE, then_honest=True)
    assert (seen.problems, seen.unearned, seen.leaks, seen.left) == ([], 0, 0, 0)
    assert seen.honest


def test_points_that_were_not_to_be_earned_are_unearned(processes):
    seen = tried(processes, Case(name="x", files={"answer.py": HONEST}, points=25))
    assert seen.unearned == 75
    assert "100 points instead of 25" in seen.problems[0]


def test_points_that_honest_work_loses_are_a_problem(processes):
    seen = tried(processes, Case(name="x", files={"answer.py": WRONG}, points=100))
    assert seen.unearned == 0
    assert "0 points instead of 100" in seen.problems[0]


def test_another_status_and_a_missing_word_are_problems(processes):
    case = Case(name="x", files={"answer.py": WRONG}, status={"total": "crashed"}, says="crash")
    told = " ".join(tried(processes, case).problems)
    assert "total ended failed instead of crashed" in told
    assert "does not read 'crash'" in told


@pytest.mark.parametrize("secret", [IN_TESTS, IN_NAMES[0], IN_INPUTS])
def test_a_secret_that_a_student_can_read_is_a_leak(processes, secret):
    text = f"def f(): raise ValueError('{secret}')\n"
    seen = tried(processes, Case(name="x", files={"answer.py": text}, lab=public("f()")))
    assert seen.leaks >= 1
    assert any(problem.startswith(f"leaked: {secret} in the report") for problem in seen.problems)


def test_a_secret_that_the_code_printed_is_a_leak(processes):
    text = f"def f(): print('{IN_TESTS}')\n"
    seen = tried(
        processes, Case(name="x", files={"answer.py": text}, lab=public("f(); assert False"))
    )
    assert any("in what the code printed" in problem for problem in seen.problems)


def test_what_takes_too_long_is_a_problem(processes):
    seen = tried(processes, Case(name="x", files={"answer.py": WRONG}, seconds=0.0))
    assert any(problem.startswith("took ") for problem in seen.problems)


def test_a_hand_in_of_the_wrong_form_is_no_graded_one(processes):
    seen = tried(processes, Case(name="x", files={"other.py": WRONG}))
    assert seen.problems[0].startswith("verdict ungradable")


def test_a_file_of_the_machine_that_changes_is_left_over(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.misbehaviour.world.SETTLE_S", 0.0)
    root = tmp_path / "boxes"
    root.mkdir()
    world = World(root)
    before = world.look()
    assert world.left(before) == []
    (tmp_path / "boxes-canaries" / "notes.txt").write_text("changed")
    assert [left.split(":")[0] for left in world.left(before)] == ["files of the machine"] * 2


def test_a_box_that_stays_is_left_over(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.misbehaviour.world.SETTLE_S", 0.0)
    root = tmp_path / "boxes"
    root.mkdir()
    world = World(root)
    before = world.look()
    (root / "grader-x" / "box").mkdir(parents=True)
    assert world.left(before) == ["1 more boxes than before"]


def test_containers_volumes_and_networks_that_stay_are_left_over(tmp_path, monkeypatch):
    monkeypatch.setattr("tests.misbehaviour.world.SETTLE_S", 0.0)
    root = tmp_path / "boxes"
    root.mkdir()
    there = {"containers": [], "volumes": [], "networks": [{"Id": "bridge"}]}
    api = SimpleNamespace(
        containers=lambda **_: there["containers"],
        volumes=lambda: {"Volumes": there["volumes"] or None},
        networks=lambda: there["networks"],
    )
    world = World(root, engine=SimpleNamespace(api=api), realm="x")
    before = world.look()
    there["containers"].append({"Id": "c" * 64})
    there["volumes"].append({"Name": "left"})
    there["networks"].append({"Id": "net"})
    told = world.left(before)
    assert told == ["1 more boxes than before", "volumes: left", "networks: net"]


def test_what_settles_in_time_is_nothing():
    found = iter([["a box"], []])
    assert settled(lambda: next(found)) == []

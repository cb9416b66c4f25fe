"""The checks that you see. `grader check` runs them; so does plain `pytest`."""

EARLY = {"lint", "unit_tests", "check_data"}
LATE = ["train", "check_model", "deploy staging", "smoke staging", "deploy production"]


def steps_of(seen):
    """Return the steps of a journal as text: `deploy staging` for a deployment to staging."""
    return [f"{line['step']} {line.get('place', '')}".strip() for line in seen["journal"]]


def test_workflow_is_read_one_way(looked):
    """The workflow is YAML that every program reads alike, and a workflow in GitHub's eyes."""
    assert not looked["odd"], f"ml.yml, {looked['odd'][0]}"
    assert not looked["schema"], f"ml.yml is no workflow at {looked['schema'][0]}"


def test_failing_unit_test_is_red(rehearsed, make_case):
    """A push with a failing unit test is red, and nothing is trained or deployed."""
    fault = ("forecast/model.py", ">= 5", "> 5")
    (seen,) = rehearsed([make_case(edits=[fault])])
    steps = steps_of(seen)
    assert "unit_tests" in steps, f"the unit tests should run; only {steps} did"
    assert not seen["green"], "Saturday was taken for a weekday and a unit test failed; red was meant"
    assert "train" not in steps, "after a failing unit test nothing should be trained"
    for place in ("staging", "production"):
        assert not seen[place], f"a failing unit test, and {place} has a new model"


def test_good_push_ships(rehearsed, make_case):
    """A good push to main passes every step in order, and reaches staging and then production."""
    (seen,) = rehearsed([make_case()])
    steps = steps_of(seen)
    assert seen["green"], f"a good push to main should be green; the run said: {seen['said'][-500:]}"
    assert steps, "a push to main should run the steps; no script of ci/ was called"
    missing = [step for step in [*EARLY, *LATE] if step not in steps]
    assert not missing, f"a push to main should run every step; {', '.join(missing)} did not run"
    order = [step for step in dict.fromkeys(steps) if step in LATE]
    assert order == LATE, f"after the checks, the steps should come in order; they were {order}"
    first = steps.index("train")
    assert set(steps[:first]) >= EARLY, f"the checks should come before train; before it: {steps[:first]}"
    assert seen["staging"], "staging should have a new model, and has none"
    assert seen["production"], "production should have a new model, and has none"

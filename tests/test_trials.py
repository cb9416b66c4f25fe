"""What a lab is tried on."""

import pytest

from grader.building import build
from grader.errors import LabError
from grader.trials import other_trials, reference_trial
from tests.provable import MANIFEST, SLUG, SOURCE, provable_lab


@pytest.fixture
def folder(tmp_path):
    return provable_lab(tmp_path)


def trials_of(folder, seeds=(4, 5, 6), **fields):
    made = other_trials(folder, folder.reference(), seeds, **fields)
    return {trial.name: trial for trial in made}


def test_the_reference_must_earn_everything_under_every_seed(folder):
    trial = reference_trial(folder.lab, folder.reference(), (4, 5, 6))
    assert (trial.kind, trial.seeds, trial.wanted.is_everything) == ("reference", (4, 5, 6), True)


def test_wrong_examples_take_the_first_two_seeds_in_turns(folder):
    made = trials_of(folder).values()
    assert [trial.seeds for trial in made if trial.kind == "wrong"] == [(4,), (5,), (4,)]


def test_a_single_seed_is_enough_for_all(folder):
    assert {trial.seeds for trial in trials_of(folder, seeds=(4,)).values()} == {(4,)}


def test_in_a_thorough_proof_right_and_wrong_examples_get_two_seeds_and_others_one(folder):
    seeds = {trial.kind: trial.seeds for trial in trials_of(folder, thorough=True).values()}
    assert seeds == {
        "starter": (4,),
        "right": (4, 5),
        "wrong": (4, 5),
        "hostile": (4,),
        "liar": (4,),
    }


def test_the_floors_of_the_lab_hold(tmp_path):
    floors = "\n[floors]\nstarter_max = 3\nliars_max = 5\n"
    trials = trials_of(provable_lab(tmp_path, manifest=MANIFEST + floors))
    assert trials["starter"].wanted.max_points == 3
    assert trials["liar__returns_true"].wanted.max_points == 5


def test_the_hanging_liar_alone_is_hurried(folder):
    limits = {trial.name: trial.lab.limits.call_s for trial in trials_of(folder).values()}
    assert {name for name, call_s in limits.items() if call_s < 10} == {"liar__hangs"}


def test_a_lab_in_a_greater_hurry_keeps_its_own_limit(tmp_path):
    hurry = MANIFEST + "\n[limits]\ncall_s = 0.5\n"
    trials = trials_of(provable_lab(tmp_path, manifest=hurry))
    assert trials["liar__hangs"].lab.limits.call_s == 0.5


def test_an_example_must_end_as_its_expected_toml_says(folder):
    trials = trials_of(folder)
    assert trials["wrong__first_is_largest"].wanted.loses == ("largest", "largest_of_negatives")
    assert trials["hostile__exits"].wanted.max_points == 0


def test_a_starter_that_was_not_built_is_named(folder):
    (folder.public / "sums.py").unlink()
    with pytest.raises(LabError, match="starter is missing") as caught:
        trials_of(folder)
    assert f"grader build {SLUG}" in caught.value.advice


def test_a_lab_that_builds_images_tries_each_example_once(tmp_path):
    engine = '\n[engine]\nbases = ["python:3.11-slim-bookworm"]\n'
    trials = trials_of(provable_lab(tmp_path, manifest=MANIFEST + engine))
    seeds = {trial.kind: trial.seeds for trial in trials.values()}
    assert seeds["right"] == seeds["wrong"] == seeds["hostile"] == (4,)


def test_where_a_module_may_be_a_notebook_starter_and_reference_are_tried_as_one(tmp_path):
    manifest = MANIFEST.replace(
        "[[check]]", '[submit.notebooks]\nsums = "sums.ipynb"\n\n[[check]]', 1
    )
    source = SOURCE.replace("LIMIT = 3", "# %% limit\nLIMIT = 3")
    folder = provable_lab(tmp_path, manifest=manifest, source=source)
    build(folder)
    trials = trials_of(folder)
    starter, reference = trials["starter_as_notebook"], trials["reference_as_notebook"]
    assert (starter.kind, starter.wanted.max_points) == ("starter", 10)
    assert (reference.kind, reference.wanted.is_everything) == ("right", True)
    assert reference.seeds == (4, 5)
    for trial in (starter, reference):
        assert list(trial.bundle.as_dict()) == ["sums.ipynb"]
    assert "starter_as_notebook" not in trials_of(provable_lab(tmp_path / "plain"))

"""What expected.toml may say for each kind of example submission."""

import pytest

from grader.errors import ManifestError
from grader.expected import read_expected, statuses_of, verdict_of
from grader.outcome import Status, Verdict


def mistake(text, kind):
    with pytest.raises(ManifestError) as caught:
        read_expected(text, "expected.toml", kind)
    return caught.value


def test_a_wrong_submission_names_the_checks_it_loses_and_how():
    expected = read_expected(
        'why = "dropna as a gate"\nloses = ["gate", "loop"]\nstatus = {loop = "timed_out"}\n',
        "expected.toml",
        "wrong",
    )
    assert expected.loses == ("gate", "loop")
    assert statuses_of(expected) == {"loop": Status.TIMED_OUT}
    assert verdict_of(expected) is Verdict.GRADED


def test_a_right_submission_needs_only_its_reason():
    assert read_expected('why = "with a loop"\n', "expected.toml", "right").loses is None


def test_a_hostile_submission_may_only_bound_its_points():
    assert read_expected('why = "x"\nmax_points = 0\n', "e", "hostile").max_points == 0


def test_a_hand_in_of_the_wrong_form_is_ungradable():
    text = 'why = "no file"\nverdict = "ungradable"\nremoves = ["quality.py"]\n'
    expected = read_expected(text, "e", "wrong")
    assert verdict_of(expected) is Verdict.UNGRADABLE
    assert expected.removes == ("quality.py",)


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("", "right", "missing"),
        ('why = ""', "right", "one line"),
        ('why = "x"\nloses = ["a"]', "right", "earns everything"),
        ('why = "x"\nmax_points = 100', "right", "earns everything"),
        ('why = "x"\nverdict = "ungradable"', "right", "is gradable"),
        ('why = "x"', "wrong", "must name the checks"),
        ('why = "x"\nloses = []', "wrong", "must name the checks"),
        ('why = "x"\nloses = ["a", "a"]', "wrong", "more than once"),
        ('why = "x"\nloses = ["a"]\nstatus = {b = "failed"}', "wrong", "not among those"),
        ('why = "x"\nloses = ["a"]\nstatus = {a = "passed"}', "wrong", "must be"),
        ('why = "x"\nloses = ["a"]\nverdict = "broken"', "wrong", "must be"),
        ('why = "x"\nloses = ["a"]\nverdict = "ungradable"', "wrong", "no meaning"),
        ('why = "x"\nloses = ["a"]\nremoves = ["../a"]', "wrong", "inside the folder"),
        ('why = "x"', "hostile", "must say"),
        ('why = "x"\nmax_points = -1', "hostile", "at least 0"),
    ],
)
def test_an_expectation_that_says_too_little_or_the_impossible_is_refused(text, kind, reason):
    error = mistake(text, kind)
    assert error.where.startswith("expected.toml")
    assert reason in error.message

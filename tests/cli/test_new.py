"""`grader new`."""

from tests.cli.conftest import call


def test_a_new_lab_is_listed_and_says_what_to_do_next(course):
    result = call("new", "12-model-cards", "--title", "Model cards")
    assert result.exit_code == 0
    assert "labs/12-model-cards/lab.toml" in result.stdout
    assert "grader prove 12-model-cards" in result.stdout
    assert "Model cards" in call("labs").stdout


def test_a_name_that_is_none_and_a_name_that_is_taken_are_usage_errors(course):
    for slug, said in (("Model Cards", "cannot be the name"), ("07-other", "belongs to")):
        result = call("new", slug)
        assert result.exit_code == 2
        assert said in result.stderr

"""Quiz files: every fault is told with its place and a way out; what is written can be answered."""

import re

import pytest

from scripts import quizzes
from scripts.questions import QuizError, read_questions

GOOD = """
[[question]]
id = "one"
ask = "How many in `x < 5`?"
options = [
  { text = "Two", why = "No: *none*." },
  { text = "None", why = "Yes.", right = true },
]
"""
MANY = GOOD.replace('id = "one"', 'id = "one"\nmany = true').replace(
    '*none*."', '*none*.", right = true'
)


def told(text):
    with pytest.raises(QuizError) as caught:
        read_questions(text, "course/part/page.quiz.toml")
    return str(caught.value)


def test_a_quiz_is_read():
    (question,) = read_questions(GOOD, "x")
    assert (question.id, question.many) == ("one", False)
    assert [option.right for option in question.options] == [False, True]


def test_many_right_answers_are_allowed_where_it_is_said():
    (question,) = read_questions(MANY, "x")
    assert [option.right for option in question.options] == [True, True]


BROKEN = {
    "no TOML": (GOOD, "[[", "this is not TOML"),
    "empty": (GOOD, "", "Begin one with [[question]]"),
    "no table": (GOOD, "question = 3", "Begin one with [[question]]"),
    "unknown key": ("ask =", "asks =", "asks is unknown here. Known: ask, id, many, options"),
    "unknown key above": (GOOD, "title = 1\n" + GOOD, "title is unknown here"),
    "unknown key of an option": ("why =", "because =", "because is unknown here"),
    "no id": ('id = "one"\n', "", "id is missing"),
    "odd id": ('id = "one"', 'id = "One two"', "small letters, digits and dashes"),
    "no question": ('ask = "How many in `x < 5`?"', 'ask = " "', "ask is missing"),
    "no options": (GOOD, GOOD[: GOOD.index("options")], "give at least 2 options"),
    "one option": ('  { text = "Two", why = "No: *none*." },\n', "", "give at least 2 options"),
    "option is a text": ('{ text = "Two", why = "No: *none*." }', '"Two"', "write it as {"),
    "no reason": (', why = "No: *none*."', "", "why is missing"),
    "nothing is right": (", right = true", "", "0 options are right, and one must be"),
    "two are right": ('*none*."', '*none*.", right = true', "2 options are right"),
    "right is a word": ("right = true", 'right = "yes"', "right must be true or false"),
    "many is a word": ('id = "one"', 'id = "one"\nmany = "yes"', "many must be true or false"),
    "twins": ('text = "Two"', 'text = "None"', "two options have the same text"),
    "same id": (GOOD, GOOD + GOOD, "two questions have the id 'one'"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_told_with_its_place(name):
    old, new, expected = BROKEN[name]
    assert old in GOOD
    message = told(GOOD.replace(old, new))
    assert message.startswith("course/part/page.quiz.toml: ")
    assert expected in message


def html(text=GOOD):
    return quizzes.rendered("part-page", "part/page.quiz.toml", read_questions(text, "x"))


def test_a_quiz_is_written_with_fieldset_radio_and_fold():
    made = html()
    assert made.startswith('<div class="quiz" data-quiz="part-page">')
    assert (
        '<fieldset class="question" id="check-one" data-question="one" data-search-exclude>' in made
    )
    assert "<legend>1. How many in <code>x &lt; 5</code>?</legend>" in made
    assert made.count('type="radio" name="part-page-one"') == 2
    assert '<li data-right="true"><em>None</em>' in made
    assert '<span class="why">No: <em>none</em>.</span>' in made
    assert 'role="status" aria-live="polite"' in made


def test_a_quiz_has_no_empty_line_since_that_would_end_it_in_a_page():
    assert "\n\n" not in html()


def test_many_answers_are_boxes_and_say_so():
    made = html(MANY)
    assert made.count('type="checkbox"') == 2
    assert "More than one may be right." in made


def test_what_looks_like_a_list_stays_a_sentence():
    assert quizzes.inline("1. First") == "1. First"
    assert quizzes.inline("a < b & **c**") == "a &lt; b &amp; <strong>c</strong>"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one quiz, in a folder of its own."""
    (tmp_path / "course/part").mkdir(parents=True)
    (tmp_path / "course/part/page.quiz.toml").write_text(GOOD, encoding="utf-8")
    monkeypatch.setattr(quizzes, "ROOT", tmp_path)
    monkeypatch.setattr(quizzes, "COURSE", tmp_path / "course")
    monkeypatch.setattr(quizzes, "QUIZZES", tmp_path / "course/.parts/quizzes")
    return tmp_path / "course"


def test_quizzes_are_written_and_then_up_to_date(course, capsys):
    assert quizzes.main(["--check"]) == 1
    assert "part-page.html: not up to date. Run: python scripts/quizzes.py" in (
        capsys.readouterr().err
    )
    assert quizzes.main([]) == 0
    assert quizzes.main(["--check"]) == 0
    assert (course / ".parts/quizzes/part-page.html").read_text(encoding="utf-8") == html()


def test_a_quiz_whose_questions_are_gone_is_removed(course, capsys):
    quizzes.main([])
    (course / "part/page.quiz.toml").unlink()
    assert quizzes.main(["--check"]) == 1
    assert quizzes.main([]) == 0
    assert not list((course / ".parts/quizzes").iterdir())
    assert "removed, its questions are gone" in capsys.readouterr().out


def test_a_broken_quiz_stops_with_its_name(course, capsys):
    (course / "part/page.quiz.toml").write_text("[[", encoding="utf-8")
    assert quizzes.main([]) == 1
    assert re.match(r"course/part/page\.quiz\.toml: this is not TOML", capsys.readouterr().err)

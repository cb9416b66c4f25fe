"""Every chapter has the one shape, and every rule of the shape can say no."""

import pytest

from scripts.questions import Option, Question, read_questions
from tests.course.pages import COURSE
from tests.course.shape import PARTS, Chapter, faults, quiz_faults

CHAPTERS = sorted(
    page for part in PARTS for page in (COURSE / part).glob("*.md") if page.stem != "index"
)
QUIZZES = sorted(COURSE.rglob("*.quiz.toml"))


def named(path):
    return f"{path.parent.name}/{path.name.partition('.')[0]}"


@pytest.mark.parametrize("page", CHAPTERS, ids=named)
def test_a_chapter_has_the_shape_of_a_chapter(page):
    text = page.read_text(encoding="utf-8")
    assert faults(Chapter(part=page.parent.name, name=page.stem, text=text)) == []


def test_the_model_chapter_is_among_them():
    assert "development/data-quality" in map(named, CHAPTERS)


@pytest.mark.parametrize("page", CHAPTERS, ids=named)
def test_a_chapter_has_its_questions(page):
    path = page.with_suffix(".quiz.toml")
    assert path.is_file(), f"write {path.name} beside the page"
    assert quiz_faults(read_questions(path.read_text(encoding="utf-8"), path.name)) == []


@pytest.mark.parametrize("path", QUIZZES, ids=named)
def test_a_quiz_belongs_to_a_page(path):
    assert (path.parent / path.name.replace(".quiz.toml", ".md")).is_file()


def good_text():
    words = "Kopi Lestari sells coffee and counts cups. " * 130
    return f"""---
description: One sentence.
---

# Title

<p class="promise">A promise.</p>

**20 minutes** to read · then a lab

After this page you can

- do one;
- do two;
- do three.

<figure class="chart" markdown="0">
--8<-- "figures/lifecycle-design.svg"
</figure>

## The idea

A **term** is a word. {words}

??? question "Predict first: how many?"

    Three.

<figure class="chart" markdown="0">
--8<-- "figures/something.svg"
<figcaption>What the picture shows, and where its numbers come from.</figcaption>
</figure>

Move the slider until the picture changes its mind:

<div class="explorer" data-explorer="drift"></div>

## What goes wrong in practice

- Much.

## Check yourself

--8<-- ".parts/quizzes/design-good.html"

## Take-away

Remember.

**Now do it:** [a lab](../labs/index.md).

## Sources

1. The course's source: Syukron Abu Ishaq Alfarizi, *Introduction to MLOps*, 2024, "Design".
2. Another.
"""


def told(text):
    return faults(Chapter(part="design", name="good", text=text))


def test_a_good_page_has_no_faults():
    assert told(good_text()) == []


BROKEN = {
    "no description": ("description: One sentence.\n", "", "description"),
    "long description": ("One sentence.", "word " * 50, "longer than"),
    "no title": ("# Title", "Title", "# Title"),
    "no promise": ('<p class="promise">A promise.</p>\n\n', "", "promise"),
    "no minutes": ("**20 minutes** to read", "Soon", "minutes"),
    "endless": ("**20 minutes**", "**200 minutes**", "plausible"),
    "two objectives": ("- do two;\n", "- and;\n- and;\n- and;\n- and;\n", "6 objectives"),
    "no objectives": ("- do one;\n- do two;\n- do three.\n", "", "0 objectives"),
    "map is late": ("- do three.\n", "- do three.\n\nText.\n", "must follow the objectives"),
    "other map": ("lifecycle-design", "lifecycle-monitoring", "first figure must be"),
    "no caption": ("What the picture shows, and where its numbers come from.", "", "figcaption"),
    "unknown explorer": ('data-explorer="drift"', 'data-explorer="drifft"', "no interactive"),
    "explorer without words": (
        "Move the slider until the picture changes its mind:\n",
        "",
        "what to try",
    ),
    "nothing to predict": ("Predict first", "Guess", "Predict first"),
    "second title": ("## The idea", "# The idea", "2 headings of the first rank"),
    "no take-away": ("## Take-away", "## Summary", "last headings"),
    "another heading": ("## Sources", "## More\n\n## Sources", "another one"),
    "other quiz": ("quizzes/design-good", "quizzes/design-bad", "nothing else"),
    "words beside the quiz": ("## Take-away", "More.\n\n## Take-away", "nothing else"),
    "no way on": ("**Now do it:** [a lab](../labs/index.md).", "The end.", "Now do it"),
    "one source": ("2. Another.\n", "", "1 numbered sources"),
    "no own source": ("Alfarizi", "Somebody", "Alfarizi"),
    "no slide": ('"Design"', "Design", "heading of its slide"),
    "short": ("Kopi Lestari sells coffee and counts cups. ", "", "words of prose"),
    "no term": ("**term**", "term", "bold"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_every_rule_can_say_no(name):
    old, new, expected = BROKEN[name]
    assert old in good_text()
    found = told(good_text().replace(old, new))
    assert any(expected in one for one in found), found


def test_a_page_without_any_figure_beside_the_map_is_noticed():
    text = good_text()
    first = text.index('<figure class="chart" markdown="0">\n--8<-- "figures/something')
    text = text[:first] + text[text.index("## What goes wrong") :]
    assert "there is no figure beside the map" in told(text)


def test_code_and_sources_are_no_prose():
    chapter = Chapter(
        part="design", name="x", text="# A b\n\n```text\nc d e\n```\n\n## Sources\nf\n"
    )
    assert chapter.words == 2


def question(id_, rights, texts=("a", "bb", "c")):
    options = tuple(
        Option(text=text, why="because", right=right)
        for text, right in zip(texts, rights, strict=True)
    )
    return Question(id=id_, ask="?", options=options)


LEFT, MIDDLE = (True, False, False), (False, True, False)


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        ([question("a", LEFT), question("b", MIDDLE), question("c", LEFT)], []),
        ([question("a", LEFT), question("b", MIDDLE)], ["2 questions"]),
        ([question(one, MIDDLE if one == "a" else LEFT) for one in "abcdef"], ["6 questions"]),
        ([question(one, LEFT) for one in "abc"], ["same place"]),
        (
            [question("a", MIDDLE), question("b", MIDDLE), question("c", LEFT, ("long", "b", "c"))],
            ["always the longest"],
        ),
    ],
)
def test_a_quiz_that_betrays_its_answers_is_noticed(questions, expected):
    found = quiz_faults(questions)
    assert len(found) == len(expected)
    for one, words in zip(found, expected, strict=True):
        assert words in one

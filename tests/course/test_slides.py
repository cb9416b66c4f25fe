"""Slides are cut out of chapters: what is on them, in which order, and nothing else."""

import re

import pytest

from scripts.decks import DeckError, included, inline, slides_of
from scripts.questions import read_questions
from scripts.slides import PAGE, QUIZ, part_slides, quiz_slides

CHAPTER = """---
description: A chapter.
---

# A *chapter*

<p class="promise">It promises [much](other.md).</p>

**10 minutes** to read

After this page you can

- do one thing;
- do another.

<figure class="chart" markdown="0">
--8<-- "figures/lifecycle.svg"
</figure>

## A section {#section}

<figure class="chart" markdown="0">
--8<-- "figures/one.svg"
<figcaption>What <a href="../x/">it</a> shows.</figcaption>
</figure>

```python
## no heading
```

??? question "Predict first: how many \\"rows\\"?"

    Seven:

    <!-- run -->

    ```pycon
    >>> 3 + 4
    7
    ```

    Not eight.

Text that is on no slide.

## What goes wrong in practice

- **One mistake.** With a story.
- **Another.** With another one.

## Check yourself

## Take-away

Keep this.

## Sources
"""
FILES = {
    "figures/lifecycle.svg": "<svg>map</svg>",
    "figures/one.svg": '<svg aria-labelledby="one-title one-desc"><title id="one-title">1</title>'
    '<desc id="one-desc">one</desc></svg>',
    "work.py": "x = 0\n# --8<-- [start:a]\ny = 1\n# --8<-- [end:a]\n",
}


def deck():
    return slides_of(CHAPTER, FILES.__getitem__)


def test_a_chapter_becomes_slides_in_the_order_of_its_page():
    assert [(slide.kind, slide.heading) for slide in deck()] == [
        ("title", "A <em>chapter</em>"),
        ("list", "After this you can"),
        ("figure", "A section"),
        ("question", "Predict first"),
        ("answer", 'How many "rows"?'),
        ("list", "What goes wrong in practice"),
        ("text", "Take-away"),
    ]


def test_the_map_at_the_top_is_on_no_slide_and_figures_are_drawn():
    drawn = "".join(slide.body for slide in deck())
    assert "map" not in drawn
    assert drawn.count("<svg") == 1


def test_the_answer_is_not_on_the_slide_of_its_question():
    question, answer = deck()[3:5]
    assert "Seven" not in question.body
    assert "Seven" in answer.body
    assert "3 + 4" in answer.body
    assert "Not eight" in answer.body
    assert "on no slide" not in answer.body
    assert "run --" not in answer.body


def test_mistakes_are_their_headlines_only():
    body = deck()[5].body
    assert "One mistake." in body
    assert "story" not in body


def test_links_of_a_page_would_lead_nowhere_on_a_slide_and_are_left_out():
    assert "<a" not in "".join(slide.heading + slide.body for slide in deck())
    assert inline("[much](other.md)") == "much"


def test_a_part_of_a_file_is_put_in_at_its_indentation():
    assert included('    --8<-- "work.py:a"', FILES.__getitem__) == "    y = 1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# Only a title\n", "no title or no promise"),
        (CHAPTER.replace('"figures/one.svg"', '"work.py:b"'), "work.py has no part 'b'"),
    ],
)
def test_a_chapter_that_cannot_be_cut_says_why(text, says):
    with pytest.raises(DeckError, match=says):
        slides_of(text, FILES.__getitem__)


def test_a_figure_that_comes_twice_has_ids_of_its_own_each_time():
    made = "\n".join(part_slides("Monitoring", ["monitoring/data-drift.md"] * 2))
    ids = re.findall(r'\bid="([^"]+)"', made)
    assert len(ids) == len(set(ids))
    for one in re.findall(r'aria-labelledby="([^"]+)"', made):
        assert set(one.split()) <= set(ids)


def test_the_quiz_is_shown_without_its_answers():
    questions = read_questions(QUIZ.read_text(encoding="utf-8"), QUIZ.name)
    made = "\n".join(quiz_slides(questions))
    assert made.count('class="slide quiz"') == len(questions) == 10
    for question in questions:
        assert not any(inline(option.why) in made for option in question.options)


def test_a_deck_asks_no_other_host_for_anything():
    page = PAGE.format(title="T", slides="")
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)

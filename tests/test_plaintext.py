from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.plaintext import capped, one_line, size, visible

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)


@given(ANY_TEXT)
def test_visible_text_has_no_control_character_but_line_feed_and_tab(text):
    for char in visible(text):
        assert char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"}


@given(ANY_TEXT)
def test_visible_text_can_be_encoded_and_stays_the_same_the_second_time(text):
    shown = visible(text)
    shown.encode()
    assert visible(shown) == shown


@given(ANY_TEXT, st.integers(min_value=1, max_value=200), st.booleans())
def test_capped_text_keeps_its_limit_in_bytes(text, limit, said):
    assert len(capped(text, limit, said=said).encode()) <= max(limit, len("…".encode()))


@given(st.text(alphabet="abc é\n", max_size=50))
def test_text_within_the_limit_is_not_touched(text):
    assert capped(text, 1_000) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("\x1b]8;;http://evil\x07", "␛]8;;http://evil␇"),
        ("score 0\rscore 100", "score 0␍score 100"),
        ("a\r\nb", "a\nb"),
        ("\x00\x08\x7f", "␀␈␡"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("\u202e001", "⟨U+202E⟩001"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("می\u200cخ", "می\u200cخ"),
        ("Zoë, Đặng, 李, 🙂", "Zoë, Đặng, 李, 🙂"),
    ],
)
def test_each_kind_of_hidden_character_has_a_visible_form(text, shown):
    assert visible(text) == shown


def test_stacked_marks_are_cut_before_they_climb_over_other_lines():
    assert visible("Z" + "\u0301" * 500) == "Z" + "\u0301" * 8 + "…"


def test_a_cut_is_said_with_the_size_of_the_whole():
    shown = capped("x" * 70_000, 1_000)
    assert shown.endswith("x\n… (cut: 70 kB in all)")


def test_a_cut_never_splits_a_character():
    assert capped("é" * 100, 50, said=False) == "é" * 23 + "…"


def test_names_stay_on_one_line_and_are_short():
    assert one_line("a\nb\tc") == "a␊b␉c"
    assert len(one_line("n" * 10_000).encode()) <= 200


@pytest.mark.parametrize(
    ("characters", "said"), [(812, "812 characters"), (12_345, "12 kB"), (3_400_000, "3.4 MB")]
)
def test_sizes_are_said_for_people(characters, said):
    assert size(characters) == said

"""Mistakes in TOML, each told with its place and its remedy."""

import pytest
from pydantic import Field

from grader.errors import ManifestError
from grader.tables import MAX_BYTES, Problem, Table, nearest, read_table, refuse, shown, spell


class Leaf(Table):
    colour: str = "red"
    size: int = Field(default=1, ge=1, le=9)


class Tree(Table):
    schema_: int = Field(alias="schema")
    tall: bool = False
    leaf: Leaf = Leaf()
    bough: tuple[Leaf, ...] = Field(default=(), strict=False)


def mistake(text):
    with pytest.raises(ManifestError) as caught:
        read_table(text, Tree, "tree.toml")
    return caught.value


def test_a_good_table_is_read_with_its_defaults():
    tree = read_table("schema = 3\nleaf.size = 2\n[[bough]]\n[[bough]]\nsize = 4\n", Tree, "t")
    assert tree.schema_ == 3
    assert tree.leaf == Leaf(colour="red", size=2)
    assert [bough.size for bough in tree.bough] == [1, 4]


def test_an_unknown_key_is_named_with_its_nearest_relative():
    error = mistake("schema = 1\nleaf.colur = 'red'\n")
    assert error.where == "tree.toml: leaf.colur"
    assert "unknown" in error.message
    assert "Did you mean 'colour'?" in error.advice
    assert "colour, size" in error.advice


def test_an_unknown_key_without_relatives_lists_what_is_known():
    error = mistake("schema = 1\nqqq = 1\n")
    assert "Did you mean" not in error.advice
    assert "schema, tall, leaf, bough" in error.advice


def test_a_key_of_a_list_of_tables_is_counted_from_one():
    error = mistake("schema = 1\n[[bough]]\n[[bough]]\nsize = 0\n")
    assert error.where == "tree.toml: bough[2].size"
    assert error.message == "this must be at least 1, not 0."


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("leaf.size = '2'", "this must be a whole number, not '2'."),
        ("leaf.size = 2.5", "this must be a whole number, not 2.5."),
        ("leaf.size = true", "this must be a whole number, not True."),
        ("leaf.size = 10", "this must be at most 9, not 10."),
        ("leaf.colour = 3", "this must be text in quotes, not 3."),
        ("tall = 1", "this must be true or false, not 1."),
        ("leaf = 3", "this must be a table, not 3."),
        ("bough = 'x'", "this must be a list in square brackets, not 'x'."),
        ("leaf.colour = 2026-01-01", "this must be text in quotes, not datetime.date(2026, 1, 1)."),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_was_wanted_and_found(line, reason):
    assert mistake(f"schema = 1\n{line}\n").message == reason


def test_a_missing_key_is_named():
    error = mistake("tall = true\n")
    assert error.where == "tree.toml: schema"
    assert "missing" in error.message


def test_text_that_is_no_toml_is_reported_with_its_line():
    error = mistake('schema = 1\ntall = "open\n')
    assert error.where == "tree.toml:2"
    assert "not TOML" in error.message


def test_an_error_at_the_end_of_the_document_has_a_line_too():
    assert mistake("schema = 1\nleaf = [1,\n").where == "tree.toml:3"


def test_a_key_that_is_written_twice_is_not_toml():
    assert mistake("schema = 1\nschema = 2\n").where == "tree.toml:2"


def test_bytes_that_are_not_utf8_are_reported_with_their_line():
    error = mistake(b"schema = 1\nleaf.colour = '\xff'\n")
    assert error.where == "tree.toml:2"
    assert "UTF-8" in error.message


def test_a_byte_order_mark_is_no_mistake():
    assert read_table("\ufeffschema = 1\n".encode(), Tree, "t").schema_ == 1


def test_a_huge_file_is_refused_before_it_is_parsed():
    assert "limit" in mistake(b"#" * (MAX_BYTES + 1)).message


def test_deep_nesting_is_one_clear_message():
    assert mistake("schema = 1\ntall = " + "[" * 50_000).where.startswith("tree.toml")


def test_several_mistakes_are_told_together():
    error = mistake("leaf.size = 0\nqqq = 1\n")
    assert error.where == "tree.toml"
    assert error.message.startswith("3 things are wrong.")
    assert "  schema: this key is missing" in error.message
    assert "  leaf.size: this must be at least 1" in error.message


def test_a_flood_of_mistakes_is_cut():
    with pytest.raises(ManifestError) as caught:
        refuse("f", [Problem(location=("k", n), message="wrong.") for n in range(20)])
    assert "and 12 more." in caught.value.message


def test_long_values_are_cut_in_messages():
    assert len(shown("x" * 1000)) == 60


def test_a_location_is_spelled_as_a_person_counts():
    assert spell(("check", 2, "needs", 0)) == "check[3].needs[1]"
    assert spell(()) == ""


def test_the_nearest_word_is_offered_only_when_it_is_near():
    assert nearest("complteness", ["completeness", "gate"]) == "Did you mean 'completeness'?"
    assert nearest("zzz", ["completeness"]) == ""

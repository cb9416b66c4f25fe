"""Reading notebooks: code comes out, everything else is ignored, and what is none is refused."""

from __future__ import annotations

import json
import os
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.wire.notebooks import MOST_BYTES, MOST_CELLS, NotebookError, read_notebook
from tests.notebooks import code, notebook_of, text

MIB = 1024 * 1024
FUZZ = 10_000 if os.environ.get("GRADER_FUZZ") == "full" else 500


def read(content):
    return read_notebook(content, "quality.ipynb")


def refusal(content):
    with pytest.raises(NotebookError) as caught:
        read(content)
    said = str(caught.value)
    assert said.startswith("quality.ipynb cannot be read as a notebook: ")
    assert said.endswith(".")
    return said.removeprefix("quality.ipynb cannot be read as a notebook: ")


class TestWhatIsRead:
    def test_code_cells_are_numbered_among_themselves(self):
        notebook = read(notebook_of(text("# Title", "t"), "a = 1\nb = 2", text("more", "m"), "c"))
        told = [(cell.number, cell.id, cell.source) for cell in notebook.cells]
        assert told == [(1, "cell-2", "a = 1\nb = 2"), (2, "cell-4", "c")]
        assert notebook.ids == ("t", "cell-2", "m", "cell-4")

    def test_a_source_may_be_one_text(self):
        assert read(notebook_of(code("", source="x = 1\n"))).cells[0].source == "x = 1\n"

    def test_outputs_counts_attachments_and_metadata_are_not_looked_at(self):
        odd = code("x = 1", "a", outputs="none", execution_count={"no": "number"}, metadata=[1])
        odd["attachments"] = 7
        (cell,) = read(notebook_of(odd, metadata="odd", nbformat_minor=99)).cells
        assert cell.source == "x = 1"

    def test_cells_of_older_files_have_no_ids(self):
        cell = code("x = 1")
        del cell["id"]
        notebook = read(notebook_of(cell, {**cell}, nbformat_minor=2))
        assert [cell.name for cell in notebook.cells] == ["cell 1", "cell 2"]

    def test_a_byte_order_mark_and_other_letters_are_no_reason_to_refuse(self):
        assert read("\ufeff".encode() + notebook_of("é = 'ü'")).cells[0].source == "é = 'ü'"

    def test_a_notebook_without_cells_is_one(self):
        assert read(notebook_of()).cells == ()

    @pytest.mark.parametrize(
        ("mark", "name"),
        [("limits", "cell 1 (limits)"), ("0f1e2d3c", "cell 1"), ("", "cell 1")],
    )
    def test_ids_that_a_program_made_up_are_not_told(self, mark, name):
        cell = code("x") | {"id": mark or None}
        assert read(notebook_of(cell)).cells[0].name == name

    def test_the_first_line_is_cut_to_what_fits(self):
        cells = read(notebook_of("\n\n  # limits  \nx = 1", "x" * 200, " \n")).cells
        assert [len(cell.first_line) for cell in cells] == [8, 60, 0]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "it is broken JSON (line 1, column 1"),
            (b"{", "it is broken JSON (line 1, column 2"),
            (b"[]", "it is JSON, but not that of a notebook"),
            (b"null", "it is JSON, but not that of a notebook"),
            (b"\xff\xfe\x00", "byte 0 is not UTF-8 text"),
            (notebook_of("x")[:-20], "it is broken JSON"),
            (b"[" * 100_000, "it holds a number or a nesting that is too large"),
            (b'{"nbformat": 4' + b"0" * 5_000 + b"}", "it holds a number or a nesting"),
            (b'{"nbformat": 4, "cells": {}}', "it has no list of cells"),
            (b'{"nbformat": 4}', "it has no list of cells"),
            (b"{}", "its format is missing, and only format 4 can be run"),
            (notebook_of("x", nbformat=3), "its format is 3, and only format 4 can be run"),
            (notebook_of("x", nbformat=5), "its format is 5, and only format 4 can be run"),
            (notebook_of("x", nbformat=4.0), "its format is 4.0"),
            (notebook_of("x", nbformat=True), "its format is True"),
            (notebook_of("x", nbformat="4" * 500), "its format is '4444"),
            (notebook_of("x", cells=["x"]), "number 1 of its cells is none"),
            (notebook_of("x", cells=[{"source": ""}]), "number 1 of its cells is none"),
            (notebook_of(code("x", "a b")), "the id of cell 1 (of all cells) is not valid"),
            (notebook_of(code("x", "a") | {"id": 7}), "the id of cell 1 (of all cells)"),
            (
                notebook_of(code("x", "twin"), text("y", "other"), code("z", "twin")),
                "cells 1 and 3 (of all cells) have the same id, 'twin'",
            ),
            (notebook_of(code("", source=7)), "the source of cell 1 (of all cells) is no text"),
            (notebook_of(code("", source=["a", 7])), "the source of cell 1 (of all cells)"),
            (
                notebook_of("x", cells=[code("x")] * (MOST_CELLS + 1)),
                "2,001 cells; 2,000 are the limit",
            ),
        ],
    )
    def test_one_message_says_what_is_wrong_and_what_to_do(self, content, said):
        told = refusal(content)
        assert told.startswith(said) or said in told
        assert len(told) < 300

    def test_a_file_of_a_hundred_megabytes_is_not_read(self):
        assert refusal(bytes(100 * MIB)).startswith("it has 100 MB; 16 are the limit")

    def test_a_bomb_of_small_parts_is_not_read(self):
        bomb = b'{"nbformat": 4, "cells": [' + b"[]," * 600_000 + b"[]]}"
        assert len(bomb) < MOST_BYTES
        assert refusal(bomb).startswith("it has too many parts")

    @pytest.mark.parametrize(
        "content",
        [
            b'{"nbformat": 4, "metadata": [' + b"[]," * 249_000 + b"[]], " + b'"cells": []}',
            b'{"nbformat": 4, "metadata": [' + b"0.5," * 499_000 + b"0.5], " + b'"cells": []}',
            notebook_of(code("x", outputs=["\u00e9" * 2 * MIB])),
        ],
        ids=["lists", "numbers", "text"],
    )
    def test_what_is_read_has_little_room_to_grow(self, content):
        tracemalloc.start()
        try:
            assert len(read(content).cells) <= 1
            assert tracemalloc.get_traced_memory()[1] < 96 * MIB
        finally:
            tracemalloc.stop()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
CELL = JSON | st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", 7])},
    optional={
        "id": JSON | st.sampled_from(["a", "b", "a-b", "é"]),
        "source": JSON | st.lists(st.text(max_size=20), max_size=4),
        "outputs": JSON,
        "metadata": JSON,
    },
)
DOCUMENT = JSON | st.fixed_dictionaries(
    {"nbformat": st.sampled_from([4, 4, 4, 3, None]), "cells": JSON | st.lists(CELL, max_size=6)},
    optional={"metadata": JSON, "nbformat_minor": JSON},
)
SOUND = notebook_of("x = 1", text("# Title"), code("y = [1, 2]", "why"))


def flipped(places):
    content = bytearray(SOUND)
    for place, byte in places:
        content[place % len(content)] = byte
    return bytes(content)


BYTES = st.one_of(
    DOCUMENT.map(lambda value: json.dumps(value).encode()),
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=6).map(flipped),
    st.integers(0, len(SOUND)).map(lambda end: SOUND[:end]),
    st.binary(max_size=200),
)


@settings(max_examples=FUZZ, deadline=None, suppress_health_check=list(HealthCheck))
@given(BYTES)
def test_whatever_comes_is_read_or_refused_by_name(content):
    """Catalogue, G7: reading a notebook raises the declared error and no other."""
    try:
        notebook = read(content)
    except NotebookError:
        assert refusal(content)
        return
    assert all(type(cell.source) is str for cell in notebook.cells)
    assert [cell.number for cell in notebook.cells] == list(range(1, len(notebook.cells) + 1))
    assert len(set(notebook.ids)) == len(notebook.ids)

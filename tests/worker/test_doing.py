"""A number beside the folder says which cell was being run; nothing but a number gets through."""

from __future__ import annotations

import os

import pytest

from grader.worker import doing


@pytest.fixture
def folder(tmp_path):
    doing.watch(tmp_path / "run1")
    yield tmp_path / "run1"
    doing._places.clear()


def test_the_last_cell_is_told(folder):
    assert doing.last_in(folder) == 0
    doing.now_in(3)
    doing.now_in(4)
    assert doing.last_in(folder) == 4
    doing.now_in(0)
    assert doing.last_in(folder) == 0


def test_it_is_forgotten_with_the_folder(folder):
    doing.now_in(3)
    doing.forget(folder)
    doing.forget(folder)
    assert (doing.last_in(folder), list(folder.parent.iterdir())) == (0, [])


@pytest.mark.parametrize("text", ["", "-1", "1e3", "secret", "12345", "7 secret", "٣", "0x1"])
def test_a_text_is_no_number(folder, text):
    folder.with_name("run1.cell").write_text(text, encoding="utf-8")
    assert doing.last_in(folder) == 0


def test_a_link_a_pipe_and_a_folder_are_not_read(folder, tmp_path):
    (tmp_path / "seven").write_text("7")
    place = folder.with_name("run1.cell")
    place.symlink_to(tmp_path / "seven")
    assert doing.last_in(folder) == 0
    place.unlink()
    os.mkfifo(place)
    assert doing.last_in(folder) == 0
    place.unlink()
    place.mkdir()
    assert doing.last_in(folder) == 0


def test_a_place_that_cannot_be_written_stops_nothing(folder):
    folder.with_name("run1.cell").mkdir()
    doing.now_in(3)
    assert doing.last_in(folder) == 0

"""Paths that the student's code returned can be compared and taken apart, and not be opened."""

from pathlib import PurePosixPath

import pandas as pd
import pytest

from grader.checker.faults import Refusal

SOURCE = "from pathlib import Path\ndef where(): return Path('out') / 'report.csv'\n"


def test_it_is_a_path_to_compare(meet):
    path = meet(SOURCE).where()
    assert path == PurePosixPath("out/report.csv")
    assert (path.name, path.suffix, str(path.parent)) == ("report.csv", ".csv", "out")


@pytest.mark.parametrize("use", [open, pd.read_csv, lambda path: path.__fspath__()])
def test_it_is_not_a_path_to_open(meet, use):
    path = meet(SOURCE).where()
    with pytest.raises(Refusal, match=r"student\.read"):
        use(path)

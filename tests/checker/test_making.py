"""A lab's generator inside the checker: what it makes, where that lies, and what faults say."""

import sys

import pytest

from grader.checker.making import make
from grader.checker.run import lay_data, lay_out


class Heard:
    """A line that remembers."""

    def __init__(self):
        self.files, self.events, self.ends = [], [], []

    def made(self, files):
        self.files.append(files)

    def event(self, header):
        self.events.append(header)

    def end(self, header):
        self.ends.append(header)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that asks a generator with this source for the data of some seeds."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    (tmp_path / "hidden").mkdir()

    def run(source, seeds=(1, 2), module="maker_of_the_test"):
        (tmp_path / "hidden" / "maker_of_the_test.py").write_text(source)
        line = Heard()
        make({"module": module, "lab": "30-own", "seeds": list(seeds)}, tmp_path, line)
        return line

    yield run
    sys.modules.pop("maker_of_the_test", None)


def test_each_seed_gets_its_files_in_order_as_bytes(run):
    line = run('def extract(lab, seed): return {"a.csv": f"{lab} {seed} é", "b/c.bin": b"\\xff"}')
    assert line.files == [
        {"a.csv": f"30-own {seed} é".encode(), "b/c.bin": b"\xff"} for seed in (1, 2)
    ]
    assert (line.events, line.ends) == ([], [{"phases": {}}])


@pytest.mark.parametrize(
    ("source", "module", "said"),
    [
        ("def extract(lab, seed): return {}[seed]", "maker_of_the_test", "KeyError: 1"),
        ("def extract(lab, seed): return {'a': 5.5}", "maker_of_the_test", "TypeError"),
        ("x = 1", "maker_of_the_test", "has no attribute 'extract'"),
        ("x = 1", "no_such_maker", "No module named 'no_such_maker'"),
    ],
)
def test_a_generator_that_fails_is_told_with_its_reason(run, source, module, said):
    line = run(source, module=module)
    assert line.files == []
    (event,) = line.events
    assert event["event"] == "broken"
    assert said in event["reason"]
    assert line.ends == [{"phases": {}}]


def test_one_students_data_replace_anothers_and_nothing_else_is_written_again(tmp_path):
    root = tmp_path / "layout"

    def run_of(variant, text, tests=b"tests"):
        files = {"data/deep/n.csv": text, "hidden/test_hidden.py": tests}
        lay_out(files, root)
        lay_data(files, root, variant)
        return (root / "data/deep/n.csv").read_bytes()

    assert run_of(None, b"everybody's") == b"everybody's"
    assert run_of(1, b"of 1", tests=b"never written") == b"of 1"
    assert run_of(2, b"of 2") == b"of 2"
    assert run_of(2, b"is not looked at: 2 lies there") == b"of 2"
    assert run_of(None, b"everybody's") == b"everybody's"
    assert (root / "hidden/test_hidden.py").read_bytes() == b"tests"


def test_the_first_run_may_be_a_students(tmp_path):
    files = {"data/n.csv": b"of 5"}
    lay_out(files, tmp_path / "layout")
    lay_data(files, tmp_path / "layout", 5)
    files = {"data/n.csv": b"everybody's"}
    lay_data(files, tmp_path / "layout", None)
    assert (tmp_path / "layout" / "data/n.csv").read_bytes() == b"everybody's"

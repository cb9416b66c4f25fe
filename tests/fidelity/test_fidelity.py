"""The same test file gives the same verdicts remotely as in process: the table of constructs.

Each suite's tests are named for the construct that they use. A suite runs once as it is (everything
passes both ways) and once for each small change to the student's code (the same tests fail both
ways), so that a test which passes remotely for the wrong reason is noticed.
"""

from __future__ import annotations

import pathlib

import pytest

from grader.sandbox.pool import Pool
from grader.sandbox.process import ProcessSandbox
from tests.fidelity.both_ways import Suite, in_process, remotely

SUITES = {
    folder.name: Suite.read(folder)
    for folder in sorted((pathlib.Path(__file__).parent / "suites").iterdir())
    if folder.is_dir() and not folder.name.startswith("__")
}
CONSTRUCTS = [(name, node) for name, suite in SUITES.items() for node in suite.nodes]
CHANGES = [
    ("objects", '"""Add two numbers."""\n    return a + b', '"""Add."""\n    return a + b'),
    ("objects", "return a + b\nclass Animal", "return a - b\nclass Animal"),
    ("objects", "counter += 1", "counter += 2"),
    ("objects", "Animal.count += 1", "type(self).count += 1"),
    ("objects", "and o.name == self.name", "and False"),
    (
        "objects",
        "def __hash__(self): return hash(self.name)",
        "def __hash__(self): return id(self)",
    ),
    ("objects", 'super().__init__(f"need {need}, have {have}")', "super().__init__('no')"),
    ("objects", "class Sub(BankError, ValueError): pass", "class Sub(BankError): pass"),
    ("objects", 'raise RuntimeError("chained") from e', 'raise RuntimeError("chained") from None'),
    ("objects", "def favorite(): return Color.RED", "def favorite(): return Color.GREEN"),
    ("objects", "for i in range(n): yield i\ndef echo", "return list(range(n))\ndef echo"),
    ("objects", "except ValueError as e: got", "except KeyError as e: got"),
    ("objects", 'finally: log.append("out")', "finally: pass"),
    ("objects", "return t is KeyError", "return False"),
    ("objects", "return t is KeyError", "return True"),
    ("objects", "await asyncio.sleep(0)\n    return a + b", "return a - b"),
    ("objects", "y: int = 0\n    tags", "z: int = 0\n    tags"),
    ("objects", "def __len__(self): return len(self._items)", "def __len__(self): return 1"),
    (
        "objects",
        "def __contains__(self, x): return x in self._items",
        "def __contains__(self, x): return True",
    ),
    ("objects", "def __bool__(self): return bool(self._items)", "def __bool__(self): return True"),
    ("objects", "__rmul__ = __mul__", "pass"),
    ("objects", "if self.n <= 0: raise StopIteration", "if self.n <= -1: raise StopIteration"),
    ("objects", "def same(f, g): return f is g", "def same(f, g): return f == g or True"),
    (
        "objects",
        "def mutate(xs): xs.append(99); xs.sort()",
        "def mutate(xs): xs = sorted([*xs, 99])",
    ),
    ("objects", 'd["k"]["list"].append(1)', 'd["k"]["list"] = [1, 1]'),
    ("objects", "@functools.wraps(f)", ""),
    ("objects", "DeprecationWarning", "UserWarning"),
    ("objects", 'print("hello", x)', 'print("hallo", x)'),
    ("objects", 'int(input("n? ")) * 2', 'int(input("? ")) * 2'),
    ("objects", "self.fs.remove(f)", "pass"),
    ("objects", "@abc.abstractmethod", ""),
    ("objects", "acc.append(x); return acc", "return [x]"),
    ("science", "def inplace(x): x += 1", "def inplace(x): x = x + 1"),
    ("science", "out = df.dropna().copy()", "out = df; df.dropna(inplace=True)"),
    ("science", 'df["new"] = 1', "pass"),
    (
        "science",
        "return LinearRegression().fit(X, y)",
        "return LinearRegression(fit_intercept=False).fit(X, y)",
    ),
    ("science", "self.mean_ + self.shift", "self.mean_"),
    ("science", "raise NotFittedError", "raise KeyError"),
    ("science", 'write_text("written")', 'write_text("wrote")'),
    ("science", '"Asia/Jakarta"', '"UTC"'),
    ("science", "return sub.util.PI * r * r", "return sub.util.PI * r"),
]


@pytest.fixture(scope="module")
def pool():
    with ProcessSandbox() as sandbox, Pool(sandbox, slots=1, warm=1) as boxes:
        yield boxes


@pytest.fixture(scope="module")
def verdicts(pool, tmp_path_factory):
    return {
        name: (in_process(suite, tmp_path_factory.mktemp(name) / "here"), remotely(suite, pool))
        for name, suite in SUITES.items()
    }


@pytest.mark.parametrize(("name", "node"), CONSTRUCTS)
def test_a_construct_passes_both_ways(verdicts, name, node):
    here, there = verdicts[name]
    assert here[node], "the suite itself is wrong: it fails in process"
    passed, said = there[node]
    assert passed, said


@pytest.mark.slow
@pytest.mark.parametrize(("name", "old", "new"), CHANGES)
def test_a_changed_student_fails_the_same_tests_both_ways(pool, tmp_path, name, old, new):
    suite = SUITES[name].changed(old, new)
    here = in_process(suite, tmp_path / "here")
    there = remotely(suite, pool)
    told = {node: said for node, (passed, said) in there.items() if passed != here[node]}
    assert not told, "\n".join(
        f"{node}: in process {here[node]}, remotely {said}" for node, said in told.items()
    )
    assert not all(here.values()), "the change is not noticed by any test"

"""Group M, rows 154 to 167: honest work that must keep full marks, whatever it does beside."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from grader.door import read_bundle
from grader.lab import Lab
from tests.misbehaviour.catalogue.lab import CORPUS, HONEST, USUAL, WHOLE, hidden
from tests.misbehaviour.catalogue.rows import Case, Row, row

LEARNING = replace(WHOLE, preload=(*WHOLE.preload, "sklearn"))
"""As labs do that use it: a first import takes seconds, and many on a busy machine."""
TOTAL = "def total(numbers):\n    return sum(numbers)\n"
POOL = """
import multiprocessing, threading
from concurrent.futures import ThreadPoolExecutor
def total(numbers):
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool: one = sum(pool.map(int, numbers))
    with ThreadPoolExecutor(4) as pool: two = sum(pool.map(int, numbers))
    assert one == two
    return one
"""
JOBLIB = """
from joblib import Parallel, delayed
def total(numbers):
    return sum(Parallel(n_jobs=-1)(delayed(int)(n) for n in numbers))
"""
LOUD = """
import sys, warnings
def total(numbers):
    for step in range(10_000): print("\\rprogress %d %s \\x1b[32mgreen\\x1b[0m" % (step, "#" * 80))
    warnings.warn("a warning")
    sys.stderr.write("x" * 100_000)
    return sum(numbers)
"""
VALUES = {
    "a number of numpy": ("import numpy as np\ndef f(): return np.float64(5)\n", "assert f() == 5"),
    "Decimal": ("from decimal import Decimal\ndef f(): return Decimal('5.0')\n", "assert f() == 5"),
    "Path": ("from pathlib import Path\ndef f(): return Path('a/b')\n", "assert str(f()) == 'a/b'"),
    "Timestamp": (
        "import pandas as pd\ndef f(): return pd.Timestamp('2024-01-01', tz='UTC')\n",
        "assert f().year == 2024",
    ),
    "NA": (
        "import pandas as pd\ndef f(): return pd.NA\n",
        "import pandas as pd; assert f() is pd.NA",
    ),
    "categories": (
        "import pandas as pd\ndef f(): return pd.Series(['a', 'b'], dtype='category')\n",
        "assert f().tolist() == ['a', 'b']",
    ),
    "two levels": (
        "import pandas as pd\ndef f(): return pd.Series([1, 2], index=pd.MultiIndex.from_tuples([('a', 1), ('b', 2)]))\n",
        "assert f()['b', 2] == 2",
    ),
    "a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int = 5\ndef f(): return P()\n",
        "assert f().x == 5",
    ),
    "a named tuple": (
        "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(): return P(5, 6)\n",
        "assert f().x == 5 and f() == (5, 6)",
    ),
    "a generator": ("def f(): return (n for n in range(3))\n", "assert list(f()) == [0, 1, 2]"),
    "a sparse column": (
        "import pandas as pd\ndef f(): return pd.Series(pd.arrays.SparseArray([0, 0, 5]))\n",
        "assert f().tolist() == [0, 0, 5]",
    ),
}
FRAME = """
import pandas as pd
class Geo(pd.DataFrame):
    @property
    def _constructor(self): return Geo
def f(): return Geo({"a": [1, 2]})
"""
PIPELINE = """
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
import numpy as np
class Nearest(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.array([0, 1])
        self.centres_ = [X[y == c].mean(axis=0) for c in (0, 1)]
        return self
    def predict(self, X):
        far = [np.linalg.norm(X - c, axis=1) for c in self.centres_]
        return (far[1] < far[0]).astype(int)
def train(points, labels):
    return make_pipeline(StandardScaler(), Nearest()).fit(points, labels)
"""
PACKAGE = {
    "answer.py": "import time\ntime.sleep(1)\nfrom parts import rule\nfrom parts.deep import DATA\nif __name__ == '__main__':\n    raise SystemExit('never')\n"
    + HONEST.replace("return sum(numbers)", "assert DATA == 'hello'; return rule(numbers)"),
    "parts/__init__.py": "from .rules import rule\n",
    "parts/rules.py": "def rule(numbers): return sum(numbers)\n",
    "parts/deep.py": "from pathlib import Path\nDATA = (Path(__file__).parent / 'hello.txt').read_text()\n",
    "parts/hello.txt": "hello",
}
TEMPORARY = """
import os, tempfile
from pathlib import Path
def total(numbers):
    Path("mine.txt").write_text("x")
    (Path.home() / ".mine").write_text("x")
    with tempfile.NamedTemporaryFile("w+") as file, tempfile.TemporaryDirectory() as folder:
        file.write("x"); (Path(folder) / "a").write_text("b")
    return sum(numbers)
"""
RAISES = "class Bad(ValueError): pass\ndef f():\n    try: {}['x']\n    except KeyError as error: raise Bad('no such column') from error\n"
SEEDED = "import random\nimport numpy as np\nrandom.seed(7); np.random.seed(7)\n"
SHUFFLES = (
    SEEDED + "def f(): return [random.random(), float(np.random.rand()), list({'a', 'b', 'c'})]\n"
)
OWN_SIGNALS = """
import atexit, signal, sys
atexit.register(lambda: None)
signal.signal(signal.SIGUSR1, lambda *a: None)
def main():
    sys.exit(0)
if __name__ == "__main__":
    main()
def total(numbers):
    try: raise KeyboardInterrupt
    except BaseException: pass
    return sum(numbers)
"""
HUNGRY = "import tempfile\ndef f():\n    with tempfile.TemporaryFile() as file:\n        file.write(bytes(20 << 20)); file.flush()\n        hoard = bytearray(90 << 20)\n        return len(hoard) >> 20\n"


def windows_zip() -> dict[str, str | bytes]:
    """Return what the door makes of a zip from Windows and macOS, with junk and accents."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in {
            "Käthe\\answer.py": HONEST, "Käthe\\notes_é.md": "ä", "__MACOSX\\._answer.py": "x",
            "Käthe\\.DS_Store": "x", "Käthe\\__pycache__\\answer.cpython-311.pyc": "x",
        }.items():  # fmt: skip
            archive.writestr(zipfile.ZipInfo(name), text)
    return dict(read_bundle(buffer.getvalue(), submit=CORPUS.submit, name="Käthe.zip").as_dict())


def with_total(text: str) -> str:
    """Return the honest module with another `total`."""
    return HONEST.replace(TOTAL, "") + text


def asked(body: str) -> Lab:
    """Return a lab of one hidden check, with the usual time."""
    return hidden(body, limits=USUAL)


ROWS: tuple[Row, ...] = (
    row(
        154,
        "several processes and threads",
        Case(
            name="a pool of processes, a pool of threads",
            files={"answer.py": with_total(POOL)},
            points=100,
            lab=WHOLE,
        ),
        Case(
            name="joblib with all cores",
            files={"answer.py": with_total(JOBLIB)},
            points=100,
            lab=WHOLE,
        ),
    ),
    row(
        155,
        "prints a megabyte of progress",
        Case(
            name="colour, carriage returns, warnings",
            files={"answer.py": with_total(LOUD)},
            points=100,
            lab=WHOLE,
        ),
    ),
    row(
        156,
        "returns values of all kinds",
        *(
            Case(name=name, files={"answer.py": text}, lab=asked(body), points=25)
            for name, (text, body) in VALUES.items()
        ),
    ),
    row(
        157,
        "subclasses of tables, estimators of its own",
        Case(
            name="a table of a subclass",
            files={"answer.py": FRAME},
            lab=asked(
                "import pandas as pd; pd.testing.assert_frame_equal(f(), pd.DataFrame({'a': [1, 2]}))"
            ),
            points=25,
        ),
        Case(
            name="a pipeline of scikit-learn",
            files={"answer.py": HONEST.split("class Model")[0] + PIPELINE},
            points=100,
            lab=LEARNING,
        ),
    ),
    row(
        158,
        "work while it is imported, packages, data beside it",
        Case(name="a package with data", files=PACKAGE, points=100, lab=WHOLE),
    ),
    row(
        159,
        "temporary files",
        Case(
            name="in its folder, at home, in the system's folder",
            files={"answer.py": with_total(TEMPORARY)},
            points=100,
            lab=WHOLE,
        ),
    ),
    row(
        160,
        "raises what it is asked to raise",
        Case(
            name="a subclass, with a cause",
            files={"answer.py": RAISES},
            lab=asked("with pytest.raises(ValueError, match='no such column'): f()"),
            points=25,
        ),
    ),
    row(
        161,
        "names with accents, a zip of Windows, junk of macOS",
        Case(name="a zip with backslashes", files=windows_zip(), points=100, lab=WHOLE),
        by=(
            "tests/test_door.py::test_a_zip_with_backslashes_as_separators_is_understood",
            "tests/test_door.py::test_junk_is_left_out_and_listed",
            "tests/test_door.py::test_accents_and_emoji_in_names_are_let_in_and_stored_in_one_unicode_form",
        ),
    ),
    row(
        162,
        "chance with a seed of its own",
        Case(
            name="the same in each process",
            files={"answer.py": SHUFFLES, "again.py": SHUFFLES},
            lab=asked(
                "import sys; a = f(); b = student.run(['python', '-c', 'import again, json; print(json.dumps(again.f()))']); import json; assert json.loads(b.stdout) == a"
            ),
            points=25,
        ),
    ),
    row(
        163,
        "takes 60 % of its time while all slots are busy",
        Case(
            name="waits for six of ten seconds",
            files={"answer.py": "import time\ndef f():\n    time.sleep(6)\n    return 5\n"},
            lab=asked("assert f() == 5"),
            points=25,
        ),
    ),
    row(
        164,
        "takes much of its memory, files included",
        Case(
            name="20 MB of files, 90 MB beside the libraries",
            files={"answer.py": HUNGRY},
            lab=asked("assert f() == 90"),
            points=25,
        ),
    ),
    row(
        165,
        "tests and settings of its own",
        Case(
            name="tests/, conftest.py, pyproject.toml, .github",
            files={
                "answer.py": HONEST,
                "tests/test_mine.py": "def test_x(): assert True\n",
                "conftest.py": "import pytest\n",
                "pyproject.toml": "[project]\nname = 'x'\n",
                "setup.cfg": "[tool:pytest]\n",
                ".github/workflows/ci.yml": "on: push\n",
            },
            points=100,
            lab=WHOLE,
        ),
    ),
    row(
        166,
        "hands in twice",
        Case(
            name="the same files again", files={"answer.py": HONEST}, points=100, lab=WHOLE, times=2
        ),
        by=("tests/test_batch.py::test_the_same_files_sent_twice_are_graded_once_with_a_message",),
    ),
    row(
        167,
        "catches BaseException, uses signals, exits in main",
        Case(name="all of it", files={"answer.py": with_total(OWN_SIGNALS)}, points=100, lab=WHOLE),
    ),
)
"""Rows 154 to 167."""

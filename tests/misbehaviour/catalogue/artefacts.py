"""Groups F (rows 84, 86, 89) and H, rows 101 to 108: sources and files that are traps."""

from __future__ import annotations

import pickle  # noqa: TID251 - traps are written here, and opened in a worker alone
import sqlite3
import tempfile
from pathlib import Path
from random import Random

from tests.misbehaviour.catalogue.lab import HONEST, WRONG, hidden, public
from tests.misbehaviour.catalogue.rows import Case, Row, row

OURS = "a plain process writes what this user may write"
MARK = "/tmp/canary-of-a-pickle"


class Trap:
    """Touches a file wherever it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, (f"open({MARK!r}, 'w').write('x') and 5",)


class Hoard:
    """Takes memory wherever it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return eval, ("[bytearray(16 << 20) for _ in range(4096)]",)


class Loop:
    """Never ends where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("while True: pass",)


TRAP = pickle.dumps(Trap())
LOADERS = {
    "pickle": (
        "import pickle\ndef f(): return pickle.load(open('model.pkl', 'rb'))\n",
        {"model.pkl": TRAP},
    ),
    "numpy with objects": (
        "import numpy as np\ndef f(): return np.load('a.npy', allow_pickle=True).item()\n",
        {"a.npy": b""},
    ),
    "joblib": (
        "import joblib\ndef f(): return joblib.load('model.joblib')\n",
        {"model.joblib": TRAP},
    ),
    "pandas": (
        "import pandas as pd\ndef f(): return pd.read_pickle('frame.pkl')\n",
        {"frame.pkl": TRAP},
    ),
    "shelve": (
        "import pickle\nclass U(pickle.Unpickler): pass\ndef f(): return U(open('model.pkl', 'rb')).load()\n",
        {"model.pkl": TRAP},
    ),
}


def npy_trap() -> bytes:
    """Return an array file of one object that is the trap."""
    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (), }"
    head += b" " * (117 - len(head)) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head + TRAP


LOADERS["numpy with objects"][1]["a.npy"] = npy_trap()


def broken_databases(count: int) -> dict[str, bytes]:
    """Return `count` SQLite files with flipped bits: the seed is fixed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with sqlite3.connect(path) as base:
            base.execute("create table t (a integer, b text)")
            base.executemany("insert into t values (?, ?)", [(n, "x" * 50) for n in range(200)])
        base.close()
        whole = path.read_bytes()
    chance, made = Random(106), {}
    for number in range(count):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 4, 40))):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        made[f"v{number}.db"] = bytes(data[: chance.choice((len(data), len(data) // 2))])
    return made


READS_ALL = """
import sqlite3, glob
def f():
    seen = 0
    for path in sorted(glob.glob("v*.db")):
        try: seen += len(sqlite3.connect(path).execute("select * from t").fetchall())
        except sqlite3.Error: pass
    return -1
"""
CRASHES = {
    "a wrong address": "import ctypes; ctypes.string_at(0)",
    "an abort": "import os; os.abort()",
    "an illegal instruction": "import os, signal; os.kill(os.getpid(), signal.SIGILL)",
    "the stack of C": "import sys; sys.setrecursionlimit(10**9); x = []\n    for _ in range(10**6): x = [x]\n    return repr(x)",
}
FIRST_GUESS = "class M:\n    asked = 0\n    def predict(self, xs):\n        M.asked += 1\n        return [M.asked] * len(xs)\ndef f(): return M()\n"
SOURCES: dict[str, tuple[bytes, str]] = {
    "a syntax error": (b"def total(numbers)\n    return 1\n", "line 1"),
    "tabs and spaces": (b"def total(numbers):\n\tif numbers:\n        return 1\n", "line 3"),
    "a late __future__": (b"x = 1\nfrom __future__ import annotations\n", "line 2"),
    "ten thousand brackets": (b"x = " + b"(" * 10_000 + b")" * 10_000 + b"\n", "import"),
    "one expression of 3 MB": (b"x = " + b"1+" * 1_500_000 + b"1\n", ""),
    "NUL in the source": (b"def total(numbers):\n    return 1\n\0\n", "import"),
    "bytes that are no text": (b"NAME = '\xff\xfe'\ndef total(numbers): return 1\n", "import"),
    "an unknown encoding": (b"# -*- coding: no-such-thing -*-\nx = 1\n", "import"),
}
PARSES = {
    "JSON with an endless integer": "import json; return json.loads('1' * 5_000)",
    "JSON nested 100000 deep": "import json; return json.loads('[' * 100_000)",
    "TOML nested deep": "import tomllib; return tomllib.loads('a = ' + '[' * 50_000)",
    "CSV of a million columns": "import io, pandas as pd; return pd.read_csv(io.StringIO(','.join(map(str, range(300_000))) + '\\n')).shape[0] - 1",
    "CSV with NUL": "import io, pandas as pd; return pd.read_csv(io.StringIO('a\\0b\\n1\\n')).shape[0] - 2",
}

TRAPS: tuple[Row, ...] = (
    row(
        101,
        "a pickle that runs code where it is opened",
        Case(
            name="__reduce__",
            files={"answer.py": LOADERS["pickle"][0], **LOADERS["pickle"][1]},
            lab=hidden("assert student.read('model.pkl'); assert f() == 'opened'"),
            gap=OURS,
        ),
    ),
    row(
        102,
        "other formats that hold pickles",
        *(
            Case(
                name=name,
                files={"answer.py": source, **files},
                lab=hidden("assert f() == 'opened'"),
                gap=OURS,
            )
            for name, (source, files) in LOADERS.items()
            if name != "pickle"
        ),
    ),
    row(
        103,
        "a pickle that takes memory, loops, or imports a network",
        Case(
            name="100 GB",
            files={"answer.py": LOADERS["pickle"][0], "model.pkl": pickle.dumps(Hoard())},
            lab=hidden("assert f() == 5"),
        ),
        Case(
            name="a loop",
            files={"answer.py": LOADERS["pickle"][0], "model.pkl": pickle.dumps(Loop())},
            lab=hidden("assert f() == 5"),
            status={"hole": "timed_out"},
        ),
        Case(
            name="a network",
            files={
                "answer.py": "import pickle\ndef f(): return pickle.loads(b\"csocket\\ncreate_connection\\n((S'192.0.2.1'\\nI80\\ntI1\\ntR.\")\n"
            },
            lab=hidden("assert f() == 5"),
        ),
    ),
    row(
        104,
        "an artefact that is a link, a pipe, a folder, empty or huge",
        Case(
            name="a link to the hidden tests",
            files={
                "answer.py": "import os\ndef f():\n    os.symlink('test_hidden.py', 'model.bin')\n    return 1\n"
            },
            lab=hidden("f(); assert b'TOKEN' in student.read('model.bin')"),
            gap=OURS,
        ),
        Case(
            name="the worker puts a pipe there",
            files={"answer.py": "import os\ndef f():\n    os.mkfifo('model.bin')\n    return 1\n"},
            lab=hidden("f(); assert student.read('model.bin')"),
        ),
        Case(
            name="a folder",
            files={"answer.py": "def f(): return 1\n", "model.bin/x": "y"},
            lab=hidden("f(); assert student.read('model.bin')"),
        ),
        Case(
            name="empty",
            files={"answer.py": "def f(): return 1\n", "model.bin": ""},
            lab=hidden("f(); assert student.read('model.bin')"),
        ),
        Case(
            name="larger than may be read",
            files={
                "answer.py": "def f():\n    with open('model.bin', 'wb') as file: file.truncate(30 << 20)\n    return 1\n"
            },
            lab=hidden("f(); assert len(student.read('model.bin')) == 30 << 20"),
        ),
        by=(
            "tests/test_door.py::test_a_link_to_a_file_is_refused",
            "tests/test_door.py::test_a_pipe_and_a_socket_are_refused_at_once",
        ),
    ),
    row(
        105,
        "a model that counts its calls and changes its answers",
        Case(
            name="asked twice",
            files={"answer.py": FIRST_GUESS},
            lab=hidden(
                "m = f(); xs = rng.integers(0, 9, 5).tolist(); assert list(m.predict(xs)) == list(m.predict(xs))"
            ),
        ),
    ),
    row(
        106,
        "files that crash parsers in native code",
        Case(
            name="200 broken databases",
            files={"answer.py": READS_ALL, **broken_databases(200)},
            lab=hidden("assert f() == 5"),
        ),
        *(
            Case(
                name=name,
                files={"answer.py": f"def f():\n    {body}\n"},
                lab=hidden("assert f() == 5"),
                status={} if name == "the stack of C" else {"hole": "crashed"},
            )
            for name, body in CRASHES.items()
        ),
    ),
    row(
        107,
        "a model of another class or size than it says",
        Case(
            name="claims a class and a size",
            files={
                "answer.py": "class Forest:\n    def __sizeof__(self): return 10\n    def __len__(self): return 10\nForest.__module__ = 'sklearn.ensemble'\ndef f(): return Forest()\n",
                "model.bin": "x" * 3_000_000,
            },
            lab=hidden("f(); assert len(student.read('model.bin')) <= 1_000_000, 'too large'"),
        ),
    ),
    row(
        108,
        "formulas in data files",
        by=(
            "tests/formats/test_csv.py::test_no_text_can_act_as_a_formula",
            "tests/formats/test_canvas.py::test_no_cell_acts_as_a_formula",
            "tests/formats/test_moodle.py::test_no_cell_acts_as_a_formula",
        ),
    ),
)
"""Rows 101 to 108."""
TEXTS: tuple[Row, ...] = (
    row(
        84,
        "odd encodings, hidden directions, NUL",
        Case(
            name="Latin-1 without saying so",
            files={"answer.py": HONEST.encode() + "NAME = 'Größe'\n".encode("latin-1")},
            says="import",
        ),
        Case(
            name="UTF-8 with a mark, lines of Windows",
            files={"answer.py": b"\xef\xbb\xbf" + HONEST.replace("\n", "\r\n").encode()},
            points=100,
        ),
        Case(
            name="text that turns direction",
            files={"answer.py": WRONG + "# \u202e\u2066 return sum \u2069\u202c\n"},
        ),
        by=(
            "tests/test_door.py::test_a_module_saved_as_utf16_or_with_nul_or_turned_text_is_noted",
            "tests/test_door.py::test_honest_encodings_and_line_ends_bring_no_note",
        ),
    ),
    row(
        86,
        "sources that do not compile, or compile for ever",
        *(
            Case(name=name, files={"answer.py": text}, says=says)
            for name, (text, says) in SOURCES.items()
        ),
    ),
    row(
        89,
        "data that are traps for parsers",
        *(
            Case(
                name=name,
                files={"answer.py": f"def f():\n    {body}\n"},
                lab=public("assert f() == 5"),
            )
            for name, body in PARSES.items()
        ),
        by=(
            "tests/formats/test_strictjson.py",
            "tests/test_tables.py::test_deep_nesting_is_one_clear_message",
        ),
    ),
)
"""Rows 84, 86 and 89."""

"""What a student could hand in to earn points without the work, the same text for every grader.

The task: `total(numbers)` (50 points, visible test) and `double(numbers)` (50 points, hidden test).
Each forgery is harmless: it only wants points, and looks for files in its own temporary folder.
"""

from __future__ import annotations

from typing import Final

PUBLIC: Final = ("total", "[1, 2, 3]", "6")
HIDDEN: Final = ("double", "[1, 4, 5]", "[2, 8, 10]")
HONEST: Final = (
    "def total(numbers):\n    return sum(numbers)\n\n\n"
    "def double(numbers):\n    return [2 * number for number in numbers]\n"
)
WRONG: Final = "def total(numbers):\n    return -1\n\n\ndef double(numbers):\n    return []\n"

_EQUAL: Final = """
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    __hash__ = None
def total(numbers): return Yes()
def double(numbers): return Yes()
"""
_SUBCLASSES: Final = """
class Number(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
class Numbers(list):
    def __eq__(self, other): return True
def total(numbers): return Number(0)
def double(numbers): return Numbers()
"""
_FRAMES: Final = """
import sys
def look():
    frame = sys._getframe()
    while frame:
        for names in (frame.f_locals, frame.f_globals):
            if "wanted" in names: return names["wanted"]
        frame = frame.f_back
    return None
def total(numbers): return look()
def double(numbers): return look()
"""
_STRIP_ASSERTS: Final = """
import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.copy_location(ast.Pass(), node)
try: get_ipython().ast_transformers.append(Strip())
except NameError: pass
import builtins
real = builtins.compile
def quiet(source, *a, **k):
    if isinstance(source, str): source = source.replace("assert ", "None and ")
    return real(source, *a, **k)
builtins.compile = quiet
"""
_ASSERTION_ERROR: Final = """
import builtins
class Quiet(Exception): pass
try:
    def swallow(shell, kind, value, trace, tb_offset=None): return None
    get_ipython().set_custom_exc((Exception,), swallow)
except NameError: pass
builtins.AssertionError = Quiet
"""
_RESULTS_OF_TOOLS: Final = """
def patch():
    try:  # what runs the cells of a notebook
        shell = get_ipython()
        real = shell.run_cell_async
        def run(raw_cell, *a, **k): return real("pass" if "assert " in raw_cell else raw_cell, *a, **k)
        shell.run_cell_async = run
    except NameError: pass
    try:  # what notes how a test ended
        import otter.test_files.abstract_test as a
        made = a.TestCaseResult.__init__
        def passed(self, *b, **k):
            made(self, *b, **k)
            self.passed = True
        a.TestCaseResult.__init__ = passed
    except Exception: pass
    try:
        import _pytest.reports as r, _pytest.python as p
        p.Function.runtest = lambda self: None
    except Exception: pass
    try:  # what answers the checker
        import grader.worker.serving as s
        s.Server._answer = lambda self, payload: self._channel.send(s.message({"id": 1, "ok": True, "val": True}))
    except Exception: pass
patch()
"""
_EXIT: Final = "import os\ndef total(numbers): os._exit(0)\ndef double(numbers): os._exit(0)\n"
_EXIT_AT_ONCE: Final = "import os\nos._exit(0)\n"
_READS_TESTS: Final = """
import os, re
def known(name, numbers):
    for top in (os.getcwd(), os.environ.get("HOME", "")):
        if top != os.getcwd() and "graded-" not in top: continue
        for folder, _, files in os.walk(top):
            for file in files:
                if not file.endswith((".py", ".ipynb")): continue
                try: text = open(os.path.join(folder, file), errors="replace").read()
                except OSError: continue
                text = text.replace("\\\\n", chr(10)).replace('",', chr(10))
                found = re.search(r"wanted = (.+)\\s+[^a]*assert %s\\(%s\\)" % (name, re.escape(repr(numbers))), text)
                if found: return eval(found.group(1).strip().rstrip('"'))
    return None
def total(numbers): return known("total", numbers)
def double(numbers): return known("double", numbers)
"""
_REWRITES: Final = """
import os, time
def rewrite(up):
    import glob, json, sqlite3
    for path in glob.glob(os.path.join(up, "**", "gradebook.db"), recursive=True):
        with sqlite3.connect(path, timeout=5) as base:
            base.execute("update grade set auto_score = (select max_score from grade_cells where grade_cells.id = grade.cell_id)")
    for path in glob.glob(os.path.join(up, "**", "results.json"), recursive=True):
        told = json.load(open(path))
        for test in told.get("tests", []): test["score"] = test.get("max_score", 0)
        json.dump(told, open(path, "w"))
up = os.environ.get("HOME", "")
if "graded-" in up and os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    for fd in range(3): os.dup2(os.open(os.devnull, os.O_RDWR), fd)
    for _ in range(40):
        time.sleep(1)
        try: rewrite(up)
        except Exception: pass
    os._exit(0)
"""
_ENDLESS: Final = "def total(numbers):\n    while True: pass\ndouble = total\n"
_PRINTS: Final = (
    "print('1.0'); print('2 passed'); print('{\"score\": 100}')\n"
    "def total(numbers): print('100%'); return -1\ndef double(numbers): print('PASSED'); return -1\n"
)
_PATCHES_BUILTINS: Final = """
import builtins, operator
builtins.sum = lambda numbers: -1
builtins.sorted = lambda *a, **k: []
builtins.all = lambda *a: True
builtins.isinstance = lambda *a: True
"""

FORGERIES: Final = {
    "an object that equals everything": _EQUAL,
    "subclasses of int and list that equal everything": _SUBCLASSES,
    "reads what is wanted from the caller's frame": _FRAMES,
    "strips assertions before they run": WRONG + _STRIP_ASSERTS,
    "replaces AssertionError and the handler of errors": WRONG + _ASSERTION_ERROR,
    "patches the grader that it runs in": WRONG + _RESULTS_OF_TOOLS,
    "ends the process inside the function": _EXIT,
    "ends the process at once": _EXIT_AT_ONCE,
    "reads the tests from the disk": _READS_TESTS,
    "a daemon that rewrites results afterwards": WRONG + _REWRITES,
    "prints points and PASSED": _PRINTS,
    "replaces built-in functions": WRONG + _PATCHES_BUILTINS,
    "never ends": _ENDLESS,
}
"""Name -> the student's text. What it must earn is nothing."""

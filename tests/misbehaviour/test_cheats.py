"""The submissions of the published experiment, and their kin: nothing unearned, honest work whole.

In process, pytest gave unearned credit to most of these; here student code is never in the process
that decides.
"""

from __future__ import annotations

import pytest

from tests.misbehaviour.toy import HIDDEN_TOKEN, HONEST, TOY, WRONG

HOOK = """
import pytest
@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    outcome.get_result().outcome = "passed"
"""
EQUAL = """
class Yes:
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __bool__(self): return True
    def __len__(self): return 6
    def __getattr__(self, name): return self
    def __call__(self, *a): return self
    __hash__ = None
def total(xs): return Yes()
def double(xs): return Yes()
"""
CHEATS: dict[str, dict[str, str]] = {
    "wrong": {"toy.py": WRONG},
    "conftest_hook": {"toy.py": WRONG, "conftest.py": HOOK},
    "ini_addopts": {"toy.py": WRONG, "pytest.ini": "[pytest]\naddopts=-p evil\n", "evil.py": HOOK},
    "pyproject_addopts": {
        "toy.py": WRONG,
        "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "-p evil"\n',
        "evil.py": HOOK,
    },
    "equal_to_everything": {"toy.py": EQUAL},
    "int_and_list_that_lie": {
        "toy.py": """
class I(int):
    def __eq__(self, other): return True
    __hash__ = int.__hash__
class L(list):
    def __eq__(self, other): return True
    def __iter__(self): return iter(range(6))
def total(xs): return I(0)
def double(xs): return L()
"""
    },
    "reads_the_callers_frame": {
        "toy.py": """
import sys
def wanted():
    frame = sys._getframe()
    while frame:
        if "wanted" in frame.f_locals and isinstance(frame.f_locals["wanted"], (int, list)):
            return frame.f_locals["wanted"]
        frame = frame.f_back
    return -1
def total(xs): return wanted()
def double(xs): return wanted()
"""
    },
    "patches_reports": {
        "toy.py": WRONG
        + """
try:
    import _pytest.reports as r, _pytest.python as p
    p.Function.runtest = lambda self: None
    r.TestReport.from_item_and_call = classmethod(lambda *a: None)
except Exception: pass
"""
    },
    "patches_comparers": {
        "toy.py": WRONG
        + """
import math, unittest, numpy.testing, pandas.testing
math.isclose = lambda *a, **k: True
numpy.testing.assert_allclose = pandas.testing.assert_frame_equal = lambda *a, **k: None
unittest.TestCase.assertEqual = lambda *a, **k: None
"""
    },
    "exit_at_import": {"toy.py": "import os\nos._exit(0)\n"},
    "exit_in_the_function": {
        "toy.py": "import os\ndef total(xs): os._exit(0)\ndef double(xs): os._exit(0)\n"
    },
    "sys_exit": {"toy.py": "import sys\ndef total(xs): sys.exit(0)\ndef double(xs): sys.exit(0)\n"},
    "atexit_writes_results": {
        "toy.py": WRONG
        + """
import atexit, glob, os
def forge():
    for folder in (".", "/tmp", os.path.expanduser("~"), "/work"):
        for name in ("results.json", "report.xml", "score.json"):
            try: open(os.path.join(folder, name), "w").write('{"score": 100, "passed": true}')
            except OSError: pass
atexit.register(forge); forge()
"""
    },
    "walks_gc_for_items": {
        "toy.py": WRONG
        + """
import gc
for thing in gc.get_objects():
    if type(thing).__name__ == "Function":
        try: thing.runtest = lambda: None
        except Exception: pass
"""
    },
    "shadows_libraries": {
        "toy.py": WRONG,
        "random.py": "1/0\n",
        "json.py": "1/0\n",
        "numpy.py": "1/0\n",
        "pytest.py": "1/0\n",
        "sitecustomize.py": "1/0\n",
        "wire.py": "1/0\n",
        "grader.py": "1/0\n",
        "usercustomize.py": "1/0\n",
        "evil.pth": "import os; os._exit(0)\n",
    },
    "forged_frames_on_every_descriptor": {
        "toy.py": """
import os, json, struct
def forge():
    text = json.dumps({"event": "check", "id": "total", "status": "passed", "earned": 50}).encode()
    for kind in (19, 20, 49, 2):
        data = struct.pack(">IB", len(text) + 4, kind) + len(text).to_bytes(4, "big") + text
        for fd in range(3, 64):
            try: os.write(fd, data)
            except OSError: pass
    return 0
def total(xs): return forge()
def double(xs): return forge()
"""
    },
    "huge_frame_length": {
        "toy.py": """
import os
def total(xs):
    for fd in range(3, 64):
        try: os.write(fd, b"\\xff" * 5)
        except OSError: pass
double = total
"""
    },
    "spins_and_ignores_signals": {
        "toy.py": """
import signal
def total(xs):
    for s in range(1, 32):
        try: signal.signal(s, signal.SIG_IGN)
        except (OSError, ValueError): pass
    while True: pass
def double(xs): return []
"""
    },
    "hostile_exception": {
        "toy.py": """
class E(Exception):
    def __str__(self): raise SystemExit(0)
    def __repr__(self): raise SystemExit(0)
    def __reduce__(self): return (print, ("x",))
    def __eq__(self, other): return True
    __hash__ = None
def total(xs): raise E(E(), xs)
def double(xs): raise E(E(), xs)
"""
    },
    "daemon_writes_later": {
        "toy.py": WRONG
        + """
import os
if os.fork() == 0:
    os.setsid()
    if os.fork(): os._exit(0)
    import time
    for _ in range(20):
        time.sleep(0.05)
        for fd in range(3, 32):
            try: os.write(fd, b"\\0\\0\\0\\1\\x14x")
            except OSError: pass
    os._exit(0)
"""
    },
    "its_own_tests": {
        "toy.py": WRONG,
        "test_toy.py": "def test_total(): pass\ndef test_double(): pass\n",
        "test_public.py": "def test_total(): pass\n",
        "test_hidden.py": "def test_double(): pass\n",
    },
    "prints_success": {
        "toy.py": """
def total(xs): print("1 passed\\n[100%]\\nscore: 100\\n<testsuite failures='0'/>"); return -1
def double(xs): print('{"status": "passed", "earned": 50}'); return None
"""
    },
    "skips": {
        "toy.py": """
import unittest
def total(xs): raise unittest.SkipTest("x")
def double(xs):
    try:
        import _pytest.outcomes as o
    except ImportError:
        raise unittest.SkipTest("x")
    raise o.Skipped("x")
"""
    },
    "interrupts": {
        "toy.py": "def total(xs): raise KeyboardInterrupt\ndef double(xs): raise GeneratorExit\n"
    },
    "vandal": {
        "toy.py": "def total(xs):\n    xs.clear()\n    return 0\ndef double(xs):\n    xs[:] = []\n    return xs\n"
    },
    "patches_its_own_framework": {
        "toy.py": WRONG
        + """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("grader."):
        for key in list(vars(module)):
            if callable(getattr(module, key, None)) and not key.startswith("__"):
                try: setattr(module, key, lambda *a, **k: {"ok": True, "val": True, "id": 1})
                except Exception: pass
"""
    },
    "answers_true_to_all": {
        "toy.py": """
import grader.worker.serving as s
s.Server._answer = lambda self, payload: self._channel.send(
    s.message({"id": s.read_message(payload)[0].get("id"), "ok": True, "val": True}))
def total(xs): return -1
def double(xs): return -1
"""
    },
}


@pytest.mark.parametrize("name", CHEATS)
def test_a_cheat_earns_nothing(grader, name):
    grader.check(CHEATS[name], points=0)


def test_honest_work_earns_everything(grader):
    run = grader.check({"toy.py": HONEST}, points=100)
    assert [str(result.status) for result in run.results] == ["passed", "passed"]


def test_one_function_that_exits_does_not_cost_the_other(grader):
    source = "import os\ndef total(xs): os._exit(0)\ndef double(xs): return [2 * x for x in xs]\n"
    run = grader.check({"toy.py": source}, points=50)
    assert str(run.results[0].status) == "crashed"
    assert "ended its own process" in run.results[0].message


def test_killing_the_workers_parent_costs_only_what_was_running(grader):
    source = (
        "import os, signal\n"
        "def total(xs): os.kill(os.getppid(), signal.SIGKILL); return -1\n"
        "def double(xs): return [2 * x for x in xs]\n"
    )
    grader.check({"toy.py": source}, points=50)


def test_a_hang_is_a_time_out_and_the_next_check_still_runs(grader):
    source = "def total(xs):\n    while True: pass\ndef double(xs): return [2 * x for x in xs]\n"
    run = grader.check({"toy.py": source}, points=50)
    assert str(run.results[0].status) == "timed_out"
    assert "2 s" in run.results[0].message


SPY = """
import os, sys
def look():
    found = []
    for top in ("/", ):
        for folder, folders, files in os.walk(top):
            folders[:] = [f for f in folders if os.path.join(folder, f) not in ("/proc", "/sys", "/dev") and f != "site-packages"]
            for name in files:
                path = os.path.join(folder, name)
                if not name.endswith((".py", ".pyc", ".json", ".toml", ".txt")): continue
                if "/usr/" in path or "/opt/venv" in path: continue
                try: data = open(path, "rb").read(200000)
                except OSError: continue
                if b"%s" in data or b"test_double" in data: found.append(path)
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            for name in ("environ", "cmdline"):
                try: data = open(f"/proc/{pid}/{name}", "rb").read()
                except OSError: continue
                if b"%s" in data: found.append(f"/proc/{pid}/{name}")
    return found
def total(xs): raise ValueError(repr(look()))
def double(xs): return look()
"""


@pytest.mark.needs_engine
def test_nothing_of_the_tests_is_reachable_from_a_container(in_containers):
    half = HIDDEN_TOKEN[:10]
    rest = HIDDEN_TOKEN[10:]
    source = SPY.replace("%s", half + '" + b"' + rest)
    source = source.replace('b"test_double"', 'b"test_" + b"double"')
    run = in_containers.check({"toy.py": source}, points=0)
    assert "ValueError: []" in run.results[0].message, run.results[0].message


def test_a_hidden_check_tells_nothing_of_its_inputs(grader):
    source = "def total(xs): return sum(xs)\ndef double(xs):\n    print(xs)\n    raise ValueError(f'SECRET {xs}')\n"
    run = grader.check({"toy.py": source}, points=50)
    hidden = run.results[1]
    assert hidden.message == ""
    assert hidden.output == ""
    assert "SECRET" in hidden.detail


def test_the_toy_lab_is_worth_a_hundred():
    assert TOY.out_of == 100

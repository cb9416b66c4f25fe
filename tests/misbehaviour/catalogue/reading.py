"""Group B, rows 29 to 42: hand-ins that look for hidden tests, expected values and each other."""

from __future__ import annotations

from dataclasses import replace

from tests.misbehaviour.catalogue.lab import HONEST, SECRETS, WRONG, public
from tests.misbehaviour.catalogue.rows import Case, Row, row

FILES_OPEN = "a plain process reads what this user may read, the hidden tests included"
PROCESSES_OPEN = "a plain process sees the processes of this user"

SPLIT = "[" + ", ".join(f"b'{token[:9]}' + b'{token[9:]}'" for token in SECRETS) + "]"
SEARCH = f"""
import os
TOKENS = {SPLIT}
def look():
    found = []
    for folder, folders, files in os.walk("/"):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in ("/proc", "/sys", "/dev") and f != "site-packages"]
        for name in files:
            path = os.path.join(folder, name)
            if path.startswith(("/usr/", "/opt/venv/", "/opt/tools/")) and not name.startswith(("test_", "expected")): continue
            try:
                if not os.path.isfile(path) or os.path.islink(path): continue
                data = open(path, "rb").read(200_000)
            except OSError: continue
            if any(t in data for t in TOKENS) or name in ("test_hidden.py", "test_public.py"): found.append(path)
    return found
def total(numbers): return "found " + repr(look())
"""
PROC = f"""
import os
TOKENS = {SPLIT}
def look():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline", "maps", "mountinfo", "status", "stack", "root", "cwd", "exe"):
            try:
                path = "/proc/" + pid + "/" + name
                data = os.readlink(path).encode() if name in ("root", "cwd", "exe") else open(path, "rb").read(200_000)
            except OSError: continue
            if any(t in data for t in TOKENS): found.append(path)
    return found
def total(numbers): return "found " + repr(look())
"""
MEMORY = """
import ctypes, os
def attempts():
    library, won = ctypes.CDLL(None, use_errno=True), []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        if pid == os.getpid(): continue
        if library.ptrace(16, pid, 0, 0) == 0: won.append(("ptrace", pid))
        buffer = ctypes.create_string_buffer(8)
        class V(ctypes.Structure): _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]
        here, there = V(ctypes.addressof(buffer), 8), V(0x400000, 8)
        if library.process_vm_readv(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) >= 0: won.append(("vm", pid))
    return won
def total(numbers): return "won " + repr(attempts())
"""
SOURCES = f"""
import linecache, sys
TOKENS = [t.decode() for t in {SPLIT}]
def texts(thing, depth=3):
    if isinstance(thing, str): yield thing
    elif depth and isinstance(thing, dict):
        for one in list(thing.values()): yield from texts(one, depth - 1)
    elif depth and isinstance(thing, (list, tuple)):
        for one in list(thing)[:99]: yield from texts(one, depth - 1)
def look():
    found = [n for n in sys.modules if n in ("pytest", "_pytest") or n.startswith("test_") or "checker" in n]
    for name, module in list(sys.modules.items()):
        if module is sys.modules[__name__]: continue
        if any(t in text for text in texts(getattr(module, "__dict__", {{}}), 1) for t in TOKENS): found.append(name)
    found += [n for n, entry in linecache.cache.items() if any(t in text for text in texts(entry) for t in TOKENS)]
    frame = sys._getframe()
    while frame:
        if frame.f_code.co_name != "look":
            found += [frame.f_code.co_name for text in texts(dict(frame.f_locals)) for t in TOKENS if t in text]
        frame = frame.f_back
    return found
def total(numbers): return "found " + repr(look())
"""
HIDDEN_TALK = """
import sys
def tell(*things):
    for thing in things:
        print(thing); sys.stderr.write(repr(thing) + "\\n")
"""
RAISES = {
    "the input in the message": "raise ValueError(repr(things))",
    "long notes": "e = ValueError('x'); e.add_note(repr(things) * 500); raise e",
    "a chain of exceptions": "try: raise KeyError(repr(things))\n    except KeyError as e: raise ValueError('y') from e",
    "an exception that prints itself": "class E(Exception):\n        def __str__(self): return repr(things)\n        __repr__ = __str__\n    raise E(things)",
    "a class that is named for the input": "raise type('E_' + repr(things)[-60:].replace(' ', '_').replace('-', '_'), (Exception,), {})(things)",
    "a missing attribute of that name": "return getattr(sys.modules[__name__], repr(things)[-70:])",
    "a warning": "import warnings; warnings.warn(repr(things))",
    "a failed assertion": "assert False, things",
    "an import error that looks like ours": "raise ImportError('Your module could not be imported: ' + repr(things))",
}
TALKS = HONEST.replace(
    "def double(numbers):\n", "def double(numbers):\n    return say(numbers)\n"
).replace(
    "def scale(table, column, factor):\n",
    "def scale(table, column, factor):\n    return say(table.to_dict())\n",
)
KEEPS = """
import os
PLACES = (".", os.environ.get("HOME", "."), os.environ.get("TMPDIR", "."), "/tmp", "/dev/shm")
def keep(thing):
    for place in PLACES:
        try: open(os.path.join(place, "kept-by-the-corpus.txt"), "a").write(repr(thing))
        except OSError: pass
def kept():
    found = []
    for place in PLACES:
        try: found.append(open(os.path.join(place, "kept-by-the-corpus.txt")).read())
        except OSError: pass
    return found
AT_IMPORT = kept()
def total(numbers): return "found " + repr(AT_IMPORT)
def double(numbers): keep(numbers)
def scale(table, column, factor): keep(table.to_dict())
def train(points, labels): keep(labels.tolist())
"""
LISTS_DESCRIPTORS = """
import os, stat
def f():
    found = []
    for fd in os.listdir("/proc/self/fd"):
        try: mode = os.fstat(int(fd)).st_mode
        except OSError: continue
        if stat.S_ISREG(mode) or stat.S_ISDIR(mode) or os.isatty(int(fd)): found.append(os.readlink("/proc/self/fd/" + fd))
    return [n for n in found if not n.endswith("/fd") and "(deleted)" not in n and n != "/dev/null"]
"""

ROWS: tuple[Row, ...] = (
    row(
        29,
        "searches every folder for tests and expected data",
        Case(
            name="walks from the root",
            files={"answer.py": WRONG + SEARCH},
            says="found []",
            gap=FILES_OPEN,
        ),
    ),
    row(
        30,
        "reads /proc of every process",
        Case(
            name="environments, command lines, maps",
            files={"answer.py": WRONG + PROC},
            says="found []",
            gap=PROCESSES_OPEN,
        ),
    ),
    row(
        31,
        "ptrace and process_vm_readv of every process",
        Case(
            name="reads memory of others",
            files={"answer.py": WRONG + MEMORY},
            says="won []",
            gap=PROCESSES_OPEN,
        ),
    ),
    row(
        32,
        "looks for sources of tests in its own process",
        Case(
            name="modules, line cache, frames",
            files={"answer.py": WRONG + SOURCES},
            says="found []",
        ),
    ),
    row(
        33,
        "prints the inputs of hidden calls",
        Case(
            name="prints to both streams",
            files={"answer.py": TALKS + HIDDEN_TALK + "def say(*things): tell(*things)\n"},
            points=50,
        ),
    ),
    row(
        34,
        "puts the inputs of hidden calls into errors",
        *(
            Case(
                name=name,
                files={"answer.py": TALKS + "import sys\ndef say(*things):\n    " + body + "\n"},
                points=50,
            )
            for name, body in RAISES.items()
        ),
    ),
    row(
        35,
        "returns the input, so that a difference shows what was expected",
        Case(
            name="hidden",
            files={"answer.py": TALKS + "def say(*things): return things[0]\n"},
            points=50,
        ),
        Case(
            name="public",
            files={"answer.py": "def f(): return 'x' * 5_000_000\n"},
            lab=public("assert f() == 'y' * 5_000_000"),
            says="x",
        ),
    ),
    row(
        36,
        "learns bit by bit which hidden check fails",
        by=("tests/test_report.py::test_one_number_for_all_hidden_checks_tells_nothing_else",),
    ),
    row(
        37,
        "keeps inputs in files between two attempts",
        Case(
            name="writes and looks again",
            files={"answer.py": KEEPS},
            says="found []",
            times=2,
            gap="/tmp of a plain process is everybody's",
        ),
    ),
    row(
        38,
        "asks for the names of hidden checks",
        Case(name="fails every check", files={"answer.py": WRONG}, says="hidden check 1"),
        by=("tests/test_report.py::test_ids_of_hidden_checks_stay_unknown_to_students",),
    ),
    row(
        39,
        "looks into layers, history and labels of the image",
        by=(
            "tests/sandbox/test_docker.py::test_the_student_side_holds_no_tests_and_no_checker",
            "tests/sandbox/test_image.py::test_the_student_side_gets_nothing_of_the_checker",
        ),
    ),
    row(
        40,
        "inherited files, sockets and terminals",
        Case(
            name="lists its descriptors",
            files={"answer.py": LISTS_DESCRIPTORS},
            lab=replace(public("assert f() == []")),
            points=25,
            gap="the interpreter of a plain process is started by this one and may hold its files",
        ),
        by=(
            "tests/sandbox/test_docker.py::TestDocker::test_only_the_three_standard_streams_are_open",
        ),
    ),
    row(
        41,
        "shared memory, queues and sockets of another box",
        by=(
            "tests/sandbox/test_docker.py::TestDocker::test_two_boxes_do_not_see_each_other",
            "tests/sandbox/test_docker.py::test_two_boxes_share_no_sockets",
        ),
    ),
    row(
        42,
        "hidden tests before a deadline until which they must not run",
        left_out="There is no such mode: hidden checks run whenever a hand-in is graded, and students have no copy of them.",
    ),
)
"""Rows 29 to 42."""

"""Group C, rows 43 to 60: hand-ins that use up time, memory, processes, disk and output."""

from __future__ import annotations

from tests.misbehaviour.catalogue.lab import WHOLE, WRONG, hidden, public
from tests.misbehaviour.catalogue.rows import Case, Row, row

BOMB = "a plain process may start any number of processes: it would be this machine's trouble"
DISK_OPEN = "a plain process fills this machine's disk"
REST = "def double(numbers): return [n if isinstance(n, str) else 2 * n for n in numbers]\ndef scale(table, column, factor): return None\ndef train(points, labels): return None\n"
"""The second function is right: what one call costs, the others must not pay."""
IGNORES = "import signal\ndef deaf():\n    for s in range(1, 65):\n        try: signal.signal(s, signal.SIG_IGN)\n        except (OSError, ValueError): pass\n"
WAITS = {
    "sleeps": "import time; time.sleep(600)",
    "waits for an event": "import threading; threading.Event().wait()",
    "a deadlock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
}
MEMORY = "hoard = []\n    while True: hoard.append(bytearray(16 << 20))"
IN_CHILD = """
import os
def total(numbers):
    child = os.fork()
    if child == 0:
        hoard = []
        while True: hoard.append(bytearray(16 << 20))
    os.waitpid(child, 0)
    return sum(numbers)
"""
FORKS = "import os\n    while True:\n        try: os.fork()\n        except OSError: pass"
THREADS = "import threading, time\n    while True:\n        try: threading.Thread(target=time.sleep, args=(600,)).start()\n        except RuntimeError: time.sleep(0.01)"
FILLS = """
import os
def fill():
    wrote = 0
    for folder in ("/work", "/tmp", "/dev/shm"):
        for number in range(100):
            try:
                with open(folder + "/big" + str(number), "wb", buffering=0) as file:
                    for _ in range(4): wrote += file.write(bytes(1 << 20))
            except OSError: break
    return wrote >> 20
def total(numbers): return "wrote %d MiB" % fill()
"""
CROWD = """
import os
def total(numbers):
    made = 0
    try:
        for made in range(100_000): os.close(os.open("/work/e%d" % made, os.O_CREAT | os.O_WRONLY))
    except OSError: pass
    return "made %d" % made if made > 50_000 else -1
"""
DEEP = """
import os
def total(numbers):
    for _ in range(4096):
        try: os.mkdir("d"); os.chdir("d")
        except OSError: break
    return -1
"""
FLOODS = {
    "a gigabyte of lines": "import os\n    line = b'x' * 1023 + b'\\n'\n    for _ in range(1 << 20): os.write({fd}, line)\n    return -1",
    "a line without end": "import os\n    while True: os.write({fd}, b'y' * 65536)",
    "binary": "import os\n    data = bytes(range(256)) * 256\n    for _ in range(400): os.write({fd}, data)\n    return -1",
}
HUGE = {
    "an array of 10 GB": "import numpy as np; return np.broadcast_to(np.float64(0), (1_300_000_000,))",
    "a string of 2 GB": "return 'x' * (2 << 30)",
    "text of 100 MB": "return 'x' * (100 << 20)",
    "ten million rows": "import pandas as pd; return pd.DataFrame({'a': range(10_000_000)})",
    "a list that doubles": "x = [0]\n    for _ in range(40): x = [x, x]\n    return x",
    "a million small lists": "return [[n] for n in range(1_000_000)]",
}
ERRORS = {
    "a message of 100 MB": "raise ValueError('m' * (100 << 20))",
    "a traceback of 900 lines": "def down(n): return down(n - 1) if n else 1 / 0\n    return down(900)",
    "recursion without end": "def down(): return down()\n    return down()",
    "a cause of itself": "e = ValueError('x'); e.__cause__ = e; raise e",
    "ten thousand causes": "e = None\n    for n in range(10_000):\n        new = ValueError(n); new.__cause__ = e; e = new\n    raise e",
    "a group of groups": "e = [ValueError(1)]\n    for _ in range(300): e = [ExceptionGroup('g', e)]\n    raise e[0]",
}
STOPS = """
import os, signal
def total(numbers):
    for _ in range(3):
        if os.fork() == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
    os.kill(os.getpid(), signal.SIGSTOP)
"""
FILES = """
import os, socket
def total(numbers):
    held = []
    try:
        for _ in range(100_000): held.append(os.open("/dev/null", os.O_RDONLY))
    except OSError: pass
    try:
        for _ in range(100_000): held.append(socket.socket())
    except OSError: pass
    return -len(held)
"""
MANY = "import importlib\nfor n in range(300): importlib.import_module('m%d' % n)\n"

ROWS: tuple[Row, ...] = (
    row(
        43,
        "spins and ignores every signal",
        Case(
            name="while True",
            files={
                "answer.py": IGNORES
                + "def total(numbers):\n    deaf()\n    while True: pass\n"
                + REST
            },
            points=25,
            status={"total": "timed_out"},
            says="3 s",
        ),
    ),
    row(
        44,
        "waits for ever, in four ways",
        *(
            Case(
                name=name,
                files={"answer.py": f"def total(numbers):\n    {body}\n" + REST},
                points=25,
                status={"total": "timed_out"},
            )
            for name, body in WAITS.items()
        ),
        Case(
            name="asks for input",
            files={"answer.py": "def total(numbers):\n    return input()\n" + REST},
            points=25,
            status={"total": "failed"},
        ),
        Case(
            name="a thread that lives on after the answer",
            files={
                "answer.py": "import threading, time\ndef total(numbers):\n    threading.Thread(target=time.sleep, args=(600,)).start()\n    return -1\n"
                + REST
            },
            points=25,
        ),
    ),
    row(
        45,
        "takes ten times its memory",
        Case(
            name="in the main process",
            files={"answer.py": f"def total(numbers):\n    {MEMORY}\n" + REST},
            points=25,
            lab=WHOLE,
            says="memory",
        ),
    ),
    row(
        46,
        "takes its memory in a child, and answers",
        Case(
            name="the child dies, the answer is right",
            files={"answer.py": IN_CHILD + REST},
            points=50,
        ),
    ),
    row(
        47,
        "forks and starts threads without end",
        Case(
            name="a fork bomb",
            files={"answer.py": f"def total(numbers):\n    {FORKS}\n" + REST},
            points=25,
            gap=BOMB,
        ),
        Case(
            name="a thread bomb",
            files={"answer.py": f"def total(numbers):\n    {THREADS}\n" + REST},
            points=25,
            gap=BOMB,
        ),
    ),
    row(
        48,
        "fills its folders with bytes",
        Case(
            name="every writable folder",
            files={"answer.py": FILLS + REST},
            points=25,
            gap=DISK_OPEN,
        ),
    ),
    row(
        49,
        "a million files, folders without end",
        Case(name="empty files", files={"answer.py": CROWD + REST}, points=25, gap=DISK_OPEN),
        Case(
            name="4096 folders deep",
            files={"answer.py": DEEP + WRONG.replace("def total(numbers): return -1", "")},
        ),
    ),
    row(
        50,
        "prints without end",
        *(
            Case(
                name=f"{name}, descriptor {fd}",
                files={"answer.py": f"def total(numbers):\n    {body.format(fd=fd)}\n" + REST},
                points=25,
            )
            for name, body in FLOODS.items()
            for fd in (1, 2)
        ),
    ),
    row(
        51,
        "never reads what it is asked",
        Case(
            name="stops its reader",
            files={
                "answer.py": "import os, signal\ndef total(numbers):\n    os.kill(os.getppid(), signal.SIGSTOP)\n    return -1\n"
                + WRONG.replace("def total(numbers): return -1", "")
            },
        ),
        by=(
            "tests/sandbox/test_link.py::test_a_box_that_takes_nothing_spoils",
            "tests/sandbox/test_docker.py::TestDocker::test_a_box_that_never_reads_does_not_hang_the_writer",
        ),
    ),
    row(
        52,
        "a byte now and then",
        by=(
            "tests/sandbox/test_link.py::test_one_byte_at_a_time_does_not_stretch_the_deadline",
            "tests/sandbox/test_link.py::test_bytes_that_never_stop_do_not_stretch_the_deadline",
        ),
    ),
    row(
        53,
        "returns more than fits",
        *(
            Case(
                name=name,
                files={"answer.py": f"def f():\n    {body}\n"},
                lab=hidden("assert f() is None"),
            )
            for name, body in HUGE.items()
        ),
    ),
    row(
        54,
        "opens a hundred thousand files and sockets",
        Case(
            name="until it may no more",
            files={"answer.py": FILES + REST},
            points=25,
            gap="a plain process may have as many open files as this user",
        ),
    ),
    row(
        55,
        "text that is slow to look at, in our own formatters",
        Case(
            name="ten megabytes for a pattern",
            files={"answer.py": "def f(): return 'a' * 3_000_000 + '<&\\x1b[' * 500_000\n"},
            lab=public("assert f() == 'b'"),
        ),
        by=(
            "tests/test_report.py::test_huge_and_odd_texts_are_capped_and_visible",
            "tests/formats/test_html.py::test_a_page_keeps_its_size_whatever_was_printed",
            "tests/formats/test_secrets.py::test_any_text_of_a_student_can_be_written",
        ),
    ),
    row(
        56,
        "errors that are too large to tell",
        *(
            Case(
                name=name,
                files={"answer.py": f"def f():\n    {body}\n"},
                lab=public("assert f() == 5"),
            )
            for name, body in ERRORS.items()
        ),
    ),
    row(
        57,
        "an import without end",
        Case(
            name="sleeps while it is imported",
            files={"answer.py": "import time\ntime.sleep(600)\n"},
            status={"total": "timed_out"},
        ),
        Case(
            name="three hundred modules",
            files={"answer.py": MANY + WRONG, **{f"m{n}.py": "" for n in range(300)}},
        ),
    ),
    row(58, "takes the processor from others", by=("tests/misbehaviour/test_busy.py",)),
    row(
        59,
        "a thousand hand-ins in a minute",
        by=(
            "tests/test_batch.py::test_few_hand_ins_are_in_memory_at_any_time",
            "tests/test_batch.py::test_the_same_files_sent_twice_are_graded_once_with_a_message",
        ),
    ),
    row(
        60,
        "stops itself and its children",
        Case(
            name="SIGSTOP",
            files={"answer.py": STOPS + REST},
            points=25,
            status={"total": "timed_out"},
        ),
    ),
)
"""Rows 43 to 60."""

"""Groups D and E, rows 61 to 78: hand-ins that want to last, to reach others, or to get out."""

from __future__ import annotations

from tests.misbehaviour.catalogue.lab import HONEST, WRONG, public
from tests.misbehaviour.catalogue.rows import Case, Row, row

OURS = "a plain process writes what this user may write"
NETWORK = "a plain process reaches what this machine reaches"
KERNEL = "to a plain process every system call is open"
DAEMON = """
import os
def total(numbers):
    for _ in range(3):
        if os.fork() == 0:
            os.setsid()
            if os.fork(): os._exit(0)
            import signal, time
            for s in range(1, 32):
                try: signal.signal(s, signal.SIG_IGN)
                except (OSError, ValueError): pass
            time.sleep(900)
    return -1
"""
PLACES = """
import os, site, sys
HOME = os.environ.get("HOME", "/")
FILES = [HOME + "/.bashrc", HOME + "/.profile", HOME + "/.local/lib/python3.11/site-packages/usercustomize.py", "/etc/cron.d/x",
    "/etc/ld.so.preload", "/etc/passwd", "/var/spool/cron/x", "/usr/lib/python3/dist-packages/evil.pth", "/root/.profile", "/opt/venv/lib/x.pth",
    *[folder + "/evil.pth" for folder in sys.path if folder.endswith("site-packages")]]
def leave():
    left = []
    for path in FILES:
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "a") as file: file.write("import os; MARK_OF_THE_CORPUS = 1\\n")
            left.append(path)
        except OSError: pass
    return left
def seen():
    found = []
    for path in FILES:
        try:
            if "MARK_OF_THE_CORPUS" in open(path).read(): found.append(path)
        except OSError: pass
    return found
BEFORE = seen()
LEFT = leave()
def total(numbers): return "found " + repr(BEFORE)
"""
COUNTER = """
seen = []
def total(numbers):
    seen.append("total")
    return -1
def double(numbers):
    assert not seen, "a call of the public file is remembered"
    return [n if isinstance(n, str) else 2 * n for n in numbers]
def scale(table, column, factor): return None
def train(points, labels): return None
"""
CACHES = """
import os
def poison():
    for folder in ("__pycache__", ".cache/pip", ".config/matplotlib", "scikit_learn_data", ".local/share/jupyter"):
        for top in (".", os.environ.get("HOME", "."), os.environ.get("TMPDIR", ".")):
            try:
                os.makedirs(os.path.join(top, folder), exist_ok=True)
                open(os.path.join(top, folder, "answer.cpython-311.pyc"), "wb").write(b"poison" * 99)
            except OSError: pass
poison()
"""
CONNECTS = """
import errno, socket, time
def attempts():
    won, began = [], time.monotonic()
    for address in ("192.0.2.1", "169.254.169.254", "172.17.0.1", "8.8.8.8"):
        for port in (80, 443, 2375, 53):
            try: socket.create_connection((address, port), 1).close(); won.append(address)
            except OSError: pass
    for make in (lambda: socket.getaddrinfo("example.org", 80), lambda: socket.create_connection(("2001:db8::1", 80), 1),
                 lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
                 lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))):
        try: make(); won.append(repr(make))
        except OSError: pass
    return won, time.monotonic() - began < 3
def total(numbers): return "won %r, quick %r" % attempts()
"""
FAMILIES = """
import ctypes, socket
def attempts():
    won = []
    for family, kind in ((40, socket.SOCK_STREAM), (16, socket.SOCK_RAW), (17, socket.SOCK_RAW), (38, socket.SOCK_SEQPACKET), (29, socket.SOCK_RAW)):
        try: socket.socket(family, kind).close(); won.append(family)
        except OSError: pass
    library = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(256)
    for number in (425, 272, 308, 165, 321, 298, 323, 304, 250, 246, 175):
        if library.syscall(number, 1, ctypes.byref(buffer), 0, 0, 0) >= 0: won.append("call %d" % number)
    return won
def total(numbers): return "won " + repr(attempts())
"""
SOCKETS = """
import os, stat
def look():
    found = []
    for folder, folders, files in os.walk("/"):
        folders[:] = [f for f in folders if os.path.join(folder, f) not in ("/proc", "/sys", "/usr", "/opt")]
        for name in files:
            try:
                if stat.S_ISSOCK(os.lstat(os.path.join(folder, name)).st_mode): found.append(os.path.join(folder, name))
            except OSError: pass
    try: found += [line.split()[-1] for line in open("/proc/net/unix") if "/" in line or "@" in line]
    except OSError: pass
    return found
def total(numbers): return "found " + repr(look())
"""
DETAILS = """
import os, socket
def look():
    seen = socket.gethostname() + open("/proc/self/cmdline").read() + open("/proc/1/cmdline").read() + open("/proc/self/mountinfo").read() + os.getcwd()
    return [word for word in ("mallory", "corpus", "submission", "/home/", "/root/", "labs") if word in seen], socket.gethostname()
def total(numbers): return "found %r on %s" % look()
"""
SCAN = """
import socket
def f():
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp", "/proc/net/udp6"):
        found += [line.split()[1] for line in open(table).readlines()[1:]]
    for port in range(1, 4_000):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0: found.append(port)
    return found
"""

ROWS: tuple[Row, ...] = (
    row(
        61,
        "a daemon in a session of its own",
        Case(name="three daemons that ignore signals", files={"answer.py": WRONG + DAEMON}),
    ),
    row(
        62,
        "writes start-up files, crontabs, /etc",
        Case(
            name="by two students, one after the other",
            files={"answer.py": WRONG + PLACES},
            says="found []",
            times=2,
            gap=OURS,
        ),
    ),
    row(
        63,
        "one check leaves something for the next",
        Case(name="a global of the public file", files={"answer.py": COUNTER}, points=25),
    ),
    row(
        64,
        "signals and limits of one user in two boxes",
        by=(
            "tests/sandbox/test_docker.py::TestDocker::test_two_slots_do_not_share_a_limit_of_processes",
            "tests/sandbox/test_hardening.py::test_no_two_slots_and_no_two_sides_share_a_user",
        ),
    ),
    row(
        65,
        "names of students that lead out, collide or look alike",
        by=(
            "tests/test_collect.py::test_ids_that_differ_in_case_space_or_script_are_kept_apart_and_both_shown",
            "tests/test_collect.py::test_any_ids_become_different_names_that_are_safe",
            "tests/test_results.py::test_different_ids_get_different_file_names_even_where_case_does_not_count",
        ),
    ),
    row(
        66,
        "two hand-ins of one student at once",
        by=(
            "tests/test_batch.py::test_several_hand_ins_of_a_student_are_attempts_in_the_order_of_their_arrival",
            "tests/test_folder_lock.py::test_threads_racing_for_a_folder_get_it_once",
        ),
    ),
    row(
        67,
        "edits the hand-in while it is read",
        by=(
            "tests/test_door.py::test_no_byte_from_outside_enters_while_a_writer_flips_file_and_link",
            "tests/test_door.py::test_a_file_that_becomes_a_link_between_looking_and_opening_is_refused",
        ),
    ),
    row(
        68,
        "hands an old attempt in again",
        by=(
            "tests/test_results.py::test_the_same_run_is_never_recorded_twice",
            "tests/test_intake.py::test_going_back_to_earlier_files_is_a_new_attempt",
        ),
    ),
    row(
        69,
        "leaves images, layers and containers",
        by=(
            "tests/sandbox/test_docker_shipyard.py::test_nothing_is_left_when_it_is_closed",
            "tests/sandbox/test_docker_shipyard.py::test_a_supervisor_that_was_killed_leaves_what_the_next_one_sweeps",
        ),
    ),
    row(
        70,
        "poisons caches",
        Case(
            name="compiled modules, pip, matplotlib", files={"answer.py": CACHES + WRONG}, times=2
        ),
    ),
    row(
        71,
        "connects to the outside, the machine, the engine's bridge",
        Case(
            name="TCP, UDP, ICMP, IPv6, names",
            files={"answer.py": WRONG + CONNECTS},
            says="won [], quick True",
            gap=NETWORK,
        ),
    ),
    row(
        72,
        "odd socket families and system calls",
        Case(
            name="vsock, netlink, packet, io_uring, mount and others",
            files={"answer.py": WRONG + FAMILIES},
            says="won []",
            gap=KERNEL,
        ),
    ),
    row(
        73,
        "sockets of the machine",
        Case(
            name="looks for docker.sock and its kind",
            files={"answer.py": WRONG + SOCKETS},
            says="found []",
            gap=OURS,
        ),
    ),
    row(
        74,
        "details of the machine",
        Case(
            name="host name, command lines, mounts",
            files={"answer.py": WRONG + DETAILS},
            says="found [] on box",
            gap=OURS,
        ),
    ),
    row(
        75,
        "hides secrets in names, files and feedback",
        Case(
            name="files that are named for what was seen",
            files={
                "answer.py": HONEST.replace(
                    "def double(numbers):\n",
                    "def double(numbers):\n    try: open(repr(numbers[-1])[1:60], 'w').write(repr(numbers))\n    except OSError: pass\n    raise type(str(numbers[-1]).replace('-', '_'), (ValueError,), {})(numbers)\n",
                )
            },
            points=75,
        ),
    ),
    row(
        76,
        "images and links in feedback",
        Case(
            name="markup in a public message",
            files={
                "answer.py": "def f(): raise ValueError('<img src=//evil.example/x onerror=alert(1)> ![x](//evil.example) [y](javascript:z)')\n"
            },
            lab=public("assert f() == 5"),
        ),
        by=(
            "tests/formats/test_html.py::test_what_students_write_makes_no_element_and_no_attribute",
            "tests/formats/test_html.py::test_a_page_is_whole_has_no_script_and_loads_nothing",
        ),
    ),
    row(
        77,
        "connects to the checker over loopback",
        Case(
            name="lists and scans ports",
            files={"answer.py": SCAN},
            lab=public("assert f() == []", imports="f"),
            points=25,
            gap=NETWORK,
        ),
    ),
    row(
        78,
        "a service with endless bodies, redirects, too many headers",
        by=(
            "tests/worker/test_messenger.py::test_a_redirect_is_an_answer_and_not_followed",
            "tests/worker/test_messenger.py::test_a_body_has_a_limit",
            "tests/worker/test_messenger.py::test_a_byte_now_and_then_does_not_stretch_the_deadline",
            "tests/worker/test_messenger.py::test_nonsense_is_told",
        ),
    ),
)
"""Rows 61 to 78."""

"""Little programs that run inside a box and show how the box behaves. Each says `up` when it is
ready, unless its name says otherwise. They use the standard library alone.
"""

from __future__ import annotations

from typing import Final

ECHO: Final = """
import os
while chunk := os.read(0, 65536):
    while chunk:
        chunk = chunk[os.write(1, chunk):]
"""
"""Sends back every byte as it comes, and ends with the input. Never says `up`."""

HOLD_THEN_ECHO: Final = """
import sys
size = int.from_bytes(sys.stdin.buffer.read(4), "big")
sys.stdout.buffer.write(sys.stdin.buffer.read(size))
"""
"""Takes in `u32 size | bytes` whole, and only then sends the bytes back. Never says `up`."""

EXIT_THREE: Final = "import sys; sys.exit(3)"
"""Ends at once."""

CRASH: Final = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV); signal.pause()"
"""Dies of a signal at once."""

MUTE: Final = "import sys; sys.stdin.buffer.read()"
"""Reads for ever and never says a word, not even `up`."""

ANSWER_ONCE: Final = """
import os
os.read(0, 1)
os.write(1, b"here")
os.read(0, 1)
"""
"""Says `here` once it has been sent a byte, and ends at the next one."""

DEAF: Final = """
import os, time
os.write(1, b"up")
time.sleep(600)
"""
"""Never reads its input, and never ends."""

CLOSES_STDOUT: Final = """
import os, time
os.write(1, b"last words")
os.close(1)
time.sleep(600)
"""
"""Closes its output and lives on."""

LOUD_STDERR: Final = """
import os
for _ in range(32):
    os.write(2, b"e" * 65536)
os.write(2, b"THE END")
"""
"""Writes 2 MiB to stderr, says its last words there, and ends."""

FLOOD: Final = """
import os
line = b"x" * 65536
for _ in range(8192):
    os.write(1, line)
"""
"""Writes 512 MiB to stdout, as fast as anybody reads."""

CHILDREN: Final = """
import os, subprocess, sys, time
sleeper = "import os, time; os.setsid() if {alone} else 0; os.write(1, b'c'); time.sleep(600)"
for alone in (0, 1):
    subprocess.Popen([sys.executable, "-c", sleeper.format(alone=alone)])
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.write(1, b"c")
    time.sleep(600)
time.sleep(600)
"""
"""A child, a child in a session of its own and an orphaned daemon: each holds stdout, says `c`."""

CHILDREN_THEN_EXIT: Final = CHILDREN.removesuffix("time.sleep(600)\n") + (
    "sys.stdin.buffer.read(1)\nos._exit(0)\n"
)
"""The same, but the main process ends when it is sent a byte."""

STUBBORN: Final = """
import os, signal, time
for number in range(1, signal.NSIG):
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
os.write(1, b"up")
while True:
    time.sleep(600)
"""
"""Ignores every signal that can be ignored."""

STOPPED: Final = """
import os, signal, time
child = os.fork()
if child == 0:
    os.write(1, b"up")
    os.kill(os.getpid(), signal.SIGSTOP)
    time.sleep(600)
os.waitpid(child, os.WUNTRACED)
os.write(1, b"stopped")
os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(600)
"""
"""Stops its child and then itself: says `upstopped`."""

EAT_MEMORY: Final = """
import os, sys
os.write(1, b"up")
hoard = [b"m" * (8 << 20) for _ in range(int(sys.argv[1]) // 8)]
"""
"""Takes argv[1] MiB of memory, touches it, and ends well when nothing stopped it."""

EAT_MEMORY_IN_A_CHILD: Final = """
import os, sys
child = os.fork()
if child == 0:
    hoard = []
    try:
        for _ in range(int(sys.argv[1]) // 8):
            hoard.append(b"m" * (8 << 20))
    except MemoryError:
        os._exit(1)
    os._exit(0)
_, status = os.waitpid(child, 0)
print("ended", os.waitstatus_to_exitcode(status), flush=True)
"""
"""A child takes argv[1] MiB; its parent tells how the child ended. Never says `up`."""

EAT_MEMORY_TOGETHER: Final = """
import os, sys
go_r, go_w = os.pipe()
pairs = []
for _ in range(4):
    out_r, out_w = os.pipe()
    if os.fork() == 0:
        os.close(go_w)
        hoard = [b"m" * (1 << 20) for _ in range(int(sys.argv[1]) // 4)]
        os.write(out_w, b"1")
        os.read(go_r, 1)
        os.write(out_w, b"2")
        os._exit(0)
    os.close(out_w)
    pairs.append(out_r)
for fd in pairs:
    os.read(fd, 1)
os.close(go_w)
print("held", sum(os.read(fd, 1) == b"2" for fd in pairs), flush=True)
"""
"""Four children hold argv[1] MiB at one time; `held 4` when nothing stopped them.

Whom the kernel ends for it may be one that had told already what it holds.
"""

FORKS: Final = """
import os, signal, sys, time
children = []
try:
    for _ in range(int(sys.argv[1])):
        child = os.fork()
        if child == 0:
            time.sleep(600)
            os._exit(0)
        children.append(child)
except OSError:
    pass
print("forked", len(children), flush=True)
sys.stdin.buffer.read(1)
for child in children:
    os.kill(child, signal.SIGKILL)
"""
"""Forks argv[1] sleepers, as many as it may, and holds them until a byte comes."""

CONNECT: Final = """
import socket, sys
port, *hosts = sys.argv[1:]
for host in hosts:
    try:
        socket.create_connection((host, int(port)), timeout=3).close()
    except OSError as error:
        print("no", host, type(error).__name__)
    else:
        print("REACHED", host)
print("done", flush=True)
"""
"""Tries to reach port argv[1] at each further address."""

READ_FILE: Final = """
import sys
try:
    print(open(sys.argv[1]).read())
except OSError as error:
    print("no", type(error).__name__)
print("done", flush=True)
"""
"""Prints the file argv[1]."""

WRITE_OUTSIDE: Final = """
import os, sys
for folder in sys.argv[1:]:
    path = os.path.join(folder, f".grader-probe-{os.getpid()}")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
    except OSError as error:
        print("no", folder, type(error).__name__)
    else:
        os.unlink(path)
        print("WROTE", folder)
print("done", flush=True)
"""
"""Makes and removes an empty file in each folder of argv."""

FILL_ONE_FILE: Final = """
import sys
written = 0
try:
    with open("big", "wb", buffering=0) as file:
        for _ in range(int(sys.argv[1])):
            written += file.write(b"d" * (1 << 20))
except OSError as error:
    print("stopped", type(error).__name__)
print("mib", written >> 20, flush=True)
"""
"""Writes argv[1] MiB to one file in its folder."""

FILL_MANY_FILES: Final = """
import sys
written = 0
try:
    for number in range(int(sys.argv[1])):
        with open(f"big{number}", "wb", buffering=0) as file:
            written += file.write(b"d" * (1 << 20))
except OSError as error:
    print("stopped", type(error).__name__)
print("mib", written >> 20, flush=True)
"""
"""Writes argv[1] files of 1 MiB in its folder."""

DUMP_SURROUNDINGS: Final = """
import os, sys
for name, value in os.environ.items():
    print("env", name, "=", value)
print("argv", sys.argv, sys.orig_argv)
print("cwd", os.getcwd())
print("cmdline", open("/proc/self/cmdline").read() if os.path.exists("/proc/self/cmdline") else "")
print("done", flush=True)
"""
"""Tells what a program can learn without looking for it."""

HOSTNAME: Final = "import socket; print(socket.gethostname())"
"""Prints the name of its machine."""

OPEN_FILES: Final = """
import os
folder = "/proc/self/fd" if os.path.isdir("/proc/self/fd") else "/dev/fd"
for number in sorted(map(int, os.listdir(folder))):
    try:
        os.fstat(number)
    except OSError:
        continue
    print(number, end=" ")
print("done", flush=True)
"""
"""Lists the numbers of its open files."""

HIDES: Final = """
import os, sys, tempfile
for folder in (".", tempfile.gettempdir(), "/dev/shm"):
    if os.path.isdir(folder):
        open(os.path.join(folder, sys.argv[1]), "w").close()
os.write(1, b"up")
sys.stdin.buffer.read(1)
for folder in (".", tempfile.gettempdir(), "/dev/shm"):
    path = os.path.join(folder, sys.argv[1])
    if os.path.exists(path):
        os.unlink(path)
"""
"""Leaves empty files called argv[1] in all its folders until a byte comes."""

SEEKS: Final = """
import os, sys, tempfile
token = bytes.fromhex(sys.argv[1]).decode()
here = os.getcwd()
for folder in (here, os.path.dirname(here), tempfile.gettempdir(), "/tmp", "/dev/shm"):
    for path, _, files in os.walk(folder):
        if token in files:
            print("SAW", path)
for number in filter(str.isdigit, os.listdir("/proc")):
    try:
        if token.encode() in open(f"/proc/{number}/cmdline", "rb").read():
            print("SAW process", number)
    except OSError:
        pass
print("done", flush=True)
"""
"""Looks for files and processes that carry the token argv[1] (in hex, not to find itself)."""

POOL: Final = """
import multiprocessing
if __name__ == "__main__":
    lock = multiprocessing.Lock()
    with multiprocessing.Pool(2) as pool:
        print(sum(pool.map(abs, [-1, -2, -3])), flush=True)
"""
"""Adds up to 6 in two processes."""

TEMPORARY: Final = """
import os, pathlib, tempfile
with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as file:
    file.write(b"x" * 1000)
    (pathlib.Path(folder) / "a").write_text("a")
pathlib.Path("mine").write_text("mine")
private = os.stat(os.getcwd()).st_mode & 0o077 == 0
home = pathlib.Path.home() / "home"
home.write_text("home")
print("private" if private else "open to others", home.read_text(), flush=True)
"""
"""Uses its own folder, its home and the folder for temporary files."""

THREADS: Final = """
import threading
gate = threading.Barrier(17)
threads = [threading.Thread(target=gate.wait) for _ in range(16)]
for thread in threads:
    thread.start()
gate.wait(30)
for thread in threads:
    thread.join(30)
print("threads", len(threads), flush=True)
"""
"""Has sixteen threads at once."""

DEEP_FOLDERS: Final = """
import os
for _ in range(1200):
    os.mkdir("d")
    os.chdir("d")
os.mkdir("locked", 0)
os.write(1, b"up")
os.read(0, 1)
"""
"""Leaves folders nested 1200 deep, the last one closed to everybody, until a byte comes."""

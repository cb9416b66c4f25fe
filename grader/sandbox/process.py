"""The sandbox without an engine: each box is a group of local processes.

It keeps student code out of the process that decides a score, limits time, and cleans up. It does
not isolate: a box can read what this user can read, and reach the network. `isolates` says so.

On POSIX a small keeper process stands beside each box (`grader.sandbox.keeper`); elsewhere the box
is a plain child process, without limits of memory and disk. No fork, no select: pipes are served by
threads, so that this works on Windows, too.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

from grader.errors import BoxGoneError, EngineError
from grader.sandbox import keeper
from grader.sandbox.base import Box, BoxSpec, Certificate, Role, Sandbox
from grader.sandbox.pipe import Pipe
from grader.sandbox.scratch import Scratch, clear, remove_tree

INPUT: Final = 1 << 20
"""Bytes that may wait for a box to read them before a write has to wait, too."""
TAIL: Final = 64 * 1024
CHUNK: Final = 64 * 1024
END_S: Final = 2.0
"""How long the end of a process may take to be seen."""
ROUNDS: Final = 50
"""How often processes are looked for that were born while others were being killed."""
MEMORY_ERROR: Final = re.compile(r"(numpy\.[\w.]+\._Array)?MemoryError\b")
FLAGS: Final = {Role.CHECKER: ("-I", "-X", "utf8"), Role.WORKER: ("-P", "-s", "-X", "utf8")}
"""The worker heeds its environment, so that PYTHONHASHSEED acts and a run can be repeated; the
checker does not, since a student who knows its seed could send keys that collide."""
ONE_THREAD: Final = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")


class ProcessSandbox(Sandbox):
    """Starts boxes as local processes of this Python."""

    name = "process"
    isolates = False

    def __init__(self, *, root: Path | None = None, kept: bool | None = None) -> None:
        """Make boxes below `root` (default: the system's folder for temporary files).

        `kept` says whether a keeper stands beside each box; by default, wherever it can.
        """
        self._kept = os.name == "posix" if kept is None else kept
        try:
            self._scratch = Scratch(root)
        except OSError as error:
            raise EngineError(
                f"there is no place for temporary files: {error}",
                advice="Free some space there, or set TMPDIR to another folder.",
            ) from error
        self._boxes: set[ProcessBox] = set()
        self._lock = threading.Lock()
        self._closed = False

    def start(self, spec: BoxSpec) -> Box:
        """Start one box. Raises EngineError when no process can be started."""
        if self._closed:
            raise EngineError("the sandbox has been closed")
        try:
            folder = self._scratch.folder()
        except OSError as error:
            raise EngineError(f"a folder for a box could not be made: {error}") from error
        box = ProcessBox(spec, folder, kept=self._kept, on_close=self._forget)
        with self._lock:
            self._boxes.add(box)
        if self._closed:
            box.close()
            raise EngineError("the sandbox was closed while a box was starting")
        return box

    def sweep(self) -> int:
        """End the processes and remove the folders of supervisors that died."""
        swept = 0
        for orphan in self._scratch.orphans():
            end_dwellers(orphan)
            swept += clear(orphan)
        return swept

    def close(self) -> None:
        """End all boxes, and remove their folders."""
        self._closed = True
        with self._lock:
            boxes = list(self._boxes)
        for box in boxes:
            box.close()
        self._scratch.close()

    def _forget(self, box: ProcessBox) -> None:
        with self._lock:
            self._boxes.discard(box)


class ProcessBox(Box):
    """One process, those that it starts, and the folder that they live in."""

    def __init__(
        self, spec: BoxSpec, folder: Path, *, kept: bool, on_close: Callable[[ProcessBox], None]
    ) -> None:
        """Start the process."""
        self.spec = spec
        self.name = f"box-{folder.name}"
        self._folder = folder
        self._on_close = on_close
        self._ending = threading.Lock()
        self._killed = False
        self._closed = False
        self._report = b""
        self._reporting = threading.Lock()
        self._leash: socket.socket | None = None
        try:
            self._process = self._start_kept() if kept else self._start_plain()
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            if self._leash is not None:
                self._leash.close()
            remove_tree(folder)
            raise EngineError(f"a process could not be started: {error}") from error
        self._input, self._output, self._errors = Pipe(INPUT), Pipe(), _Tail()
        self._threads: list[threading.Thread] = []
        try:
            self._serve_pipes(watched=not kept)
        except RuntimeError as error:  # no more threads to be had
            self.close()
            raise EngineError(f"a box could not be served: {error}") from error

    def _serve_pipes(self, *, watched: bool) -> None:
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None
        assert stdout is not None
        assert stderr is not None
        self._threads.append(_thread(_feed, self._input, stdin))
        self._threads.append(_thread(_drain, stdout, self._output))
        self._threads.append(_thread(self._errors.drain, stderr))
        if watched:
            _thread(self._watch)

    def _start_kept(self) -> subprocess.Popen[bytes]:
        limits = self.spec.limits
        self._leash, other_end = socket.socketpair()
        with other_end:
            leash = other_end.fileno()
            numbers = (leash, self.spec.lifetime_s, limits.memory_mb, limits.disk_mb)
            beside = [sys.executable, "-I", "-S", keeper.__file__, *map(str, numbers)]
            return self._popen([*beside, *self._argv()], pass_fds=[leash])

    def _start_plain(self) -> subprocess.Popen[bytes]:
        return self._popen(self._argv())

    def _argv(self) -> list[str]:
        return [sys.executable, *FLAGS[self.spec.role], *self.spec.argv]

    def _watch(self) -> None:
        """Do here what a keeper does: end everything at the end of the process or its time."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self.spec.lifetime_s)
        self.kill()

    def _popen(self, argv: list[str], pass_fds: list[int] | None = None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            argv,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
            env=surroundings(self._folder),
            pass_fds=pass_fds or [],
            # A Ctrl-C at the terminal is for the supervisor, which then ends its boxes.
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )

    def write(self, data: bytes, timeout_s: float) -> None:
        """Send all bytes; up to 1 MiB may be under way when this returns."""
        if self._killed:
            raise BoxGoneError("the box has been ended")
        self._input.put(data, timeout_s)

    def read(self, timeout_s: float) -> bytes:
        """Return some bytes, or b"" at the end."""
        return self._output.get(max(0.0, timeout_s))

    def certificate(self) -> Certificate:
        """Return how the process ended; waits only when there are signs that it has."""
        ended = self._killed or self._output.is_ended or self._input.is_ended
        exit_code, cpu_s = self._await_exit(END_S if ended else 0.05)
        tail = self._errors.text(END_S if exit_code is not None else 0.0)
        return Certificate(
            exit_code=exit_code,
            out_of_memory=exit_code is not None and _ran_out_of_memory(tail),
            stderr_tail=tail,
            cpu_s=cpu_s,
        )

    def kill(self) -> None:
        """End every process of the box that can be found."""
        with self._ending:
            if self._killed:
                return
            self._killed = True
            self._input.abandon()
            if self._leash is None or not self._let_go(self._leash):
                self._end_by_hand()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(END_S)

    def close(self) -> None:
        """Kill, and remove the folder."""
        self.kill()
        with self._ending:
            if self._closed:
                return
            self._closed = True
        self._output.abandon()
        for thread in self._threads:
            thread.join(END_S)
        if self._leash is not None:
            self._leash.close()
        remove_tree(self._folder)
        self._on_close(self)

    def _let_go(self, leash: socket.socket) -> bool:
        """Drop the leash; return whether the keeper says that everything has ended."""
        with contextlib.suppress(OSError):
            leash.shutdown(socket.SHUT_WR)
        return bool(self._read_report(leash, END_S))

    def _read_report(self, leash: socket.socket, timeout_s: float) -> bytes:
        with self._reporting:
            if not self._report:
                leash.settimeout(timeout_s)
                with contextlib.suppress(OSError):
                    self._report = leash.recv(100)
            return self._report

    def _await_exit(self, timeout_s: float) -> tuple[int | None, float | None]:
        """Return exit code and processor seconds, as far as they are known in time."""
        if self._leash is not None and (report := self._read_report(self._leash, timeout_s)):
            word, cpu_s = report.split()
            return int(word), float(cpu_s)
        # A keeper says nothing while its box lives, and nothing when it was killed itself.
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._process.wait(0.01 if self._leash is not None else timeout_s)
            return (code if code >= 0 else 128 - code), None
        return None, None

    def _end_by_hand(self) -> None:
        """Kill what can be found from here: the process, its group, and the dwellers."""
        if os.name == "nt":
            _kill_tree(self._process.pid)
        else:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        end_dwellers(self._folder)


class _Tail:
    """The end of a stream that nobody reads: kept short however long the stream is."""

    def __init__(self) -> None:
        self._kept = b""
        self._ended = threading.Event()

    def drain(self, stream: IO[bytes]) -> None:
        with stream, contextlib.suppress(OSError):
            while chunk := stream.read(CHUNK):
                self._kept = (self._kept + chunk)[-TAIL:]
        self._ended.set()

    def text(self, timeout_s: float) -> str:
        """Return the text, after waiting for the stream to end."""
        self._ended.wait(timeout_s)
        # A byte that is no UTF-8 becomes three: cut again.
        text = self._kept.decode("utf-8", errors="replace").encode()[-TAIL:]
        return text.decode("utf-8", errors="ignore")


def _feed(pipe: Pipe, stream: IO[bytes]) -> None:
    """Write what comes out of the pipe to the stream."""
    with contextlib.suppress(OSError), stream:
        while chunk := memoryview(pipe.get()):
            while chunk:
                chunk = chunk[stream.write(chunk) :]
    pipe.abandon()


def _drain(stream: IO[bytes], pipe: Pipe) -> None:
    """Put what the stream says into the pipe; when it is full, wait, and so let the writer wait."""
    with contextlib.suppress(OSError, BoxGoneError), stream:
        while chunk := stream.read(CHUNK):
            pipe.put(chunk)
    pipe.end()


def _thread(work: Callable[..., None], *args: Any) -> threading.Thread:
    thread = threading.Thread(target=work, args=args, daemon=True, name=f"box-{work.__name__}")
    thread.start()
    return thread


def surroundings(folder: Path) -> dict[str, str]:
    """Return the environment of a box: nothing in it comes from the supervisor's."""
    home = str(folder)
    made = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "Agg",
        "DO_NOT_TRACK": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
        "LOKY_MAX_CPU_COUNT": "1",
    }
    made |= {f"{library}_NUM_THREADS": "1" for library in ONE_THREAD}
    if os.name == "nt":
        made |= {"USERPROFILE": home, "TEMP": home, "TMP": home}
        # Without it no Python starts on Windows.
        made |= {"SYSTEMROOT": os.environ.get("SYSTEMROOT", r"C:\Windows")}
    return made


def end_dwellers(folder: Path) -> None:
    """Kill the processes that call this folder, or one in it, their home; where /proc tells."""
    for _ in range(ROUNDS):
        living = keeper.dwellers(str(folder))
        if not living:
            return
        keeper.send(living, signal.SIGKILL)


def _kill_tree(pid: int) -> None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            ["taskkill", "/T", "/F", "/PID", str(pid)],
            capture_output=True,
            timeout=END_S,
            check=False,
        )


def _ran_out_of_memory(tail: str) -> bool:
    lines = tail.rstrip().splitlines()
    return bool(lines) and MEMORY_ERROR.match(lines[-1]) is not None

"""A Dask cluster for tests: one scheduler and some workers, each a process of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0
QUIET = {
    "DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
}


@dataclass
class SmallCluster:
    """Where it is, and the processes that it is made of."""

    folder: Path
    tls: tuple[str, ...] = ()
    """Words that name the certificates; empty for a cluster in the open."""
    scheduler: subprocess.Popen | None = None
    workers: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The scheduler's file: another way to name it."""
        return self.folder / "scheduler.json"

    def start(self, *workers: str, threads: int = 1) -> None:
        """Start the scheduler and these workers, which take a moment to be there."""
        self.scheduler = self._process(
            "scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
            "--scheduler-file", str(self.file), *self.tls,
            *(["--protocol", "tls"] if self.tls else []),
        )  # fmt: skip
        deadline = time.monotonic() + START_S
        while not self.file.exists():
            assert self.scheduler.poll() is None, self.log("scheduler")
            assert time.monotonic() < deadline, self.log("scheduler")
            time.sleep(0.05)
        for name in workers:
            self.join(name, threads=threads)

    def join(self, name: str, *, threads: int = 1, **env: str) -> None:
        """Start one more worker."""
        self.workers[name] = self._process(
            name, "worker", "--scheduler-file", str(self.file), "--name", name, "--no-nanny",
            "--nthreads", str(threads), "--no-dashboard", "--memory-limit", "0",
            "--local-directory", str(self.folder / name), *self.tls, **env,
        )  # fmt: skip

    def await_worker(self, name: str) -> None:
        """Wait until the worker has been welcomed."""
        deadline = time.monotonic() + START_S
        while "Registered to" not in self.log(name):
            assert time.monotonic() < deadline, self.log(name)
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        """End a worker at once, as a power cut would."""
        self.workers[name].send_signal(signal.SIGKILL)
        self.workers[name].wait()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def close(self) -> None:
        for process in (*self.workers.values(), self.scheduler):
            if process is not None:
                process.terminate()
        for process in (*self.workers.values(), self.scheduler):
            if process is not None:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def _process(self, name: str, *words: str, **env: str) -> subprocess.Popen:
        log = (self.folder / f"{name}.log").open("wb")
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *words],
                cwd=ROOT, stdout=log, stderr=log, env=os.environ | QUIET | env,
            )  # fmt: skip


@contextlib.contextmanager
def small_cluster(
    folder: Path, *workers: str, threads: int = 1, tls: tuple[str, ...] = ()
) -> Iterator[SmallCluster]:
    """Start a cluster, and end all of it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = SmallCluster(folder, tls)
    try:
        made.start(*workers, threads=threads)
        for name in workers:
            made.await_worker(name)
        yield made
    finally:
        made.close()

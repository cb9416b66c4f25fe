"""Containers: the contract of every sandbox, and what only containers promise.

That each restriction acts is shown in test_doctor.py, by the doctor itself.
"""

from __future__ import annotations

import dataclasses
import secrets
import signal
import socket
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import pytest

from grader.errors import ImageMissingError
from grader.lab import Limits
from grader.sandbox.base import BoxSpec, Role
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.engine import connect
from grader.sandbox.image import Images
from grader.sandbox.labels import DEADLINE, REALM
from tests.sandbox import probes
from tests.sandbox.contract import SOON_S, SandboxContract, read_exactly, read_line, read_to_end

pytestmark = pytest.mark.needs_engine


def containers_of(realm: str) -> dict[str, dict]:
    client = connect()
    found = client.api.containers(all=True, filters={"label": f"{REALM}={realm}"})
    client.close()
    return {one["Id"]: one for one in found}


def worker(code: str, *args: str, **fields) -> BoxSpec:
    return BoxSpec(**{"role": Role.WORKER, "argv": ("-c", code, *args)} | fields)


@pytest.fixture
def realm() -> str:
    return f"tests-{secrets.token_hex(4)}"


@pytest.fixture
def sandbox(engine, realm):
    with DockerSandbox(realm=realm) as sandbox:
        yield sandbox


def said_by(sandbox, code: str, *args: str, **fields) -> str:
    with sandbox.start(worker(code, *args, **fields)) as box:
        said = read_to_end(box).decode()
        end = box.certificate()
    assert end.exit_code == 0, end.stderr_tail
    return said


class TestDocker(SandboxContract):
    KNOWN_GAPS: ClassVar[dict[str, str]] = {}

    @pytest.fixture
    def sandbox(self, engine, realm):
        self.realm = realm
        with DockerSandbox(realm=realm) as sandbox:
            yield sandbox

    @pytest.fixture
    def supervisor(self, sandbox) -> str:
        return (
            "from grader.sandbox.docker import DockerSandbox\n"
            f"sandbox = DockerSandbox(realm={self.realm!r})\n"
        )

    def leftovers(self, sandbox):
        return set(containers_of(self.realm))

    def test_eof_on_close_of_stdout(self, start):
        """Differs: the init process of a container holds stdout too, so its end is the box's end.

        Whoever waits for a box has a deadline anyway; here the lifetime of the box is the nearer.
        """
        box = start(probes.CLOSES_STDOUT, lifetime_s=2.0)

        assert read_to_end(box) == b"last words"
        assert box.read(5) == b""


# honest work under the filter of system calls, in a read-only box with one thread and no network

HONEST = {
    "a fitted model": """
        import numpy as np, pandas as pd
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.linear_model import LogisticRegression
        frame = pd.DataFrame({"a": np.arange(200.0), "b": np.arange(200) % 7})
        target = frame["a"] > 99
        for model in (LogisticRegression(), RandomForestClassifier(n_estimators=10, n_jobs=2)):
            assert model.fit(frame, target).score(frame, target) > 0.9
        frame.to_csv("frame.csv", index=False)
        assert len(pd.read_csv("frame.csv")) == 200
        assert frame.groupby("b")["a"].mean().notna().all()
    """,
    "joblib with processes": """
        from joblib import Parallel, delayed
        assert Parallel(n_jobs=2)(delayed(abs)(-n) for n in range(8)) == list(range(8))
        assert Parallel(n_jobs=2, prefer="threads")(delayed(abs)(-n) for n in (1, 2)) == [1, 2]
    """,
    "multiprocessing, all start methods": """
        import multiprocessing
        for method in ("fork", "spawn", "forkserver"):
            context = multiprocessing.get_context(method)
            with context.Pool(2) as pool:
                assert pool.map(abs, [-1, -2]) == [1, 2]
            with context.Manager() as manager:
                shared = manager.dict(a=1)
                assert shared["a"] == 1
        from multiprocessing.shared_memory import SharedMemory
        block = SharedMemory(create=True, size=4096)
        block.close(); block.unlink()
    """,
    "asyncio with subprocesses": """
        import asyncio, sys
        async def main():
            argv = [sys.executable, "-c", "print(6 * 7)"]
            child = await asyncio.create_subprocess_exec(*argv, stdout=-1)
            out, _ = await child.communicate()
            assert out.strip() == b"42", out
            await asyncio.wait_for(asyncio.to_thread(sum, [1]), 5)
        asyncio.run(main())
    """,
    "a web service on localhost": """
        import socket, threading, urllib.request
        from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
        server = ThreadingHTTPServer(("localhost", 0), SimpleHTTPRequestHandler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://localhost:{server.server_port}/"
        assert urllib.request.urlopen(address, timeout=5).status == 200
        server.shutdown()
        assert socket.gethostbyname(socket.gethostname()).startswith("127.")
    """,
    "shells and tools": """
        import subprocess
        for script in (
            "umask 022; mkdir -p a/b; echo hi > a/b/c; cp -r a d; ls -l d | sort; mv d e; rm -rf e",
            "find . -name c | xargs cat; date; id; sleep 0.01; tar c a/b | tar t",
            "touch x; ln -s x y; chmod 600 x; sed -i s/a/b/ x; stat x; du -s .; kill -0 $$",
        ):
            done = subprocess.run(["sh", "-euc", script], capture_output=True, text=True)
            assert done.returncode == 0 and not done.stderr, done
        script = "set -e; (cat <(echo x)) | grep x; for i in {1..3}; do : & done; wait"
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
        assert done.returncode == 0 and not done.stderr, done
    """,
    "sqlite, archives, copies": """
        import os, shutil, sqlite3, tarfile, tempfile, zipfile
        base = sqlite3.connect("x.db"); base.execute("pragma journal_mode=wal")
        base.execute("create table t (a)"); base.execute("insert into t values (1)"); base.commit()
        with zipfile.ZipFile("x.zip", "w") as z: z.write("x.db")
        with tarfile.open("x.tgz", "w:gz") as t: t.add("x.db")
        shutil.copyfile("x.db", "y.db")
        shutil.copytree(".", "/tmp/copy"); shutil.rmtree("/tmp/copy")
        with tempfile.NamedTemporaryFile() as f: f.write(b"x"); f.flush(); os.fsync(f.fileno())
    """,
    "signals, timers and clocks": """
        import faulthandler, resource, select, signal, threading, time
        signal.signal(signal.SIGALRM, lambda *_: None); signal.setitimer(signal.ITIMER_REAL, 0.01)
        signal.sigtimedwait([], 0.05); time.sleep(0.001); time.process_time(); time.thread_time()
        poll = select.epoll(); poll.close()
        resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, 8 << 20))
        threading.Timer(0.01, lambda: None).start()
        faulthandler.dump_traceback_later(10); faulthandler.cancel_dump_traceback_later()
    """,
    "linear algebra": """
        import numpy as np, scipy.linalg, scipy.optimize, scipy.sparse
        a = np.random.default_rng(0).normal(size=(300, 300))
        assert np.allclose(scipy.linalg.inv(a) @ a, np.eye(300), atol=1e-6)
        assert scipy.optimize.minimize(lambda x: (x ** 2).sum(), [1.0, 2.0]).success
    """,
}


@pytest.mark.parametrize("what", HONEST)
def test_honest_work_is_not_hindered(sandbox, what):
    code = textwrap.dedent(HONEST[what]).strip()

    said = said_by(sandbox, f"{code}\nprint('fine')", lifetime_s=120)

    assert said.endswith("fine\n")


def test_the_same_hand_in_does_the_same_thing_twice(sandbox):
    code = "print({str(n) for n in range(50)})"

    assert said_by(sandbox, code) == said_by(sandbox, code)


def test_a_student_cannot_know_the_hashes_of_the_checker(sandbox):
    code = "print(hash('a key'))"

    assert said_by(sandbox, code, role=Role.CHECKER) != said_by(sandbox, code, role=Role.CHECKER)


# what a box can find out

SEARCH = """
import os
for folder, below, files in os.walk("/"):
    if folder == "/":
        below[:] = [name for name in below if name not in ("proc", "sys", "dev")]
    for name in files + below:
        if name.startswith("test_") or name in ("tests", "checker", "solutions", "expected.toml"):
            print(os.path.join(folder, name))
"""


def test_the_student_side_holds_no_tests_and_no_checker(sandbox):
    found = said_by(sandbox, SEARCH).split()

    ours = [path for path in found if "/grader/" in path or path.startswith(("/work", "/opt/g"))]
    assert ours == []
    # `evidently.tests` are conditions for metrics: a part of that library with a misleading name.
    libraries = [path for path in found if "site-packages" in path and path.endswith("/tests")]
    assert [path for path in libraries if "/site-packages/evidently/" not in path] == []


def test_the_student_side_cannot_import_the_checker(sandbox):
    code = (
        "import importlib.util as u\n"
        "print([u.find_spec(n) for n in ('grader.checker', 'grader.lab', 'grader.sandbox')])\n"
    )

    assert said_by(sandbox, code) == "[None, None, None]\n"


LOOK_AROUND = """
import os
for pid in filter(str.isdigit, os.listdir("/proc")):
    for name in ("cmdline", "environ", "maps", "mountinfo"):
        try:
            print(pid, name, open(f"/proc/{pid}/{name}", "rb").read())
        except OSError as error:
            print(pid, name, error.errno)
    for name in ("cwd", "root", "exe"):
        try:
            print(pid, name, os.readlink(f"/proc/{pid}/{name}"))
        except OSError as error:
            print(pid, name, error.errno)
print("pids", len(list(filter(str.isdigit, os.listdir("/proc")))))
"""


def test_proc_shows_the_boxs_own_processes_and_no_path_of_ours(sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_COURSE_SECRET", "canary-of-the-course")

    said = said_by(sandbox, LOOK_AROUND, label="canary-of-the-lab")

    assert int(said.split()[-1]) <= 4, "init, timeout, python"
    assert "canary" not in said
    assert str(Path.cwd()) not in said
    assert socket.gethostname() not in said.replace("/var/lib/docker", "")


LISTEN = """
import os, socket
s = socket.socket(socket.AF_UNIX); s.bind("\\0grader-probe"); s.listen()
t = socket.create_server(("127.0.0.1", 5005))
os.write(1, b"up"); os.read(0, 1)
"""
KNOCK = """
import socket
for family, address in ((socket.AF_UNIX, "\\0grader-probe"), (socket.AF_INET, ("127.0.0.1", 5005))):
    try:
        socket.socket(family).connect(address)
        print("REACHED")
    except OSError as error:
        print("no", error.errno)
"""


def test_two_boxes_share_no_sockets(sandbox):
    with sandbox.start(worker(LISTEN, slot=0)) as listener:
        assert read_exactly(listener, 2) == b"up"

        said = said_by(sandbox, KNOCK, slot=1)

    assert said.count("no") == 2


# ends


def test_a_child_killed_for_memory_is_told_even_when_the_box_ends_well(sandbox):
    code = (
        "import os\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    hoard = [b'm' * (8 << 20) for _ in range(64)]\n"
        "os.waitpid(child, 0)\n"
    )
    with sandbox.start(worker(code, limits=Limits(memory_mb=128))) as box:
        read_to_end(box)
        end = box.certificate()

    assert (end.exit_code, end.out_of_memory) == (0, True)


def test_a_living_box_says_what_it_used(sandbox):
    from grader.sandbox.usage import version

    code = "import os\nx = b'm' * (64 << 20)\nsum(range(10**6))\nos.write(1, b'up')\nos.read(0, 1)"
    with sandbox.start(worker(code)) as box:
        read_exactly(box, 2)
        end = box.certificate()

    if version() == 0 or end.cpu_s is None:
        pytest.skip("the engine's control groups are not on this machine")
    assert 64 < end.peak_memory_mb < 200
    assert 0 < end.cpu_s < 10


def test_what_a_box_used_is_remembered_after_it_was_killed(sandbox):
    with sandbox.start(worker(probes.DEAF)) as box:
        read_exactly(box, 2)
        before = box.certificate()
        box.kill()
        read_to_end(box)
        after = box.certificate()

    assert after.exit_code == 137
    assert (after.cpu_s is None) == (before.cpu_s is None)


def test_a_box_ends_when_its_supervisor_is_killed(sandbox, realm):
    """Long before its lifetime is over: its stdin closes with the supervisor's connection."""
    reader = "import os; os.write(1, b'up'); os.read(0, 1)"
    code = (
        "import os, signal\n"
        "from grader.sandbox.base import BoxSpec, Role\n"
        "from grader.sandbox.docker import DockerSandbox\n"
        f"sandbox = DockerSandbox(realm={realm!r})\n"
        f"box = sandbox.start(BoxSpec(role=Role.WORKER, argv=('-c', {reader!r}), lifetime_s=300))\n"
        "box.read(20)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    deadline = time.monotonic() + SOON_S
    while any(one["State"] == "running" for one in containers_of(realm).values()):
        assert time.monotonic() < deadline

    assert len(containers_of(realm)) == 1
    assert sandbox.sweep() == 1
    assert containers_of(realm) == {}


def test_sweep_removes_living_boxes_whose_time_is_over(sandbox, realm):
    """Of an owner on another machine, about whom nobody here can know more."""
    sandbox._owner = dataclasses.replace(sandbox._owner, machine="elsewhere")
    with (
        sandbox.start(worker(probes.ECHO, lifetime_s=60)),
        DockerSandbox(realm=realm, clock=lambda: time.time() + 60) as early,
        DockerSandbox(realm=realm, clock=lambda: time.time() + 3600) as late,
    ):
        assert early.sweep() == 0
        assert late.sweep() == 1

    assert containers_of(realm) == {}


def test_sweep_with_a_clock_that_was_set_forward_spares_the_boxes_of_a_living_owner(sandbox, realm):
    with (
        sandbox.start(worker(probes.ECHO, lifetime_s=60)) as box,
        DockerSandbox(realm=realm, clock=lambda: time.time() + 86_400) as ahead,
    ):
        assert ahead.sweep() == 0
        box.write(b"still here\n", 5.0)
        assert box.read(5.0) == b"still here\n"


def test_a_box_that_was_paused_from_outside_says_so_and_can_be_removed(sandbox, realm):
    """Its own deadline does not come while it is frozen: only removing it ends it."""
    box = sandbox.start(worker(probes.ECHO, lifetime_s=60))
    sandbox.client.api.pause(box.id)

    assert box.certificate().paused
    box.close()
    assert containers_of(realm) == {}


def test_sweep_does_not_touch_other_peoples_containers(sandbox):
    client = connect()
    other = client.api.create_container(sandbox.images.worker_id, ["true"])["Id"]
    try:
        sandbox.sweep()

        assert client.api.inspect_container(other)["Id"] == other
    finally:
        client.api.remove_container(other, force=True)
        client.close()


# starting


def test_an_image_that_is_gone_is_named_and_nothing_is_left(engine, realm):
    gone = "sha256:" + "ab" * 32
    images = Images(worker_id=gone, checker_id=gone, digest="0")
    with (
        DockerSandbox(realm=realm, images=images) as sandbox,
        pytest.raises(ImageMissingError) as caught,
    ):
        sandbox.start(worker("pass"))

    assert "grader image build" in caught.value.advice
    assert containers_of(realm) == {}


def test_a_box_with_tools_has_them_and_the_light_libraries_too(sandbox):
    asks = (
        "import importlib.util as u, shutil, sys, pandas\n"
        "print([name for name in ('mlflow', 'evidently', 'sklearn', 'pyarrow', 'pytest')"
        " if u.find_spec(name)], [p for p in ('act', 'zizmor', 'mlflow') if shutil.which(p)])\n"
        "print('done', flush=True)"
    )
    with sandbox.start(worker(asks, tools=True)) as box:
        said = read_line(box, "done")
    with sandbox.start(worker(asks)) as box:
        plain = read_line(box, "done")

    assert "['mlflow', 'evidently', 'sklearn', 'pyarrow', 'pytest'] ['act', 'zizmor'" in said
    assert "['sklearn', 'pytest'] []" in plain, "pandas imports pyarrow wherever it is"


def test_a_box_that_cannot_be_started_leaves_nothing(sandbox, realm, monkeypatch):
    from grader.errors import EngineError
    from grader.sandbox import hardening

    if sandbox.dialect is not hardening.DOCKER:
        pytest.skip("Podman takes any name of a runtime for its own")
    monkeypatch.setattr(hardening, "BIN", "/nowhere")
    whole = hardening._fences
    broken = {"runtime": "no-such-runtime"}
    monkeypatch.setattr(hardening, "_fences", lambda profile: whole(profile) | broken)

    with pytest.raises(EngineError):
        sandbox.start(worker("pass"))

    assert containers_of(realm) == {}


def test_labels_tell_the_reaper_enough_and_nobody_anything_else(sandbox, realm):
    with sandbox.start(worker(probes.ECHO, label="02-data-quality", slot=7)):
        (found,) = containers_of(realm).values()

    needed = {REALM, DEADLINE, "grader.owner", "grader.role", "grader.slot", "grader.note"}
    of_the_image = {"grader.image", "grader.inputs", "grader.base"}
    ours = {key for key in found["Labels"] if key.startswith("grader.")}
    assert needed <= ours <= needed | of_the_image
    assert found["Labels"]["grader.slot"] == "7"


def test_eight_threads_share_one_sandbox(sandbox, realm):
    def one(slot: int) -> str:
        said = ""
        for _ in range(3):
            with sandbox.start(worker("import os; print(os.getuid())", slot=slot)) as box:
                said += read_line(box)
        return said

    with ThreadPoolExecutor(8) as executor:
        said = list(executor.map(one, range(8)))

    assert said == [f"{200_000 + slot}\n" * 3 for slot in range(8)]
    assert containers_of(realm) == {}

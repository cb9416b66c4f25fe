"""`grader batch --cluster`: a scheduler and two workers as processes, with boxes of their own."""

import json
import sys
from types import SimpleNamespace

import pytest

from grader.cli import cluster
from grader.cli.boxes import NOT_CONTAINED, SandboxChoice, SandboxName
from grader.cli.cluster import open_cluster
from grader.cli.elsewhere import Setup
from grader.errors import BrokenError, UsageError
from grader.progress import RecordingProgress
from grader.results import Results
from tests import realclass
from tests.cli.clusters import small_cluster

PROCESSES = SandboxChoice(name=SandboxName.PROCESS)
ALIKE = Setup(machine="a (one)", sandbox="docker", sources="d" * 64)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Return a cluster of two workers, each with one thread."""
    with small_cluster(tmp_path_factory.mktemp("cluster"), "one", "two") as running:
        yield running


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Return what one machine makes of the class: its results, and what its progress heard."""
    place = tmp_path_factory.mktemp("alone")
    realclass.prepare(place)
    progress = RecordingProgress()
    with realclass.ProcessSandbox(root=place / "boxes") as sandbox:
        realclass.grade_class(place, sandbox, progress=progress)
    return realclass.state(place / "results"), progress


def grade_on(running, place, choice=PROCESSES, progress=None):
    """Grade the class on a cluster; return the outcome."""
    folder = realclass.folder_of(place)
    with open_cluster(str(running.file), folder, choice, realclass.SECRET) as machines:
        return realclass.batch(
            place,
            folder.lab,
            None,
            progress=progress,
            jobs=machines.slots,
            executor=machines.executor,
            bind=lambda _grade, _lab: machines.grade,
        )


def machines_of(place):
    return {run.machine.rpartition("(")[2].rstrip(")") for run in runs_of(place)}


def runs_of(place):
    return list(Results.read(place / "results").official())


def heard(progress):
    return sorted(map(str, progress.events))


@pytest.mark.slow
def test_two_machines_give_what_one_gives_and_each_run_says_where(two, alone, tmp_path, capsys):
    realclass.prepare(tmp_path)
    progress = RecordingProgress()
    outcome = grade_on(two, tmp_path, progress=progress)

    assert (outcome.graded, outcome.exit_code) == (3, 0)
    state, alone_progress = alone
    assert realclass.state(tmp_path / "results") == state
    assert heard(progress) == heard(alone_progress)
    assert machines_of(tmp_path) == {"one", "two"}
    said = " ".join(capsys.readouterr().err.split())
    assert "2 machines of the cluster grade in processes, 2 hand-ins at a time." in said
    assert NOT_CONTAINED[:40] in said
    again = grade_on(two, tmp_path)
    assert (again.graded, again.skipped) == (0, 3), "what is recorded is not sent again"


@pytest.mark.slow
@pytest.mark.needs_engine
def test_two_machines_with_containers_give_what_one_gives(two, tmp_path, engine):
    place, here = tmp_path / "there", tmp_path / "here"
    realclass.prepare(place)
    realclass.prepare(here)
    assert grade_on(two, place, SandboxChoice(name=SandboxName.DOCKER)).graded == 3
    realclass.in_containers(here)

    assert realclass.state(place / "results") == realclass.state(here / "results")
    assert {run.sandbox for run in runs_of(place)} == {"docker"}
    assert machines_of(place) == {"one", "two"}


@pytest.fixture
def certificates(tmp_path):
    """Return the words that name one certificate for all, and what Dask's configuration says."""
    import dask
    from distributed.security import Security

    made = Security.temporary()
    texts = {
        "ca-file": made.tls_ca_file,
        "cert": made.tls_client_cert,
        "key": made.tls_client_key,
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.pem").write_text(text)
    words = [(f"--tls-{name}", str(tmp_path / f"{name}.pem")) for name in texts]
    said = {
        "distributed.comm.tls.ca-file": str(tmp_path / "ca-file.pem"),
        "distributed.comm.tls.client.cert": str(tmp_path / "cert.pem"),
        "distributed.comm.tls.client.key": str(tmp_path / "key.pem"),
    }
    with dask.config.set(said):
        yield tuple(word for pair in words for word in pair)


@pytest.mark.slow
def test_certificates_come_from_dasks_configuration(alone, tmp_path, certificates):
    import dask

    realclass.prepare(tmp_path)
    with small_cluster(tmp_path / "cluster", "one", tls=certificates) as running:
        address = json.loads(running.file.read_text())["address"]
        assert address.startswith("tls://")
        assert grade_on(running, tmp_path).graded == 3
        with (
            dask.config.set({"distributed.comm.tls.client.cert": None}),
            pytest.raises(UsageError, match="no Dask scheduler answers"),
        ):
            cluster._connected(address)
    assert realclass.state(tmp_path / "results") == alone[0]


class KillsAnother(RecordingProgress):
    """At the first run that comes back, kills the worker that it did not come from."""

    def __init__(self, running):
        super().__init__()
        self.running = running
        self.killed = ""

    def graded(self, run):
        super().graded(run)
        if not self.killed:
            (self.killed,) = {"one", "two"} - {run.machine.rpartition("(")[2].rstrip(")")}
            self.running.kill(self.killed)


@pytest.mark.slow
def test_a_worker_that_is_killed_in_mid_run_costs_nothing_but_time(tmp_path):
    """The slow hand-in is still being graded when the first of the others comes back."""
    realclass.prepare(tmp_path)
    slow = tmp_path / "hand-ins" / "ann" / "column.py"
    slow.write_text(f"import time\ntime.sleep(2)\n{slow.read_text()}")
    with small_cluster(tmp_path / "cluster", "one", "two") as running:
        progress = KillsAnother(running)
        outcome = grade_on(running, tmp_path, progress=progress)

    assert progress.killed
    assert (outcome.graded, outcome.broken, outcome.exit_code) == (3, 0, 0)
    assert realclass.marks(tmp_path) == {"ann": 80, "bob": 0, "dee": 0}
    lines = (tmp_path / "results" / "runs.jsonl").read_text().splitlines()
    assert len(lines) == 3, "each once"
    (last,) = {json.loads(line)["machine"] for line in lines if '"ann"' in line}
    assert progress.killed not in last


class KillsScheduler(RecordingProgress):
    """At the first run that comes back, ends the scheduler."""

    def __init__(self, running):
        super().__init__()
        self.running = running

    def graded(self, run):
        super().graded(run)
        self.running.scheduler.kill()
        self.running.scheduler.wait()


@pytest.mark.slow
def test_without_its_scheduler_a_batch_stops_and_one_machine_goes_on(alone, tmp_path, monkeypatch):
    realclass.prepare(tmp_path)
    with small_cluster(tmp_path / "cluster", "one") as running:
        monkeypatch.setattr(cluster, "ANSWER_S", 3.0)
        outcome = grade_on(running, tmp_path, progress=KillsScheduler(running))
    assert outcome.exit_code == 5
    assert "the pool of graders" in outcome.halted
    assert "start the same command again" in outcome.halted
    assert 0 < len(runs_of(tmp_path)) < 3

    realclass.in_processes(tmp_path)
    assert realclass.state(tmp_path / "results") == alone[0]


# -- what is refused before anything is graded ---------------------------------------------------


def test_machines_that_are_alike_may_grade():
    cluster._agree([ALIKE, ALIKE], "d" * 64)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (Setup(machine="b (two)", problem="no engine answers."), r"b \(two\): no engine answers"),
        (Setup(machine="b (two)", sandbox="docker", sources="e" * 64), "grader image build"),
        (Setup(machine="b (two)", sandbox="process", sources="d" * 64), "machines of this cluster"),
        (
            Setup(machine="b (two)", sandbox="docker", sources="d" * 64, grader="0.0.9"),
            r"b \(two\): docker, grader 0\.0\.9",
        ),
        (
            Setup(machine="b (two)", sandbox="docker", sources="d" * 64, python="3.9"),
            r"Python 3\.9",
        ),
    ],
    ids=["cannot grade", "other sources", "other sandbox", "other grader", "other Python"],
)
def test_machines_that_cannot_grade_or_differ_are_named(other, says):
    with pytest.raises(BrokenError) as caught:
        cluster._agree([ALIKE, other], "d" * 64)
    assert caught.match(says)


def test_a_machine_without_the_grader_is_told_how_to_get_it():
    there = SimpleNamespace(run=lambda *_, **__: {"tcp://b:1": ModuleNotFoundError("No grader")})
    (found,) = cluster._looked_at(there, PROCESSES)
    with pytest.raises(BrokenError, match=r"tcp://b:1.*pip install -r requirements/cluster.txt"):
        cluster._agree([found], "d" * 64)


def test_an_address_where_nobody_answers_is_a_usage_error(monkeypatch, free_port):
    monkeypatch.setattr(cluster, "ANSWER_S", 1.0)
    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        cluster._connected(f"tcp://127.0.0.1:{free_port}")


def test_a_word_that_is_neither_address_nor_file_is_a_usage_error():
    with pytest.raises(UsageError, match="neither an address nor a file"):
        cluster._connected("scheduler:8786")


def test_a_cluster_without_machines_is_told_so(tmp_path, monkeypatch):
    with small_cluster(tmp_path) as running:
        monkeypatch.setattr(cluster, "ANSWER_S", 2.0)
        with pytest.raises(BrokenError, match="no machine yet"):
            cluster._connected(str(running.file))


def test_without_dask_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"Dask is not installed.*requirements/cluster\.txt"):
        cluster._connected("tcp://127.0.0.1:8786")


@pytest.mark.parametrize(
    ("address", "warned"),
    [
        ("tcp://127.0.0.1:8786", False),
        ("tcp://localhost:8786", False),
        ("tcp://[::1]:8786", False),
        ("tls://grading.example:8786", False),
        ("tcp://10.0.0.3:8786", True),
        ("tcp://grading.example:8786", True),
    ],
)
def test_an_open_scheduler_is_warned_of(address, warned, capsys):
    cluster._warn_of(address)
    assert ("can run anything on its machines" in capsys.readouterr().err) is warned


@pytest.fixture
def free_port():
    import socket

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]

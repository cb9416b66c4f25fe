"""Who grades a batch: this machine, or a cluster."""

import contextlib
from types import SimpleNamespace

from click.testing import CliRunner

from grader.cli import cluster
from grader.cli.boxes import SandboxChoice, SandboxName
from grader.cli.graders import open_graders
from grader.cli.main import cli
from tests import realclass

CHOICE = SandboxChoice(name=SandboxName.PROCESS)


def cluster_of(slots, asked):
    @contextlib.contextmanager
    def open_cluster(address, folder, choice, secret):
        asked.append((address, folder.lab.slug, choice.name, secret))
        yield SimpleNamespace(slots=slots, executor="an executor", grade="what is sent")

    return open_cluster


def test_without_a_cluster_boxes_of_this_machine_grade(tmp_path):
    realclass.prepare(tmp_path)
    with open_graders(CHOICE, realclass.folder_of(tmp_path), b"", jobs=1, warned=False) as found:
        assert (found.jobs, found.executor) == (1, None)


def test_a_cluster_brings_its_executor_and_as_many_jobs_as_it_has(tmp_path, monkeypatch):
    realclass.prepare(tmp_path)
    asked = []
    monkeypatch.setattr(cluster, "open_cluster", cluster_of(12, asked))
    folder = realclass.folder_of(tmp_path)
    with open_graders(CHOICE, folder, b"s", jobs=0, cluster="tcp://x:1") as found:
        assert (found.jobs, found.executor) == (12, "an executor")
        assert found.bind(None, None) == "what is sent"
    with open_graders(CHOICE, folder, b"s", jobs=3, cluster="tcp://x:1") as found:
        assert found.jobs == 3
    assert asked == [("tcp://x:1", "07-columns", SandboxName.PROCESS, b"s")] * 2


def test_jobs_that_were_not_given_leave_the_number_to_the_cluster(tmp_path, monkeypatch):
    realclass.prepare(tmp_path)
    seen = []

    @contextlib.contextmanager
    def stop(*_given, **more):
        seen.append((more["cluster"], more["jobs"]))
        raise KeyboardInterrupt
        yield

    monkeypatch.setattr("grader.cli.batch.open_graders", stop)
    lab, hand_ins = str(tmp_path / "labs" / realclass.SLUG), str(tmp_path / "hand-ins")
    for more in ([], ["--jobs", "3"]):
        words = ["batch", lab, hand_ins, "--out", str(tmp_path / "r"), "--cluster", "tls://x:1"]
        CliRunner().invoke(cli, [*words, *more])
    assert seen == [("tls://x:1", 0), ("tls://x:1", 3)]

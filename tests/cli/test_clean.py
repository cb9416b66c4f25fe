"""`grader clean`."""

import os
import time

from grader.cli import clean
from grader.errors import EngineError
from grader.sandbox import process
from tests.cli.conftest import call


def test_it_says_what_it_removed(course, no_engine, monkeypatch):
    monkeypatch.setattr(process.ProcessSandbox, "sweep", lambda _self: 2)
    result = call("clean")
    assert result.exit_code == 0
    assert "scratch folders, with their processes: 2 removed" in result.stdout
    assert "containers: not looked for" in result.stdout


def test_containers_are_swept_also_where_no_image_is_there(course, monkeypatch):
    class Sandbox:
        def __init__(self, *, client, images):
            assert (client, images.digest) == ("client", "")

        def __enter__(self):
            return self

        def __exit__(self, *exc):
            pass

        def sweep(self):
            return 3

    monkeypatch.setattr(clean, "connect", lambda: "client")
    monkeypatch.setattr(clean, "DockerSandbox", Sandbox)
    assert "containers: 3 removed" in call("clean").stdout


def test_an_engine_that_misbehaves_stops_nothing_else(course, monkeypatch):
    def refuses():
        raise EngineError("it hangs.")

    monkeypatch.setattr(clean, "connect", refuses)
    result = call("clean")
    assert result.exit_code == 0
    assert "containers: not looked for (it hangs)" in result.stdout


def test_only_old_traces_and_logs_go(course, no_engine):
    folder = course.root / "cache" / "grader"
    folder.mkdir(parents=True)
    for name in ("trace-old.txt", "image-build-old.log", "trace-new.txt", "mine.txt"):
        (folder / name).write_text("")
        if "new" not in name:
            past = time.time() - clean.OLD_S - 60
            os.utime(folder / name, (past, past))
    assert "older than two weeks: 2 removed" in call("clean").stdout
    assert {path.name for path in folder.iterdir()} == {"trace-new.txt", "mine.txt"}

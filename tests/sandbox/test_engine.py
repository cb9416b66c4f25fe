"""An engine that is absent, slow or broken: our errors, with what to do, and no foreign ones.

The broken engines are small servers on a socket of their own.
"""

from __future__ import annotations

import json
import socketserver
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from grader.errors import EngineError, EngineUnavailableError, ImageMissingError
from grader.sandbox.docker import DockerSandbox
from grader.sandbox.engine import connect, translated
from grader.sandbox.image import Images, ensure

IMAGES = Images(worker_id="sha256:0", checker_id="sha256:0", digest="0")


@contextmanager
def engine_that(tmp_path, answer):
    """Serve a made-up engine: `answer(path)` gives (status, value), or None to say nothing."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            while line := self.rfile.readline():
                path = line.split()[1].decode()
                size = 0
                while header := self.rfile.readline().strip():
                    if header.lower().startswith(b"content-length:"):
                        size = int(header.split(b":")[1])
                self.rfile.read(size)
                found = (200, {"ApiVersion": "1.41"}) if "version" in path else answer(path)
                if found is None:
                    stop.wait(20)
                    return
                body = json.dumps(found[1]).encode()
                head = f"HTTP/1.1 {found[0]} Odd\r\nContent-Type: application/json\r\n"
                self.wfile.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    stop = threading.Event()
    with Server(str(tmp_path / "engine.sock"), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"unix://{tmp_path}/engine.sock"
        stop.set()
        server.shutdown()
        thread.join()


def test_importing_the_sandbox_does_not_import_the_sdk():
    code = (
        "import sys, grader.sandbox.docker, grader.sandbox.doctor, grader.sandbox.image\n"
        "print('docker' in sys.modules, 'requests' in sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    "host", ["unix:///nonexistent/engine.sock", "tcp://127.0.0.1:1", "nonsense://here"]
)
def test_no_engine_says_where_it_looked_and_what_to_do(monkeypatch, host):
    monkeypatch.setenv("DOCKER_HOST", host)

    with pytest.raises(EngineUnavailableError) as caught:
        DockerSandbox()

    assert host in caught.value.message
    assert "make engine" in caught.value.advice
    assert "does not contain hostile code" in caught.value.advice


def test_an_engine_that_is_hung_does_not_hang_us(monkeypatch, tmp_path):
    with engine_that(tmp_path, lambda path: None) as host:
        monkeypatch.setenv("DOCKER_HOST", host)

        with pytest.raises(EngineError, match="in time"):
            connect(timeout_s=1)


def test_an_engine_that_fails_is_our_trouble_not_the_students(monkeypatch, tmp_path):
    def answer(path):
        return (200, "OK") if path.endswith("_ping") else (500, {"message": "disk on fire"})

    with engine_that(tmp_path, answer) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        client = connect(timeout_s=5)

        with pytest.raises(EngineError, match="disk on fire"):
            ensure(client)
        with pytest.raises(EngineError, match="disk on fire"):
            DockerSandbox(client=client, images=IMAGES).sweep()
        client.close()


def test_an_image_that_is_missing_is_named_with_the_command_that_makes_it(monkeypatch, tmp_path):
    def answer(path):
        if path.endswith("_ping"):
            return 200, "OK"
        if "/images/json" in path:
            return 200, []
        return 404, {"message": "No such image: grader-worker"}

    with engine_that(tmp_path, answer) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        client = connect(timeout_s=5)

        with pytest.raises(ImageMissingError, match="not on the engine") as caught:
            ensure(client)
        client.close()

    assert "grader image build" in caught.value.advice


def test_an_engine_that_goes_away_in_between_is_unavailable(monkeypatch, tmp_path):
    with engine_that(tmp_path, lambda path: (200, "OK")) as host:
        monkeypatch.setenv("DOCKER_HOST", host)
        client = connect(timeout_s=5)
        sandbox = DockerSandbox(client=client, images=IMAGES)
    (tmp_path / "engine.sock").unlink(missing_ok=True)

    with pytest.raises(EngineUnavailableError):
        sandbox.sweep()
    sandbox.close()
    sandbox.close()


def test_a_mistake_of_ours_is_not_dressed_up_as_the_engines():
    with pytest.raises(KeyError), translated("trying"):
        raise KeyError("ours")


def test_our_own_errors_pass_unchanged():
    error = ImageMissingError("gone")

    with pytest.raises(ImageMissingError) as caught, translated("trying"):
        raise error

    assert caught.value is error


def test_a_user_who_may_not_use_the_engine_is_told_so_and_not_that_there_is_none():
    from docker.errors import DockerException

    refused = "Error while fetching server API version: PermissionError(13, 'Permission denied')"
    with pytest.raises(EngineUnavailableError) as caught, translated("connecting"):
        raise DockerException(refused)

    assert "this user may not" in caught.value.message
    assert "administrator" in caught.value.advice

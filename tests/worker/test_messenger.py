"""The messenger: one HTTP request, one deadline, and nothing that a service sends harms it."""

import contextlib
import http.server
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from grader.wire.frames import FrameReader, Kind, frame, message, read_message
from grader.worker import messenger


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/slow":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in range(50):
                self.wfile.write(b"x")
                time.sleep(0.1)
            return
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        size = messenger.MOST_BODY + (1 if self.path == "/much" else 0)
        self.wfile.write(b"x" * size if self.path in {"/much", "/full"} else b"hi")

    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.headers["Content-Type"].encode())

    def log_message(self, *_):
        pass

    def handle(self):
        with contextlib.suppress(OSError):
            super().handle()


@pytest.fixture
def port():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture(autouse=True)
def _alarm():
    before = signal.signal(signal.SIGALRM, messenger._late)
    yield
    signal.signal(signal.SIGALRM, before)


def ask(port, target, *, method="GET", body=b"", seconds=5.0):
    header = {"method": method, "target": target, "port": port, "seconds": seconds}
    return messenger.ask(header, body, "127.0.0.1")


def test_an_answer_is_told(port):
    assert ask(port, "/") == ({"status": 200, "problem": ""}, b"hi")
    assert ask(port, "/", method="POST", body=b"{}")[1] == b"application/json"


def test_a_redirect_is_an_answer_and_not_followed(port):
    assert ask(port, "/away")[0]["status"] == 302


def test_a_body_has_a_limit(port):
    assert len(ask(port, "/full")[1]) == messenger.MOST_BODY
    assert ask(port, "/much") == ({"status": None, "problem": "size"}, b"")


def test_a_byte_now_and_then_does_not_stretch_the_deadline(port):
    began = time.monotonic()
    assert ask(port, "/slow", seconds=0.5)[0]["problem"] == "time"
    assert time.monotonic() - began < 3


def test_nobody_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    assert ask(free, "/")[0]["problem"] == "refused"


@pytest.mark.parametrize(
    "said",
    [b"", b"garbage\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a" * 99999],
)
def test_nonsense_is_told(said):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            connection, _ = server.accept()
            connection.recv(1000)
            connection.sendall(said)
            connection.close()

        threading.Thread(target=answer, daemon=True).start()
        told, body = ask(server.getsockname()[1], "/")
    assert (told, body) == ({"status": None, "problem": "nonsense"}, b"")


def test_it_serves_frames_until_the_pipe_ends(port):
    started = subprocess.Popen(
        [sys.executable, "-m", "grader.worker.messenger"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    header = {"method": "GET", "target": "/", "port": 1, "seconds": 5}
    with started:
        started.stdin.write(frame(Kind.TO_WORKER, message(header)))
        started.stdin.close()
        said = started.stdout.read()
    parts = iter([said])
    reader = FrameReader(lambda _seconds: next(parts, b""))
    assert reader.frame(lambda: 1.0)[0] == Kind.WORKER_READY
    kind, payload = reader.frame(lambda: 1.0)
    assert (kind, read_message(payload)[0]["problem"]) == (Kind.FROM_WORKER, "refused")
    assert started.returncode == 0

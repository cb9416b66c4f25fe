"""Answers one question over HTTP: how many cups an outlet will sell on a day."""
# ruff: noqa: INP001, T201

import json
import signal
import sys
import threading
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

from kopi_calendar import is_holiday

MODEL = Path("model/model.json")


def load() -> dict[str, Any] | None:
    """Return the model, or None while there is none."""
    return json.loads(MODEL.read_text(encoding="utf-8")) if MODEL.is_file() else None


# --8<-- [start:answers]
def answer(path: str, model: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
    """Return the status and the body for one request."""
    url = urlsplit(path)
    if url.path == "/health":  # liveness: the process answers
        return 200, {"alive": True}
    if model is None:  # the process is well, but it cannot do its work yet
        return 503, {"ready": False, "why": f"no {MODEL}"}
    if url.path == "/ready":
        return 200, {"ready": True, "model": model["version"]}
    if url.path == "/predict":
        return predict(dict(parse_qsl(url.query)), model)
    return 404, {"why": "ask /health, /ready or /predict"}


# --8<-- [end:answers]


def predict(query: dict[str, str], model: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Return the cups that an outlet will sell, or what is wrong with the question."""
    try:
        cups, day = model["cups"][query["outlet"]], date.fromisoformat(query["day"])
    except (KeyError, ValueError) as problem:
        return 400, {"why": f"unknown outlet or day: {problem}"}
    factor = model["holiday"] if is_holiday(day) else 1.0
    return 200, {"cups": round(cups * factor, 1), "model": model["version"]}


class Handler(BaseHTTPRequestHandler):
    """Hands a request to `answer`."""

    def do_GET(self) -> None:
        """Answer, and read the model again where there was none."""
        self.server.model = self.server.model or load()  # type: ignore[attr-defined]
        status, body = answer(self.path, self.server.model)  # type: ignore[attr-defined]
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Server(ThreadingHTTPServer):
    """A server that waits for open requests when it closes."""

    daemon_threads = False
    model = load()


# --8<-- [start:stop]
def main() -> None:
    """Serve until SIGTERM, then finish the open requests and end with 0."""
    server = Server(("", 8000), Handler)

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    print("listening on port 8000", flush=True)  # the engine keeps stdout
    with server:  # leaving the block waits for the open requests
        server.serve_forever()


# --8<-- [end:stop]


def check() -> None:
    """End with an error if the service on this machine is not alive."""
    with urlopen("http://127.0.0.1:8000/health", timeout=2) as answered:
        print(answered.read().decode())


if __name__ == "__main__":
    check() if sys.argv[1:] == ["check"] else main()

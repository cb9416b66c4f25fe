"""What every shipyard does, as named behaviours; an implementation gives the fixture `yard`."""

import json

import pytest

from grader.sandbox.shipyard import Launch, Question, Recipe

BASE = "python:3.11-slim-bookworm"
SERVER = b"""
import http.server, os, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://127.0.0.1:8000/")
        self.end_headers()
        if self.path == "/flood":
            for _ in range(1000):
                self.wfile.write(b"x" * 10_000)
        self.wfile.write(b'{"uid": %d}' % os.getuid())
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(body)
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("listening", flush=True)
http.server.HTTPServer(("", 8000), Handler).serve_forever()
"""
DOCKERFILE = f"""FROM {BASE}
COPY big /big
COPY server.py /server.py
USER 10001
EXPOSE 8000
HEALTHCHECK CMD test -f /server.py
CMD ["python", "/server.py"]
""".encode()
FILES = {"Dockerfile": DOCKERFILE, "big": b"b" * 100_000, "server.py": SERVER}


def recipe(dockerfile=DOCKERFILE, **more):
    return Recipe(files=FILES | {"Dockerfile": dockerfile}, **more)


def ask(yard, container, target="/", **more):
    """Ask until something answers: a container needs a moment to listen."""
    for _ in range(200):
        reply = yard.ask(Question(container=container, target=target, **more))
        if reply.problem != "refused":
            break
    return reply


class ShipyardContract:
    """Behaviours of a shipyard."""

    @pytest.fixture
    def image(self, yard):
        built = yard.build(recipe(), 60)
        assert built.problem == "", built
        return built.image

    @pytest.fixture
    def container(self, yard, image):
        launched = yard.launch(Launch(image=image))
        assert launched.problem == "", launched
        return launched.container

    def test_a_folder_without_a_dockerfile_is_a_result(self, yard):
        built = yard.build(Recipe(files={}), 60)
        assert (built.image, built.problem) == (None, "syntax")

    @pytest.mark.parametrize(
        ("text", "problem", "line"),
        [
            (b"FROM python:3.8\n", "base", 1),
            (f"FROM {BASE}\nEXPOZE 1\n".encode(), "syntax", 2),
            (f"FROM {BASE}\nRUN --mount=type=ssh x\n".encode(), "forbidden", 2),
            (f"FROM {BASE}\n\nRUN false\n".encode(), "failed", 3),
        ],
    )
    def test_what_is_not_built_names_the_line(self, yard, text, problem, line):
        built = yard.build(recipe(text), 60)
        assert (built.image, built.problem, built.line) == (None, problem, line)
        assert built.text

    def test_an_image_says_what_is_in_it(self, yard, image):
        look = yard.look(image)
        assert look.user == "10001"
        assert look.healthcheck[0] == "CMD-SHELL"
        assert look.ports == ("8000/tcp",)
        assert look.command
        assert look.labels == {}
        assert 100_000 < look.added < look.size

    def test_layers_before_a_change_are_used_again(self, yard, image):
        changed = FILES | {"server.py": SERVER + b"# changed\n"}
        again = yard.build(Recipe(files=changed), 60)
        known = {layer.id for layer in yard.look(image).history}
        fresh = [layer for layer in yard.look(again.image).history if layer.id not in known]
        assert 0 < sum(layer.size for layer in fresh) < 50_000

    def test_the_search_finds_what_is_there_and_nothing_else(self, yard, image):
        needles = {"server": b"do_GET", "nothing": b"kopi-not-there"}
        assert yard.search(image, needles) == ("server",)

    def test_a_container_answers(self, yard, container):
        reply = ask(yard, container)
        assert (reply.status, reply.problem) == (200, "")
        assert json.loads(reply.body) == {"uid": 10001}

    def test_a_container_says_how_it_is(self, yard, container):
        assert ask(yard, container).status == 200
        state = yard.state(container)
        assert state.running
        assert state.exit_code is None
        assert state.uids
        assert set(state.uids) == {10001}
        assert yard.logs(container)

    def test_a_container_is_stopped(self, yard, container):
        assert ask(yard, container).status == 200
        stopped = yard.stop(container, 5)
        assert stopped.exit_code == 0
        assert stopped.seconds < 5
        assert not yard.state(container).running
        assert yard.ask(Question(container=container)).problem == "refused"

    def test_removing_twice_is_fine(self, yard, container):
        yard.remove(container)
        yard.remove(container)

    def test_closing_twice_is_fine(self, yard, container):
        yard.close()
        yard.close()

    def test_a_number_that_was_not_given_out_is_a_mistake_of_ours(self, yard):
        for todo in (
            lambda: yard.look(7),
            lambda: yard.search(7, {"a": b"a"}),
            lambda: yard.launch(Launch(image=7)),
            lambda: yard.ask(Question(container=7)),
            lambda: yard.state(7),
            lambda: yard.stop(7, 1),
            lambda: yard.logs(7),
            lambda: yard.remove(7),
        ):
            with pytest.raises(LookupError):
                todo()

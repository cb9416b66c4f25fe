"""Checkers and workers that play a scene: what the tests of the relay and of grading talk to.

A scene is a list of lines. A line is a frame `(kind, payload)` that the checker says, or one of the
words below. The first lines are said when a RUN comes; `WAIT` lets an answer come first.
"""

from __future__ import annotations

from grader.lab import Check, Lab, Limits, Submit, Visibility
from grader.sandbox.base import Role
from grader.sandbox.fake import FakeSandbox, speaking
from grader.sandbox.pool import Pool, PoolTimes
from grader.wire.frames import Kind, frame, message

WAIT = "wait for a frame"
EXIT = "end the box"


def lab_of(checks="a b", **fields):
    """Return a lab with these checks of 10 points; the second and later ones need the first."""
    words = checks.split()
    return Lab(
        slug="90-stage",
        title="A stage",
        submit=Submit(required=("answer.py",), modules=("answer",)),
        limits=fields.pop("limits", Limits(call_s=0.3, wall_s=5.0)),
        checks=tuple(
            Check(
                id=word,
                points=10,
                visibility=Visibility.HIDDEN,
                file="test_hidden.py",
                node=f"test_{word}",
                title=f"About {word}.",
                needs=(words[0],) if word != words[0] else (),
            )
            for word in words
        ),
        digest="d" * 64,
        **fields,
    )


def told(check, status="passed", **changes):
    """Return the checker's frame about one check."""
    event = {
        "event": "check",
        "id": check,
        "status": status,
        "earned": 10 if status == "passed" else 0,
        "message": "",
        "detail": "",
        "output": "",
        "seconds": 0.5,
        "student_seconds": 0.25,
    }
    return Kind.EVENT, message(event | changes)


def began(check):
    return Kind.EVENT, message({"event": "began", "id": check})


def end(**phases):
    return Kind.END, message({"phases": phases or {"checker": 1.0}})


def call(payload=b"question", milliseconds=200):
    return Kind.CALL, milliseconds.to_bytes(4, "big") + payload


def passing(checks="a b"):
    """Return the scene in which all goes well."""
    return [*[told(check) for check in checks.split()], end()]


def after_ready(script):
    """Return a worker that says READY and then plays a script of its own."""

    def play(box):
        box.write(frame(Kind.WORKER_READY, message({"versions": {}})))
        script(box)

    return play


class Checker:
    """Plays one scene for each RUN, the last one again and again; remembers what it heard."""

    def __init__(self, *scenes):
        self.scenes = list(scenes)
        self.runs = []
        self.heard = []
        self._left = []

    def __call__(self, kind, payload):
        if kind == Kind.RUN:
            self.runs.append(payload)
            scene = self.scenes.pop(0) if len(self.scenes) > 1 else self.scenes[0]
            self._left = list(scene)
        else:
            self.heard.append((kind, payload))
        while self._left:
            line = self._left.pop(0)
            if line == WAIT:
                return
            if line == EXIT:
                raise EOFError("the scene ends the box")
            yield line


class Worker:
    """Answers each call by a function of its payload; remembers what came first."""

    def __init__(self, answer=lambda payload: [(Kind.FROM_WORKER, b"answer to " + payload)]):
        self.answer = answer
        self.hellos = []

    def __call__(self, kind, payload):
        if kind == Kind.HELLO:
            self.hellos.append(payload)
            return []
        return self.answer(payload)


class Stage:
    """A pool over a fake sandbox in which the two actors play."""

    def __init__(self, checker, worker=None, *, hello=None, worker_script=None, yard=None):
        self.checker = checker
        self.worker = worker or Worker()
        self.sandbox = FakeSandbox(
            {
                Role.CHECKER: speaking(self.checker, hello or {"versions": {"pytest": "9"}}),
                Role.WORKER: worker_script or speaking(self.worker, {"versions": {}}),
            },
            yard=yard,
        )
        self.pool = Pool(self.sandbox, slots=1, warm=0, times=PoolTimes(start_s=5.0))

    def started(self, role):
        return sum(spec.role is role for spec in self.sandbox.started)

    def close(self):
        self.pool.close()
        assert self.sandbox.living == []

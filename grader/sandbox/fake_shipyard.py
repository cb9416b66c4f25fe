"""A shipyard that builds and runs nothing, so that services can be tried in milliseconds.

Dockerfiles are read and refused as the real one does it. An image holds every file that it was
built from, each in a layer of its own; a container answers what a script answers.

    yard = FakeShipyard(lambda question: Reply(status=200, body=b"{}"))
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final

from grader.sandbox.dockerfile import Plan, RefusedError, plan
from grader.sandbox.shipyard import (
    Built,
    Launch,
    Launched,
    Layer,
    Look,
    Question,
    Recipe,
    Reply,
    Shipyard,
    State,
    Stopped,
)

BASE: Final = "python:3.11-slim-bookworm"
FAILING: Final = "RUN false"
"""A Dockerfile with this line does not build."""
Answer = Callable[[Question], Reply]


def silent(_question: Question) -> Reply:
    """Answer nothing: what a container does that does not listen."""
    return Reply(status=None, problem="refused")


class FakeShipyard(Shipyard):
    """Images and containers in memory."""

    def __init__(self, answer: Answer = silent, *, uid: int = 10001) -> None:
        """Let containers answer with `answer`, and their processes belong to `uid`."""
        self.closed = False
        self.recipes: list[Recipe] = []
        self.launches: list[Launch] = []
        self._answer = answer
        self._uid = uid
        self._plans: list[Plan] = []
        self._kept: list[Recipe] = []
        self._states: list[str] = []

    def build(self, recipe: Recipe, seconds: float) -> Built:
        """Build an image."""
        del seconds
        self.recipes.append(recipe)
        content = recipe.files.get("Dockerfile")
        if content is None:
            return Built(image=None, problem="syntax", text="there is no Dockerfile.")
        try:
            planned = plan(content, {BASE: "base"}, 'fake="1"', tuple(recipe.arguments))
        except RefusedError as refused:
            return Built(image=None, problem=refused.kind, line=refused.line, text=refused.text)
        failing = [step.line for step in planned.steps if str(step) == FAILING]
        if failing:
            return Built(image=None, problem="failed", line=failing[0], text="It failed.")
        self._plans.append(planned)
        self._kept.append(recipe)
        return Built(image=len(self._kept) - 1)

    def look(self, image: int) -> Look:
        """Return what an image says about itself."""
        words = {step.word: step.rest for step in self._plans[image].steps}
        files = self._kept[image].files
        return Look(
            user=words.get("USER", ""),
            command=(words["CMD"],) if "CMD" in words else (),
            healthcheck=("CMD-SHELL", words["HEALTHCHECK"]) if "HEALTHCHECK" in words else (),
            environment=(),
            ports=(f"{words['EXPOSE']}/tcp",) if "EXPOSE" in words else (),
            labels={},
            size=1000 + sum(map(len, files.values())),
            added=sum(map(len, files.values())),
            history=tuple(
                Layer(id=hashlib.sha256(content).hexdigest(), by=f"COPY {path}", size=len(content))
                for path, content in files.items()
            ),
        )

    def search(self, image: int, needles: Mapping[str, bytes]) -> tuple[str, ...]:
        """Return the needles that stand in a file."""
        whole = b"\0".join(self._kept[image].files.values())
        return tuple(sorted(name for name, needle in needles.items() if needle in whole))

    def launch(self, launch: Launch) -> Launched:
        """Start a container."""
        self.look(launch.image)
        self.launches.append(launch)
        self._states.append("running")
        return Launched(container=len(self._states) - 1)

    def ask(self, question: Question) -> Reply:
        """Let the script answer, while the container runs."""
        runs = self._states[question.container] == "running"
        return self._answer(question) if runs else Reply(status=None, problem="refused")

    def state(self, container: int) -> State:
        """Return how a container is."""
        if self._states[container] == "running":
            return State(running=True, health="healthy", uids=(self._uid,))
        return State(running=False, exit_code=0)

    def logs(self, container: int) -> bytes:
        """Return what a container wrote."""
        return f"container {container} is {self._states[container]}\n".encode()

    def stop(self, container: int, seconds: float) -> Stopped:
        """End a container."""
        del seconds
        self._states[container] = "ended"
        return Stopped(seconds=0.0, exit_code=0)

    def remove(self, container: int) -> None:
        """Remove a container."""
        self._states[container] = "removed"

    def close(self) -> None:
        """Forget everything."""
        self.closed = True

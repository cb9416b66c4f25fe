"""Carries out what a lab's tests ask of the container engine: one order in, one plain answer out.

The checker has no access to the engine and the worker even less; the supervisor has. It reads
orders (`Kind.ORDER`), lets a `Shipyard` do them, and answers with values that can be written as
JSON and bytes. A malformed order is a WireError: the checker's fault, never a student's.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final

from grader.errors import WireError
from grader.sandbox.shipyard import Launch, Question, Recipe, Shipyard
from grader.wire.frames import message, read_message

MOST_SECONDS: Final = 600.0
Told = tuple[dict[str, Any], list[bytes]]


class Orders:
    """What one run may ask of the engine."""

    def __init__(self, yard: Shipyard, hand_in: Mapping[str, bytes]) -> None:
        """Use a shipyard; `hand_in` holds the student's files, which orders may name."""
        self._yard = yard
        self._hand_in = hand_in
        self._known: dict[str, Callable[[dict[str, Any], list[bytes]], Told]] = {
            "build": self._build,
            "look": self._look,
            "search": self._search,
            "launch": self._launch,
            "ask": self._ask,
            "state": self._state,
            "logs": self._logs,
            "stop": self._stop,
            "remove": self._remove,
        }
        self._left = 0.0

    def carry_out(self, payload: bytes, seconds_left: float) -> bytes:
        """Return the answer to one order; nothing takes longer than is left of the run.

        Raises WireError for an order that makes no sense, EngineError when the engine fails.
        """
        header, views = read_message(payload)
        blobs = [bytes(view) for view in views]
        if seconds_left <= 0:
            return message({"late": True})
        self._left = min(seconds_left, MOST_SECONDS)
        todo = self._known.get(str(header.get("order")))
        if todo is None:
            raise WireError(f"the checker gave an unknown order {header.get('order')!r}")
        try:
            told, answered = todo(header, blobs)
        except (KeyError, TypeError, ValueError, LookupError) as error:
            raise WireError(f"the order {header.get('order')} makes no sense: {error}") from error
        return message({"told": told}, answered)

    def _build(self, header: dict[str, Any], blobs: list[bytes]) -> Told:
        files = dict(zip(_texts(header["files"]), blobs, strict=True))
        for path in _texts(header["from_hand_in"]):
            if path in self._hand_in:
                files[path] = self._hand_in[path]
        recipe = Recipe(
            files=files,
            arguments=_pairs(header["arguments"]),
            wheels=str(header["wheels"]),
        )
        return dataclasses.asdict(self._yard.build(recipe, self._left)), []

    def _look(self, header: dict[str, Any], _blobs: list[bytes]) -> Told:
        return dataclasses.asdict(self._yard.look(_number(header, "image"))), []

    def _search(self, header: dict[str, Any], blobs: list[bytes]) -> Told:
        needles = dict(zip(_texts(header["names"]), blobs, strict=True))
        return {"found": list(self._yard.search(_number(header, "image"), needles))}, []

    def _launch(self, header: dict[str, Any], _blobs: list[bytes]) -> Told:
        launch = Launch(
            image=_number(header, "image"),
            environment=_pairs(header["environment"]),
            writable=tuple(_texts(header["writable"])),
            memory_mb=min(max(_number(header, "memory_mb"), 32), 4096),
            processes=min(max(_number(header, "processes"), 4), 1024),
        )
        return dataclasses.asdict(self._yard.launch(launch)), []

    def _ask(self, header: dict[str, Any], blobs: list[bytes]) -> Told:
        question = Question(
            container=_number(header, "container"),
            method=str(header["method"]),
            target=str(header["target"]),
            body=blobs[0] if blobs else b"",
            port=_number(header, "port"),
            seconds=self._seconds(header),
        )
        reply = self._yard.ask(question)
        return {"status": reply.status, "problem": reply.problem}, [reply.body]

    def _state(self, header: dict[str, Any], _blobs: list[bytes]) -> Told:
        return dataclasses.asdict(self._yard.state(_number(header, "container"))), []

    def _logs(self, header: dict[str, Any], _blobs: list[bytes]) -> Told:
        return {}, [self._yard.logs(_number(header, "container"))]

    def _stop(self, header: dict[str, Any], _blobs: list[bytes]) -> Told:
        stopped = self._yard.stop(_number(header, "container"), self._seconds(header))
        return dataclasses.asdict(stopped), []

    def _remove(self, header: dict[str, Any], _blobs: list[bytes]) -> Told:
        self._yard.remove(_number(header, "container"))
        return {}, []

    def _seconds(self, header: dict[str, Any]) -> float:
        return min(max(float(header["seconds"]), 0.05), self._left)


def _number(header: dict[str, Any], name: str) -> int:
    value = header[name]
    if type(value) is not int or value < 0:
        raise TypeError(f"{name} is {value!r}")
    return value


def _pairs(values: object) -> dict[str, str]:
    if not isinstance(values, dict):
        raise TypeError(f"names with values were meant, not {values!r}")
    return {str(name): str(value) for name, value in values.items()}


def _texts(values: object) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"a list of texts was meant, not {values!r}")
    return values

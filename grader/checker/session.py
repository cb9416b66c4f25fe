"""One run's conversation with the student's code: requests, callbacks, what both sides share.

A session talks to one child of the worker at a time. When that child dies, the running check is
lost; the next check gets a new child, and names that came from a module are looked up there again.
"""

from __future__ import annotations

import collections
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.checker import faults, hearing, told
from grader.checker.ledger import Ledger
from grader.checker.line import Answer, Gone, Line
from grader.checker.paths import closed_path
from grader.checker.share import Share
from grader.checker.tally import MOST_PRINTED, Tally
from grader.errors import WireError
from grader.wire.frames import message, read_message
from grader.wire.values import Decoder, Encoder, only_wire_errors

_SLACK_S = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run's manifest says about talking to the student's code."""

    modules: tuple[str, ...] = ()
    """Top-level names that resolve to the student's modules."""
    remote_operators: bool = False
    """True forwards comparisons, truth and arithmetic to the student's objects."""
    call_s: float = 10.0
    """Seconds for one call."""
    check_s: float = 30.0
    """Seconds of the student's code in one check."""
    run_s: float = 120.0
    """Seconds of the student's code in one run."""
    whole: bool = True
    """False ends the run at the first check that does not pass: for proofs, never for a grade."""


class Session:
    """The only way by which a test's values reach the student's code."""

    def __init__(self, line: Line, settings: Settings, *, child: int = 0) -> None:
        """Use child number `child` of the worker at the end of `line`."""
        from grader.checker.modules import Modules  # noqa: PLC0415 - they know each other
        from grader.checker.opaque import Opaque  # noqa: PLC0415 - they know each other

        self.settings = settings
        self.tally = Tally()
        self.generation = 0
        self.dropped: list[tuple[int, int]] = []
        self.held: collections.Counter[tuple[int, int]] = collections.Counter()
        self.opaque = Opaque(self)
        self.modules = Modules(self)
        self.share: Share | None = None
        self._line = line
        self._child = child
        self._up = False
        self._down: faults.Fault | None = None
        self._beside: int | None = None
        self._lock = threading.RLock()
        self._depth = 0
        self._next_id = 0
        self._clear = False
        self._spent = 0.0
        self._late = ""
        self._ledger = Ledger()
        self._path_class = closed_path(self)

    # -- life of the child

    def start_check(self) -> None:
        """Forget the last check: its faults, its functions, what it shared."""
        self.tally = Tally()
        self._down = None
        self._clear = True
        self.opaque.revoke()

    def open(self) -> None:
        """Start a new child; the old one, if any, is ended with all that it wrote."""
        self.generation += 1
        self._forget_shared()
        order = {"op": "open", "child": self._child}
        if self._beside is not None:
            order["beside"] = self._beside
        self._order(order)
        self._up = True

    def close(self) -> None:
        """End the child and remove what it wrote."""
        if self._up:
            self._up = False
            with contextlib.suppress(faults.Fault):
                self._order({"op": "close", "child": self._child})

    def beside(self, child: int) -> Session:
        """Return a session with another child that shares this one's folder and nothing else."""
        other = Session(self._line, self.settings, child=child)
        other._beside = self._child
        other.tally = self.tally
        return other

    def _order(self, header: dict[str, Any]) -> None:
        """Give an order to the worker's parent; where the box is dead, ask for another, once."""
        for attempt in (1, 2):
            try:
                answer = self._line.call(b"P" + message(header), self.settings.call_s)
                if answer.kind == "P" and read_message(answer.body)[0].get("ok") is True:
                    return
            except (Gone, WireError):
                pass
            if attempt == 1:
                self._fresh_box()
        raise self.fault(faults.WorkerEnded("Your code's process could not be started again."))

    def _fresh_box(self) -> None:
        try:
            self._line.fresh()
        except Gone as gone:
            text = "Your code ended its process too often." if gone.why == "budget" else gone.note
            raise self.fault(
                faults.WorkerEnded(text or "The process of your code is gone.")
            ) from None

    def fault(self, fault: faults.Fault) -> faults.Fault:
        """Record a fault against the running check, and return it to be raised."""
        self.tally.faults.append(fault)
        return fault

    def refuse(self, text: str) -> faults.Fault:
        """Return a recorded refusal."""
        return self.fault(faults.Refusal(text))

    # -- requests

    def request(
        self, op: str, *args: object, kwargs: dict[str, Any] | None = None, **fields: Any
    ) -> Any:
        """Ask the student's code for something and return what came back, as plain values.

        Raises what the student's code raised, or a Fault. Fields go into the message's header.
        """
        with self._lock:
            if self._down is not None:
                raise self.fault(self._down)
            if not self._up:
                self.open()
            outermost = self._depth == 0
            if outermost:
                self._begin()
                if self.share is not None:
                    self.share.push()
            self._depth += 1
            try:
                with self._spending(outermost):
                    return self._converse(op, args, kwargs or {}, fields)
            finally:
                self._depth -= 1
                if outermost and self.share is not None and self._up:
                    self.share.pull()

    def unpack(self, packed: bytes) -> Any:
        """Return what one of many answers says, as `request` does. Nothing of it stays shared."""
        answer = Answer(kind="C", child=self._child, stdout=b"", stderr=b"", body=packed)
        with self._lock, self._spending(self._depth == 0):
            self._forget_shared()
            try:
                got, blobs = self._read(answer)
                return self._finish(answer, {"id": 0}, got, blobs, [])
            finally:
                self._forget_shared()

    @contextlib.contextmanager
    def _spending(self, outermost: bool) -> Iterator[None]:
        """Count reading an answer, too: what is quick to send may be slow to read."""
        began = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - began if outermost else 0.0
            self.tally.seconds += seconds
            self._spent += seconds

    def _begin(self) -> None:
        if not self.settings.remote_operators or self._ledger.is_full or self._clear:
            self._forget_shared()

    def _forget_shared(self) -> None:
        self._clear = True
        self._ledger.clear()

    def _converse(
        self, op: str, args: tuple[object, ...], kwargs: dict[str, Any], fields: dict[str, Any]
    ) -> Any:
        self._next_id += 1
        header = {"op": op, "id": self._next_id, **fields, "drop": self._take_dropped()}
        header["clear"], self._clear = self._clear, False
        pending: list[BaseException] = []
        payload = self._encode(header, args, kwargs)
        until = time.monotonic() + self.settings.call_s
        while True:
            answer = self._exchange(payload, until - time.monotonic())
            got, blobs = self._read(answer)
            if "cb" not in got and "input" not in got:
                break
            payload = self._serve(answer, got, blobs, pending)
        return self._finish(answer, header, got, blobs, pending)

    def _remember(self) -> None:
        """Note what is shared now; without remote operators only a callback can change it."""
        if self.settings.remote_operators:
            self._ledger.remember()

    def _encode(
        self, header: dict[str, Any], args: tuple[object, ...], kwargs: dict[str, Any]
    ) -> bytes:
        encoder = Encoder(self.opaque, self._ledger.shared)
        try:
            header["upd"] = self._ledger.changes(encoder)
            header["args"] = [encoder.encode(value) for value in args]
            header["kw"] = {name: encoder.encode(value) for name, value in kwargs.items()}
        except WireError as error:
            raise self.refuse(f"A value of the test cannot be sent: {error}") from None
        self._remember()
        return message(header, encoder.blobs)

    def _exchange(self, payload: bytes, budget: float) -> Answer:
        """Send one frame and take one, and hear what was printed meanwhile."""
        left, self._late = self._allowance(budget)
        if left <= 0:
            raise self._lose(faults.WorkerTimedOut(self._late), kill=True)
        head = b"C" + bytes([self._child]) + max(int(left * 1000), 1).to_bytes(4, "big")
        self.tally.calls += 1
        try:
            answer = self._line.call(head + payload, left + _SLACK_S)
        except Gone as gone:
            raise self._lose(self._what_happened(gone.why, gone.note), boxless=True) from None
        except WireError as error:
            raise self._lose(faults.nonsense(error), kill=True) from None
        if self.tally.printed <= MOST_PRINTED:
            self.tally.output = hearing.printed(answer, self.tally.output)
        self.tally.printed += len(answer.stdout) + len(answer.stderr)
        return answer

    def _allowance(self, budget: float) -> tuple[float, str]:
        """Return the seconds that the next answer may take, and what to say if it takes longer."""
        limits = self.settings
        return min(
            (budget, told.call_late(limits.call_s)),
            (limits.check_s - self.tally.seconds, told.check_late(limits.check_s)),
            (limits.run_s - self._spent, told.run_late(limits.run_s)),
        )

    def _read(self, answer: Answer) -> tuple[dict[str, Any], list[memoryview]]:
        try:
            got, blobs = read_message(answer.body)
        except WireError as error:
            raise self._lose(faults.nonsense(error), kill=True) from None
        if answer.kind == "G":
            self.tally.cell = told.number_in(got.get("cell"))
            why, note = str(got.get("gone")), str(got.get("note", ""))[:200]
            raise self._lose(self._what_happened(why, note))
        if answer.kind != "C" or answer.child != self._child:
            raise self._lose(faults.nonsense("an answer from another process"), kill=True)
        return got, blobs

    def _what_happened(self, why: str, note: str) -> faults.Fault:
        if why == "timeout":
            return faults.WorkerTimedOut(self._late)
        return faults.WorkerEnded(told.ended(why, note))

    def _lose(
        self, fault: faults.Fault, *, kill: bool = False, boxless: bool = False
    ) -> faults.Fault:
        """Give the child up: this check fails from now on, the next one gets a new child."""
        self._down = fault
        if kill and self._up and not boxless:
            with contextlib.suppress(Gone, WireError):
                self._line.call(b"P" + message({"op": "close", "child": self._child}), 5.0)
        self._up = False
        return self.fault(fault)

    # -- answers

    def _finish(
        self,
        answer: Answer,
        header: dict[str, Any],
        got: dict[str, Any],
        blobs: list[memoryview],
        pending: list[BaseException],
    ) -> Any:
        if got.get("id") != header["id"] or type(got.get("ok")) is not bool:
            raise self._lose(faults.nonsense("an answer to another question"), kill=True)
        if "refused" in got:
            raise self.refuse(told.cannot_cross(str(got["refused"])[:500]))
        with self._reading(answer, blobs) as decoder:
            self._ledger.take(got, decoder)
            value = decoder.decode(got.get("val")) if got["ok"] else None
            error = None if got["ok"] else self.opaque.exception(got.get("exc"), decoder)
        self._remember()
        if pending:
            raise pending[0]
        hearing.warn(self.tally.hears(got.get("warn")))
        hearing.log(self.tally.hears(got.get("log")))
        if error is not None:
            raise error
        if got.get("stop") is True:
            raise faults.Stopped(value)
        return value

    @contextlib.contextmanager
    def _reading(self, answer: Answer, blobs: list[memoryview]) -> Iterator[Decoder]:
        """Give a decoder for an answer; whatever is wrong with the answer loses the child."""
        decoder = self._decoder(blobs)
        try:
            with only_wire_errors():
                yield decoder
        except WireError as problem:
            raise self._lose(faults.nonsense(problem), kill=True) from None
        if self.tally.weigh(answer.body, decoder):
            text = told.ended("output", f"{self.tally.weight >> 20} MB in one check")
            raise self._lose(faults.WorkerEnded(text), kill=True)

    def _decoder(self, blobs: list[memoryview]) -> Decoder:
        decoder = Decoder(self.opaque, blobs, self._ledger.shared)
        if not self.settings.remote_operators:
            decoder.path_class = self._path_class
        self.opaque.decoder = decoder
        return decoder

    def _take_dropped(self) -> list[int]:
        """Return numbers that nothing here refers to any more (a number may be met again)."""
        dropped, self.dropped = set(self.dropped), []
        free = [key for key in dropped if self.held[key] <= 0]
        for key in free:
            del self.held[key]
        return sorted(number for generation, number in free if generation == self.generation)

    # -- callbacks

    def _serve(
        self,
        answer: Answer,
        got: dict[str, Any],
        blobs: list[memoryview],
        pending: list[BaseException],
    ) -> bytes:
        """Call a function of the test for the student's code, and return the answer to send."""
        with self._reading(answer, blobs) as decoder:
            self._ledger.take(got, decoder)
            function = self._called(got)
            args = [decoder.decode(node) for node in got.get("args", [])]
            kwargs = {str(name): decoder.decode(node) for name, node in got.get("kw", {}).items()}
            self._ledger.remember()
        header: dict[str, Any] = {"op": "return"}
        value = None
        try:
            value = function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - sorted below
            header = {"op": "raise", "exc": self._crossing(error, pending)}
        encoder = Encoder(self.opaque, self._ledger.shared)
        with self._answering():
            header["upd"] = self._ledger.changes(encoder)
            if header["op"] == "return":
                header["val"] = encoder.encode(value)
            self._remember()
        return message(header, encoder.blobs)

    @contextlib.contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except WireError as error:
            raise self.refuse(f"A function of the test returned {error}") from None

    def _called(self, got: dict[str, Any]) -> Callable[..., Any]:
        if "input" in got:
            prompt, raw = str(got["input"])[:2000], bool(got.get("raw"))
            return lambda: told.line_for(prompt, raw=raw)
        if type(got["cb"]) is str:
            return self.opaque.local_operation(got["cb"], got.get("n"), got.get("name"))
        return self.opaque.callback(got["cb"])

    def _crossing(self, error: BaseException, pending: list[BaseException]) -> dict[str, Any]:
        """Tell an exception of a callback; outcomes of the test itself never cross."""
        crosses = isinstance(error, Exception) and not told.is_outcome(error)
        remote = self.opaque.reference_of(error)
        if not crosses and remote is None:
            pending.append(error)
            return {"b": "RuntimeError", "args": None, "msg": "the test has ended"}
        return self.opaque.tell(error)

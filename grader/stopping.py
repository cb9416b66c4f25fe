"""Ctrl-C and SIGTERM as a wish to stop, instead of an exception in the middle of a write."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType
from typing import Any, Final, Self

_WANTED: Final = ("SIGINT", "SIGTERM")


class StopSignals:
    """While entered, the first signal asks to stop and the second to abandon what still runs.

    Outside the main thread signals cannot be caught; `request` may be called there instead.
    """

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self._asked = 0
        self._before: dict[signal.Signals, Any] = {}

    @property
    def requested(self) -> bool:
        """True after the first signal: take no new work, end what is begun."""
        return self._asked > 0

    @property
    def abandoned(self) -> bool:
        """True after the second signal: do not even wait for what is begun."""
        return self._asked > 1

    def request(self) -> None:
        """Ask once (more)."""
        self._asked += 1

    def pause(self, seconds: float) -> None:
        """Wait that long, or until somebody asks to stop."""
        end = time.monotonic() + seconds
        # Short naps: an Event's lock may already be held by this thread when its handler runs.
        while not self.requested and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for name in _WANTED:
                number = getattr(signal, name)
                self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        self._before.clear()

    def _caught(self, _number: int, _frame: FrameType | None) -> None:
        self.request()

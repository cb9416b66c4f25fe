"""What a session shares with the student's side: mutable containers, and which have changed.

A list that was sent (or came) has a number on both sides. Before each message, changed contents are
told; so what the student's function does to an argument is done to the test's object too.
"""

from __future__ import annotations

from typing import Any, Final

from grader.errors import WireError
from grader.wire.shared import Fingerprint, Shared, content, fill, fingerprint
from grader.wire.values import Decoder, Encoder

MOST: Final = 3_000


class Ledger:
    """Numbers of shared containers, with a fingerprint of what each held when last told."""

    def __init__(self) -> None:
        """Share nothing yet. This side's numbers are even."""
        self.shared = Shared(first=0)
        self._prints: dict[int, Fingerprint] = {}

    @property
    def is_full(self) -> bool:
        """Whether so much is shared that it is better to start anew."""
        return len(self.shared) > MOST

    def clear(self) -> None:
        """Share nothing any more."""
        self.shared.clear()
        self._prints.clear()

    def take(self, got: dict[str, Any], decoder: Decoder) -> None:
        """Apply the changes that a message tells. Raises WireError when they are malformed."""
        changes = got.get("upd", [])
        if not isinstance(changes, list):
            raise WireError("the list of changes is malformed")
        for change in changes:
            if not isinstance(change, list) or len(change) != 2:  # noqa: PLR2004 - number, contents
                raise WireError("a change is malformed")
            number, node = change
            value = self.shared.get(number)
            fill(value, node, decoder)
            self._prints[number] = fingerprint(value)

    def changes(self, encoder: Encoder) -> list[Any]:
        """Return [number, contents] of every container that changed here since it was told."""
        told: list[Any] = []
        for number in self.shared.numbers():
            value = self.shared.get(number)
            now = fingerprint(value)
            if self._prints.get(number, now) != now:
                told.append([number, content(value, encoder)])
            self._prints[number] = now
        return told

    def remember(self) -> None:
        """Note what containers hold that have just been told."""
        for number in self.shared.numbers():
            if number not in self._prints:
                self._prints[number] = fingerprint(self.shared.get(number))

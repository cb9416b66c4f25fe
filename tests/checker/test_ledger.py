"""What is shared between both sides, and which of it has changed since it was told."""

from __future__ import annotations

import pytest

from grader.checker.ledger import MOST, Ledger
from grader.errors import WireError
from grader.wire.values import Decoder, Encoder
from tests.wire.crossing import Handles


def sent(ledger, value):
    """Send a value: it is shared from then on."""
    node = Encoder(Handles(), ledger.shared).encode(value)
    ledger.remember()
    return node["#"]


def changes(ledger):
    return ledger.changes(Encoder(Handles(), ledger.shared))


def decoder(ledger):
    return Decoder(Handles(), [], ledger.shared)


def test_nothing_is_told_while_nothing_changes():
    ledger = Ledger()
    items = [1, 2]
    sent(ledger, items)
    assert changes(ledger) == []


def test_a_change_is_told_once():
    ledger = Ledger()
    items = [1]
    number = sent(ledger, items)
    items.append(2)
    assert [told[0] for told in changes(ledger)] == [number]
    assert changes(ledger) == []


def test_a_change_inside_is_told_of_what_is_inside_alone():
    ledger = Ledger()
    inner: list[int] = []
    outer = [inner]
    number = sent(ledger, outer)
    inner.append(1)
    told = [told[0] for told in changes(ledger)]
    assert len(told) == 1
    assert told != [number]


def test_a_change_from_the_other_side_is_made_here_and_not_told_back():
    ledger, other = Ledger(), Ledger()
    ours, theirs = [1], [1]
    number = sent(ledger, ours)
    sent(other, theirs)
    theirs.append(7)
    ledger.take({"upd": changes(other)}, decoder(ledger))
    assert ours == [1, 7]
    assert number == 0
    assert changes(ledger) == []


def test_nothing_is_shared_after_clearing():
    ledger = Ledger()
    items = [1]
    sent(ledger, items)
    ledger.clear()
    items.append(2)
    assert changes(ledger) == []


def test_a_ledger_is_full_some_day():
    ledger = Ledger()
    assert not ledger.is_full
    sent(ledger, [[] for _ in range(MOST)])
    assert ledger.is_full


@pytest.mark.parametrize(
    "upd",
    [{}, "x", [1], [[1]], [[0, 1, 2]], [["0", []]], [[0, None]], [[0, {"t": "dict"}]], [[8, {}]]],
)
def test_changes_that_cannot_be_are_wire_errors(upd):
    ledger = Ledger()
    sent(ledger, [1])
    with pytest.raises(WireError):
        ledger.take({"upd": upd}, decoder(ledger))


def test_a_message_without_changes_is_fine():
    Ledger().take({}, decoder(Ledger()))

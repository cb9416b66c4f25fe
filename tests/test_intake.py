from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from grader.handins import Receipt
from grader.intake import matching
from tests.pretend import (
    NOON,
)


def receipts(digests):
    return tuple(
        Receipt(
            student="ann",
            attempt=number,
            received_at=NOON + timedelta(minutes=number),
            digest=digest,
        )
        for number, digest in enumerate(digests, start=1)
    )


def attempt_of(digests, digest, minute, **more):
    found = matching(receipts(digests), digest, NOON + timedelta(minutes=minute), **more)
    return found and found.attempt


def test_unknown_files_are_a_new_attempt():
    assert attempt_of("", "A", 1) is None
    assert attempt_of("AB", "C", 9) is None


def test_known_files_are_their_own_attempt_whatever_their_time():
    assert attempt_of("A", "A", 99) == 1
    assert attempt_of("AB", "B", 99) == 2
    assert attempt_of("AB", "A", 1) == 1


def test_going_back_to_earlier_files_is_a_new_attempt():
    assert attempt_of("AB", "A", 99) is None
    assert attempt_of("ABA", "A", 99) == 3


def test_a_copied_folder_with_new_times_is_matched_in_order():
    assert attempt_of("AB", "A", 98, last=False) == 1
    assert attempt_of("AB", "B", 99, used=1, last=True) == 2
    assert attempt_of("ABA", "A", 98, last=False, used=0) == 1


@given(st.lists(st.sampled_from("ABC"), max_size=6), st.booleans())
def test_a_class_taken_in_twice_has_the_same_attempts_even_when_copied(answers, copied):
    """Every list of hand-ins, taken in again, gets the numbers that it got the first time."""
    sent = [a for at, a in enumerate(answers) if at == 0 or a != answers[at - 1]]
    known = receipts(sent)
    later = timedelta(days=1) if copied else timedelta(0)
    used = 0
    for number, digest in enumerate(sent, start=1):
        found = matching(
            known,
            digest,
            NOON + timedelta(minutes=number) + later,
            used=used,
            last=number == len(sent),
        )
        assert found is not None
        assert found.attempt == number
        used = number

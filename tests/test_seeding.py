"""Seeds from the course's secret."""

import hashlib
import hmac
from dataclasses import replace

from grader.seeding import seed_of, variant_of
from tests.pretend import submission_of

SECRET = b"a secret of the course"


def test_the_same_attempt_gets_the_same_seed_whatever_its_files():
    first, second = submission_of("a"), submission_of("b")
    assert seed_of(SECRET, first) == seed_of(SECRET, second)


def test_every_student_attempt_lab_and_secret_gets_another_seed():
    one = submission_of("a")
    others = [
        seed_of(SECRET, one),
        seed_of(SECRET, replace(one, student="bob")),
        seed_of(SECRET, replace(one, attempt=2)),
        seed_of(SECRET, replace(one, lab="other")),
        seed_of(b"another secret of the course", one),
    ]
    assert len(set(others)) == len(others)


def test_a_seed_is_a_number_that_json_keeps():
    for student in range(200):
        seed = seed_of(SECRET, submission_of("a", student=f"s{student}"))
        assert 0 <= seed < 2**53
        assert int(float(seed)) == seed


def test_a_students_data_come_from_secret_lab_and_id_as_documented():
    whole = hmac.new(SECRET, b"09-drift\nada\nvariant", hashlib.sha256).digest()
    assert variant_of(SECRET, "09-drift", "ada") == int.from_bytes(whole, "big") >> (256 - 53)


def test_every_student_lab_and_secret_gets_other_data():
    found = [
        variant_of(SECRET, "09-drift", "ada"),
        variant_of(SECRET, "09-drift", "bob"),
        variant_of(SECRET, "02-data-quality", "ada"),
        variant_of(b"another secret of the course", "09-drift", "ada"),
    ]
    assert len(set(found)) == len(found)
    assert all(0 <= seed < 2**53 for seed in found)


def test_no_hand_in_has_the_seed_of_a_students_data():
    one = submission_of("a")
    seeds = {seed_of(SECRET, replace(one, attempt=number)) for number in range(1, 50)}
    assert variant_of(SECRET, one.lab, one.student) not in seeds

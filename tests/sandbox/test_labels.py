"""Whose a container is, and when it may be removed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

from grader.sandbox.base import BoxSpec, Role
from grader.sandbox.labels import DEADLINE, GRACE_S, OWNER, Owner, abandoned, labels, owner_is_dead

SPEC = BoxSpec(role=Role.WORKER, argv=("-c", "pass"), lifetime_s=100, label="lab 02")


def test_a_box_of_an_owner_elsewhere_is_kept_until_its_deadline():
    found = labels(SPEC, dataclasses.replace(Owner.me(), machine="elsewhere"), now=1000)

    assert not abandoned(found, now=1100 + GRACE_S)
    assert abandoned(found, now=1101 + GRACE_S)


def test_a_clock_that_is_set_forward_abandons_no_box_of_a_living_owner():
    found = labels(SPEC, Owner.me(), now=1000)

    assert not abandoned(found, now=1000 + 10 * 365 * 86_400)


def test_a_box_of_a_dead_owner_is_abandoned_at_once():
    found = labels(SPEC, Owner.me(), now=1000)

    assert abandoned(found, now=1000, is_dead=lambda owner: True)


def test_this_process_lives():
    assert not owner_is_dead(str(Owner.me()))


def test_a_process_that_has_ended_is_dead():
    code = "from grader.sandbox.labels import Owner; print(Owner.me())"
    owner = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()

    assert owner_is_dead(owner)


def test_another_process_with_the_same_id_is_not_the_owner():
    assert owner_is_dead(str(dataclasses.replace(Owner.me(), born="1")))


def test_of_another_machine_nobody_here_can_tell():
    assert not owner_is_dead(str(dataclasses.replace(Owner.me(), machine="elsewhere", born="1")))


def test_a_label_that_makes_no_sense_does_not_save_a_container():
    assert abandoned({OWNER: str(Owner.me()), DEADLINE: "soon"}, now=0)
    assert abandoned({OWNER: str(Owner.me())}, now=0)


def test_an_owner_that_makes_no_sense_is_left_to_the_deadline():
    assert not abandoned({OWNER: "somebody", DEADLINE: "100"}, now=99)


def test_labels_are_texts_and_owners_differ():
    found = labels(SPEC, Owner.me(), now=1000.9)

    assert all(isinstance(value, str) for value in found.values())
    assert str(Owner.me()) != str(Owner.me())

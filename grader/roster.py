"""Matches what was found with the students of a roster: by id, number, address or full name.

Never by a likeness: a score on the wrong student is worse than a note to staff.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from grader.collect import Found, numbered
from grader.filenames import sameness
from grader.identity import Student, person_key, safe_id, sort_name_keys, unique_keys
from grader.platforms import Layout


def with_roster(found: Iterable[Found], students: Sequence[Student]) -> list[Found]:
    """Give each hand-in the roster's id of its student, and number the attempts again.

    A hand-in belongs to a student by id, by number in the learning platform, by e-mail address, or
    by a full name that only one student has; never by a likeness. Who is not found keeps an id of
    their own, with a note.
    """
    listed = list(found)
    ids = {student.id for student in students}
    taken = {item.name for item in listed if item.name in ids}
    known = unique_keys(_roster_keys(students))
    result = []
    for item in listed:
        match = item.name if item.name in ids else _match(item, known)
        if match and not (_is_variant(item, match) and match in taken):
            result.append(replace(item, student=match))
            continue
        doubt = f"{item.name!a} is not on the roster."
        if match:
            doubt = f"{item.name!a} looks like {match!a}, who handed in too; they are kept apart."
        result.append(replace(item, notes=(*item.notes, doubt)))
    return numbered(result)


def _match(item: Found, known: Mapping[str, str]) -> str:
    return next((known[key] for key in _found_keys(item) if key in known), "")


def _is_variant(item: Found, student: str) -> bool:
    """Say whether an id is only another spelling of a student's: `Bob`, `bob `."""
    made = safe_id(item.name)[0]
    return item.name != student and sameness(made) == sameness(student)


def _roster_keys(students: Sequence[Student]) -> Iterator[tuple[str, str]]:
    for student in students:
        yield f"id:{sameness(student.id)}", student.id
        yield f"lms:{student.lms_id}" if student.lms_id else "", student.id
        yield f"id:{sameness(student.email)}" if student.email else "", student.id
        yield f"name:{person_key(student.name)}" if student.name else "", student.id
        for key in sort_name_keys(student.name):
            yield f"sorted:{key}", student.id


def _found_keys(item: Found) -> Iterator[str]:
    """Yield the keys that a hand-in may be known by, the surest first."""
    if item.lms_id:
        yield f"lms:{item.lms_id}"
    if not item.error:
        yield f"id:{sameness(safe_id(item.full_name or item.name)[0])}"
    if item.layout is Layout.CANVAS:
        yield f"sorted:{sameness(item.full_name)}"
    else:
        yield f"name:{person_key(item.full_name or item.name)}"

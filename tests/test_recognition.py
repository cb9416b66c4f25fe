"""Whose data: by rows, by a digest; never by what stands in everybody's."""

import hashlib

from grader.recognition import Likeness, is_clear, likeness, nearest_first, question_of

ADA = {"data/h.csv": b"date,outlet,units\n2026-05-04,K01,118\n2026-05-05,K01,97\n"}
BOB = {"data/h.csv": b"date,outlet,units\n2026-05-04,K01,55\n2026-05-05,K01,97\n"}


def asked(text):
    question = question_of(text.encode() if isinstance(text, str) else text)
    return [likeness(question, name, data) for name, data in (("ada", ADA), ("bob", BOB))]


def test_a_whole_file_and_some_of_its_rows_are_recognised():
    found = nearest_first(asked(ADA["data/h.csv"]))
    assert [(each.student, each.found) for each in found] == [("ada", 2), ("bob", 1)]
    assert is_clear(found)
    assert [each.student for each in nearest_first(asked("my rows:\n  2026-05-04,K01,55 \n"))] == [
        "bob"
    ]


def test_the_beginning_of_a_digest_is_recognised_in_a_sentence():
    mark = hashlib.sha256(ADA["data/h.csv"]).hexdigest()
    found = nearest_first(asked(f"I trained on version {mark[:12].upper()}, and it was good."))
    assert [(each.student, each.digests) for each in found] == [("ada", 1)]
    assert nearest_first(asked(f"version {mark[:11]}")) == []
    assert nearest_first(asked("version 0123456789ab")) == []


def test_heads_short_lines_and_words_say_nothing():
    assert question_of(b"date,outlet,units\nshort,1\nnothing but words here\n").size == 0
    assert question_of(b"\xff\xfe\x00").size == 0


def test_what_stands_in_the_data_of_several_is_not_clear():
    found = nearest_first(asked("2026-05-05,K01,97"))
    assert [each.student for each in found] == ["ada", "bob"]
    assert not is_clear(found)
    assert not is_clear([])
    assert is_clear([Likeness(student="ada", lines=1, digests=0)])

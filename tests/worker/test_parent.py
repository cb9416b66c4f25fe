"""The worker's parent: orders, calls, children that die, and folders that come and go."""

import pytest

from grader.checker.line import Gone
from grader.wire.frames import message, read_message
from grader.worker.parent import Parent
from tests.checker.lines import LoopLine

SOURCE = "import os\nopen('made.txt', 'w').write('x')\ndef leave(): os._exit(5)\n"


@pytest.fixture
def line(tmp_path):
    made = LoopLine(tmp_path / "box", {"stu.py": SOURCE, "data/in.csv": b"1"}, modules=["stu"])
    made.fresh()
    yield made
    made.close()


def order(line, **fields):
    answer = line.call(b"P" + message(fields), 10.0)
    return answer.kind, read_message(answer.body)[0]


def ask(line, child=0, **fields):
    header = {"id": 1, "args": [], "kw": {}, "drop": [], "clear": True} | fields
    payload = b"C" + bytes([child]) + (10_000).to_bytes(4, "big") + message(header)
    answer = line.call(payload, 10.0)
    return answer.kind, read_message(answer.body)[0]


def decoded(node):
    return [entry["v"] for entry in node["v"]]


def files(line, child=0):
    told = ask(line, child, op="files")[1]["val"]
    return sorted(name for name, _ in decoded(told))


def test_orders_are_obeyed_and_unknown_ones_refused(line):
    assert order(line, op="open", child=0) == ("P", {"ok": True})
    assert order(line, op="close", child=0) == ("P", {"ok": True})
    assert order(line, op="dance") == ("P", {"ok": False, "why": "unknown order"})


def test_a_child_finds_the_hand_in_in_its_folder(line):
    order(line, op="open", child=0)
    assert files(line) == ["data/in.csv", "stu.py"]


def test_nobody_answers_for_a_child_that_is_not_there(line):
    kind, told = ask(line, child=3, op="files")
    assert (kind, told["gone"]) == ("G", "ended")


def test_what_one_child_wrote_is_gone_for_the_next(line):
    order(line, op="open", child=0)
    ask(line, op="import", n="stu")
    assert "made.txt" in files(line)
    order(line, op="open", child=0)
    assert "made.txt" not in files(line)


def test_a_child_beside_another_shares_its_folder_and_leaves_it(line):
    order(line, op="open", child=0)
    ask(line, op="import", n="stu")
    order(line, op="open", child=1, beside=0)
    assert "made.txt" in files(line, child=1)
    order(line, op="close", child=1)
    assert "made.txt" in files(line)


def test_a_child_beside_another_cannot_import_the_hand_in(line):
    order(line, op="open", child=0)
    order(line, op="open", child=1, beside=0)
    _, told = ask(line, child=1, op="import", n="stu")
    assert not told["ok"]
    assert told["exc"]["b"] == "ModuleNotFoundError"


def test_a_dead_child_is_told_and_another_can_be_opened(line):
    order(line, op="open", child=0)
    ask(line, op="import", n="stu")
    number = ask(line, op="name", m="stu", n="leave")[1]["val"]["id"]
    kind, told = ask(line, op="call", args=[{"t": "@h", "id": number}])
    assert (kind, told["gone"]) == ("G", "ended")
    assert "5" in told["note"]
    order(line, op="open", child=0)
    assert files(line) == ["data/in.csv", "stu.py"]


def test_too_many_children_end_the_box(line):
    for child in range(4):
        order(line, op="open", child=child)
    with pytest.raises(Gone):
        order(line, op="open", child=4)


def test_a_box_that_begins_anew_has_neither_the_child_nor_the_files_of_the_last_hand_in(
    line, tmp_path
):
    left = tmp_path / "left"
    left.mkdir()
    (left / "kept").write_text("x")
    assert order(line, op="remember", places=[str(left)]) == ("P", {"ok": True})
    order(line, op="open", child=0)
    ask(line, op="import", n="stu")
    (left / "new").write_text("x")
    assert order(line, op="begin_anew") == ("P", {"ok": True})
    assert [path.name for path in left.iterdir()] == ["kept"]
    assert not list((tmp_path / "box").glob("run*"))
    kind, told = ask(line, op="files")
    assert (kind, told["gone"]) == ("G", "ended")


def test_a_box_that_was_not_told_to_remember_cannot_begin_anew(line):
    assert order(line, op="begin_anew") == ("P", {"ok": False})


def test_a_box_that_cannot_be_emptied_says_so(tmp_path, monkeypatch):
    parent = Parent(0, 1, scratch=str(tmp_path))
    parent._order({"op": "remember", "places": []})

    def refuse(_places, _kept):
        raise OSError("busy")

    monkeypatch.setattr("grader.worker.parent.remove_all_but", refuse)
    assert parent._order({"op": "begin_anew"}) == {"ok": False, "why": "busy"}

"""One run's conversation: what comes back, what is lost with a child, and what nonsense costs."""

from __future__ import annotations

import pytest

from grader.checker import faults
from grader.checker.fixtures import Fresh
from grader.checker.line import Gone
from grader.checker.remote import ref_of
from grader.errors import WireError
from tests.checker.lines import answering, from_child, from_parent, gone, module_of

DEADLY = """
import os, signal
def fine(x): return x + 1
def leave(): os._exit(3)
def crash(): os.kill(os.getpid(), signal.SIGSEGV)
def hang():
    while True: pass
"""


def test_a_call_brings_back_a_plain_value(meet):
    assert meet("def f(a, *, b): return [a, b]").f(1, b={"k": (2.5, None)}) == [
        1,
        {"k": (2.5, None)},
    ]


def test_what_the_student_raises_is_raised_here(meet):
    with pytest.raises(KeyError, match="gone"):
        meet("def f(): raise KeyError('gone')").f()


def test_an_argument_that_is_changed_there_is_changed_here(meet):
    items = [3, 1, [2]]
    meet("def f(xs):\n xs[2].append(9)\n xs.sort(key=str)").f(items)
    assert items == [1, 3, [2, 9]]


def test_an_argument_that_comes_back_is_the_same_object(meet):
    items = [1]
    assert meet("def f(xs): return xs").f(items) is items


def test_a_changed_argument_is_told_even_when_the_call_raises(meet):
    items = []
    with pytest.raises(ValueError, match="no"):
        meet("def f(xs):\n xs.append(1)\n raise ValueError('no')").f(items)
    assert items == [1]


def test_time_and_calls_are_counted_against_the_check(hand_in):
    session = hand_in("def f(): pass")
    module_of(session, "stu").f()
    assert session.tally.calls == 3  # import, name, call
    assert 0 < session.tally.seconds < 5


def test_what_is_printed_is_kept_for_the_check(hand_in, capsys):
    session = hand_in("import sys\ndef f():\n print('hallo')\n print('weh', file=sys.stderr)")
    module_of(session, "stu").f()
    assert session.tally.output == "hallo\nweh\n"
    assert capsys.readouterr() == ("hallo\n", "weh\n")


class TestLosses:
    """A child that is gone costs the running check and nothing more."""

    def test_a_child_that_exits_fails_the_check_and_says_so(self, hand_in):
        session = hand_in(DEADLY)
        stu = module_of(session, "stu")
        with pytest.raises(faults.WorkerEnded, match="Does it call exit"):
            stu.leave()
        assert [type(fault) for fault in session.tally.faults] == [faults.WorkerEnded]

    def test_a_signal_is_named(self, meet):
        with pytest.raises(faults.WorkerEnded, match=r"crashed \(signal 11\)"):
            meet(DEADLY).crash()

    def test_a_hang_is_a_time_out(self, meet):
        with pytest.raises(faults.WorkerTimedOut, match=r"within 0\.3 s"):
            meet(DEADLY, call_s=0.3).hang()

    def test_everything_fails_for_the_rest_of_the_check(self, meet):
        stu = meet(DEADLY)
        with pytest.raises(faults.WorkerEnded):
            stu.leave()
        with pytest.raises(faults.WorkerEnded):
            stu.fine(1)

    def test_the_next_check_has_a_new_child_and_the_same_names(self, hand_in):
        session = hand_in(DEADLY)
        stu = module_of(session, "stu")
        fine = stu.fine
        with pytest.raises(faults.WorkerEnded):
            stu.leave()
        session.start_check()
        assert fine(1) == 2
        assert session.tally.faults == []
        assert session.generation == 2

    def test_an_object_of_a_child_that_is_gone_is_refused(self, hand_in):
        session = hand_in(DEADLY + "class Thing: pass\ndef make(): return Thing()")
        stu = module_of(session, "stu")
        thing = stu.make()
        with pytest.raises(faults.WorkerEnded):
            stu.leave()
        session.start_check()
        with pytest.raises(faults.Refusal, match="has ended since"):
            stu.fine(thing)

    def test_a_box_that_dies_is_replaced_for_the_next_check(self, hand_in):
        session = hand_in(DEADLY)
        stu = module_of(session, "stu")
        session._line.kill()
        with pytest.raises(faults.WorkerEnded):
            stu.fine(1)
        session.start_check()
        assert stu.fine(1) == 2
        assert session._line.boxes == 2

    def test_boxes_run_out(self, hand_in):
        session = hand_in(DEADLY, boxes=1)
        stu = module_of(session, "stu")
        session._line.kill()
        with pytest.raises(faults.WorkerEnded):
            stu.fine(1)
        session.start_check()
        with pytest.raises(faults.WorkerEnded, match="too often"):
            stu.fine(1)

    def test_closing_twice_is_fine_and_a_later_call_starts_anew(self, hand_in):
        session = hand_in("count = 0\ndef f():\n global count\n count += 1\n return count")
        stu = module_of(session, "stu")
        assert [stu.f(), stu.f()] == [1, 2]
        session.close()
        session.close()
        assert stu.f() == 1


class TestBudgets:
    """Time is bounded by call, by check and by run."""

    def test_a_check_that_used_its_time_up_is_told_so(self, hand_in):
        session = hand_in("import time\ndef f(_): time.sleep(0.15)", check_s=0.3)
        stu = module_of(session, "stu")
        with pytest.raises(faults.WorkerTimedOut, match=r"more than 0\.3 s in this check"):
            list(map(stu.f, range(10)))

    def test_a_run_that_used_its_time_up_is_told_so(self, scripted):
        session, line = scripted(answering(), run_s=0.0)
        with pytest.raises(faults.WorkerTimedOut, match="whole run may take 0 s"):
            session.request("call")
        assert line.headers() == []

    def test_the_next_check_has_its_own_time_but_not_its_own_run(self, scripted):
        session, _ = scripted(answering(), answering())
        session.request("call")
        spent = session._spent
        session.start_check()
        assert session.tally.seconds == 0.0
        session.request("call")
        assert session._spent > spent


class TestNonsense:
    """An answer that cannot be right ends the child, and the check with it."""

    @pytest.mark.parametrize(
        "answer",
        {
            "another question's": from_child(ok=True, id=99, val=None),
            "nobody's": from_child(ok=True, val=None),
            "ok is no truth value": answering(ok=1),
            "no value that there is": answering(val={"t": "what"}),
            "changes that are no list": answering(upd={"1": 2}),
            "a change of nothing": answering(upd=[[1]]),
            "a change of what was never sent": answering(upd=[[2, {"t": "list", "v": []}]]),
            "a callback that was never given": from_child(cb=7, args=[]),
            "a callback's arguments are no list": from_child(cb=1, args=5),
            "an operation on what was never given": from_child(cb="get", n=1, name="x"),
            "another child's": from_child(child=1, ok=True, id=1, val=None),
            "the parent's": lambda _payload: from_parent(ok=True),
            "an exception without a name": answering(ok=False, exc={"b": "ValueError"}),
            "an exception that is none": answering(ok=False, exc=[]),
            "not a frame": WireError("an answer has no known kind"),
        }.items(),
        ids=lambda pair: pair[0],
    )
    def test_a_wrong_answer_is_a_fault(self, scripted, answer):
        session, line = scripted(answer[1])
        with pytest.raises(faults.ProtocolFault, match="could not be read"):
            session.request("call")
        assert [header["op"] for header in line.headers(b"P")] == ["open", "close"]
        assert len(session.tally.faults) == 1

    def test_bytes_that_are_no_message_are_a_fault(self, scripted):
        import dataclasses

        session, _ = scripted(dataclasses.replace(from_child(), body=b"\0\0\0\7{"))
        with pytest.raises(faults.ProtocolFault):
            session.request("call")

    def test_an_answer_that_cannot_cross_fails_the_check_and_spares_the_child(self, scripted):
        session, line = scripted(
            answering(ok=False, refused="a value is nested too deep"), answering()
        )
        with pytest.raises(faults.Refusal, match="cannot be used: a value is nested too deep"):
            session.request("call")
        assert session.request("call") is None
        assert len(line.headers(b"P")) == 1

    @pytest.mark.parametrize(
        ("why", "note", "said"),
        [
            ("ended", "exit code 0", "ended its own process"),
            ("memory", "", "more memory"),
            ("output", "an answer of 9 bytes", "more data than can be taken"),
            ("protocol", "", "grader's own channel"),
            ("ended", "signal 9", "killed"),
        ],
    )
    def test_the_parent_says_why_a_child_is_gone(self, scripted, why, note, said):
        session, _ = scripted(gone(why, note))
        with pytest.raises(faults.WorkerEnded, match=said):
            session.request("call")

    def test_the_parent_says_that_a_child_was_too_slow(self, scripted):
        session, _ = scripted(gone("timeout"))
        with pytest.raises(faults.WorkerTimedOut):
            session.request("call")

    def test_a_box_that_is_gone_gets_no_more_orders(self, scripted):
        session, line = scripted(Gone("ended"))
        with pytest.raises(faults.WorkerEnded):
            session.request("call")
        assert [header["op"] for header in line.headers(b"P")] == ["open"]


class TestOrders:
    """Orders to the worker's parent are given twice at most."""

    def test_an_order_that_fails_once_is_given_to_a_fresh_box(self, scripted):
        session, line = scripted(from_parent(ok=False), answering())
        session.request("call")
        assert line.freshened == 1

    def test_an_order_that_fails_twice_fails_the_check(self, scripted):
        session, line = scripted(from_parent(ok=False), from_parent(ok=False))
        with pytest.raises(faults.WorkerEnded, match="could not be started again"):
            session.request("call")
        assert line.freshened == 1


class TestCallbacks:
    """Functions of the test answer while the student's code waits."""

    def test_a_function_of_the_test_answers(self, meet):
        assert meet("def f(g): return g(2) + g(3)").f(lambda x: x * x) == 13

    def test_the_same_function_is_the_same_object_there(self, meet):
        def same(x):
            return x

        assert meet("def f(a, b): return a is b").f(same, same) is True

    def test_an_ordinary_error_of_the_function_can_be_caught_there(self, meet):
        def fails():
            raise LookupError("nothing here")

        stu = meet("def f(g):\n try: g()\n except LookupError as e: return str(e)")
        assert stu.f(fails) == "nothing here"

    def test_an_assertion_of_the_function_is_raised_here_whatever_they_catch(self, meet):
        def fails():
            raise AssertionError("the test says no")

        stu = meet("def f(g):\n try: g()\n except BaseException: return 'all well'")
        with pytest.raises(AssertionError, match="the test says no"):
            stu.f(fails)

    def test_what_the_function_changes_is_changed_on_both_sides(self, meet):
        items = [1]
        stu = meet("def f(xs, g):\n g()\n return len(xs)")
        assert stu.f(items, lambda: items.append(2)) == 2

    def test_a_function_may_call_back_into_the_students_code(self, meet):
        stu = meet("def f(g): return g() + 1\ndef h(): return 40")
        assert stu.f(lambda: stu.h() + 1) == 42

    def test_a_function_of_an_ended_test_is_of_no_use(self, hand_in):
        session = hand_in("kept = []\ndef keep(g): kept.append(g)\ndef use(): return kept[0]()")
        stu = module_of(session, "stu")
        stu.keep(lambda: "answer")
        assert stu.use() == "answer"
        session.start_check()
        with pytest.raises(RuntimeError, match="a test that has ended"):
            stu.use()

    def test_what_a_function_returns_must_be_sendable(self, hand_in):
        sentinel = object()
        session = hand_in("def f(g): return g()")
        with pytest.raises(faults.Refusal, match="cannot send a object"):
            module_of(session, "stu").f(lambda: sentinel)

    def test_a_line_for_input_comes_from_the_test(self, meet, monkeypatch):
        monkeypatch.setattr("builtins.input", lambda prompt: f"<{prompt}>")
        assert meet("def f(): return input('name? ')").f() == "<name? >"


class TestBeside:
    """A second child shares the folder, and imports nothing from it."""

    def test_it_has_never_imported_the_students_code_and_cannot(self, hand_in):
        source = "import pathlib\npathlib.Path('left').write_text('x')\nn = 0\n"
        session = hand_in(source + "def f():\n global n\n n += 1\n return n")
        first = module_of(session, "stu")
        assert first.f() == 1
        other = session.beside(1)
        assert bytes(other.request("read", "left", 10)) == b"x"
        with pytest.raises(faults.ImportFailed, match="No module named 'stu'"):
            module_of(other, "stu").f()
        other.close()
        assert first.f() == 2

    def test_it_cannot_import_the_hand_in_even_when_it_is_started_first(self, hand_in):
        session = hand_in("def f(): return 1")
        other = session.beside(1)
        with pytest.raises(faults.ImportFailed, match="No module named 'stu'"):
            module_of(other, "stu").f()
        assert module_of(session, "stu").f() == 1

    def test_its_faults_fail_the_same_check(self, hand_in):
        session = hand_in(DEADLY)
        other = session.beside(1)
        with pytest.raises(faults.WorkerEnded):
            Fresh(other).module("os").abort()
        assert len(session.tally.faults) == 1
        assert module_of(session, "stu").fine(1) == 2


class TestRemoteOperators:
    """Only with `remote_operators` does anything stay shared between two requests."""

    KEEPS = "kept = []\ndef keep(xs): kept.append(xs)\ndef change(): kept[0].append(9)"

    def test_a_kept_list_changes_here_too(self, meet):
        stu, items = meet(self.KEEPS, remote_operators=True), [1]
        stu.keep(items)
        stu.change()
        assert items == [1, 9]

    def test_a_strict_session_forgets_it(self, meet):
        stu, items = meet(self.KEEPS), [1]
        stu.keep(items)
        stu.change()
        assert items == [1]


def test_the_end_of_an_iterator_is_not_a_stop_iteration(hand_in):
    session = hand_in("def f(): return iter([1])")
    items = module_of(session, "stu").f()
    assert session.request("special", items, n="__next__", stops=True) == 1
    with pytest.raises(faults.Stopped):
        session.request("special", items, n="__next__", stops=True)


def test_numbers_that_nothing_refers_to_are_dropped_there(hand_in):
    session = hand_in("class A: pass\ndef f(): return A()\ndef g(): pass")
    stu = module_of(session, "stu")
    made = stu.f()
    number = ref_of(made).number
    assert number not in session._take_dropped()
    del made
    assert number in session._take_dropped()
    assert session._take_dropped() == []


def test_nothing_is_sent_that_is_not_data(hand_in):
    session = hand_in("def f(x): return x")
    with pytest.raises(faults.Refusal, match="cannot send a object to your code"):
        module_of(session, "stu").f(object())

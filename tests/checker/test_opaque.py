"""Nodes to objects of ours and back: claims are never looked up, numbers are never guessed."""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import math
import os
import subprocess
import types

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.checker import faults, opaque
from grader.checker.remote import Missing, Ref, RemoteFunction
from grader.errors import WireError
from tests.checker.lines import answering, module_of


@pytest.fixture
def lone(scripted):
    """Return the Opaque of a session that nobody answers."""
    session, _ = scripted()
    session.open()
    return session.opaque


@pytest.fixture
def trusting(scripted):
    return scripted(remote_operators=True)[0].opaque


class TestSending:
    def test_a_type_of_data_goes_by_its_name(self, lone):
        assert lone.encode(int) == {"t": "@type", "n": "int"}
        assert lone.encode(KeyError) == {"t": "@type", "n": "KeyError"}

    @pytest.mark.parametrize(
        ("value", "home", "name"),
        [
            (math.sqrt, "math", "sqrt"),
            (json, "json", ""),
            (functools.reduce, "_functools", "reduce"),
            (str.upper, "builtins", "str.upper"),
            (len, "builtins", "len"),
            (json.JSONDecoder, "json.decoder", "JSONDecoder"),
        ],
    )
    def test_what_a_library_holds_goes_by_its_name(self, lone, value, home, name):
        assert lone.encode(value) == {"t": "@imp", "m": home, "n": name}

    def test_what_only_claims_a_librarys_name_goes_as_a_function(self, lone):
        def sqrt(x):
            return x

        sqrt.__module__, sqrt.__qualname__ = "math", "sqrt"
        assert lone.encode(sqrt)["t"] == "@cb"

    def test_a_function_of_the_test_goes_by_a_number_and_without_its_name(self, lone):
        def secret_name():
            """Return the answer."""

        assert lone.encode(secret_name) == {"t": "@cb", "n": 1}
        assert lone.encode(secret_name) == {"t": "@cb", "n": 1}

    def test_with_remote_operators_its_name_and_docstring_go_along(self, trusting):
        def known():
            """Say it."""

        assert trusting.encode(known) == {"t": "@cb", "n": 1, "name": "known", "doc": "Say it."}

    def test_a_plain_error_goes_as_an_exception(self, lone):
        assert lone.encode(ValueError("x"))["t"] == "@exc"

    @pytest.mark.parametrize("value", [object(), types.SimpleNamespace(a=1), pytest, os.environ])
    def test_anything_else_of_the_tests_is_refused(self, lone, value):
        with pytest.raises(faults.Refusal, match="plain data, functions and objects of your own"):
            lone.encode(value)

    def test_with_remote_operators_it_goes_as_an_object_that_is_asked(self, trusting):
        node = trusting.encode(types.SimpleNamespace(a=1))
        assert (node["t"], node["k"]) == ("@local", "SimpleNamespace")

    def test_too_many_functions_are_refused(self, lone, monkeypatch):
        monkeypatch.setattr(opaque, "_MAX_CALLBACKS", 2)
        for _ in range(2):
            lone.encode(lambda: None)
        with pytest.raises(faults.Refusal, match="too many functions"):
            lone.encode(lambda: None)

    def test_a_name_that_is_missing_fails_when_it_is_sent(self, lone):
        with pytest.raises(faults.MissingName):
            lone.encode(Missing(lone.session, "x", faults.MissingName("no x")))


class TestFunctionsOfTheTest:
    def test_only_numbers_that_were_given_are_called(self, lone):
        lone.encode(print)
        lone.encode(lambda: 5)
        assert lone.callback(1)() == 5
        for number in (0, 2, -1, True, "1", None, 1.0):
            with pytest.raises(WireError):
                lone.callback(number)

    def test_a_revoked_function_answers_with_an_error_and_its_number_is_not_given_again(self, lone):
        lone.encode(lambda: 5)
        lone.revoke()
        with pytest.raises(RuntimeError, match="has ended"):
            lone.callback(1)()
        assert lone.encode(lambda: 6)["n"] == 2

    def test_one_that_belongs_to_a_module_or_class_is_kept(self, lone):
        with lone.permanent():
            lone.encode(lambda: 5)
        lone.encode(lambda: 6)
        lone.revoke()
        assert lone.callback(1)() == 5

    def test_objects_of_a_strict_test_are_never_operated_on(self, lone):
        lone.keep(types.SimpleNamespace(a=1))
        with pytest.raises(WireError, match="has not given"):
            lone.local_operation("get", 1, "a")

    def test_those_of_a_trusting_test_are_by_public_names_only(self, trusting):
        value = types.SimpleNamespace(a=1)
        trusting.keep(value)
        assert trusting.local_operation("get", 1, "a")() == 1
        trusting.local_operation("set", 1, "a")(2)
        assert value.a == 2
        for kind, number, name in [
            ("get", 1, "__class__"),
            ("get", 1, "_x"),
            ("call", 1, "a"),
            ("get", 2, "a"),
            ("get", 1, None),
            ("special", 1, "__reduce__"),
        ]:
            with pytest.raises(WireError):
                trusting.local_operation(kind, number, name)


class TestReceiving:
    def test_the_same_remote_object_is_the_same_object_here(self, meet):
        stu = meet("class A: pass\na = A()\ndef f(): return a")
        assert stu.f() is stu.f()

    def test_it_is_forgotten_when_nothing_holds_it(self, hand_in):
        session = hand_in("class A: pass\ndef f(): return A()")
        stu = module_of(session, "stu")
        stu.f()
        gc.collect()
        assert not [key for key in session.opaque._known if key[1] > 10]

    def test_a_callback_comes_back_as_the_function_itself(self, meet):
        def mine():
            return 1

        assert meet("def f(g): return [g, {'k': g}]").f(mine) == [mine, {"k": mine}]

    @pytest.mark.parametrize(
        "node",
        [
            {"t": "@what"},
            {"t": "@cb"},
            {"t": "@cb", "n": 5},
            {"t": "@local", "n": 5},
            {"t": "@local", "n": "x"},
            {"t": "@type", "n": "os.system"},
            {"t": "@type"},
            {"t": "@cls", "id": 5},
            {"t": "@cls", "id": "x"},
            {"t": "@cls", "id": True},
            {"t": "@cls", "id": 5, "d": {}},
            {"t": "@cls", "id": 5, "d": {"n": "A", "m": "m", "q": "A", "b": [5]}},
            {"t": "@cls", "id": 5, "d": {"n": "A", "m": "m", "q": "A", "b": 5}},
            {"t": "@cls", "id": 5, "d": {"n": "A", "m": "m", "q": "A", "x": "NoError"}},
            {"t": "@cls", "id": 5, "d": {"n": "A", "m": "m", "q": "A", "members": 5}},
            {"t": "@cls", "id": 5, "d": {"n": "A\0", "m": "m", "q": "A"}},
            {"t": "@h", "id": 5},
            {"t": "@h", "id": 5, "c": {"t": "@type", "n": "eval"}},
            {"t": "@h", "c": {"t": "@type", "n": "int"}},
            {"t": "@h", "id": True, "c": {"t": "@type", "n": "int"}},
            {"t": "@fn", "id": 5},
            {"t": "@fn", "id": "5", "n": "f", "k": "f"},
            {"t": "@live", "id": 5, "k": "x"},
            {"t": "@live", "id": 5},
            {"t": "@mod", "id": 5},
            {"t": "@exc"},
            {"t": "@enum", "n": "A"},
            {"t": "@enum", "c": 5, "n": "A"},
            {"t": "@member", "o": 5, "n": "x"},
            {"t": "@imp", "m": "os", "n": "system"},
            {"t": "@path", "m": "os", "n": "system"},
            {"t": ["@h"]},
        ],
        ids=repr,
    )
    def test_a_malformed_node_is_a_wire_error_and_nothing_else(self, lone, node):
        lone.session._decoder([])
        with pytest.raises(WireError):
            lone.decode(node)

    def test_a_function_stays_there_whatever_it_calls_itself(self, lone):
        node = {"t": "@fn", "id": 5, "n": "system", "k": "f", "p": ["os", "system"]}
        made = lone.decode(node)
        assert type(made) is RemoteFunction
        assert made is not os.system

    @pytest.mark.parametrize("path", [5, ["os"], ["os", 5], [["os"], "x"], {"os": "system"}])
    def test_a_path_that_is_none_is_not_taken(self, lone, path):
        made = lone.decode({"t": "@fn", "id": 5, "n": "f", "k": "f", "p": path})
        assert object.__getattribute__(made, "_grader_ref").path is None

    def test_too_many_classes_are_a_wire_error(self, lone, monkeypatch):
        monkeypatch.setattr("grader.checker.classes._MAX_CLASSES", 3)
        told = {"n": "A", "m": "m", "q": "A"}
        for number in range(3):
            lone.decode({"t": "@cls", "id": number, "d": told})
        with pytest.raises(WireError, match="too many classes"):
            lone.decode({"t": "@cls", "id": 9, "d": told})


class TestAfterAChildHasEnded:
    SOURCE = (
        "import os\nclass A: pass\nmade = A()\ndef f(x): return x is made\ndef die(): os._exit(1)"
    )

    def test_a_module_s_names_are_found_again_by_their_path(self, hand_in):
        session = hand_in(self.SOURCE)
        stu = module_of(session, "stu")
        made, kind = stu.made, stu.A
        with pytest.raises(faults.WorkerEnded):
            stu.die()
        session.start_check()
        assert stu.f(made) is True
        assert isinstance(kind(), kind)

    def test_a_module_itself_is_found_again(self, hand_in):
        session = hand_in(self.SOURCE + "\ndef name(m): return m.__name__")
        stu = module_of(session, "stu")
        with pytest.raises(faults.WorkerEnded):
            stu.die()
        session.start_check()
        assert stu.name(stu) == "stu"


class TestLibraryClasses:
    def test_one_that_this_process_holds_is_found(self):
        assert opaque.library_class("json.decoder", "JSONDecodeError") is json.JSONDecodeError

    @pytest.mark.parametrize(
        ("home", "path"),
        [
            ("unittest.case", "TestCase"),
            ("_pytest.outcomes", "Skipped"),
            ("pytest", "Item"),
            ("grader.errors", "WireError"),
            ("json.decoder", "NoSuchThing"),
            ("json.decoder", "JSONDecoder.decode"),
            ("math", "sqrt"),
            ("stu", "A"),
        ],
    )
    def test_anything_else_is_not(self, home, path):
        assert opaque.library_class(home, path) is None

    def test_nothing_is_imported_for_a_claim(self):
        import sys

        sys.modules.pop("wave", None)
        assert opaque.library_class("wave", "Error") is None
        assert "wave" not in sys.modules


def test_nothing_of_the_other_side_is_called_while_an_answer_is_read(scripted):
    """A node that claims a library's class makes a stand-in, and never runs its `__init__`."""
    told = {"n": "Popen", "m": "subprocess", "q": "Popen", "p": True, "s": ["__init__"]}
    node = {"t": "@h", "id": 7, "c": {"t": "@cls", "id": 6, "d": told}}
    session, _ = scripted(answering(val=node))
    made = session.request("call")
    assert type(made) is not subprocess.Popen
    assert isinstance(object.__getattribute__(made, "_grader_ref"), Ref)


WORDS = st.sampled_from(
    [
        *("A", "m", "Enum", "IntEnum", "Flag", "ValueError", "StopIteration", "tuple", "int", ""),
        *(
            "__eq__",
            "__array__",
            "_grader_class_ref",
            "mro",
            "__class__",
            "f",
            "p",
            "g",
            "\0",
            "\ud800",
        ),
    ]
)
TAGS = st.sampled_from(
    ["@cb", "@local", "@type", "@cls", "@h", "@fn", "@live", "@mod", "@exc", "@enum", "@", "list"]
)
LEAVES = st.one_of(WORDS, st.integers(-1, 6), st.booleans(), st.none(), st.just(1e300))


def _nodes(inside):
    told = st.fixed_dictionaries(
        {"n": WORDS, "m": WORDS, "q": WORDS},
        optional={
            "b": st.lists(inside, max_size=3),
            "x": WORDS,
            "s": st.lists(WORDS, max_size=3),
            "p": st.booleans(),
            "data": LEAVES,
            "members": st.dictionaries(WORDS, LEAVES, max_size=3),
            "enum": st.fixed_dictionaries(
                {
                    "family": WORDS,
                    "members": st.lists(st.tuples(WORDS, inside).map(list), max_size=3),
                }
            ),
        },
    )
    loose = st.dictionaries(st.sampled_from(["id", "n", "k", "c", "d", "b", "msg", "args"]), inside)
    return st.one_of(
        st.lists(inside, max_size=3),
        st.tuples(TAGS, loose).map(lambda pair: {"t": pair[0], **pair[1]}),
        st.fixed_dictionaries({"t": st.just("@cls"), "id": st.integers(0, 4), "d": told}),
        st.fixed_dictionaries({"t": st.just("@h"), "id": st.integers(0, 4), "c": inside}),
        st.fixed_dictionaries({"t": st.just("@enum"), "n": WORDS, "c": inside}),
    )


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node=st.recursive(LEAVES, _nodes, max_leaves=12))
def test_whatever_is_claimed_is_decoded_or_is_a_wire_error(scripted, node):
    session, line = scripted()
    session.open()
    decoder = session._decoder([])
    with contextlib.suppress(WireError):
        decoder.decode(node)
    assert [asked[:1] for asked in line.asked] == [b"P"], "reading asked the other side"


def test_classes_nested_as_deep_as_a_message_may_be_are_no_trouble(lone):
    node: dict = {"t": "@type", "n": "int"}
    for number in range(110):
        told = {"n": "A", "m": "m", "q": "A", "b": [node]}
        node = {"t": "@cls", "id": number, "d": told}
    lone.session._decoder([])
    with contextlib.suppress(WireError):
        lone.decode(node)

"""Answers with messages of its own making: the worker's framework is replaced inside the child."""

import itertools
import os
import struct

from grader.wire.frames import message
from grader.worker import operations, serving

NEXT = {}
"""What the next answer says in place of the right one; `blobs`, `before` and `after` apart."""
SERVER = []
FORCED = []
"""What the next message says, the number of the question included."""
_right = operations.Operations.carry_out
_answer = serving.Server._answer


def _carry_out(self, header, blobs, encoder):
    if ORACLE and header["op"] not in {"call", "name", "import", "names"}:
        told = {
            "__array_interface__": ARRAY, "__name__": "int", "repr": "3", "str": "3", "format": "3",
            "iter": {"t": "@live", "k": "g", "id": 995}, "tolist": {"t": "l", "v": [1, 2, 3]},
            "eq": True, "ne": False, "truth": True, "contains": True, "__dict__": {"t": "d", "k": [], "v": []},
        }  # fmt: skip
        return {"ok": True, "upd": [], "val": told.get(header.get("n"), 3)}
    answer = _right(self, header, blobs, encoder)
    if NEXT:
        answer = {**answer, **NEXT}
        for part in ("before", "after", "blobs", "keep"):
            answer.pop(part, None)
        if "blobs" in NEXT:
            encoder.blobs[:] = NEXT["blobs"]
        for frame in NEXT.get("before", []):
            SERVER[0]._channel._socket.sendall(frame)
        if not NEXT.get("keep"):
            NEXT.clear()
    return answer


def _answer_here(self, payload):
    SERVER[:] = [self]
    return _answer(self, payload)


def _message(header, blobs=()):
    forced, FORCED[:] = [*FORCED], []
    return message({**header, **(forced[0] if forced else {})}, blobs)


operations.Operations.carry_out = _carry_out
serving.message = _message
serving.Server._answer = _answer_here


def _frame(payload, kind=0):
    return struct.pack(">IB", len(payload), kind) + payload


ORACLE = []
"""Whether questions about objects are answered with what would please the one who asks."""
ARRAY = {
    "t": "d", "k": ["data", "shape", "typestr", "version"],
    "v": [{"t": "u", "v": [4096, False]}, {"t": "u", "v": [3]}, "<f8", 3],
}  # fmt: skip
CLASS = {"n": "K", "m": "toy", "q": "K", "s": [], "b": [], "student": True, "members": {}}
_NUMBERS = itertools.count(10_000, 10)
PLAIN = {"t": "@type", "n": "object"}


def _object(number=None, **told):
    number = number or next(_NUMBERS)
    return {"t": "@h", "id": number, "c": {"t": "@cls", "id": number + 1, "d": {**CLASS, **told}}}


def _error(base="ValueError", **told):
    return {"b": base, "n": base, "msg": "x", "id": 950, "args": None, **told}


def _class(number=930, **told):
    return {"t": "@cls", "id": number, "d": {**CLASS, **told}}


_MEMBERS = {
    name: "d"
    for name in (
        "__array_interface__", "__array_struct__", "__array__", "__class__", "__dict__", "__eq__",
        "__fspath__", "__init_subclass__", "__set_name__", "__instancecheck__", "__getattribute__",
        "__slots__", "__bases__", "__mro__", "__module__", "__del__", "__reduce__", "__reduce_ex__",
        "_grader_ref", "_grader_class_ref", "_grader_told", "_grader_data", "_grader_shadow", "mro",
        "__subclasshook__", "__prepare__", "__classcell__", "__qualname__", "__doc__", "__bool__",
        "__abstractmethods__", "__dataframe__", "__wrapped__", "__float__", "__array_ufunc__",
    )
}  # fmt: skip
_ENUM = {"family": "Enum", "members": [["RED", 1], ["BLUE", 2]]}


def _enum(family="Enum", members=None, **told):
    kind = _class(
        next(_NUMBERS), enum={"family": family, "members": members or [["RED", 1], ["BLUE", 2]]}, **told
    )
    return {"t": "@enum", "c": kind, "n": "RED"}


VALUES = {
    "members": _object(members=_MEMBERS),
    "members_f": _object(members=dict.fromkeys(_MEMBERS, "f")),
    "members_p": _object(members=dict.fromkeys(_MEMBERS, "p")),
    "many_members": _object(members={f"m{n}": "d" for n in range(100_000)}),
    "specials": _object(s=[*_MEMBERS, "__eq__", "__bool__", "__float__", "__sub__", "__abs__"]),
    "specials_odd": _object(s=[5, None, {}, [], "__eq__" * 1000]),
    "named_eval": _object(m="builtins", q="eval", n="eval"),
    "named_popen": _object(m="subprocess", q="Popen", n="Popen"),
    "named_skipped": _object(m="_pytest.outcomes", q="Skipped", n="Skipped"),
    "named_module": _object(m="os", q="sys.modules", n="x"),
    "named_long": _object(m="x" * 1_000_000, q="y." * 100_000, n="z" * 1_000_000),
    "named_nul": _object(n="a\0b", q="\ud800", m="\ud800"),
    "named_like_the_test": _object(m="test_public", q="test_yes_still_here"),
    "bases_of_data": _object(b=[{"t": "@type", "n": "int"}, {"t": "@type", "n": "dict"}]),
    "bases_of_errors": _object(b=[{"t": "@type", "n": "SystemExit"}], x="SystemExit"),
    "base_itself": _object(900, b=[{"t": "@cls", "id": 901}]),
    "data_claimed": _object(data="int"),
    "data_unknown": _object(data="no such"),
    "class_of_nothing": {"t": "@h", "id": 1, "c": {"t": "@cls", "id": 99_999}},
    "class_malformed": {"t": "@h", "id": 1, "c": {"t": "@cls", "id": 99_999, "d": 5}},
    "class_is_none": {"t": "@h", "id": 1, "c": None},
    "class_is_type": {"t": "@h", "id": 960, "c": {"t": "@type", "n": "int"}},
    "class_is_error": {"t": "@h", "id": 961, "c": {"t": "@type", "n": "KeyboardInterrupt"}},
    "type_unknown": {"t": "@type", "n": "os.system"},
    "type_interrupt": {"t": "@type", "n": "KeyboardInterrupt"},
    "number_huge": {"t": "@h", "id": 10**400, "c": PLAIN},
    "number_text": {"t": "@h", "id": "1", "c": PLAIN},
    "number_true": {"t": "@h", "id": True, "c": PLAIN},
    "callback_unknown": {"t": "@cb", "n": 12_345},
    "callback_text": {"t": "@cb", "n": "1"},
    "callback_list": {"t": "@cb", "n": []},
    "local": {"t": "@local", "n": 1},
    "local_unknown": {"t": "@local", "n": 777},
    "import": {"t": "@imp", "m": "os", "n": "system"},
    "path": {"t": "@path", "m": "os", "n": "system"},
    "attribute": {"t": "@attr", "o": {"t": "@imp", "m": "os", "n": ""}, "n": "system"},
    "unknown": {"t": "@what"},
    "tag_list": {"t": ["@h"]},
    "live_unknown": {"t": "@live", "k": "z", "id": 5},
    "live_twice": [{"t": "@live", "k": "g", "id": 970}, {"t": "@live", "k": "c", "id": 970}],
    "live": {"t": "@live", "k": "g", "id": 970},
    "function_odd": {"t": "@fn", "id": 971, "n": 5, "k": [], "p": ["os", "system"]},
    "module": {"t": "@mod", "id": 972, "n": "os"},
    "error": {"t": "@exc", **_error()},
    "error_exit": {"t": "@exc", **_error("KeyboardInterrupt")},
    "shared_unknown": {"t": "=", "n": 12},
    "list_numbered_even": {"t": "l", "v": [1], "#": 2},
    "list_numbered_twice": [{"t": "l", "v": [1], "#": 3}, {"t": "l", "v": [1], "#": 3}],
    "blob_lacking": {"t": "s", "b": 5},
    "enum_special": _enum(members=[["__eq__", 1], ["RED", 1]]),
    "enum_missing": _enum(members=[["_missing_", 1], ["RED", 1]]),
    "enum_member_unknown": _enum() | {"n": "GREEN"},
    "enum_functions": {
        "t": "@enum", "n": "RED",
        "c": _class(941, enum=_ENUM, members=dict.fromkeys(_MEMBERS, "f")),
    },
    "enum_family": _enum("EnumMeta"),
    "enum_int_of_text": _enum("IntEnum", [["RED", "x"]]),
    "enum_text_of_object": _enum("Enum", [["RED", _object(980)]], data="str"),
    "enum_of_objects": _enum("Enum", [["RED", _object(982)]]),
    "enum_of_functions": _enum("Enum", [["RED", {"t": "@fn", "id": 984, "n": "f", "k": "f"}]]),
    "enum_many": _enum("Enum", [[f"N{n}", n] for n in range(20_000)]),
    "enum_odd": _enum("Enum", [5]),
    "deep": None,
}  # fmt: skip
_deep = {"t": "l", "v": []}
for _ in range(120):
    _deep = {"t": "l", "v": [_deep]}
VALUES["deep"] = _deep

ERRORS = {
    "none": None, "number": 5, "empty": {}, "odd_base": _error("os.system"), "exits": _error("SystemExit"),
    "base_exception": _error("BaseException"), "generator_exit": _error("GeneratorExit"),
    "stop": _error("StopIteration"), "group": _error("BaseExceptionGroup"),
    "class_malformed": _error(c={"t": "@cls", "id": 99_999, "d": 5}),
    "class_lacking": _error(c={"t": "@cls", "id": 99_998}),
    "class_number": _error(c=7),
    "class_type": _error(c={"t": "@type"}),
    "class_not_an_error": _error(c=_class(931)),
    "class_of_int": _error(c={"t": "@type", "n": "int"}),
    "claims_builtins": _error(c=_class(932, x="Exception", m="builtins", q="Mine")),
    "claims_skip": _error(c=_class(933, x="Exception", m="numpy.testing", q="SkipTest", student=False)),
    "claims_exit": _error(c=_class(934, x="Exception", m="_pytest.outcomes", q="Exit", student=False)),
    "bases_exit": _error(c=_class(935, x="Exception", b=[{"t": "@type", "n": "KeyboardInterrupt"}])),
    "bases_stop": _error(c=_class(936, x="ValueError", b=[
        {"t": "@type", "n": "StopIteration"}, {"t": "@type", "n": "ValueError"}])),
    "x_unknown": _error(c=_class(937, x="no such")),
    "args_odd": _error(args={"t": "l", "v": [1]}),
    "args_malformed": _error(args={"t": "u"}),
    "args_objects": _error("BlockingIOError", args={"t": "u", "v": [1, "x", _object(985)]}),
    "args_unicode": _error("UnicodeDecodeError", args={"t": "u", "v": [1, 2]}),
    "attrs_own": _error(attrs={"t": "d", "k": ["args", "with_traceback", "add_note", "message"],
                               "v": [1, 2, 3, 4]}),
    "attrs_odd": _error(attrs=5),
    "cause_deep": None,
    "id_odd": _error(id="x"),
    "line_odd": _error(line=["x", "y", {"a": 1}]),
    "tb_odd": _error(tb=5),
    "message_long": _error(msg="x" * 5_000_000),
}  # fmt: skip
_cause = _error()
for _ in range(80):
    _cause = _error(cause=_cause)
ERRORS["cause_deep"] = _cause


def give(name):
    ORACLE[:] = [True]
    NEXT["val"] = VALUES[name]


def fail(name):
    NEXT.update(ok=False, exc=ERRORS[name])


def answer(**fields):
    FORCED[:] = [fields]


def stop():
    NEXT["stop"] = True


def update(values, number, content):
    NEXT["upd"] = [[number, content]]


def update_given(values, content):
    """Changes what was given, the number being known."""
    shared = SERVER[0].operations._shared
    if content.get("v") == ["@"]:
        content = {"t": "l", "v": [_object(990)]}
    NEXT["upd"] = [[shared.number_of(values), content]]


def plain_of(values):
    return 3


def bare(text):
    NEXT["before"] = [_frame(text)]


def answers_twice():
    header = {"ok": True, "val": 3, "id": 0}
    NEXT["before"] = [_frame(message({**header, "id": number})) for number in range(200)]


def many_frames():
    NEXT["before"] = [_frame(message({"ok": True, "val": 3, "id": 1})) * 100_000]


def forged_next():
    """Leaves answers in the channel for questions that were not asked yet."""
    socket = SERVER[0]._channel._socket
    if os.fork() == 0:
        import time

        for _ in range(40):
            time.sleep(0.02)
            for number in range(60, 400, 20):
                try:
                    socket.sendall(_frame(message({"ok": True, "val": 4, "id": number})))
                except OSError:
                    os._exit(0)
        os._exit(0)


def ask(header):
    return repr(SERVER[0].ask({"args": [], "kw": {}, "upd": [], **header}, []))


def ask_about(function, header):
    number = number_of(function)
    return ask({"cb": number, **header, **({"n": number} if "cb" in header else {})})


def linger():
    import time

    time.sleep(0.2)
    return 3


def flood(function, megabytes, times):
    """Calls a function of the test with a frame that was made beforehand."""
    data = b"x" * (megabytes << 20)
    header = {"cb": number_of(function), "args": [{"t": "y", "b": 0}], "kw": {}, "upd": []}
    _send(_frame(message(header, [data])), times)
    return 3


def _send(frame, times):
    channel = SERVER[0]._channel
    for _ in range(times):
        channel._socket.sendall(frame)
        channel.receive()


def heavy(function, times):
    """Sends what is small on the wire and dear to read, again and again."""
    rows = [{"t": "d", "k": [], "v": []}] * 60_000
    header = {"cb": number_of(function), "args": [{"t": "l", "v": rows}], "kw": {}, "upd": []}
    _send(_frame(message(header)), times)
    return 3


def prints(function, times):
    """Prints as much as is kept, before each of many calls."""
    for _ in range(times):
        os.write(1, b"x" * 60_000)
        os.write(2, b"y" * 60_000)
        function()
    return 3


def number_of(function):
    """The number behind a function of the test's."""
    return next(cell.cell_contents for cell in function.__closure__ if type(cell.cell_contents) is int)


def parents_pipes():
    """Writes forged frames into whatever the parent has open."""
    text = message({"ok": True, "val": 3, "id": 1})
    for kind in (b"C", b"G", b"P"):
        body = kind + b"\0" + b"\0" * 8 + text
        for folder in (f"/proc/{os.getppid()}/fd", "/proc/self/fd"):
            try:
                names = os.listdir(folder)
            except OSError:
                continue
            for name in names:
                try:
                    fd = os.open(f"{folder}/{name}", os.O_WRONLY | os.O_NONBLOCK)
                    os.write(fd, _frame(body, 49))
                    os.close(fd)
                except OSError:
                    pass
    return 4


def stops_the_parent():
    import signal

    os.kill(os.getppid(), signal.SIGSTOP)
    return 3


def fills_the_warnings():
    NEXT["warn"] = [["UserWarning", "x" * 100_000]] * 50
    NEXT["log"] = [["x" * 200, 50, "y" * 4000]] * 200
    return 3


def odd_warnings():
    NEXT["warn"] = [5, ["KeyboardInterrupt", 3], [None, None], ["UserWarning"], {"a": 1}]
    NEXT["log"] = [5, ["a", "b", "c"], [None, 50, None], ["root", 10**30, "x"], ["a" * 10_000, -5, 1]]
    return 3


def plain():
    ORACLE.clear()
    return 3

"""Uses what the test hands over, functions above all, in every way but the intended one."""

import contextlib
import threading
import time

KEPT = []


class Agreeable:
    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    def __lt__(self, other):
        return True

    def __abs__(self):
        return 0

    __hash__ = object.__hash__


def call(function, *given):
    return function(*given)


def swallow(function, *given):
    try:
        function(*given)
    except BaseException:
        pass
    return 3


def swallow_more(function, *given):
    for _ in range(3):
        with contextlib.suppress(BaseException):
            function(*given)
    raise ValueError("instead")


def swallow_and_exit(function, *given):
    swallow(function, *given)
    raise SystemExit(0)


def swallow_in_a_thread(function, *given):
    thread = threading.Thread(target=swallow, args=(function, *given))
    thread.start()
    thread.join(1)
    return 3


def swallow_and_die(function):
    import os

    swallow(function)
    os._exit(0)


def call_with_objects(function):
    return function(Agreeable())


def call_with_everything(function):
    told = []
    for given in (
        (), (1, 2, 3, 4, 5), (Agreeable,), (Agreeable(), Agreeable()), (function,), (print,),
        ([[]] * 3,), (float("nan"),), (10**400,), ("x" * 1000,),
    ):  # fmt: skip
        try:
            told.append(repr(function(*given)))
        except BaseException as error:
            told.append(repr(error))
    return told


def about(function):
    """All that can be learned of a function of the test's."""
    told = []
    for name in (
        *dir(function), "__globals__", "__closure__", "__code__", "__wrapped__", "__self__",
        "__func__", "__dict__", "__module__", "__defaults__", "func", "args",
    ):  # fmt: skip
        try:
            value = getattr(function, name)
            told.append(f"{name}={value!r}")
            told += [repr(getattr(value, "co_consts", "")), repr(getattr(value, "co_names", ""))]
        except BaseException as error:
            told.append(f"{name}: {error!r}")
    return "\n".join(told)


def keep(function):
    KEPT.append(function)
    return len(KEPT)


def keep_and_call_later(function):
    def later():
        for _ in range(50):
            with contextlib.suppress(BaseException):
                function("later")
            time.sleep(0.01)

    threading.Thread(target=later, daemon=True).start()


def call_kept():
    return [function() for function in KEPT]


def kept():
    return KEPT[-1]


def linger():
    time.sleep(0.1)
    return 3


def call_many(function, times):
    for _ in range(times):
        function()
    return times


def call_heavily(function):
    load = [{str(n): [n] for n in range(500)} for _ in range(20)]
    while True:
        function(load)


def call_with_bulk(function):
    load = b"x" * 20_000_000
    for _ in range(100):
        function(load)
    return 3


def call_with_many(function):
    load = [str(number) for number in range(1_000_000)]
    for _ in range(40):
        function(load)
    return 3


def recurse(function, depth):
    return function(depth)


def replace(function):
    return Agreeable()


def vandal(values):
    if hasattr(values, "drop"):
        values.drop(index=values.index, inplace=True)
    elif hasattr(values, "fill"):
        values.fill(0)
    else:
        values.clear()
    return 0


def vandal_of_kept(values):
    KEPT.append(values)
    return 0


def vandal_later(_other):
    for values in KEPT:
        if isinstance(values, list):
            values.clear()
    return 0


def vandal_in_the_background(values):
    def spoil():
        time.sleep(0.05)
        values[:] = [0]

    threading.Thread(target=spoil, daemon=True).start()
    return 0


def echo(value):
    return value


def fill_with_objects(values):
    values[:] = [Agreeable(), Agreeable(), Agreeable()]
    return values


def fill_table(table):
    for key in list(table):
        table[key] = Agreeable()
    return table


def asks_for_input():
    return input("secret? ")


def plain():
    return 3

"""Objects that agree with everything, and subclasses of plain values that lie."""

import numpy as np
import pandas as pd


class Agreeable:
    """Says yes to whatever is asked."""

    def _yes(self, *given, **named):
        return True

    def _itself(self, *given, **named):
        return self

    __eq__ = __le__ = __ge__ = __lt__ = __gt__ = __contains__ = __bool__ = _yes
    __call__ = __getitem__ = __getattr__ = __enter__ = _itself
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = _itself
    __abs__ = __neg__ = __round__ = _itself

    def __ne__(self, other):
        return False

    def __hash__(self):
        return hash(3)

    def __len__(self):
        return 3

    def __float__(self):
        return 3.0

    def __int__(self):
        return 3

    __index__ = __int__

    def __iter__(self):
        return iter([])

    def __exit__(self, *given):
        return True


class Zero(Agreeable):
    """Its arithmetic always gives nothing."""

    def _nothing(self, *given):
        return 0.0

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __abs__ = __float__ = _nothing


class Claims(Agreeable):
    """Claims to be of another class."""

    def __init__(self, kind):
        self.__dict__["kind"] = kind

    @property
    def __class__(self):
        return self.__dict__["kind"]


def agreeable():
    return Agreeable()


def zero():
    return Zero()


def claims_int():
    return Claims(int)


def claims_frame():
    return Claims(pd.DataFrame)


def named_like(home, name):
    """An object whose class has the name and home of a library's class."""
    kind = type(name.rpartition(".")[2], (Agreeable,), {"__module__": home, "__qualname__": name})
    return kind()


class Text(str):
    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Whole(int):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0

    __rsub__ = __sub__
    __hash__ = int.__hash__


class Real(float):
    def __eq__(self, other):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = float.__hash__


class Row(list):
    def __eq__(self, other):
        return True

    def __iter__(self):
        return iter([1, 2, 3])

    def __len__(self):
        return 3

    def __getitem__(self, at):
        return at + 1

    __hash__ = None


class Table(dict):
    def __eq__(self, other):
        return True

    def __getitem__(self, key):
        return 1

    def keys(self):
        return ["a"]

    def items(self):
        return [("a", 1)]

    __hash__ = None


class Array(np.ndarray):
    def __eq__(self, other):
        return np.array([True])

    def __array_ufunc__(self, ufunc, method, *given, **named):
        return np.array([True])

    def __array_function__(self, function, types, given, named):
        return True

    def all(self, *given, **named):
        return True


class Frame(pd.DataFrame):
    @property
    def _constructor(self):
        return Frame

    def equals(self, other):
        return True

    def __eq__(self, other):
        return pd.DataFrame({"a": [True]})

    def __len__(self):
        return 3


def text():
    return Text("wrong")


def whole():
    return Whole(4)


def real():
    return Real(4.0)


def row():
    return Row([9])


def table():
    return Table(b=9)


def array():
    return np.array([9.0, 9.0, 9.0]).view(Array)


def frame():
    return Frame({"a": [9.0, 9.0, 9.0]})


def nested():
    return [Agreeable(), {"a": Agreeable()}]


class Sequence:
    """Has the length that is wanted, and nothing in it."""

    def __len__(self):
        return 3

    def __iter__(self):
        return iter(())

    def __getitem__(self, at):
        return 1

    def keys(self):
        return ["a"]


def sequence():
    return Sequence()


class Flickers:
    """Looks right where its outline is looked at, and is empty where its contents would be."""

    def __init__(self):
        self.looks = 0

    @property
    def columns(self):
        self.looks += 1
        return pd.Index(["a"]) if self.looks == 1 else pd.Index([])

    index = pd.RangeIndex(3)
    shape = (3, 1)
    nlevels = 1
    inferred_type = "integer"

    def equals(self, other):
        return True

    def __len__(self):
        return 3


Flickers.__module__, Flickers.__qualname__, Flickers.__name__ = (
    "pandas.core.frame",
    "DataFrame",
    "DataFrame",
)


def flickers():
    return Flickers()


class Protocols:
    """Offers every way by which a library might read memory or code."""

    array = np.arange(3.0)
    __array_interface__ = {"data": (4096, False), "shape": (3,), "typestr": "<f8", "version": 3}
    __array_struct__ = array.__array_struct__
    __array_priority__ = 1e9
    __wrapped__ = print

    def __array__(self, *given, **named):
        return np.array([1.0, 2.0, 3.0])

    def __array_ufunc__(self, ufunc, method, *given, **named):
        return True

    def __array_function__(self, function, types, given, named):
        return True

    def __dataframe__(self, *given, **named):
        return pd.DataFrame({"a": [1.0, 2.0, 3.0]}).__dataframe__()

    def __arrow_c_stream__(self, *given, **named):
        return object()

    __arrow_c_array__ = __arrow_c_schema__ = __arrow_c_stream__

    def __fspath__(self):
        return "test_public.py"

    def __reduce__(self):
        return (print, ("x",))


def protocols():
    return Protocols()


def names_of(value):
    return sorted(name for name in dir(value))


class Bomb:
    """Costs time, or the process, where it is looked at."""

    @property
    def exits(self):
        raise SystemExit(0)

    @property
    def hangs(self):
        while True:
            pass

    def __repr__(self):
        raise SystemExit("no more")

    def __str__(self):
        raise KeyboardInterrupt

    def __format__(self, spec):
        raise GeneratorExit

    def __len__(self):
        return 10**18

    def __iter__(self):
        while True:
            yield 1


def bomb():
    return Bomb()


class Dies:
    def __repr__(self):
        import os

        os._exit(0)

    __str__ = __repr__


def dies():
    return Dies()


def raises_dies():
    raise ValueError(Dies(), Dies())


def raises_bomb():
    raise ValueError(Bomb(), Bomb())


def plain():
    return 3

"""Values at and beyond the edges of what can be sent, classes and enumerations that lie."""

import datetime
import decimal
import enum
import fractions
import pathlib
import zoneinfo

import numpy as np
import pandas as pd


def decimal_of(text):
    return decimal.Decimal(text)


def whole(bits):
    return 1 << bits


def collisions():
    modulus = (1 << 61) - 1
    return {modulus * n: n for n in range(1, 50_000)}


def collisions_in_a_set():
    modulus = (1 << 61) - 1
    return {modulus * n for n in range(1, 50_000)}


def deep(levels):
    made = []
    for _ in range(levels):
        made = [made]
    return made


def deep_dict(levels):
    made = {}
    for _ in range(levels):
        made = {"a": made}
    return made


def itself():
    made = [1, 2]
    made.append(made)
    return made


def path(name):
    return pathlib.Path(name)


class Zone(datetime.tzinfo):
    def utcoffset(self, when):
        return datetime.timedelta(0)

    def dst(self, when):
        return datetime.timedelta(0)

    def tzname(self, when):
        return "UTC"

    def __eq__(self, other):
        return True

    __hash__ = None


def own_zone():
    return datetime.datetime(2024, 1, 1, tzinfo=Zone())


def zone_file():
    import io

    zone = zoneinfo.ZoneInfo.from_file(
        open(zoneinfo.TZPATH[0] + "/UTC", "rb") if zoneinfo.TZPATH else io.BytesIO(b""),
        key="../../../etc/passwd",
    )
    return datetime.datetime(2024, 1, 1, tzinfo=zone)


def fraction():
    return fractions.Fraction(10**30_000, 3)


def long_text(size):
    return "x" * size


def lines(count):
    return "\n".join(str(number) for number in range(count))


def numbers(count):
    return list(range(count))


def table(count):
    return {f"key {number}": number for number in range(count)}


def rows(count):
    return [[number, str(number)] for number in range(count)]


def objects():
    return np.array([object(), object()], dtype=object)


def records():
    return np.zeros(3, dtype=[("a", "i4"), ("b", "f8")])


def twins():
    return pd.DataFrame([[9, 9], [9, 9]], columns=["a", "a"])


def unhashable_columns():
    frame = pd.DataFrame({"a": [1]})
    frame.columns = pd.Index([["list"]], dtype=object)
    return frame


def many_columns():
    return pd.DataFrame(np.zeros((1, 200_000)))


def mixed():
    return pd.DataFrame({"a": [1, "x", object()]})


def lone_surrogate():
    return "\ud800"


def huge_range():
    return range(10**18)


class Colour(enum.Enum):
    """An enumeration that agrees."""

    RED = 1
    BLUE = 2

    def __eq__(self, other):
        return True

    def __bool__(self):
        return True

    @property
    def value(self):
        return 3

    @property
    def name(self):
        return "GREEN"

    @classmethod
    def _missing_(cls, value):
        return cls.RED

    __hash__ = enum.Enum.__hash__


class Level(str, enum.Enum):
    LOW = "low"
    HIGH = "high"


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def colour():
    return Colour.BLUE


def level():
    return Level.LOW


def number():
    return Number.TWO


def members(count):
    return type("Wide", (), {f"name_{n}": n for n in range(count)})()


class Meta(type):
    def __instancecheck__(cls, other):
        return True

    def __subclasscheck__(cls, other):
        return True

    def __eq__(cls, other):
        return True

    def __contains__(cls, other):
        return True

    def __bool__(cls):
        return True

    def mro(cls):
        return [cls, object]

    __hash__ = type.__hash__


class Anything(metaclass=Meta):
    def __init_subclass__(cls, **named):
        raise SystemExit(0)

    def __set_name__(self, owner, name):
        raise SystemExit(0)

    def __class_getitem__(cls, key):
        return True

    _grader_ref = _grader_class_ref = _grader_told = 3
    __slots__ = ("__dict__",)

    def mro(self):
        return []

    def __eq__(self, other):
        return True

    __hash__ = None


def anything():
    return Anything()


Error = BaseException


def fail():
    raise ValueError("no")


def endless():
    number = 0
    while True:
        yield number
        number += 1


def bulky():
    while True:
        yield "x" * 20_000_000


def plain():
    return 3

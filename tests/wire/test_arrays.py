"""numpy's arrays arrive with their dtype, shape and order; bytes that lie are refused."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra import numpy as hnp

from grader.errors import WireError
from tests.wire.crossing import Handle, cross, decode, pack

ARRAYS = {
    "integers": np.arange(5),
    "one number": np.array(3.5),
    "nothing": np.zeros((0, 3)),
    "a matrix": np.arange(6).reshape(2, 3),
    "Fortran order": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "every other row": np.arange(20).reshape(5, 4)[::2, ::-1],
    "truths": np.array([True, False]),
    "half floats": np.array([1.5, np.nan, np.inf], dtype="f2"),
    "complex numbers": np.array([1j, -0.0]),
    "small integers": np.array([-128, 127], dtype="i1"),
    "times": np.array(["2024-01-01", "NaT"], dtype="M8[ns]"),
    "days": np.array(["2024-01-01"], dtype="M8[D]"),
    "lengths": np.array([1, -(2**63)], dtype="m8[s]"),
    "text": np.array(["ä😀", ""]),
    "no text": np.array(["", ""], dtype="U0"),
    "bytes": np.array([b"abc", b""]),
    "objects": np.array([None, "a", 2**100, [1], {"k": ()}], dtype=object),
    "a matrix of objects": np.asfortranarray(np.array([[1, "a"], [None, 2.5]], dtype=object)),
    "one object": np.array(None, dtype=object),
    "five dimensions": np.zeros((1, 2, 1, 2, 1), dtype="u2"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_arrives_as_it_was(name):
    value = ARRAYS[name]
    arrived = cross(value)
    assert type(arrived) is np.ndarray
    assert arrived.dtype == value.dtype
    np.testing.assert_array_equal(arrived, value, strict=True)
    assert arrived.flags.writeable
    assert pack(value) == pack(value)


def test_fortran_order_is_kept():
    assert cross(ARRAYS["Fortran order"]).flags.f_contiguous
    assert not cross(ARRAYS["Fortran order"]).flags.c_contiguous


def test_big_endian_arrays_are_converted():
    arrived = cross(np.array([1, 2**40], dtype=">i8"))
    assert arrived.dtype.str == "<i8"
    assert arrived.tolist() == [1, 2**40]


def test_an_array_that_must_not_be_written_to_stays_so():
    value = np.arange(3)
    value.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        cross(value)[0] = 1


@pytest.mark.parametrize(
    "value",
    [
        np.float64(0.1),
        np.float32(0.1),
        np.float16(2),
        np.int8(-1),
        np.uint64(2**64 - 1),
        np.bool_(False),
        np.complex64(1j),
        np.datetime64("2024-01-01T00:00:01", "ms"),
        np.datetime64("NaT"),
        np.timedelta64(5, "D"),
        np.str_("ä"),
        np.str_(""),
        np.bytes_(b"ab"),
    ],
    ids=repr,
)
def test_a_number_of_numpys_arrives_with_its_type(value):
    arrived = cross(value)
    assert type(arrived) is type(value)
    assert arrived.dtype == value.dtype
    assert arrived == value or np.isnat(value)


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(2, dtype=[("a", "i4")]),
        np.zeros(2, dtype="V3"),
        np.ma.masked_array([1, 2], [True, False]),
        np.longdouble(1),
        np.zeros(2, dtype=np.longdouble),
        np.zeros((0, 2**40)),
        np.void(b"abc"),
    ],
    ids=lambda value: str(getattr(value, "dtype", value)),
)
def test_arrays_that_are_not_data_go_to_the_opaque(value):
    assert type(cross(value)) is Handle


class Liar(np.ndarray):
    def _lie(self, *_args, **_kwargs):
        raise AssertionError("a method of a subclass was called")

    __array__ = __iter__ = __len__ = __getitem__ = __eq__ = __reduce__ = tolist = tobytes = _lie
    copy = astype = view = ravel = __array_ufunc__ = __array_function__ = __repr__ = _lie
    shape = dtype = flags = size = property(_lie)
    __class__ = property(_lie)


def test_a_subclass_is_reduced_without_asking_it_anything():
    for plain in (np.arange(3.0), np.array([None, [1]], dtype=object)):
        arrived = cross([plain.view(Liar)])[0]
        assert type(arrived) is np.ndarray
        np.testing.assert_array_equal(arrived, plain, strict=True)


def test_a_matrix_arrives_as_an_array():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert type(cross(np.matrix([[1, 2]]))) is np.ndarray


def test_a_subclass_of_a_number_is_reduced():
    class Own(np.float64):
        def __eq__(self, other):
            return True

        __hash__ = np.float64.__hash__

    arrived = cross(Own(1.5))
    assert type(arrived) is np.float64
    assert arrived == 1.5
    assert type(cross(Own(1.5), keep_subclasses=True)) is Handle


def test_arrays_keep_their_identity_and_may_hold_themselves():
    value = np.array([None, 1], dtype=object)
    value[0] = value
    one, other = cross([value, value])
    assert one is other
    assert one[0] is one


def test_numpy_is_not_imported_for_plain_values():
    code = (
        "import sys; from tests.wire.crossing import cross;"
        "cross([1, 'a', 2.5, {'k': [float('nan')]}]); print('numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_value_of_a_library_that_is_not_installed_is_a_wire_error(monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(WireError, match="needs numpy"):
        decode({"t": "n", "d": "<f8", "x": "00" * 8})


@pytest.mark.parametrize(
    ("node", "blob"),
    [
        ({"d": "<f8", "s": [3]}, b"\0" * 16),
        ({"d": "<f8", "s": [2]}, b"\0" * 17),
        ({"d": "<f8", "s": [-1, -2]}, b"\0" * 16),
        ({"d": "<f8", "s": [-1]}, b"\0" * 16),
        ({"d": "<f8", "s": [2.0]}, b"\0" * 16),
        ({"d": "<f8", "s": [True, 2]}, b"\0" * 16),
        ({"d": "<f8", "s": 2}, b"\0" * 16),
        ({"d": "<f8", "s": [2**32, 2**32]}, b""),
        ({"d": "<f8", "s": [2**62, 4]}, b""),
        ({"d": "<f8", "s": [0, 2**40]}, b""),
        ({"d": "<f8", "s": [0, 2**30, 2**30]}, b""),
        ({"d": "<f8", "s": [1] * 33}, b"\0" * 8),
        ({"d": "<U0", "s": [10**9]}, b""),
        ({"d": "|O8", "s": [2]}, b"\0" * 16),
        ({"d": "O", "s": [2]}, b"\0" * 16),
        ({"d": "|V8", "s": [2]}, b"\0" * 16),
        ({"d": "<f8,<f8", "s": [1]}, b"\0" * 16),
        ({"d": "(2,)<f8", "s": [1]}, b"\0" * 16),
        ({"d": ">f8", "s": [2]}, b"\0" * 16),
        ({"d": "<f16", "s": [1]}, b"\0" * 16),
        ({"d": "<M8[0s]", "s": [2]}, b"\0" * 16),
        ({"d": ["<f8"], "s": [2]}, b"\0" * 16),
        ({"d": "<U99999999", "s": [1]}, b"\0" * 16),
        ({"d": "<U2", "s": [2]}, b"\xff" * 16),
        ({"d": "|b1", "s": [16]}, b"\2" * 16),
        ({"v": [1, 2], "s": [3]}, b""),
        ({"v": [1, 2], "s": [10**12]}, b""),
        ({"v": {"n": 2, "u": 5}, "s": [0, 2]}, b""),
    ],
    ids=str,
)
def test_an_array_that_lies_about_itself_is_refused(node, blob):
    with pytest.raises(WireError):
        decode({"t": "a", "b": 0, **node}, blob)


@pytest.mark.parametrize(
    "node",
    [
        {"d": "<f8", "x": "00"},
        {"d": "<f8", "x": "zz" * 8},
        {"d": "|b1", "x": "07"},
        {"d": "<U1", "x": "ffffffff"},
        {"d": "O", "x": "00" * 8},
    ],
    ids=str,
)
def test_a_number_that_lies_about_itself_is_refused(node):
    with pytest.raises(WireError):
        decode({"t": "n", **node})


def test_a_large_array_needs_little_more_than_its_own_memory():
    import tracemalloc

    value = np.ones(4_000_000)
    data = pack(value)
    tracemalloc.start()
    try:
        from tests.wire.crossing import unpack

        unpack(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.2 * value.nbytes


DTYPES = (
    hnp.boolean_dtypes()
    | hnp.integer_dtypes()
    | hnp.floating_dtypes(sizes=(16, 32, 64))
    | hnp.complex_number_dtypes(sizes=(64, 128))
    | hnp.datetime64_dtypes()
    | hnp.timedelta64_dtypes()
    | hnp.unicode_string_dtypes()
    | hnp.byte_string_dtypes()
)


@settings(deadline=None)
@given(hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, min_side=0)))
def test_any_array_arrives_as_it_was(value):
    arrived = cross(value)
    assert arrived.dtype == value.dtype.newbyteorder("<")
    np.testing.assert_array_equal(arrived, value)

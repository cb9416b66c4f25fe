"""Codecs are found by the identity of a class, and a library's only once it is really there."""

from __future__ import annotations

import collections
import enum
import subprocess
import sys

import pytest

from grader.wire.registry import CONTAINERS, DECODERS, codec_of


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (int, int),
        (type("Own", (dict,), {}), dict),
        (type("Own", (collections.Counter,), {}), collections.Counter),
        (object, None),
        (type, None),
        (enum.IntEnum("Colour", "RED"), None),
        (enum.StrEnum("Word", "A"), None),
    ],
)
def test_a_class_is_known_by_its_nearest_base(kind, base):
    codec = codec_of(kind)
    assert (codec and codec.base) is base


def test_no_tag_is_read_in_two_ways_or_kept_for_the_opaque():
    assert not DECODERS.keys() & CONTAINERS.keys()
    assert not [tag for tag in (*DECODERS, *CONTAINERS) if tag.startswith(("@", "="))]


def test_every_container_that_is_written_can_be_read_and_filled():
    for kind in (list, dict, set, bytearray, collections.deque, collections.OrderedDict):
        codec = codec_of(kind)
        assert codec.fill is not None
        assert codec.tag in CONTAINERS


def test_a_library_that_is_still_being_imported_is_left_for_later():
    code = """
import importlib.machinery, sys, types
from grader.wire import registry
half = types.ModuleType("numpy")
half.__spec__ = importlib.machinery.ModuleSpec("numpy", None)
half.__spec__._initializing = True
sys.modules["numpy"] = half
print(registry.codec_of(object), "numpy" in registry._LATER)
del sys.modules["numpy"]
import numpy
print(registry.codec_of(numpy.ndarray).tag, "numpy" in registry._LATER)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", "True", "a", "False"]

"""A course's notebook with what real courses do in their test cells, and hand-ins for it."""

from __future__ import annotations

from tests.nbgrader_courses import cell, notebook, text

SETUP = """
import numpy as np
from math import pi

limit = 1e-9

def close(a, b):
    return abs(a - b) < limit
"""
AREA = "def area(r):\n    ### BEGIN SOLUTION\n    return pi * r ** 2\n    ### END SOLUTION"
AREA_TEST = """
# The area of a circle.
assert close(area(1), pi)
### BEGIN HIDDEN TESTS
assert close(area(2), 4 * pi)
assert np.isclose(area(0.5), pi / 4)
### END HIDDEN TESTS
"""
GREET_TEST = """
import contextlib, io

def heard(function, *words):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        function(*words)
    return said.getvalue().strip()

assert heard(greet, "Ada") == "Hello, Ada!"
"""
AGAIN_TEST = """
### BEGIN HIDDEN TESTS
assert heard(greet, "Ben") == "Hello, Ben!"
### END HIDDEN TESTS
"""
STEPS_TEST = """
score = 0
if square(2) == 4:
    score += 1
if square(-3) == 9:
    score += 1
if square(0) == 0:
    score += 1
score
"""
FRAME_TEST = """
frame = pd.DataFrame({"a": [1.0, None, 3.0]})
cleaned = clean(frame)
assert isinstance(cleaned, pd.DataFrame)
pd.testing.assert_frame_equal(cleaned, frame.dropna())
assert len(frame) == 3, "the frame that was given has changed"
"""
STACK_TEST = """
stack = Stack()
stack.push(1)
stack.push("two")
assert isinstance(stack, Stack)
assert stack.pop() == "two"
assert stack.pop() == 1
try:
    stack.pop()
except EmptyStack as error:
    assert "empty" in str(error)
else:
    assert False, "no error"
"""
ANSWERS = {
    "area": AREA,
    "greet": 'def greet(name):\n    print(f"Hello, {name}!")',
    "largest": "def max(values):\n    found = values[0]\n    for value in values:\n"
    "        if value > found:\n            found = value\n    return found",
    "counter": "count = 0\ndef bump():\n    global count\n    count += 1\n    return count",
    "square": "def square(x):\n    return x * x",
    "first": "stage = 1",
    "second": "stage = stage + 1",
    "frame": "def clean(frame):\n    return frame.dropna()",
    "stack": "class EmptyStack(Exception):\n    pass\n\nclass Stack:\n"
    "    def __init__(self):\n        self.items = []\n"
    "    def push(self, item):\n        self.items.append(item)\n"
    "    def pop(self):\n        if not self.items:\n"
    '            raise EmptyStack("the stack is empty")\n        return self.items.pop()',
}
TESTS = {
    "area_test": (AREA_TEST, 2),
    "greet_test": (GREET_TEST, 1),
    "again_test": (AGAIN_TEST, 1),
    "largest_test": ("assert max([1, 5, 2]) == 5\nassert max([-3, -7]) == -3", 1),
    "counter_test": ("count = 10\nassert bump() == 11\nassert count == 11", 1.5),
    "square_test": (STEPS_TEST, 3),
    "first_test": ("assert stage == 1", 1),
    "second_test": ("assert stage == 2", 1),
    "frame_test": (FRAME_TEST, 2),
    "stack_test": (STACK_TEST, 2),
    "timed_test": ("%%time\nassert square(12) == 144", 0),
}
RICH = notebook(
    text("# A course", "read-only", "title"),
    cell(SETUP, "read-only", "setup"),
    cell(AREA, "answer", "area"),
    cell(AREA_TEST, "test", "area_test", 2),
    cell(ANSWERS["greet"], "answer", "greet"),
    cell(GREET_TEST, "test", "greet_test", 1),
    cell(AGAIN_TEST, "test", "again_test", 1),
    cell("%precision 3\nimport pandas as pd"),
    cell(ANSWERS["largest"], "answer", "largest"),
    cell("assert max([1, 5, 2]) == 5\nassert max([-3, -7]) == -3", "test", "largest_test", 1),
    cell(ANSWERS["counter"], "answer", "counter"),
    cell(TESTS["counter_test"][0], "test", "counter_test", 1.5),
    cell(ANSWERS["square"], "answer", "square"),
    cell(STEPS_TEST, "test", "square_test", 3),
    cell(TESTS["timed_test"][0], "test", "timed_test", 0),
    cell(ANSWERS["first"], "answer", "first"),
    cell("assert stage == 1", "test", "first_test", 1),
    cell(ANSWERS["second"], "answer", "second"),
    cell("assert stage == 2", "test", "second_test", 1),
    cell(ANSWERS["frame"], "answer", "frame"),
    cell(FRAME_TEST, "test", "frame_test", 2),
    cell(ANSWERS["stack"], "answer", "stack"),
    cell(STACK_TEST, "test", "stack_test", 2),
    text("In your own words.", "by hand", "essay", 3),
)

WRONG = {
    "area": "def area(r):\n    return 3.14 * r ** 2",
    "greet": 'def greet(name):\n    print("Hello,", name)',
    "largest": "def max(values):\n    found = 0\n    for value in values:\n"
    "        if value > found:\n            found = value\n    return found",
    "counter": "count = 0\ndef bump():\n    return count + 1",
    "square": "def square(x):\n    return x * abs(x)",
    "first": "stage = 0",
    "second": "stage = stage + 2",
    "frame": "def clean(frame):\n    return frame.fillna(0)",
    "stack": "class Stack:\n    def push(self, item):\n        self.item = item\n"
    "    def pop(self):\n        return self.item",
}
SOLVED_WITH_MAGICS = ANSWERS | {
    "area": "%config InlineBackend.figure_format = 'png'\n" + AREA + "\n%time area(3)",
    "square": "%%time\ndef square(x):\n    return x ** 2",
    "largest": "_ = !echo hello\n" + ANSWERS["largest"] + "\nmax([1, 2])\nmax?",
}
HAND_INS = {
    "solved": SOLVED_WITH_MAGICS,
    "untouched": {},
    "half": ANSWERS | {key: WRONG[key] for key in ("area", "largest", "square", "second")},
    "other_half": ANSWERS | {key: WRONG[key] for key in ("greet", "counter", "frame", "stack")},
    "broken": ANSWERS
    | {
        "area": "def area(r)\n    return 1",
        "first": "stage = = 1",
        "greet": "raise RuntimeError('not yet')",
        "counter": "count = 1 / 0",
    },
}
"""Student -> answers. What is not there stays as it was handed out."""

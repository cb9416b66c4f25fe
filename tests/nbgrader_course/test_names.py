"""The names of a cell, read from its source."""

from __future__ import annotations

import ast

from grader.nbgrader_course.names import names_of


def of(source):
    return names_of(ast.parse(source))


def test_names_that_a_cell_makes():
    told = of("a = 1\nfor b in c: pass\ndef f(x): d = x\nclass G: e = 1\nwith h as i: pass")
    assert told.made == {"a", "b", "f", "G", "i"}


def test_names_that_it_uses_in_functions_too():
    told = of("def f(x):\n    return helper(x) + limit\nassert f(y) == [z for z in w]")
    assert told.used >= {"helper", "limit", "y", "w"}
    assert "x" not in told.used
    assert told.in_functions == {"helper", "limit"}


def test_what_is_deleted_was_used():
    assert "squares" in of("del squares").used


def test_what_functions_change_by_global():
    told = of("def bump():\n    global n\n    n += 1")
    assert told.changed == {"n"}
    assert "n" in told.made


def test_what_is_changed_in_place():
    assert of("a[1] = 2\nb.append(3)\nc.x = 4\nd.upper()").mutated == {"a", "b", "c"}


def test_imports_have_their_statement():
    told = of(
        "import numpy as np, os.path\nfrom math import pi as p\ntry:\n    import q\nfinally: 0"
    )
    assert told.imports == {
        "np": "import numpy as np",
        "os": "import os.path",
        "p": "from math import pi as p",
        "q": "import q",
    }
    assert of("from math import *\nx = 1").stars == ("math",)


def test_a_cell_that_cannot_be_read_has_none():
    assert names_of(None).made == frozenset()

"""The catalogue of misbehaviour: 167 rows, and how each of them is tried.

A row is tried by hand-ins of this folder (`Case`), by named tests elsewhere (`by`), or it says why
it is left out. `registry.ROWS` has all of them; `tests/misbehaviour/catalogue/test_registry.py` sees to it.
"""

"""A grader for labs: hidden tests are pytest files, student code runs in a box of its own.

Importing the package costs nothing: docker, pandas and pytest are imported where they are used.
"""

__version__ = "0.1.0"

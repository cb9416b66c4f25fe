"""The numbers of the interactive figures, in Python: tests compare them with those of the pages.

Each module is the twin of course/assets/figures/numbers/<name>.js (stream.py of random.js).
Special functions come from SciPy here and are written out there, so the two check each other.
"""

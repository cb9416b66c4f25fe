"""Kopi Lestari, the case of the course: every table is made here, from a seed.

It makes tables and damages them on request. It never reads a student's file, and nothing of it is
published: labs get extracts, checkers get a copy beside the hidden tests.
"""

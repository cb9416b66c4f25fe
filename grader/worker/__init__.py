"""Runs inside the worker box: the student's code, and the loop that answers calls to it."""

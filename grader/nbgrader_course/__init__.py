"""Reads a course of nbgrader as it is, and makes labs of it. Nothing here imports nbgrader."""

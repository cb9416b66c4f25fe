"""The figures of the course's pages: one module for a page, found by scripts/course_figures.py."""

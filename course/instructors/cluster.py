"""How long a class takes on how many cores, one machine or many."""
# Read by instructors: few words, no annotations yet.
# ruff: noqa: ANN001, ANN201, INP001

# --8<-- [start:measured]
# Measured on a quiet machine with two cores, two gradings at a time, in containers, lab 02:
HAND_INS_PER_S = 1.19
CORES = 2
CORE_S = CORES / HAND_INS_PER_S  # for one hand-in

# Measured on a busy one, as processor time of the one program that keeps the results:
RECORD_S = 0.0094  # take a hand-in in, send it to the cluster, write its run and two pages
PAGES_S = 0.0041  # at the end, for each: grades, the student's page, a line of the class's page
# --8<-- [end:measured]


# --8<-- [start:minutes]
def minutes(hand_ins, cores):
    """Return how long a batch takes: graders work side by side, one program records."""
    grading = hand_ins * CORE_S / cores
    recording = hand_ins * RECORD_S
    return (max(grading, recording) + hand_ins * PAGES_S) / 60


def useful_cores():
    """Return the cores beyond which recording, not grading, decides how long it takes."""
    return CORE_S / RECORD_S


# --8<-- [end:minutes]

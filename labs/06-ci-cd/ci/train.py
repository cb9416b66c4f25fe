"""Step: train a model and put it into the artifact store. Prints `digest=…`, and nothing else.

Every training makes another artifact, also from the same data: it holds the moment of its making.
"""

import csv
import sys
import time

sys.path.insert(0, ".")

from forecast.model import fit
from forecast.package import packed

from cloud import note, store

with open("data/train.csv", newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file))
model = fit(rows)
digest = store({"package": packed(model), "training": model, "made": time.time_ns()})
note("train", ok=True, digest=digest)
print(f"digest={digest}")

"""Step: is the model with this digest good enough? `python ci/check_model.py DIGEST`

Ends with 1 when its error on the holdout is more than 5 % above that of the champion, the model
that production runs today.
"""

import csv
import json
import sys

sys.path.insert(0, ".")

from forecast.model import predict

from cloud import argument, end, fetch

MARGIN = 1.05


def error(model, rows):
    """Return the WAPE of a model on the rows."""
    off = sum(abs(predict(model, row) - float(row["units"])) for row in rows)
    return off / sum(float(row["units"]) for row in rows)


digest = argument(1, "the digest of the model")
artifact = fetch(digest)
if artifact is None:
    end("check_model", [f"there is no artifact {digest[:12]}"], digest=digest)
with open("data/holdout.csv", newline="", encoding="utf-8") as file:
    holdout = list(csv.DictReader(file))
with open("data/champion.json", encoding="utf-8") as file:
    champion = json.load(file)
mine, theirs = error(artifact["training"], holdout), error(champion, holdout)
print(f"error {mine:.1%}, champion {theirs:.1%}")
worse = [f"error {mine:.1%} is above the champion's {theirs:.1%}"] if mine > MARGIN * theirs else []
end("check_model", worse, digest=digest)

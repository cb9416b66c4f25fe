"""Step: are the data fit for training and for judging? Ends with 1 when they are not."""

import csv

from cloud import end

COLUMNS = ["date", "outlet", "channel", "units"]


def rows_of(path, problems):
    """Return the rows of a file, and note what is wrong with its columns and numbers."""
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    if reader.fieldnames != COLUMNS:
        problems.append(f"{path}: the columns are {reader.fieldnames}, not {COLUMNS}")
        return []
    bad = [row for row in rows if not (row["units"] or "").isdigit()]
    if bad:
        problems.append(f"{path}: {len(bad)} rows have no whole number of units")
    return rows


problems = []
train, test = rows_of("data/train.csv", problems), rows_of("data/holdout.csv", problems)
known = {(row["date"], row["outlet"], row["channel"]) for row in train}
leaked = [row for row in test if (row["date"], row["outlet"], row["channel"]) in known]
if leaked:
    problems.append(f"{len(leaked)} rows of data/holdout.csv are in data/train.csv, too")
end("check_data", problems)

"""Versions of data: a store in which content has a name of its own, and nothing is overwritten."""
# Read by students: questions as docstrings, no annotations yet.
# ruff: noqa: ANN001, ANN201, ANN202, D401, INP001

import gzip
import hashlib
import json
import os
import shutil

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")  # has to be said before the import

import mlflow
import pandas as pd
from shop_sales import make_sales


# --8<-- [start:save]
def sha256(path):
    """The name of a content: the digest of all of its bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def save(folder, store, message):
    """Keep the folder as it is now, and return the name of this version.

    Each content is kept once, under its digest. The version is a small text, the manifest, that
    says which content stood under which file name; and the name of the version is its digest.
    """
    store.mkdir(exist_ok=True)
    files = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest = sha256(path)
            files[path.relative_to(folder).as_posix()] = digest
            if not (store / digest).exists():
                shutil.copy(path, store / digest)
    manifest = json.dumps({"message": message, "files": files}, indent=1, sort_keys=True)
    version = hashlib.sha256(manifest.encode()).hexdigest()
    (store / f"{version}.json").write_text(manifest, encoding="utf-8")
    return version


# --8<-- [end:save]


# --8<-- [start:restore]
def files_of(version, store):
    """Return file name -> digest of a version."""
    return json.loads((store / f"{version}.json").read_text(encoding="utf-8"))["files"]


def restore(version, store, folder):
    """Write a version's files into an empty folder, each checked against its digest."""
    for name, digest in files_of(version, store).items():
        if sha256(store / digest) != digest:
            raise ValueError(f"the content of {name} has been changed in the store")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(store / digest, folder / name)


def changes(old, new, store):
    """Return what became of the files from one version to another."""
    before, after = files_of(old, store), files_of(new, store)
    return {
        "added": sorted(after.keys() - before.keys()),
        "removed": sorted(before.keys() - after.keys()),
        "changed": sorted(n for n in before.keys() & after.keys() if before[n] != after[n]),
    }


# --8<-- [end:restore]


def rewritten(path, change):
    """Write a table again after a change."""
    table = change(pd.read_csv(path))
    table.to_csv(path, index=False, lineterminator="\n")


def cell(row, column="units", value=100):
    """Return a change: another value in one row."""

    def change(table):
        table.loc[row, column] = value
        return table

    return change


def mlflow_digest(path):
    """The digest that MLflow computes of a table, with its dates read as dates."""
    return mlflow.data.from_pandas(pd.read_csv(path, parse_dates=["date", "known_at"])).digest


# --8<-- [start:ways]
CHANGES = {
    "one cell in row 5": lambda path: rewritten(path, cell(5)),
    "one cell in row 15,000": lambda path: rewritten(path, cell(15_000)),
    "one date in row 5": lambda path: rewritten(path, cell(5, "known_at", "2024-02-01")),
    "rows in another order": lambda path: rewritten(
        path, lambda table: table.sort_values("units", kind="stable")
    ),
    "a row is lost": lambda path: rewritten(path, lambda table: table.drop(index=16_000)),
    "copied, nothing else": lambda path: os.utime(path, (0, 0)),
}
WAYS = {
    "name of the file": lambda path: path.name,
    "date of the file": lambda path: path.stat().st_mtime_ns,
    "number of rows": lambda path: len(pd.read_csv(path)),
    "MLflow's digest": mlflow_digest,
    "SHA-256": sha256,
}
# --8<-- [end:ways]


# --8<-- [start:noticed]
def noticed(folder):
    """Return for each change which ways to name a version notice it."""
    path = folder / "sales.csv"
    found = {}
    for change, make in CHANGES.items():
        make_sales().to_csv(path, index=False, lineterminator="\n")
        before = {way: name(path) for way, name in WAYS.items()}
        make(path)
        found[change] = {way: name(path) != before[way] for way, name in WAYS.items()}
    return pd.DataFrame(found).T


# --8<-- [end:noticed]


# --8<-- [start:zip]
def zipped(path, at):
    """Return a compressed copy that was made at a moment: the moment stands in the file."""
    copy = path.with_suffix(".csv.gz")
    copy.write_bytes(gzip.compress(path.read_bytes(), mtime=at))
    return copy


# --8<-- [end:zip]

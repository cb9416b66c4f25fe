"""Says which steps of a Dockerfile the builder runs again after a file has changed."""
# ruff: noqa: INP001

from pathlib import Path


# --8<-- [start:steps]
def steps(dockerfile: str) -> list[str]:
    """Return the instructions of a Dockerfile, one line each."""
    text = (Path(__file__).parent / "box" / dockerfile).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line.strip()]


def brings(step: str, path: str) -> bool:
    """Whether a COPY step copies a file."""
    word, *words = step.split()
    return word == "COPY" and any(
        source in (".", path) or path.startswith(source.rstrip("/") + "/") for source in words[:-1]
    )


def again(dockerfile: str, changed: str) -> list[str]:
    """Return the steps that run again: the first that copies the file, and all after it."""
    found = steps(dockerfile)
    for at, step in enumerate(found):
        if brings(step, changed):
            return found[at:]
    return []


# --8<-- [end:steps]

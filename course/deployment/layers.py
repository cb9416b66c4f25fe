"""Says which steps of a Dockerfile the builder runs again after a file has changed."""
# ruff: noqa: INP001

from pathlib import Path


# --8<-- [start:steps]
def steps(dockerfile: str) -> list[str]:
    """Return the instructions of a Dockerfile, one line each."""
    path = Path(__file__).parent / "box" / dockerfile
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line.strip()]


def brings(step: str, path: str) -> bool:
    """Whether a COPY step copies a file."""
    word, *sources = step.split()[:-1]
    folders = tuple(source for source in sources if source.endswith("/"))
    return word == "COPY" and ("." in sources or path in sources or path.startswith(folders))


def again(dockerfile: str, changed: str) -> list[str]:
    """Return what runs again: the first step that copies it, and all after."""
    found = steps(dockerfile)
    for at, step in enumerate(found):
        if brings(step, changed):
            return found[at:]
    return []


# --8<-- [end:steps]

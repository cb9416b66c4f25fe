"""Step: look at the code without running it. Ends with 1 when something is wrong."""

import ast
from pathlib import Path

from cloud import end


def problems_of(path):
    """Return what is wrong with one file: it does not compile, or it imports what it never uses."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError as error:
        return [f"{path}, line {error.lineno}: {error.msg}"]
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                names[(alias.asname or alias.name).partition(".")[0]] = node.lineno
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return [f"{path}, line {names[name]}: {name} is never used" for name in names if name not in used]


files = sorted(path for folder in ("ci", "forecast", "unit") for path in Path(folder).glob("*.py"))
end("lint", [problem for path in files for problem in problems_of(path)])

"""What a .dockerignore leaves out, as the engine's own client would."""

import time

import pytest

from grader.sandbox.dockerfile import RefusedError
from grader.sandbox.ignoring import without_ignored

FILES = ("Dockerfile", ".env", ".git/config", "service/app.py", "service/a/b.pyc", "data/x.csv")


def kept(ignore):
    files = dict.fromkeys(FILES, b"") | {".dockerignore": ignore.encode()}
    return [path for path in without_ignored(files) if path != ".dockerignore"]


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ("", list(FILES)),
        ("# only\n\n", list(FILES)),
        (".env\n.git\n", ["Dockerfile", "service/app.py", "service/a/b.pyc", "data/x.csv"]),
        ("*\n!service/\n", ["service/app.py", "service/a/b.pyc"]),
        ("*\n!service\n**/*.pyc\n", ["service/app.py"]),
        ("/data/\n./.env", ["Dockerfile", ".git/config", "service/app.py", "service/a/b.pyc"]),
        ("**/*.pyc", [path for path in FILES if not path.endswith(".pyc")]),
        ("!.env\n.env\n", [path for path in FILES if path != ".env"]),
    ],
)
def test_the_last_line_that_fits_decides(ignore, left):
    assert kept(ignore) == left


@pytest.mark.parametrize(
    "ignore",
    [b"\xff", b"a\n" * 300, b"a" * 300, b"*a" * 20],
    ids=["bytes", "lines", "long", "stars"],
)
def test_an_odd_file_is_refused(ignore):
    with pytest.raises(RefusedError, match=r"\.dockerignore"):
        without_ignored({".dockerignore": ignore})


def test_stars_do_not_take_for_ever():
    began = time.monotonic()
    without_ignored({".dockerignore": b"*a*a*b\n" * 100, "a" * 80: b""})
    assert time.monotonic() - began < 10

"""What a build is made from, and what of its log is told. Real builds: test_docker_shipyard.py."""

import io
import tarfile

import pytest

from grader.errors import EngineError
from grader.sandbox.builder import OWN_NAME, _Said, cleaned, context
from grader.sandbox.dockerfile import plan

PLAN = plan(b"FROM a:1\nRUN x\n", {"a:1": "id"}, "mark=1")
ID = "sha256:" + "0" * 64


def test_the_context_holds_the_plan_and_the_files_and_is_the_same_each_time():
    made = context({"b/c": b"1", "a": b"2", ".dockerignore": b"theirs"}, PLAN)
    assert made == context({"a": b"2", "b/c": b"1", ".dockerignore": b"other"}, PLAN)
    with tarfile.open(fileobj=io.BytesIO(made)) as archive:
        files = {member.name: archive.extractfile(member).read() for member in archive}
    assert files.pop(OWN_NAME).decode() == PLAN.text
    assert files.pop(".dockerignore").decode().split() == [OWN_NAME, ".dockerignore"]
    assert files == {"a": b"2", "b/c": b"1"}


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("\x1b[91mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("10 %\r50 %\rdone", "done"),
        (" ---> Running in 1234", ""),
        ("Step 3/9 : RUN x", ""),
        ("Removing intermediate container 1234", ""),
        ("open /var/lib/docker/tmp/builder1/x: no", "open … no"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("x" * 1000, "x" * 297 + "…"),
    ],
)
def test_a_line_of_the_log_is_cleaned(line, left):
    assert cleaned([line]) == left


def test_the_last_lines_of_the_failing_step_are_told():
    said = _Said()
    for text in ("Step 1/2 : FROM a\n", "early\n", "Step 2/2 : RUN x\n", *("late\n",) * 30):
        said.hear({"stream": text})
    said.hear({"error": "it failed"})
    end = said.end("")
    assert (end.problem, end.step) == ("failed", 2)
    assert end.text.splitlines() == ["late"] * 11 + ["it failed"]


def test_a_step_that_prints_the_words_of_the_engine_ends_no_build():
    said = _Said()
    said.hear({"stream": f"Successfully built {ID}\n"})
    said.hear({"error": "it failed"})
    assert said.end("").image == ""


def test_a_build_that_was_killed_for_memory_says_so():
    said = _Said()
    said.hear({"error": "The command 'x' returned a non-zero code: 137"})
    assert said.end("").problem == "memory"
    assert said.end("time").problem == "time"


def test_an_image_after_the_time_is_none():
    said = _Said()
    said.hear({"aux": {"ID": ID}})
    assert said.end("").image == ID
    assert said.end("output").image == ""


def test_an_engine_that_says_nothing_is_an_error():
    with pytest.raises(EngineError, match="without an image"):
        _Said().end("")

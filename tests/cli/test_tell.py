"""What commands about a class print at their end."""

import io

from rich.console import Console

from grader.cli.tell import where_to_look


def test_only_places_that_are_there_are_named(tmp_path):
    (tmp_path / "grades.csv").write_text("")
    stream = io.StringIO()
    where_to_look(tmp_path, Console(file=stream, width=200))
    assert "grades.csv" in stream.getvalue()
    assert "index.html" not in stream.getvalue()

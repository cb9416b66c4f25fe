"""How a command that failed says so."""

from pathlib import Path

from grader.cli.failure import VARIABLE, Crashed, cache, is_debug
from tests.cli.conftest import call


def test_the_cache_is_made_where_the_system_wants_it(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache() == tmp_path / "grader"
    assert cache().is_dir()


def test_a_cache_that_cannot_be_made_is_replaced_by_the_temporary_folder(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert cache() == tmp_path


def test_a_trace_that_cannot_be_written_is_offered_by_the_variable(tmp_path, monkeypatch, capsys):
    def refuses(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuses)
    Crashed(KeyError("x")).show()
    assert f"send what {VARIABLE}=1 shows" in capsys.readouterr().err


def test_debug_is_asked_for_by_the_variable_or_the_flag(monkeypatch):
    monkeypatch.setenv(VARIABLE, "0")
    assert not is_debug()
    assert is_debug(flag=True)
    assert is_debug()


def test_where_and_advice_are_left_out_where_there_are_none(course):
    said = call("build", "nowhere/at/all").stderr
    assert said.startswith("Error: nowhere/at/all: there is no lab")

"""The verbs as a whole: help, unknown verbs, errors as messages and exit codes."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from grader import errors
from grader.cli import main
from grader.cli.main import HIDDEN, VERBS, cli
from tests.cli.conftest import call

LISTED = [verb for verbs in VERBS.values() for verb in verbs]
CONTRACT = {
    *("labs", "new", "build", "prove", "check", "pack", "release", "grade", "batch"),
    *("report", "export", "import", "regrade", "clean", "doctor", "image"),
}


def commands():
    for verb in (*LISTED, *HIDDEN):
        command = cli.get_command(click.Context(cli), verb)
        yield from command.commands.values() if isinstance(command, click.Group) else [command]


def test_the_verbs_are_those_of_the_contract():
    assert set(LISTED) == CONTRACT


def test_help_lists_every_verb_and_what_exit_codes_mean():
    said = call("--help").output
    for verb in LISTED:
        assert f"\n  {verb} " in said
    assert "130  interrupted" in said
    assert "example  " not in said


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nfrom grader.cli.main import cli\n"
        "try: cli(['--help'])\nexcept SystemExit: pass\n"
        "print('LOADED', *sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert not loaded & {"docker", "pydantic", "rich", "jinja2", "pandas", "numpy", "requests"}


@pytest.mark.parametrize("command", list(commands()), ids=lambda command: command.name)
def test_the_help_of_a_verb_gives_examples_and_exit_codes(command):
    said = command.get_help(click.Context(command, info_name=command.name))
    assert "Examples:" in said
    assert "Exit codes:" in said
    assert command.examples
    assert all(line.startswith("grader ") for line in command.examples)
    assert {0, 2, 5} <= set(command.exit_codes)
    for option in command.params:
        assert isinstance(option, click.Argument) or option.help or option.name == "out", option


@pytest.mark.parametrize("command", list(commands()), ids=lambda command: command.name)
def test_examples_are_commands_that_parse(command, monkeypatch):
    for line in command.examples:
        words = line.partition("   ")[0].replace('"', "").split()[1:]
        first = cli.get_command(click.Context(cli), words[0])
        rest = words[2:] if isinstance(first, click.Group) else words[1:]
        if "--why" in rest or "--title" in rest:  # quoted: more than one word
            option = "--why" if "--why" in rest else "--title"
            rest = [*rest[: rest.index(option)], option, "text"]
        command.make_context(command.name, rest)


def test_the_reference_page_is_what_help_says():
    # In a process of its own: click keeps what the first context of a command said.
    script = Path(__file__).parents[2] / "scripts" / "reference.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_verb_that_is_not_there_is_answered_with_the_nearest_one():
    result = call("grad", "02")
    assert result.exit_code == 2
    assert "There is no verb 'grad'. Did you mean 'grade'?" in result.stderr


def test_the_version_is_told():
    assert call("--version").output.startswith("grader 0.")


def failing(monkeypatch, error):
    @click.command()
    def command():
        raise error

    monkeypatch.setattr(main.Verbs, "get_command", lambda *_: command)


@pytest.mark.parametrize(
    "kind",
    [kind for kind in vars(errors).values() if isinstance(kind, type)],
    ids=lambda k: k.__name__,
)
def test_every_error_is_told_with_its_own_exit_code(kind, monkeypatch, course):
    failing(monkeypatch, kind("it is gone.", where="here", advice="Bring it back."))
    result = call("labs")
    assert result.exit_code == kind.exit_code
    assert result.stderr == "Error: here: it is gone.\nWhat to do: Bring it back.\n"
    assert result.stdout == ""


def test_a_mistake_of_ours_is_one_line_and_a_trace_in_a_file(monkeypatch, course):
    failing(monkeypatch, ZeroDivisionError("by nothing"))
    result = call("labs")
    assert result.exit_code == 5
    assert "the grader itself failed (ZeroDivisionError: by nothing)" in result.stderr
    [trace] = (course.root / "cache" / "grader").glob("trace-*.txt")
    assert str(trace) in result.stderr.replace("\n", "")
    assert "Traceback" in trace.read_text()


def test_debug_shows_the_trace(monkeypatch, course):
    failing(monkeypatch, errors.LabError("it is wrong."))
    monkeypatch.setenv("GRADER_DEBUG", "1")
    result = main_output()
    assert "Traceback (most recent call last)" in result.stderr
    assert "Error: it is wrong." in result.stderr


def main_output():
    from click.testing import CliRunner

    return CliRunner().invoke(cli, ["labs"])


def test_ctrl_c_ends_with_130_and_a_word(monkeypatch, course):
    failing(monkeypatch, KeyboardInterrupt())
    result = call("labs")
    assert result.exit_code == 130
    assert "interrupted." in result.stderr


def test_text_of_students_in_an_error_commands_no_terminal(monkeypatch, course):
    failing(monkeypatch, errors.UngradableError("\x1b[2J\x1b[1mevil[/red] [bold]"))
    said = call("labs").stderr
    assert "\x1b" not in said
    assert "evil[/red] [bold]" in said


def test_the_entry_point_survives_an_old_terminal(course):
    (course.lab / "lab.toml").write_text(
        (course.lab / "lab.toml").read_text().replace("How full is a column?", "Käse ✓ 東")
    )
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli.main", "labs"],
        env={"PATH": "", "PYTHONIOENCODING": "ascii", "GRADER_HOME": str(course.root)},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert b"K\\xe4se" in done.stdout

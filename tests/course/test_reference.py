"""The reference fails when it drifts: a row for each key, status and error, and no more."""

import inspect
import json
import re

import click
import pytest

from grader import cohort_file, errors, grade
from grader.cli.main import VERBS, cli
from grader.expected import Expected
from grader.lab import Floors, Limits
from grader.manifest import Manifest
from grader.outcome import Status, Verdict
from grader.wire.frames import Kind
from grader.wire.registry import CONTAINERS, DECODERS
from tests.course.pages import COURSE, ROOT, first_cells, section
from tests.course.shape import PARTS


def keys_of(table):
    return [field.alias or name for name, field in table.model_fields.items()]


def table_of(model, name):
    """Return the model of a table: `[name]` or the items of `[[name]]`."""
    kind = model.model_fields[name].annotation
    inner = [part for part in getattr(kind, "__args__", ()) if isinstance(part, type)]
    found = [part for part in [kind, *inner] if hasattr(part, "model_fields")]
    return found[0]


MANIFEST_TABLES = [
    "submit",
    "image",
    "engine",
    "limits",
    "floors",
    "private",
    "build",
    "nbgrader",
    "check",
]
COHORT_TABLES = ["late", "secret", "student", "extension", "override"]


def test_every_key_of_lab_toml_has_its_row():
    assert first_cells(section("reference/lab-toml.md", "Top level")) == [
        *(key for key in keys_of(Manifest) if key not in MANIFEST_TABLES),
        *MANIFEST_TABLES,
    ]


@pytest.mark.parametrize("table", MANIFEST_TABLES)
def test_every_key_of_a_table_of_lab_toml_has_its_row(table):
    told = first_cells(section("reference/lab-toml.md", table))
    assert told == keys_of(table_of(Manifest, table))


@pytest.mark.parametrize(("table", "defaults"), [("limits", Limits()), ("floors", Floors())])
def test_defaults_are_those_of_the_code(table, defaults):
    for line in section("reference/lab-toml.md", table).splitlines():
        found = re.match(r"\| `(\w+)` \| ([\d.]+) \|", line)
        if found:
            assert float(found.group(2)) == getattr(defaults, found.group(1)), found.group(1)
    assert "`" in section("reference/lab-toml.md", table)


def test_bounds_of_limits_are_those_of_the_code():
    limits = table_of(Manifest, "limits")
    rows = re.findall(
        r"^\| `(\w+)` \| [\d.]+ \| ([\d.]+) to ([\d.]+) \|",
        section("reference/lab-toml.md", "limits"),
        re.MULTILINE,
    )
    assert {name for name, _, _ in rows} == set(keys_of(limits))
    for name, low, high in rows:
        bounds = {type(rule).__name__: rule for rule in limits.model_fields[name].metadata}
        assert (float(low), float(high)) == (bounds["Ge"].ge, bounds["Le"].le), name


def test_every_key_of_expected_toml_has_its_row():
    told = first_cells(section("reference/expected-toml.md", "Keys"))
    assert sorted(told) == sorted(keys_of(Expected))


def test_every_key_of_cohort_toml_has_its_row():
    told = first_cells(section("reference/cohort-toml.md", "Top level"))
    assert sorted(told) == sorted(keys_of(cohort_file.CohortTable))


@pytest.mark.parametrize("table", COHORT_TABLES)
def test_every_key_of_a_table_of_cohort_toml_has_its_row(table):
    told = first_cells(section("reference/cohort-toml.md", table))
    model = getattr(cohort_file, f"{table.capitalize()}Table")
    assert told == keys_of(model)


def test_every_status_verdict_and_state_has_its_row():
    page = "reference/outcomes.md"
    assert first_cells(section(page, "Status of a check"))[1:] == [str(one) for one in Status]
    assert first_cells(section(page, "Verdict of a run"))[1:] == [str(one) for one in Verdict]
    assert first_cells(section(page, "State of a grade"))[1:] == [str(one) for one in grade.State]


def test_every_error_has_its_row_with_its_exit_code():
    classes = {
        name: kind
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, Exception)
    }
    told = section("reference/outcomes.md", "Errors")
    rows = re.findall(r"^\| `(\w+)` \| (\d*) ?\|", told, re.MULTILINE)
    assert {name for name, _ in rows} == set(classes)
    for name, code in rows:
        if name != "GraderError":
            assert int(code) == classes[name].exit_code, name


def test_every_exit_code_has_its_row():
    told = re.findall(r"^\| (\d+) \|", section("reference/outcomes.md", "Exit codes"), re.MULTILINE)
    codes = {kind.exit_code for kind in vars(errors).values() if hasattr(kind, "exit_code")}
    assert {int(code) for code in told} == codes | {0, 1, 130}


def test_every_field_of_the_run_record_has_its_row():
    schema = json.loads((ROOT / "grader/schemas/run.schema.json").read_text(encoding="utf-8"))
    page = "reference/run-record.md"
    assert sorted(first_cells(section(page, "Fields"))) == sorted(schema["properties"])
    results = schema["$defs"]["result"]["properties"]
    assert sorted(first_cells(section(page, "results"))) == sorted(results)


def test_every_kind_of_frame_has_its_row():
    assert first_cells(section("reference/wire.md", "Frames")) == [kind.name for kind in Kind]


def test_every_tag_of_plain_data_has_its_row():
    told = first_cells(section("reference/wire.md", "Plain data"))
    assert sorted(told) == sorted({*DECODERS, *CONTAINERS, "="})


def test_every_tag_of_what_stays_has_its_row():
    told = first_cells(section("reference/wire.md", "What stays where it is"))
    sources = [*(ROOT / "grader/worker").glob("*.py"), *(ROOT / "grader/checker").glob("*.py")]
    used = {
        tag
        for path in sources
        for tag in re.findall(r'"t": "(@\w+)"', path.read_text(encoding="utf-8"))
    }
    assert sorted(told) == sorted(used)


def test_every_operation_is_named_on_the_wire_page():
    text = section("reference/wire.md", "Messages")
    source = (ROOT / "grader/worker/operations.py").read_text(encoding="utf-8")
    named = {"import", "name", "names", "set_name", "del_name", "dir", "call", "method"}
    named |= {"get", "set", "delete", "special"}
    assert named <= set(re.findall(r"def do_(\w+)", source))
    assert named <= set(re.findall(r"`(\w+)`", text))


def test_every_verb_is_on_the_page_of_the_command_line():
    page = (COURSE / "reference/cli.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ .*", page, re.MULTILINE)
    for verb in (verb for verbs in VERBS.values() for verb in verbs):
        assert any(re.search(rf"\b{verb}\b", heading) for heading in headings), verb


def test_every_verb_and_option_has_a_help_text():
    context = click.Context(cli)
    verbs = cli.list_commands(context)
    assert "check" in verbs
    for verb in verbs:
        command = cli.get_command(context, verb)
        assert command.help, verb
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{verb} {option.name}"


def glossary():
    """Return (term, what it means) in the order of the page."""
    text = (COURSE / "reference/glossary.md").read_text("utf-8")
    return re.findall(r"^### (.+?) \{#[\w-]+\}\n\n(.+)$", text, re.MULTILINE)


def test_the_glossary_is_in_alphabetical_order():
    words = [term.casefold() for term, _ in glossary()]
    assert len(words) > 80
    assert words == sorted(set(words))


def test_a_term_of_the_glossary_is_used_where_it_is_taught():
    for term, meaning in glossary():
        for page in re.findall(r"\]\(\.\./([\w/-]+\.md)", meaning):
            taught = " ".join((COURSE / page).read_text("utf-8").split()).casefold()
            assert term.casefold().removesuffix(" rule") in taught, f"{term}: {page}"


def test_every_chapter_has_a_term_in_the_glossary():
    linked = {
        page for _, meaning in glossary() for page in re.findall(r"\.\./([\w/-]+\.md)", meaning)
    }
    chapters = {
        page.relative_to(COURSE).as_posix()
        for part in PARTS
        for page in (COURSE / part).glob("*.md")
    }
    spread = {page.partition("/")[0] for page in linked}
    assert spread >= set(PARTS)
    assert len(chapters & linked) >= len(chapters) - 6

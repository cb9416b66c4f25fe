"""`grader prove`."""

import json

import pytest

from grader.cli.options import cores
from grader.errors import UsageError
from grader.proof import Proof
from tests.cli.conftest import SLUG, call


def test_a_new_lab_is_proved_for_real_in_processes(course, no_engine):
    result = call(
        "prove", "07", "--mutants", "0", "--seeds", "1", "--json", "p.json", "--markdown", "p.md"
    )
    assert result.exit_code == 0, result.output
    assert "wrong__only_none" in result.stdout
    assert "hostile__always_equal" in result.stdout
    assert json.loads((course.root / "p.json").read_text())["proved"] is True
    assert (course.root / "p.md").read_text().startswith("Everything below ended as it should.")


def test_a_lab_whose_reference_fails_is_three_with_findings(course, no_engine):
    source = course.root / "solutions" / SLUG / "source" / "column.py"
    source.write_text(source.read_text().replace("is not None", "is None"))
    result = call("prove", "07", "--mutants", "0", "--seeds", "1")
    assert result.exit_code == 3
    assert "finding: " in result.stdout
    assert "is not proved" in result.stdout


@pytest.mark.parametrize("arguments", [["--mutants", "-1"], ["--seeds", "0"]])
def test_numbers_out_of_range_are_usage_errors(course, arguments):
    assert call("prove", "07", *arguments).exit_code == 2


def test_a_lab_without_a_reference_cannot_be_proved(course, pretend):
    folder = course.root / "suite"
    folder.mkdir()
    (folder / "lab.toml").write_text('[submit]\nmodules = ["it"]\n')
    (folder / "test_it.py").write_text("from it import f\ndef test_f():\n    assert f()\n")
    result = call("prove", folder)
    assert result.exit_code == 3
    assert "no reference solution" in result.stderr


def test_markdown_is_for_one_lab(course, pretend):
    call("new", "08-rows")
    result = call("prove", "--markdown", "x.md")
    assert result.exit_code == 2
    assert "Name the lab." in result.stderr


def test_an_incomplete_proof_is_not_kept(course, no_engine):
    result = call("prove", "07", "--mutants", "0", "--seeds", "1", "--keep")
    assert result.exit_code == 0, result.output
    assert f"{SLUG} is not proved completely, so its table stays as it is." in squeezed(result)
    assert not (course.root / "solutions" / SLUG / "proof.md").exists()


def test_a_complete_proof_is_kept_where_the_page_takes_it_from(course, no_engine, monkeypatch):
    monkeypatch.setattr(Proof, "is_complete", True)
    result = call("prove", "07", "--mutants", "0", "--seeds", "1", "--keep")
    assert result.exit_code == 0, result.output
    kept = course.root / "solutions" / SLUG / "proof.md"
    assert "| The reference solution |" in kept.read_text()


@pytest.mark.parametrize(("told", "jobs"), [([], cores() + 1), (["--jobs", "3"], 3)])
def test_a_lab_that_builds_images_gets_one_run_more_where_nobody_said_how_many(
    course, pretend, monkeypatch, told, jobs
):
    manifest = course.lab / "lab.toml"
    manifest.write_text(manifest.read_text() + '\n[engine]\nbases = ["python:3.11"]\n')

    begun = []

    def begin(folder, boxes, settings):
        begun.append(settings.jobs)
        raise UsageError("that was enough.")

    monkeypatch.setattr("grader.cli.prove.prove", begin)
    assert call("prove", "07", *told).exit_code == 2
    assert begun == [jobs]
    assert pretend[-1][2] == jobs


def squeezed(result):
    return " ".join(result.stdout.split())


def test_several_labs_end_in_one_table_with_the_total(course, no_engine):
    call("new", "08-rows")
    result = call("prove", "--mutants", "0", "--seeds", "1")
    assert result.exit_code == 0, result.output
    table = result.stdout[result.stdout.index("All labs") :]
    lines = [line.split() for line in table.splitlines()]
    assert [line[:2] for line in lines if line[:1] == ["-"]] == [["-", SLUG], ["-", "08-rows"]]
    assert "0 of 2 labs proved in" in table, "hostile examples and mutants were not tried"

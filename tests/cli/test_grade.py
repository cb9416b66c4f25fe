"""`grader grade`: one hand-in, and every way in which it can be none."""

import io
import json
import zipfile

import pytest

from tests.cli.conftest import RIGHT, WRONG, call

HIDDEN_ASSERTION = "29 / 40"


@pytest.mark.parametrize(
    ("text", "code"),
    [(RIGHT, 0), (WRONG.replace("strip", ""), 1), ("# broken\n", 5)],
    ids=["right", "wrong", "broken"],
)
def test_the_exit_code_says_how_it_went(course, pretend, text, code):
    result = call("grade", "07", course.hand_in("ada", text))
    assert result.exit_code == code
    assert "(07-columns): ada" in result.output


def test_the_student_is_the_name_of_the_folder_or_archive_or_as_given(course, pretend):
    course.hand_in("ada")
    packed = course.root / "Grace Hopper.tar.gz"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("column.py", RIGHT)
    assert "): Grace-Hopper" in call("grade", "07", packed).output
    assert "): linus" in call("grade", "07", packed, "--student", "linus").output


def test_the_audience_decides_what_is_told(course, pretend):
    course.hand_in("ada", "none_is_missing = 1\n")
    student = call("grade", "07", course.hand_ins / "ada")
    staff = call("grade", "07", course.hand_ins / "ada", "--audience", "staff")
    assert "[hidden check 1]" in student.output
    assert "blank_text_is_missing" not in student.output
    assert "[blank_text_is_missing]" in staff.output


def test_json_is_the_report_for_the_same_audience(course, pretend):
    folder = course.hand_in("ada", WRONG.replace("strip", ""))
    result = call("grade", "07", folder, "--json", "--seed", "11", "--audience", "staff")
    report = json.loads(result.stdout)
    assert (report["audience"], report["seed"], report["out_of"]) == ("staff", 11, 100)
    assert "(07-columns): ada" in result.stderr


def test_options_of_the_sandbox_are_passed_on(course, pretend):
    call("grade", "07", course.hand_in("ada"), "--sandbox", "docker", "--require-isolation")
    assert pretend == [("docker", True, 1, True)]


# -- bad input of each kind: (arguments, exit code, where, advice) ------------------------------


def archive(course, name, members):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        for path, content in members.items():
            made.writestr(path, content)
    target = course.root / name
    target.write_bytes(packed.getvalue())
    return target


def missing_path(course):
    return ["grade", "07", "nowhere.zip"], 2, "nowhere.zip: there is no hand-in", "spelling"


def no_lab(course):
    folder = course.hand_in("ada")
    return ["grade", str(folder), folder], 3, f"{folder}: this folder has no lab.toml", "pytest"


def unknown_lab(course):
    return ["grade", "07-colums", course.hand_in("ada")], 3, "07-colums:", "Did you mean"


def unknown_key(course):
    manifest = course.lab / "lab.toml"
    manifest.write_text(manifest.read_text().replace("minutes = 30", "minuts = 30"))
    return ["grade", "07", course.hand_in("ada")], 3, "lab.toml: minuts", "Did you mean 'minutes'"


def manifest_that_is_no_toml(course):
    (course.lab / "lab.toml").write_text("schema = \n")
    return ["grade", "07", course.hand_in("ada")], 3, "lab.toml:1", "Text needs quotes"


def empty_zip(course):
    return ["grade", "07", archive(course, "e.zip", {})], 4, "e.zip: there is no file", "Hand in"


def zip_bomb(course):
    bomb = archive(course, "bomb.zip", {"column.py": b"\0" * 60_000_000})
    return ["grade", "07", bomb], 4, "bomb.zip", "Leave out"


def climbing_zip(course):
    return ["grade", "07", archive(course, "c.zip", {"../../x.py": "x"})], 4, "c.zip", ".."


def file_is_missing(course):
    folder = course.hand_in("ada", name="colum.py")
    return ["grade", "07", folder], 4, "column.py is missing", "grader pack"


def no_archive(course):
    course.write("ada.rar", "Rar!")
    return ["grade", "07", "ada.rar"], 4, "ada.rar", "zip"


def engine_is_required(course):
    arguments = ["grade", "07", course.hand_in("ada"), "--require-isolation"]
    return arguments, 5, "isolation is required", "make engine"


def engine_was_asked_for(course):
    arguments = ["grade", "07", course.hand_in("ada"), "--sandbox", "docker"]
    return arguments, 5, "no container engine answers", "make engine"


KINDS = (
    *(missing_path, no_lab, unknown_lab, unknown_key, manifest_that_is_no_toml, empty_zip),
    *(zip_bomb, climbing_zip, file_is_missing, no_archive, engine_is_required),
    engine_was_asked_for,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_bad_input_gets_one_message_that_says_what_where_and_what_to_do(kind, course, no_engine):
    arguments, code, where, advice = kind(course)
    result = call(*arguments, *([] if "--sandbox" in arguments else ["--sandbox", "auto"]))
    assert result.exit_code == code, result.output
    assert where in result.output
    assert advice in result.output
    assert result.output.count("Error: ") <= 1


def test_a_syntax_error_is_graded_with_the_line_shown(course, no_engine):
    folder = course.hand_in("ada", "def share_present(values:\n    return 1\n")
    result = call("grade", "07", folder)
    assert result.exit_code == 1, result.output
    assert "SyntaxError" in result.output
    assert "column.py, line 1" in result.output
    assert "Warning: no container engine answers" in result.stderr


def test_a_hidden_check_shows_a_student_nothing_of_its_inputs(course, no_engine):
    folder = course.hand_in("ada", WRONG)
    student = call("grade", "07", folder, "--sandbox", "process")
    staff = call("grade", "07", folder, "--sandbox", "process", "--audience", "staff")
    assert student.exit_code == staff.exit_code == 1
    assert HIDDEN_ASSERTION not in student.output
    assert HIDDEN_ASSERTION in staff.output


@pytest.mark.needs_engine
def test_a_hand_in_is_graded_in_containers(course, engine):
    result = call("grade", "07", course.hand_in("ada"), "--require-isolation", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["earned"] == 100
    assert "Warning" not in result.stderr
    assert "without isolation" not in result.stderr


@pytest.mark.needs_engine
def test_a_hostile_hand_in_earns_nothing_in_containers(course, engine):
    example = course.root / "solutions" / "07-columns" / "submissions" / "hostile__always_equal"
    result = call("grade", "07", example, "--require-isolation", "--json", "h.json")
    assert result.exit_code == 1, result.output
    assert json.loads((course.root / "h.json").read_text())["earned"] == 0

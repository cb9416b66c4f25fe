"""`grader batch`: a class, from a folder of hand-ins to pages."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.cli.conftest import RIGHT, SLUG, WRONG, call

NAME = 'name = "A class"\n'
ROSTER = """
[deadlines]
07-columns = 2020-01-01T12:00:00Z
[[student]]
id = "ada"
name = "Ada Lovelace"
[[student]]
id = "absent"
"""
LATE = '[late]\nrule = "percent"\npercent_per_day = 10\n'


def batch(course, *more):
    return call("batch", "07", course.hand_ins, "--out", course.results, *more)


def grades(course):
    text = (course.results / "grades.csv").read_text(encoding="utf-8-sig")
    return {row["student"]: row for row in csv.DictReader(text.splitlines())}


def test_a_class_is_graded_and_the_last_lines_say_where_to_look(course, pretend):
    course.hand_in("ada")
    course.hand_in("bob", "none_is_missing\n")
    result = batch(course, "--jobs", "3")
    assert result.exit_code == 0, result.output
    assert "2 hand-ins found (a folder per student)." in result.stderr
    last = result.stdout.rpartition("Where to look:")[2]
    for name in ("index.html", "students", "grades.csv", "runs.jsonl"):
        assert f"{course.results / name}" in last
        assert (course.results / name).exists()
    assert {name: row["points"] for name, row in grades(course).items()} == {
        "ada": "100",
        "bob": "40",
    }
    assert pretend == [("auto", False, 3, True)]


def test_a_second_start_grades_nothing_twice(course, pretend):
    course.hand_in("ada")
    batch(course)
    result = batch(course)
    assert result.exit_code == 0
    assert "This time: 1 needed nothing" in result.stdout
    assert len((course.results / "runs.jsonl").read_text().splitlines()) == 1


def test_our_fault_is_five_and_says_how_to_go_on(course, pretend):
    course.hand_in("ada", "# broken\n")
    course.hand_in("bob", "# bug\n")
    course.hand_in("eve")
    result = batch(course)
    assert result.exit_code == 5
    assert "1 graded, 2 not graded through our fault" in result.stdout
    assert "no zero" in result.stdout
    assert (grades(course)["ada"]["state"], grades(course)["ada"]["points"]) == ("pending", "")


def test_one_odd_hand_in_stops_no_other(course, pretend):
    course.hand_in("ada")
    course.hand_in("bob", name="else.py")
    (course.hand_ins / "eve.zip").write_bytes(b"PK\x03\x04 rubbish")
    result = batch(course)
    assert result.exit_code == 0
    assert "1 graded" in result.stdout
    assert grades(course)["eve"]["state"] == "ungradable"


def test_a_roster_brings_absentees_and_names(course, pretend):
    course.hand_in("Ada Lovelace")
    course.hand_in("zorro")
    course.write("cohort.toml", ROSTER)
    result = batch(course, "--cohort", "cohort.toml")
    assert result.exit_code == 0, result.output
    assert grades(course)["ada"]["points"] == "100"
    assert grades(course)["absent"]["state"] == "absent"
    assert "1 not on the roster: zorro." in result.stderr


def test_lateness_that_is_only_guessed_is_warned_about(course, pretend):
    course.hand_in("ada")
    course.write("cohort.toml", NAME + LATE + ROSTER)
    result = batch(course, "--cohort", "cohort.toml")
    assert "for 1 of 1 hand-ins only the time of the file is known" in result.stderr
    course.write("cohort.toml", ROSTER)
    assert "only the time" not in batch(course, "--cohort", "cohort.toml").stderr


def test_the_cohort_of_the_last_time_is_used_again(course, pretend):
    course.hand_in("ada")
    course.write("cohort.toml", ROSTER)
    batch(course, "--cohort", "cohort.toml")
    result = batch(course)
    assert "Cohort: ../cohort.toml, as before." in result.stderr
    assert "absent" in grades(course)


def test_what_is_no_hand_in_is_named(course, pretend):
    course.hand_in("ada")
    (course.hand_ins / "README.md").write_text("Hello.\n")
    assert "Left out, since they are no hand-ins: README.md." in batch(course).stderr


def test_json_is_a_summary(course, pretend):
    course.hand_in("ada")
    result = batch(course, "--json")
    said = json.loads(result.stdout)
    assert (said["lab"], said["graded"], said["exit_code"]) == (SLUG, 1, 0)


def test_links_to_the_course_are_on_the_pages(course, pretend):
    course.hand_in("ada", "none_is_missing\n")
    manifest = course.lab / "lab.toml"
    learn = 'task = 2\nlearn = "development/columns.md#empty"'
    manifest.write_text(manifest.read_text().replace("task = 2", learn))
    batch(course, "--course-url", "https://course.example/")
    page = (course.results / "students" / "ada.html").read_text()
    assert "https://course.example/development/columns.html#empty" in page


def test_with_a_secret_of_the_course_every_student_has_data_that_stay_the_same(course, pretend):
    course.write("cohort.toml", '[secret]\nfile = "course.secret"\n')
    course.write("course.secret", "correct horse battery staple")
    course.hand_in("ada")
    course.hand_in("bob")

    def seeds(out):
        call("batch", "07", course.hand_ins, "--out", out, "--cohort", "cohort.toml")
        lines = (course.root / out / "runs.jsonl").read_text().splitlines()
        return {run["student"]: run["seed"] for run in map(json.loads, lines)}

    first = seeds("one")
    assert first["ada"] != first["bob"]
    assert seeds("two") == first
    course.write("course.secret", "another one that is long enough")
    assert seeds("three") != first


# -- bad input: (what is prepared, more arguments, exit code, where, advice) ---------------------


def cohort_with_a_typo(course):
    course.write("cohort.toml", '[[studnt]]\nid = "ada"\n')
    return ["--cohort", "cohort.toml"], 2, "cohort.toml: studnt", "Did you mean 'student'"


def cohort_that_is_not_there(course):
    return ["--cohort", "gone.toml"], 2, "gone.toml: there is no cohort file", "spelling"


def cohort_about_another_lab(course):
    course.write("cohort.toml", "[deadlines]\n08-rows = 2026-01-01T00:00:00Z\n")
    return ["--cohort", "cohort.toml"], 2, "08-rows", "there is no lab"


def secret_that_is_not_there(course):
    course.write("cohort.toml", '[secret]\nfile = "course.secret"\n')
    return ["--cohort", "cohort.toml"], 2, "course.secret", "Write it into this file"


def out_is_a_file(course):
    course.results.write_text("")
    return [], 2, f"{course.results}: this is a file", "not a folder"


def out_is_below_a_file(course):
    course.results.write_text("")
    return ["--out", course.results / "deep"], 2, "deep", "not a folder"


def out_cannot_be_written(course):
    return ["--out", "/proc/nothing/here"], 5, "/proc/nothing", "What to do"


def out_holds_other_things(course):
    course.results.mkdir()
    (course.results / "thesis.txt").write_text("Years of work.\n")
    return [], 2, f"{course.results}: this folder holds other things", "--out"


def results_of_another_lab(course):
    call("new", "08-rows")
    call("batch", "08", course.hand_ins, "--out", course.results)
    return [], 2, "results of lab 08-rows", "--out"


def results_of_an_earlier_version(course):
    call("batch", "07", course.hand_ins, "--out", course.results)
    test = course.lab / "test_public.py"
    test.write_text(test.read_text() + "\n# changed\n")
    return [], 2, "another version", "grader regrade"


KINDS = (
    *(cohort_with_a_typo, cohort_that_is_not_there, cohort_about_another_lab, out_is_a_file),
    secret_that_is_not_there,
    *(out_is_below_a_file, out_cannot_be_written, out_holds_other_things),
    *(results_of_another_lab, results_of_an_earlier_version),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_bad_input_gets_one_message_that_says_what_where_and_what_to_do(kind, course, pretend):
    course.hand_in("ada")
    more, code, where, advice = kind(course)
    result = batch(course, *more)
    assert result.exit_code == code, result.output
    assert where in result.stderr
    assert advice in result.stderr
    assert result.stderr.count("Error: ") == 1


def test_hand_ins_that_are_not_there_are_a_usage_error(course, pretend):
    result = batch(course)
    assert result.exit_code == 2
    assert "there is no folder or archive of hand-ins" in result.stderr
    course.hand_ins.mkdir()
    result = batch(course)
    assert result.exit_code == 2
    assert "there is no hand-in here" in result.stderr
    assert not course.results.exists()


def test_an_engine_that_is_required_and_absent_grades_nothing(course, no_engine):
    course.hand_in("ada")
    result = batch(course, "--require-isolation")
    assert result.exit_code == 5
    assert "isolation is required, and no container engine answers" in result.stderr
    assert not (course.results / "runs.jsonl").exists()


def test_a_class_is_graded_for_real_in_processes(course, no_engine):
    course.hand_in("ada", RIGHT)
    course.hand_in("bob", WRONG)
    course.hand_in("eve", "def share_present(values:\n")
    result = batch(course)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("Warning: no container engine answers") == 1
    assert {name: row["points"] for name, row in grades(course).items()} == {
        "ada": "100",
        "bob": "60",
        "eve": "0",
    }
    assert "SyntaxError" in (course.results / "students" / "eve.html").read_text()


SLOW = "import time\n\ntime.sleep(0.5)\n" + RIGHT


def started(course):
    command = [sys.executable, "-m", "grader.cli.main", "batch", "07", str(course.hand_ins)]
    options = ["--out", str(course.results), "--jobs", "1", "--sandbox", "process"]
    return subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )


def recorded(course):
    path = course.results / "runs.jsonl"
    return path.read_text().count("\n") if path.exists() else 0


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_batch_goes_on_where_it_stopped(course, number):
    for student in range(6):
        course.hand_in(f"s{student}", SLOW)
    process = started(course)
    deadline = time.monotonic() + 120
    while recorded(course) < 1 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    said, complained = process.communicate(timeout=120)
    done = recorded(course)
    assert 1 <= done < 6, (said, complained)
    assert "Traceback" not in complained
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert "Note: Stopping when what is under way is graded" in complained
        assert "Interrupted. What is graded is kept; start the same command again" in said
    again = batch(course, "--sandbox", "process")
    assert again.exit_code == 0, again.output
    assert f"{6 - done} graded, {done} needed nothing" in again.stdout
    assert {row["points"] for row in grades(course).values()} == {"100"}

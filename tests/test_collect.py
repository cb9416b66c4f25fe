"""Hand-ins of a class: every layout is found, every student kept apart, nothing stops the rest."""

from __future__ import annotations

import io
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.collect import Found, _given_names, collect, find, read
from grader.errors import BundleRefusedError, UsageError
from grader.identity import Student, StudentIdError, distinct_ids, look_alikes, safe_id
from grader.lab import Submit
from grader.platforms import Layout, canvas_label, moodle_label, parse_stamp
from grader.roster import with_roster

LAB = "02-data-quality"
SUBMIT = Submit(required=("quality.py",), modules=("quality",))
CODE = b"def completeness(frame):\n    return 1\n"
NOON = datetime(2026, 10, 2, 12, 0, tzinfo=UTC)


def zipped(files: dict[str, bytes], at: datetime = NOON) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, at.timetuple()[:6]), content)
    return buffer.getvalue()


def lay(top: Path, files: dict[str, bytes], at: datetime = NOON) -> Path:
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (at.timestamp(), at.timestamp()))
    return top


def contents(found: Found) -> dict[str, bytes]:
    return read(found, submit=SUBMIT).as_dict()


def by_student(found: list[Found]) -> dict[str, Found]:
    assert len({item.student for item in found}) == len(found)
    return {item.student: item for item in found}


# Layouts


def test_a_folder_for_each_student(tmp_path):
    lay(tmp_path, {"ada/quality.py": CODE, "bob/lab02/quality.py": b"x = 1\n"})
    found = by_student(find(tmp_path, LAB))
    assert contents(found["ada"]) == {"quality.py": CODE}
    assert contents(found["bob"]) == {"quality.py": b"x = 1\n"}
    assert {item.layout for item in found.values()} == {Layout.FOLDER}


def test_an_archive_for_each_student(tmp_path):
    data = zipped({"quality.py": CODE})
    lay(tmp_path, {"ada.zip": data, "bob.x.ZIP": data, "cat.tar.gz": data, "dan": data})
    found = by_student(find(tmp_path, LAB))
    assert set(found) == {"ada", "bob.x", "cat", "dan"}
    assert all(contents(item) == {"quality.py": CODE} for item in found.values())
    assert {item.layout for item in found.values()} == {Layout.ARCHIVE}


def test_folders_and_archives_may_be_mixed_and_other_files_are_named_as_skipped(tmp_path):
    lay(
        tmp_path,
        {
            "ada/quality.py": CODE,
            "bob.zip": zipped({"quality.py": CODE}),
            "cohort.toml": b"",
            "letter.docx": zipped({"word": b""}),
            ".DS_Store": b"",
        },
    )
    collection = collect(tmp_path, LAB)
    assert [item.student for item in collection.found] == ["ada", "bob"]
    assert collection.skipped == ("cohort.toml", "letter.docx")
    assert collection.layouts == (Layout.FOLDER, Layout.ARCHIVE)


def test_a_file_for_each_student_where_the_lab_asks_for_one(tmp_path):
    lay(tmp_path, {"ada.py": CODE, "bob.py": CODE, "README.md": b"hello"})
    found = by_student(find(tmp_path, LAB, SUBMIT))
    assert set(found) == {"ada", "bob"}
    assert contents(found["ada"]) == {"quality.py": CODE}
    with pytest.raises(UsageError, match="no hand-in"):
        find(tmp_path, LAB)


def test_a_folder_that_holds_only_an_archive_is_that_archive(tmp_path):
    lay(tmp_path, {"ada/work.zip": zipped({"quality.py": CODE}), "ada/.DS_Store": b""})
    (found,) = find(tmp_path, LAB)
    assert contents(found) == {"quality.py": CODE}


MOODLE = {
    "Ada Lovelace_101_assignsubmission_file_/quality.py": CODE,
    "Bob Müller_102_assignsubmission_file/work.zip": zipped({"quality.py": b"b = 1\n"}),
    "Cy_103_assignsubmission_file_/src/x.py": b"1",
    "Cy_103_assignsubmission_onlinetext_/onlinetext.html": b"<p>hello</p>",
    "Dee_104_assignsubmission_onlinetext/onlinetext.html": b"<p>hello</p>",
}


@pytest.mark.parametrize("form", ["folder", "folder in a folder", "zip", "zip in a folder"])
def test_moodles_download_is_read_unpacked_or_packed(form, tmp_path):
    top = as_form(form, MOODLE, tmp_path)
    found = by_student(find(top, LAB))
    assert set(found) == {"Ada-Lovelace_101", "Bob-Müller_102", "Cy_103", "Dee_104"}
    assert contents(found["Ada-Lovelace_101"]) == {"quality.py": CODE}
    assert contents(found["Bob-Müller_102"]) == {"quality.py": b"b = 1\n"}
    assert contents(found["Cy_103"]) == {"src/x.py": b"1"}
    assert any("typed into the form" in note for note in found["Cy_103"].notes)
    with pytest.raises(BundleRefusedError, match="only text typed"):
        read(found["Dee_104"], submit=SUBMIT)
    assert found["Ada-Lovelace_101"].lms_id == "101"
    assert found["Ada-Lovelace_101"].layout is Layout.MOODLE


def as_form(form: str, files: dict[str, bytes], tmp_path: Path) -> Path:
    if form == "folder":
        return lay(tmp_path / "class", files)
    if form == "folder in a folder":
        return lay(tmp_path / "class" / "Lab 2-7781", files).parent
    lay(tmp_path / "class", {"Lab 2-7781.zip": zipped(files)})
    return tmp_path / "class" / "Lab 2-7781.zip" if form == "zip" else tmp_path / "class"


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_moodles_download_without_folders(form, tmp_path):
    files = {
        "Ada Lovelace_101_assignsubmission_file_quality.py": CODE,
        "Ada Lovelace_101_assignsubmission_file_notes.md": b"n",
        "Bob_102_assignsubmission_file_work_v2.zip": zipped({"quality.py": b"b = 1\n"}),
        "Cy_103_assignsubmission_file_my_quality.py": b"c = 1\n",
    }
    found = by_student(find(as_form(form, files, tmp_path), LAB))
    assert contents(found["Ada-Lovelace_101"]) == {"quality.py": CODE, "notes.md": b"n"}
    assert contents(found["Bob_102"]) == {"quality.py": b"b = 1\n"}
    assert contents(found["Cy_103"]) == {"quality.py": b"c = 1\n"}


@pytest.mark.parametrize("form", ["folder", "zip", "zip in a folder"])
def test_canvas_download(form, tmp_path):
    files = {
        "lovelaceada_101_9001_work.zip": zipped({"quality.py": CODE}),
        "bobyoung_LATE_102_9002_quality-1.py": b"b = 1\n",
        "cat_de_103_9003_quality.py": b"c = 1\n",
        "cat_de_103_9004_notes.md": b"n",
        "anon_Xy12Z_9005_quality.py": b"a = 1\n",
        "dan_105_text.html": b"<p>hello</p>",
        "eve_106_9006_notes-2.md": b"n",
        "eve_106_9007_quality-2.py": b"e = 1\n",
    }
    found = by_student(find(as_form(form, files, tmp_path), LAB))
    assert contents(found["lovelaceada_101"]) == {"quality.py": CODE}
    assert contents(found["bobyoung_102"]) == {"quality.py": b"b = 1\n"}
    assert "Canvas marked it as late." in found["bobyoung_102"].notes
    assert contents(found["cat_de_103"]) == {"quality.py": b"c = 1\n", "notes.md": b"n"}
    assert contents(found["anon_Xy12Z"]) == {"quality.py": b"a = 1\n"}
    assert contents(found["eve_106"]) == {"quality.py": b"e = 1\n", "notes-2.md": b"n"}
    assert "only text typed" in found["dan_105"].error
    assert {item.layout for item in found.values()} == {Layout.CANVAS}


def test_an_archive_whose_name_looks_like_canvas_by_accident_is_an_archive(tmp_path):
    lay(tmp_path, {"smith_2026_10_x.zip": zipped({"a": b"1"}), "ada.zip": zipped({"a": b"1"})})
    assert {item.student for item in find(tmp_path, LAB)} == {"smith_2026_10_x", "ada"}


NBGRADER = {
    f"ada/{LAB}/quality.py": CODE,
    f"ada/{LAB}/timestamp.txt": b"2026-10-02 23:58:01.123456 Asia/Jakarta\n",
    "ada/01-other/quality.py": b"other",
    f"bob/{LAB}/quality.py": b"b = 1\n",
    f"bob/{LAB}/timestamp.txt": b"yesterday",
    "cat/01-other/quality.py": b"other",
    f"dan/{LAB}/quality.py": b"d = 1\n",
}


@pytest.mark.parametrize("form", ["submitted", "course", "zip"])
def test_nbgraders_submitted_folder_gives_the_time_of_the_hand_in(form, tmp_path):
    if form == "zip":
        top = tmp_path / "class.zip"
        top.write_bytes(zipped({f"submitted/{name}": data for name, data in NBGRADER.items()}))
    else:
        lay(tmp_path / "submitted", NBGRADER)
        top = tmp_path if form == "course" else tmp_path / "submitted"
    found = by_student(find(top, LAB))
    assert set(found) == {"ada", "bob", "dan"}
    ada = found["ada"]
    assert contents(ada) == {"quality.py": CODE}
    assert ada.received_at == datetime(2026, 10, 2, 16, 58, 1, 123456, tzinfo=UTC)
    assert not ada.is_estimate
    assert ada.layout is Layout.NBGRADER
    assert found["bob"].is_estimate
    assert "says no time" in found["bob"].notes[0]
    assert "There is no timestamp.txt." in found["dan"].notes


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-10-02 12:00:00.000000 UTC", NOON),
        ("2026-10-02 12:00:00", NOON),
        ("2026-10-02 12:00", NOON),
        ("2026-10-02T12:00:00Z\nmore", NOON),
        ("2026-10-02 19:00:00 +0700", NOON),
        ("2026-10-02 19:00:00+07:00", NOON),
        ("2026-10-02 19:00:00 Asia/Jakarta", NOON),
        ("2026-10-02 12:00:00 PST8NONE", None),
        ("2026-10-02 12:00:00 ../../etc/passwd", None),
        ("2026-13-02 12:00:00 UTC", None),
        ("0001-01-01 00:00:00 +1400", None),
        ("2026-10-02 12:00:00 +9900", None),
        ("", None),
        ("\n\n", None),
        ("soon", None),
        ("9" * 900, None),
    ],
)
def test_a_time_stamp_is_read_in_its_zone_or_not_at_all(line, expected):
    assert parse_stamp(line) == expected


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text_in_a_time_stamp_is_a_time_or_none(text):
    parse_stamp(text)


def test_a_whole_class_in_one_zip_of_ones_own_making(tmp_path):
    files = {"class/ada/quality.py": CODE, "class/bob.zip": zipped({"quality.py": b"b = 1\n"})}
    (tmp_path / "class.zip").write_bytes(zipped(files))
    found = by_student(find(tmp_path / "class.zip", LAB))
    assert contents(found["ada"]) == {"quality.py": CODE}
    assert contents(found["bob"]) == {"quality.py": b"b = 1\n"}


# Times and attempts


def test_the_time_of_files_is_used_and_flagged_as_an_estimate(tmp_path):
    lay(tmp_path, {"ada/quality.py": CODE}, NOON)
    lay(tmp_path, {"ada/notes.md": CODE}, NOON + timedelta(hours=1))
    (found,) = find(tmp_path, LAB)
    assert found.received_at == NOON + timedelta(hours=1)
    assert found.is_estimate


def test_two_hand_ins_of_a_student_are_attempts_in_order_of_time(tmp_path):
    lay(tmp_path, {"ada.zip": zipped({"quality.py": b"second"})}, NOON + timedelta(hours=1))
    lay(tmp_path, {"ada/quality.py": b"first"}, NOON)
    first, second = find(tmp_path, LAB)
    assert (first.attempt, contents(first)["quality.py"]) == (1, b"first")
    assert (second.attempt, contents(second)["quality.py"]) == (2, b"second")
    assert first.student == second.student == "ada"


def test_several_archives_in_a_students_folder_are_attempts(tmp_path):
    lay(tmp_path, {"ada/b.zip": zipped({"quality.py": b"1"})}, NOON)
    lay(tmp_path, {"ada/a.zip": zipped({"quality.py": b"2"})}, NOON + timedelta(hours=1))
    found = find(tmp_path, LAB)
    assert [(item.attempt, contents(item)["quality.py"]) for item in found] == [
        (1, b"1"),
        (2, b"2"),
    ]


# One broken hand-in never stops the rest


def test_broken_hand_ins_are_refused_one_by_one_and_the_rest_is_read(tmp_path):
    lay(tmp_path, {"ada/quality.py": CODE, "bad.zip": b"PK\x03\x04 not a zip", "void.zip": b""})
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("/etc")
    (tmp_path / "link.zip").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.zip")
    found = by_student(find(tmp_path, LAB))
    assert contents(found.pop("ada")) == {"quality.py": CODE}
    assert set(found) == {"bad", "void", "empty", "link", "link.zip", "pipe.zip"}
    for item in found.values():
        with pytest.raises(BundleRefusedError) as caught:
            read(item, submit=SUBMIT)
        assert caught.value.where
    assert "symbolic link" in found["link"].error
    assert "pipe" in found["pipe.zip"].error


def test_bad_names_in_a_big_zip_stop_only_themselves(tmp_path):
    (tmp_path / "class.zip").write_bytes(
        zipped({"ada/quality.py": CODE, "bob/quality.py": CODE, "../../evil/quality.py": b"x"})
    )
    found = find(tmp_path / "class.zip", LAB)
    assert [item.student for item in found if not item.error] == ["ada", "bob"]
    assert ["leads out" in item.error for item in found if item.error] == [True]


def test_a_bad_name_below_a_student_in_a_big_zip_is_that_students_affair(tmp_path):
    data = zipped({"ada/quality.py": CODE, "bob/con": CODE, "bob/quality.py": CODE})
    (tmp_path / "class.zip").write_bytes(data)
    found = by_student(find(tmp_path / "class.zip", LAB))
    assert contents(found["ada"]) == {"quality.py": CODE}
    with pytest.raises(BundleRefusedError, match="device"):
        read(found["bob"])


def test_a_bomb_in_a_big_zip_meets_the_limits_of_the_door(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ada/quality.py", CODE)
        archive.writestr("bob/bomb.bin", bytes(30 * 1024 * 1024))
        archive.writestr("cat.zip", zipped({"quality.py": CODE}))
    (tmp_path / "class.zip").write_bytes(buffer.getvalue())
    found = by_student(find(tmp_path / "class.zip", LAB))
    assert contents(found["ada"]) == contents(found["cat"]) == {"quality.py": CODE}
    with pytest.raises(BundleRefusedError, match="bomb"):
        read(found["bob"])


@pytest.mark.parametrize("name", ["gone", "file.txt", "empty"])
def test_a_path_without_hand_ins_is_said_so(name, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("hello")
    with pytest.raises(UsageError) as caught:
        find(tmp_path / name, LAB)
    assert name in caught.value.where
    assert caught.value.advice


def test_a_damaged_big_zip_is_said_so(tmp_path):
    (tmp_path / "class.zip").write_bytes(zipped({"ada/quality.py": CODE})[:-30])
    with pytest.raises(UsageError, match="damaged"):
        find(tmp_path / "class.zip", LAB)


# Who is who


def test_ids_that_differ_in_case_space_or_script_are_kept_apart_and_both_shown(tmp_path):
    names = ["Bob", "bob", "bob ", "b\u043eb"]
    lay(tmp_path, {f"{name}/quality.py": name.encode() for name in names})
    found = find(tmp_path, LAB)
    assert len({item.student for item in found}) == 4
    assert {contents(item)["quality.py"].decode() for item in found} == set(names)
    said = {item.name: " ".join(item.notes) for item in found}
    assert "'bob' is not 'Bob'" in said["bob"]
    assert "'bob '" in said["bob "]
    assert "'b\\u043eb'" in said["b\u043eb"]
    assert "Latin and Cyrillic" in said["b\u043eb"]
    assert "'b\\u043eb'" in said["Bob"]


@pytest.mark.parametrize(
    "raw", ["../bob", "bob/../alice", "a\\b", "a\nb", "\0", "...", "", " ", "x" * 200]
)
def test_an_id_that_cannot_be_made_safe_is_refused(raw):
    with pytest.raises(StudentIdError) as caught:
        safe_id(raw)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        ("ada", "ada"),
        ("ada.l_1@uni.example", "ada.l_1@uni.example"),
        ("Ada Lovelace_101", "Ada-Lovelace_101"),
        (" ada\t", None),
        ("ada ", "ada"),
        ("\uff41da", "ada"),
        ("O'Neil (2), Cy", "O-Neil-2-Cy"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("-rf", "rf"),
        ("李明", "李明"),
        ("=1+1", "1+1"),
    ],
)
def test_an_id_is_repaired_only_where_it_stays_the_same_to_a_reader(raw, made):
    if made is None:
        with pytest.raises(StudentIdError):
            safe_id(raw)
        return
    student, notes = safe_id(raw)
    assert student == made
    assert bool(notes) == (raw != made)
    assert all(ascii(raw) in note for note in notes)


@settings(max_examples=500)
@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_ids_become_different_names_that_are_safe(raws):
    good = []
    for raw in raws:
        try:
            safe_id(raw)
        except StudentIdError:
            continue
        good.append(raw)
    made = distinct_ids(good)
    assert set(made) == set(good)
    ids = [student for student, _ in made.values()]
    assert len({student.casefold() for student in ids}) == len(ids)
    for student in ids:
        assert student
        assert not student.startswith((".", "-"))
        assert not set(student) & set("/\\ \0\n")


def test_look_alikes_in_three_scripts_are_told():
    said = look_alikes(["ada", "\u0430da", "ad\u03b1", "bob", "\u0570o\u0578"])
    assert set(said) == {"ada", "\u0430da", "ad\u03b1"}
    assert "'\\u0430da'" in said["ada"]


ROSTER = [
    Student(id="ada", name="Ada Lovelace", email="ada@uni.example", lms_id="101"),
    Student(id="bob", name="Bob Young"),
    Student(id="mary1", name="Mary Smith"),
    Student(id="mary2", name="Mary  SMITH"),
    Student(id="jan", name="Jan van der Berg"),
]


def matched(tmp_path: Path, names: list[str]) -> dict[str, Found]:
    lay(tmp_path, dict.fromkeys(names, CODE))
    return {item.name: item for item in with_roster(find(tmp_path, LAB), ROSTER)}


def test_the_roster_knows_students_by_id_address_number_and_full_name(tmp_path):
    found = matched(
        tmp_path,
        ["ADA@uni.example/quality.py", "Jan van der Berg/quality.py", "BOB /quality.py"],
    )
    assert {item.student for item in found.values()} == {"ada", "jan", "bob"}


def test_the_roster_knows_the_names_of_moodle_and_canvas(tmp_path):
    moodle = matched(
        tmp_path / "m",
        [
            "A. L._101_assignsubmission_file_/quality.py",
            "Bob Young_7_assignsubmission_file_/quality.py",
        ],
    )
    assert {item.student for item in moodle.values()} == {"ada", "bob"}
    canvas = matched(tmp_path / "c", ["youngbob_9_1_quality.py", "vanderbergjan_8_2_quality.py"])
    assert {item.student for item in canvas.values()} == {"bob", "jan"}


def test_a_name_that_two_students_have_matches_neither(tmp_path):
    (found,) = matched(tmp_path, ["Mary Smith/quality.py"]).values()
    assert found.student == "Mary-Smith"
    assert "not on the roster" in found.notes[-1]


def test_a_likeness_to_a_student_who_handed_in_is_not_that_student(tmp_path):
    found = matched(tmp_path, ["bob/quality.py", "BOB/quality.py", "b\u043eb/quality.py"])
    assert found["bob"].student == "bob"
    assert found["BOB"].student != "bob"
    assert "looks like 'bob'" in found["BOB"].notes[-1]
    assert found["b\u043eb"].student == "b\u043eb"
    assert "not on the roster" in found["b\u043eb"].notes[-1]


def test_hand_ins_in_two_layouts_become_attempts_of_one_student_through_the_roster(tmp_path):
    lay(tmp_path, {"Ada Lovelace/quality.py": b"2"}, NOON + timedelta(hours=1))
    lay(tmp_path, {"ada.zip": zipped({"quality.py": b"1"})}, NOON)
    found = with_roster(find(tmp_path, LAB), ROSTER)
    assert [(item.student, item.attempt) for item in found] == [("ada", 1), ("ada", 2)]
    assert [contents(item)["quality.py"] for item in found] == [b"1", b"2"]


# Names of platforms


def test_labels_of_moodle():
    label = moodle_label("de la_Cruz, Ana_42_assignsubmission_file_", is_folder=True)
    assert label is not None
    assert (label.name, label.lms_id, label.file) == ("de la_Cruz, Ana", "42", "")
    assert moodle_label("Ana_42_assignsubmission_file_a_b.py", is_folder=False).file == "a_b.py"
    assert moodle_label("Ana_42", is_folder=True) is None


def test_labels_of_canvas():
    label = canvas_label("cruzana_LATE_42_77_my_work_1_2.zip")
    assert (label.name, label.lms_id, label.file) == ("cruzana", "42", "my_work_1_2.zip")
    assert canvas_label("LATE_anon_aB3_77_x.py").key == "anon_aB3"
    assert canvas_label("ada.zip") is None


# Notebooks

NOTEBOOK = Submit(
    required=("quality.py",), modules=("quality",), notebooks=(("quality", "quality.ipynb"),)
)


def test_one_loose_notebook_for_each_student_is_taken_for_the_one_that_the_lab_asks_for(tmp_path):
    lay(tmp_path, {"ada.ipynb": b"{}", "bob.py": CODE, "cid.txt": b"x"})
    found = by_student(find(tmp_path, LAB, NOTEBOOK))
    assert {name: read(item, submit=NOTEBOOK).as_dict() for name, item in found.items()} == {
        "ada": {"quality.ipynb": b"{}"},
        "bob": {"quality.py": CODE},
    }


def test_what_a_platform_renamed_gets_its_name_back():
    names = _given_names(["quality-1.ipynb", "notes-1.md"], NOTEBOOK)
    assert names == {"quality-1.ipynb": "quality.ipynb"}

"""The zip to hand in: what goes in, the same bytes everywhere, and never one that is refused."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from grader import pack as packing
from grader.door import read_bundle
from grader.errors import BundleRefusedError, UngradableError, UsageError
from grader.lab import Lab, Submit
from grader.pack import pack

CODE = b"def completeness(frame):\n    return 1\n"
LAB = Lab(
    slug="02-data-quality",
    title="Quality",
    submit=Submit(required=("quality.py",), optional=("notes.md", "plots"), modules=("quality",)),
    trusted_files=(("test_public.py", b""),),
    worker_files=(("data/sales.csv", b""),),
)


def work(tmp_path: Path, **more: bytes) -> Path:
    top = tmp_path / "work"
    files = {"quality.py": CODE, "README.md": b"the lab's", "test_public.py": b"", **more}
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return top


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_only_what_the_lab_lists_goes_in(tmp_path):
    top = work(
        tmp_path,
        **{"notes.md": b"n", "plots/a/b.svg": b"s", "data/sales.csv": b"x" * 9, "mlruns/1/x": b"1"},
    )
    receipt = pack(top, LAB, tmp_path / "out.zip")
    assert names(receipt.path) == ["notes.md", "plots/a/b.svg", "quality.py"]
    assert [file.path for file in receipt.files] == names(receipt.path)
    assert receipt.notes == ()
    bundle = read_bundle(receipt.path, submit=LAB.submit)
    assert bundle.digest == receipt.digest
    assert bundle.as_dict()["quality.py"] == CODE


def test_what_is_not_listed_is_not_even_read(tmp_path):
    top = work(tmp_path)
    (top / "link").symlink_to("/etc")
    with (top / "huge.bin").open("wb") as file:
        file.truncate(2**33)
    assert names(pack(top, LAB, tmp_path / "out.zip").path) == ["quality.py"]


def test_a_listed_file_deep_in_folders_goes_in_alone(tmp_path):
    top = work(tmp_path, **{"src/app/main.py": b"1", "src/app/other.py": b"2", "src/x.py": b"3"})
    lab = Lab(slug="x", title="x", submit=Submit(required=("src/app/main.py",)))
    assert names(pack(top, lab, tmp_path / "out.zip").path) == ["src/app/main.py"]


def test_the_same_files_make_the_same_bytes_whenever_and_whoever(tmp_path):
    first = pack(work(tmp_path / "a"), LAB, tmp_path / "1.zip").path.read_bytes()
    other = work(tmp_path / "b")
    os.utime(other / "quality.py", (1_000_000_000, 1_000_000_000))
    (other / "quality.py").chmod(0o755)
    assert pack(other, LAB, tmp_path / "2.zip").path.read_bytes() == first
    info = zipfile.ZipFile(io.BytesIO(first)).infolist()[0]
    assert info.date_time == (1980, 1, 1, 0, 0, 0)
    assert info.external_attr >> 16 == 0o100644


def test_a_folder_as_the_target_gets_a_zip_named_like_the_lab(tmp_path):
    top = work(tmp_path)
    assert pack(top, LAB, top).path == top / "02-data-quality.zip"
    assert names(pack(top, LAB, top).path) == ["quality.py"]


def test_junk_is_named_on_the_receipt(tmp_path):
    top = work(tmp_path, **{"plots/.DS_Store": b"x", "plots/a.svg": b"s"})
    receipt = pack(top, LAB, tmp_path / "out.zip")
    assert receipt.ignored == ("plots/.DS_Store",)


def test_own_modules_that_stay_behind_are_a_question(tmp_path):
    receipt = pack(work(tmp_path, **{"tools.py": b"", "a/b.py": b""}), LAB, tmp_path / "out.zip")
    assert receipt.notes == (
        "Not on the lab's list and left out: tools.py. Does your code need them?",
    )


# What would be refused is not packed


def test_a_missing_file_is_named_with_what_looks_like_it(tmp_path):
    top = work(tmp_path, **{"quality (1).py": CODE})
    (top / "quality.py").unlink()
    with pytest.raises(UngradableError) as caught:
        pack(top, LAB, tmp_path / "out.zip")
    assert "quality.py is missing; there is 'quality (1).py'." in str(caught.value)
    assert not (tmp_path / "out.zip").exists()


def test_a_folder_without_anything_of_the_lab_is_refused(tmp_path):
    (tmp_path / "work").mkdir()
    with pytest.raises(UngradableError, match=r"quality\.py is missing\."):
        pack(tmp_path / "work", LAB, tmp_path / "out.zip")


@pytest.mark.parametrize("case", ["empty", "link", "large", "folder"])
def test_a_hand_in_that_the_door_would_refuse_is_not_packed(case, tmp_path):
    top = work(tmp_path)
    (top / "quality.py").unlink()
    if case == "empty":
        (top / "quality.py").write_bytes(b"")
    elif case == "link":
        (top / "quality.py").symlink_to("README.md")
    elif case == "large":
        (top / "quality.py").write_bytes(b"#" * 11_000_000)
    else:
        (top / "quality.py").mkdir()
        (top / "quality.py" / "x.py").write_bytes(CODE)
    (tmp_path / "out.zip").write_bytes(b"older")
    words = {"empty": "empty", "link": "symbolic link", "large": "larger", "folder": "is a folder"}
    with pytest.raises(BundleRefusedError, match=words[case]):
        pack(top, LAB, tmp_path / "out.zip")
    assert (tmp_path / "out.zip").read_bytes() == b"older"


def test_what_is_no_folder_is_said(tmp_path):
    with pytest.raises(UsageError, match="not a folder"):
        pack(tmp_path / "gone", LAB, tmp_path / "out.zip")


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        pack(work(tmp_path), LAB, tmp_path / "no" / "such" / "out.zip")


def test_a_full_disk_leaves_the_older_zip_and_nothing_half_written(tmp_path, monkeypatch):
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packing.os, "fsync", full)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "x.zip").write_bytes(b"older")
    with pytest.raises(UsageError, match="No space left"):
        pack(work(tmp_path), LAB, tmp_path / "out" / "x.zip")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["x.zip"]
    assert (tmp_path / "out" / "x.zip").read_bytes() == b"older"

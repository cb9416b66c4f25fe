"""The door: what it lets in, what it ignores, what it refuses and with which words."""

from __future__ import annotations

import gzip
import io
import os
import random
import socket
import stat
import struct
import tarfile
import threading
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader import folders
from grader.archives import Kind, kind_of
from grader.door import DoorLimits, missing_files, read_bundle, require_files
from grader.entry import MIB
from grader.errors import BundleRefusedError, UngradableError
from grader.lab import Submit
from grader.listed import near_misses
from grader.submission import Bundle

LAB = Submit(required=("quality.py",), optional=("notes.md",), modules=("quality",))
CODE = b"def completeness(frame):\n    return 1\n"


def zipped(files: dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    pairs = list(files.items()) if isinstance(files, dict) else files
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(
    files: dict[str, bytes] | list[tuple[tarfile.TarInfo, bytes]],
    mode: str = "w:gz",
    **options: object,
) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as archive:
        if isinstance(files, dict):
            files = [(member(name, len(content)), content) for name, content in files.items()]
        for info, content in files:
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def member(name: str, size: int = 0, **changes: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size = size
    for key, value in changes.items():
        setattr(info, key, value)
    return info


def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    top = tmp_path / "ada"
    top.mkdir(exist_ok=True)
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return top


def refusal(
    source: Path | bytes, submit: Submit | None = LAB, **options: object
) -> BundleRefusedError:
    with pytest.raises(BundleRefusedError) as caught:
        read_bundle(source, submit=submit, name=options.pop("name", "ada.zip"), **options)
    assert caught.value.where
    assert caught.value.exit_code == 4
    return caught.value


# What is let in


@pytest.mark.parametrize("form", ["folder", "zip", "tar", "tar.gz"])
def test_every_form_of_the_same_files_gives_the_same_bundle(form, tmp_path):
    files = {"quality.py": CODE, "src/helper.py": b"x = 1\n", "notes.md": b"hello"}
    if form == "folder":
        source: Path | bytes = folder(tmp_path, files)
    else:
        source = zipped(files) if form == "zip" else tarred(files, "w:gz" if "gz" in form else "w")
    bundle = read_bundle(source, submit=LAB, name="ada")
    assert bundle.as_dict() == files
    assert bundle.digest == Bundle.of(files).digest


@pytest.mark.parametrize("name", ["hand-in.zip", "hand-in.tar.gz", "hand-in.py", "hand-in"])
def test_an_archive_is_known_by_its_content_and_not_by_its_name(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(zipped({"quality.py": CODE, "b.py": b"1"}))
    assert set(read_bundle(path, submit=LAB).as_dict()) == {"quality.py", "b.py"}


def test_a_single_file_is_enough_where_the_lab_asks_for_exactly_one(tmp_path):
    path = tmp_path / "quality.py"
    path.write_bytes(CODE)
    bundle = read_bundle(path, submit=LAB)
    assert bundle.as_dict() == {"quality.py": CODE}
    assert bundle.notes == ()


def test_a_single_file_of_another_name_is_taken_with_a_note(tmp_path):
    path = tmp_path / "ada_quality.py"
    path.write_bytes(CODE)
    bundle = read_bundle(path, submit=LAB)
    assert bundle.as_dict() == {"quality.py": CODE}
    assert bundle.notes == ("'ada_quality.py' was taken as quality.py.",)


def test_a_single_file_is_refused_where_the_lab_asks_for_two():
    error = refusal(CODE, Submit(required=("a.py", "b.py")), name="a.py")
    assert "neither an archive nor the file" in str(error)
    assert "zip" in error.advice


def test_a_single_file_of_another_kind_is_refused():
    assert "neither an archive" in str(refusal(b"hello", name="notes.md"))


def test_accents_and_emoji_in_names_are_let_in_and_stored_in_one_unicode_form():
    decomposed = "re\u0301sume\u0301 \N{PARTY POPPER}.md"
    bundle = read_bundle(zipped({"quality.py": CODE, decomposed: b"x"}), submit=LAB, name="a.zip")
    assert "r\u00e9sum\u00e9 \N{PARTY POPPER}.md" in bundle.as_dict()


def test_names_that_macos_writes_as_utf8_without_saying_so_are_read_as_utf8():
    data = zipped({"quality.py": CODE, "caf__.md": b"x"}).replace(b"caf__.md", "café.md".encode())
    assert "café.md" in read_bundle(data, submit=LAB, name="a.zip").as_dict()


def test_a_zip_with_backslashes_as_separators_is_understood():
    data = zipped({"lab__src_quality.py": CODE, "lab__notes.md": b"x"})
    data = data.replace(b"lab__src_quality.py", b"lab\\\\src\\quality.py")
    data = data.replace(b"lab__notes.md", b"lab\\\\notes.md")
    bundle = read_bundle(data, submit=Submit(required=("src/quality.py",)), name="a.zip")
    assert set(bundle.as_dict()) == {"src/quality.py", "notes.md"}


def test_backslashes_beside_slashes_are_ambiguous_and_refused():
    data = zipped({"src_a.py": CODE, "src/b.py": b"x"}).replace(b"src_a.py", b"src\\a.py")
    assert "backslash" in str(refusal(data))


def test_tar_names_with_a_leading_dot_are_plain_names():
    info = [(member(".", type=tarfile.DIRTYPE), b""), (member("./quality.py", len(CODE)), CODE)]
    assert read_bundle(tarred(info), submit=LAB, name="a").as_dict() == {"quality.py": CODE}


def test_a_long_path_in_a_tar_is_read_from_its_extended_header():
    name = "/".join(["folder" * 8] * 4) + "/x.py"
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        data = tarred({"quality.py": CODE, name: b"1"}, format=form)
        assert name in read_bundle(data, submit=LAB, name="a").as_dict()


def test_everything_in_one_folder_is_taken_out_of_it_when_the_required_files_lie_there():
    data = zipped(
        [
            ("lab02/", b""),
            ("lab02/quality.py", CODE),
            ("lab02/sub/x.py", b"1"),
            ("__MACOSX/lab02/._quality.py", b"junk"),
        ]
    )
    bundle = read_bundle(data, submit=LAB, name="a.zip")
    assert set(bundle.as_dict()) == {"quality.py", "sub/x.py"}
    assert any("'lab02/'" in note for note in bundle.notes)
    assert bundle.ignored == ("__MACOSX/",)


def test_two_folders_around_everything_are_both_taken_off():
    bundle = read_bundle(zipped({"a/b/quality.py": CODE}), submit=LAB, name="a.zip")
    assert set(bundle.as_dict()) == {"quality.py"}


def test_a_folder_that_the_lab_wants_is_not_taken_off():
    submit = Submit(required=("src/quality.py",))
    assert set(read_bundle(zipped({"src/quality.py": CODE}), submit=submit).as_dict()) == {
        "src/quality.py"
    }


def test_one_folder_without_the_required_files_stays():
    bundle = read_bundle(zipped({"lab/other.py": CODE}), submit=LAB, name="a.zip")
    assert set(bundle.as_dict()) == {"lab/other.py"}


JUNK = [
    "__MACOSX/._quality.py", "._quality.py", ".DS_Store", "src/__pycache__/q.cpython-311.pyc",
    "q.pyc", ".git/HEAD", ".venv/bin/python", "venv/pyvenv.cfg", ".ipynb_checkpoints/a.ipynb",
    ".pytest_cache/x", ".mypy_cache/x", ".ruff_cache/x", "Thumbs.db", "desktop.ini", ".idea/x",
    ".vscode/settings.json", "Icon\r",
]  # fmt: skip


@pytest.mark.parametrize("name", JUNK)
@pytest.mark.parametrize("form", [zipped, tarred])
def test_junk_is_left_out_and_listed(name, form):
    bundle = read_bundle(form({name: b"junk", "quality.py": CODE}), submit=LAB, name="a")
    assert bundle.as_dict() == {"quality.py": CODE}
    assert len(bundle.ignored) == 1


def test_links_in_a_virtual_environment_are_ignored_with_it(tmp_path):
    top = folder(tmp_path, {"quality.py": CODE, ".venv/pyvenv.cfg": b"x"})
    (top / ".venv" / "python").symlink_to("/usr/bin/python3")
    bundle = read_bundle(top, submit=LAB)
    assert bundle.as_dict() == {"quality.py": CODE}
    assert bundle.ignored == (".venv/",)
    link = member(".venv/python", type=tarfile.SYMTYPE, linkname="/usr/bin/python3")
    data = tarred([(member("quality.py", len(CODE)), CODE), (link, b"")])
    assert read_bundle(data, submit=LAB, name="a").as_dict() == {"quality.py": CODE}


def test_thousands_of_files_of_a_virtual_environment_do_not_count():
    files = {f".venv/lib/{number}.py": b"x" for number in range(3_000)}
    assert read_bundle(zipped({**files, "quality.py": CODE}), submit=LAB).ignored == (".venv/",)


def test_own_tests_and_configuration_are_let_in_and_noted_as_unlisted():
    files = {"quality.py": CODE, "tests/test_a.py": b"", "conftest.py": b"", "pyproject.toml": b""}
    bundle = read_bundle(zipped({**files, ".github/workflows/ci.yml": b""}), submit=LAB, name="a")
    assert len(bundle.files) == 5
    assert "not looked at" in bundle.notes[0]
    assert "and 1 more" in bundle.notes[0]


def test_a_module_saved_as_utf16_or_with_nul_or_turned_text_is_noted():
    for content, words in [
        (CODE.decode().encode("utf-16"), "UTF-16"),
        (b"x = '\0'", "NUL"),
        ("x = '\u202e'".encode(), "direction"),
    ]:
        notes = read_bundle(zipped({"quality.py": content}), submit=LAB, name="a").notes
        assert [words in note for note in notes] == [True]


def test_honest_encodings_and_line_ends_bring_no_note():
    for content in (b"\xef\xbb\xbfx = 1\r\n", "x = 'é'\n".encode("latin-1"), "x = 'é'".encode()):
        assert read_bundle(zipped({"quality.py": content}), submit=LAB, name="a").notes == ()


def test_a_small_file_of_blanks_is_no_bomb():
    blanks = b" " * (MIB - 1)
    for form in (zipped, tarred):
        assert read_bundle(form({"quality.py": CODE, "a.txt": blanks}), submit=LAB).size > MIB - 1


# Names that are refused

BAD_NAMES = [
    ("../../evil.py", "leads out"),
    ("src/../../evil.py", "leads out"),
    ("/etc/passwd", "absolute"),
    ("//server/share/x.py", "network path"),
    ("C:/x.py", "drive letter"),
    ("c:x.py", "drive letter"),
    ("C:\\x.py", "drive letter"),
    ("a\nb.py", "control character"),
    ("a\x1b[2Jb.py", "control character"),
    ("a\x7f.py", "control character"),
    ("a\x85.py", "control character"),
    ("gpj.\u202eyp.py", "direction"),
    ("a\u200bb.py", "invisible"),
    ("a\u2066b.py", "direction"),
    ("a\u2028b.py", "line separator"),
    ("a\ufeffb.py", "invisible"),
    ("x" * 256, "255 is the limit"),
    ("é" * 128, "256 bytes"),
    ("/".join(["d" * 200] * 6), "1,024"),
    ("/".join(["d"] * 40), "folders deep"),
    ("quality.py.", "dot or a space"),
    ("quality.py ", "dot or a space"),
    ("src /a.py", "dot or a space"),
    ("CON", "device"),
    ("nul", "device"),
    ("aux.py", "device"),
    ("src/com1.txt", "device"),
    ("LPT\u00b9", "device"),
    ("COM3 .txt", "device"),
    ("CONIN$", "device"),
    (" ", "dot or a space"),
]


@pytest.mark.parametrize(("name", "words"), BAD_NAMES)
def test_a_bad_name_is_refused_and_shown_escaped(name, words):
    for data in (
        zipped({"quality.py": CODE, name: b"x"}),
        tarred({"quality.py": CODE, name: b"x"}),
    ):
        error = refusal(data)
        if "\\" not in name:  # with a slash elsewhere in the tar it is the drive that is seen
            assert words in str(error)
        assert error.advice == "Give it another name."
        assert str(error).isprintable()


def test_a_name_with_a_nul_is_refused_and_never_cut():
    data = zipped({"quality.pyX.txt": CODE}).replace(b"quality.pyX.txt", b"quality.py\0.txt")
    assert "NUL" in str(refusal(data))


def test_a_tar_name_that_is_not_utf8_is_refused():
    data = tarred({"quality.py": CODE, "caf\udce9.py": b"x"}, format=tarfile.GNU_FORMAT)
    assert "not valid Unicode" in str(refusal(data))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("A.py", "a.py"),
        ("caf\u00e9.py", "cafe\u0301.py"),
        ("\ufb01t.py", "fit.py"),
        ("Src/a.py", "src/b.py"),
        ("stra\u00dfe.py", "STRASSE.py"),
    ],
)
@pytest.mark.parametrize("form", [zipped, tarred])
def test_twins_are_refused_and_both_names_are_shown(first, second, form):
    data = form([*form_pairs(form, {"quality.py": CODE, first: b"1", second: b"2"})])
    message = str(refusal(data))
    assert "twin" in message
    assert ascii(first.split("/")[0]).strip("'") in message
    assert ascii(second.split("/")[0]).strip("'") in message


def form_pairs(form, files):
    if form is zipped:
        return list(files.items())
    return [(member(name, len(content)), content) for name, content in files.items()]


@pytest.mark.parametrize("form", [zipped, tarred])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_same_name_twice_is_refused(form):
    pairs = [*form_pairs(form, {"quality.py": CODE}), *form_pairs(form, {"quality.py": b"x"})]
    assert "twice" in str(refusal(form(pairs)))


def test_a_path_that_is_both_file_and_folder_is_refused():
    for files in ({"a": b"1", "a/b.py": b"2"}, {"a/b.py": b"2", "a": b"1"}):
        assert "both a file and a folder" in str(refusal(tarred({"quality.py": CODE, **files})))


# Things that are no plain files


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.FIFOTYPE, "named pipe"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
        (tarfile.CONTTYPE, "unknown kind"),
        (b"Z", "unknown kind"),
    ],
)
def test_a_special_entry_of_a_tar_is_refused(kind, words):
    special = member("x", type=kind, linkname="/etc/passwd")
    error = refusal(tarred([(member("quality.py", len(CODE)), CODE), (special, b"")]))
    assert words in str(error)
    assert "'x'" in error.where


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (stat.S_IFLNK | 0o777, "symbolic link"),
        (stat.S_IFIFO | 0o644, "pipe"),
        (stat.S_IFCHR | 0o644, "device"),
        (stat.S_IFSOCK | 0o644, "socket"),
        (stat.S_IFREG | 0o4755, "setuid"),
    ],
)
def test_a_special_entry_of_a_zip_is_refused(mode, words):
    info = zipfile.ZipInfo("x")
    info.create_system = 3
    info.external_attr = mode << 16
    assert words in str(refusal(zipped([("quality.py", CODE), (info, b"/etc/passwd")])))


def test_a_setuid_file_in_a_tar_is_refused_and_a_setgid_folder_is_not():
    bad = tarred([(member("quality.py", len(CODE), mode=0o4755), CODE)])
    assert "setuid" in str(refusal(bad))
    shared = member("src", type=tarfile.DIRTYPE, mode=0o2775)
    good = tarred([(shared, b""), (member("quality.py", len(CODE)), CODE)])
    assert read_bundle(good, submit=LAB, name="a").as_dict() == {"quality.py": CODE}


def test_sparse_files_are_refused_in_the_old_and_the_new_form():
    old = tarred([(member("x", type=tarfile.GNUTYPE_SPARSE), b"")], "w", format=tarfile.GNU_FORMAT)
    assert "sparse" in str(refusal(old))
    new = member("x", 1, pax_headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0"})
    assert "sparse" in str(refusal(tarred([(new, b"x")])))


def test_an_encrypted_zip_is_refused_with_advice():
    data = bytearray(zipped({"quality.py": CODE}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    error = refusal(bytes(data))
    assert "encrypted" in str(error)
    assert "without a password" in error.advice


def test_an_unusual_compression_is_refused_with_advice():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("quality.py", CODE)
    error = refusal(buffer.getvalue())
    assert "method 12" in str(error)
    assert "deflate" in error.advice


# Sizes


def small(**changes: int) -> DoorLimits:
    return DoorLimits(**{"files": 5, "file_bytes": 1000, "total_bytes": 2000, **changes})


@pytest.mark.parametrize("form", ["folder", "zip", "tar"])
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({f"{number}.py": b"x" for number in range(6)}, "more than 5 files"),
        ({"quality.py": b"x" * 1001}, "larger than 1,000 bytes"),
        ({"a": b"x" * 900, "b": b"y" * 900, "c": b"z" * 900}, "2,000 bytes together"),
    ],
)
def test_too_much_is_refused_in_every_form(form, files, words, tmp_path):
    source = (
        {"zip": zipped, "tar": tarred}[form](files) if form != "folder" else folder(tmp_path, files)
    )
    assert words in str(refusal(source, limits=small()))


def test_an_archive_that_is_itself_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "a.zip"
    with path.open("wb") as file:
        file.truncate(100 * MIB)
    message, peak = peak_of(path)
    assert "67,108,864 is the limit" in message
    assert peak < MIB


def peak_of(data: bytes | Path, **options: object) -> tuple[str, int]:
    tracemalloc.start()
    try:
        message = str(refusal(data, **options))
        return message, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", [zipped, tarred])
def test_a_hundred_mebibytes_of_zeros_are_stopped_by_counting(form):
    data = form({"quality.py": CODE, "bomb.bin": bytes(100 * MIB)})
    assert len(data) < MIB
    message, peak = peak_of(data)
    assert "100 times its size" in message
    assert peak < 48 * MIB


def test_a_zip_that_says_a_smaller_size_than_it_has_is_stopped():
    data = bytearray(zipped({"quality.py": b"x" * 5000}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 10)
    assert "damaged" in str(refusal(bytes(data)))


def test_a_zip_that_says_a_larger_size_than_it_has_is_stopped():
    data = bytearray(zipped({"quality.py": CODE}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 5000)
    assert "says that it has 5,000 bytes" in str(refusal(bytes(data)))


def test_a_bomb_that_says_it_is_small_is_stopped_with_little_memory():
    data = bytearray(zipped({"bomb.bin": bytes(100 * MIB)}))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", data, data.index(signature) + offset, 10)
    message, peak = peak_of(bytes(data))
    assert "damaged" in message
    assert peak < 8 * MIB


def overlapping_zip(copies: int) -> bytes:
    """Many names in the list, one packed file: unpacked, it is `copies` times as large."""
    inner = zipped({"aaaaaaaa": bytes(9 * MIB)})
    start = inner.index(b"PK\x01\x02")
    end = inner.index(b"PK\x05\x06")
    record = inner[start:end]
    listing = b"".join(
        record.replace(b"aaaaaaaa", f"{number:08d}".encode()) for number in range(copies)
    )
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, copies, copies, len(listing), start, 0)
    return inner[:start] + listing + tail


def test_entries_that_share_their_bytes_are_refused_before_anything_is_unpacked():
    message, peak = peak_of(overlapping_zip(1500))
    assert "share the same bytes" in message
    assert peak < 8 * MIB


def test_a_list_of_a_million_names_is_refused_with_little_memory():
    record = zipped({"a": b""})
    start, end = record.index(b"PK\x01\x02"), record.index(b"PK\x05\x06")
    for copies in (60_000, 1_000_000):
        listing = record[start:end] * copies
        tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(listing), start, 0)
        message, peak = peak_of(record[:start] + listing + tail)
        assert "entries" in message or "too many" in message
        assert peak < 32 * MIB


def test_tar_headers_that_never_end_are_refused_with_little_memory():
    header = member("x", 200 * MIB, type=tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT)
    data = gzip.compress(header + bytes(200 * MIB))
    message, peak = peak_of(data)
    assert "header" in message
    assert peak < 8 * MIB


@pytest.mark.parametrize(
    ("body", "words"), [(b"1" * 16_384, "number without end"), (b"1 a" * 5_400, "too long")]
)
def test_tar_headers_that_are_slow_to_search_are_refused_in_time(body, words):
    header = member("x", len(body), type=tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT)
    padded = body + bytes(-len(body) % 512)
    files = [member(f"f{number}").tobuf(tarfile.USTAR_FORMAT) for number in range(40)]
    data = b"".join(header + padded + file for file in files) + bytes(1024)
    began = time.process_time()
    assert words in str(refusal(gzip.compress(data)))
    assert time.process_time() - began < 5, "unguarded, this takes a second for each header"


def test_a_chain_of_tar_headers_is_refused():
    header = member("x", 0, type=tarfile.XHDTYPE).tobuf(tarfile.USTAR_FORMAT)
    assert "damaged" in str(refusal(gzip.compress(header * 50_000)))


def test_a_tar_that_unpacks_to_a_lot_of_junk_is_stopped():
    data = tarred({".venv/data.bin": bytes(9 * MIB), "quality.py": CODE})
    assert "unpacks to more" in str(refusal(data, limits=DoorLimits(stream_bytes=MIB)))
    assert read_bundle(data, submit=LAB, name="a").as_dict() == {"quality.py": CODE}


# Archives that are none, or not whole


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        bytes(2048),
        b"Rar!\x1a\x07\x01\x00",
        b"7z\xbc\xaf\x27\x1c",
        b"<html>Sign in</html>",
    ],
    ids=["text", "zeros", "rar", "7z", "page"],
)
def test_what_is_not_an_archive_is_refused_with_advice(data):
    error = refusal(data)
    assert "archive" in str(error)
    assert "zip" in error.advice


def test_a_gzip_of_one_file_is_no_tar():
    assert "damaged" in str(refusal(gzip.compress(CODE)))


def test_an_empty_file_an_empty_zip_and_an_archive_of_junk_are_refused():
    assert "the file is empty" in str(refusal(b""))
    assert "there is no file in it." in str(refusal(zipped({})))
    assert "but junk" in str(refusal(zipped({".DS_Store": b"x"})))
    assert "there is no file in it." in str(refusal(zipped({"src/": b""})))
    assert str(refusal(tarred({})))


def test_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "ada").mkdir()
    assert "no file in it" in str(refusal(tmp_path / "ada"))


@pytest.mark.parametrize("form", [zipped, tarred, lambda files: tarred(files, "w")])
def test_an_archive_that_is_cut_short_is_never_taken_for_a_smaller_one(form):
    data = form({"quality.py": CODE, "b.py": random.Random(1).randbytes(5000), "c.py": b"x" * 700})
    for length in range(1, len(data) - 1, 97):
        try:
            bundle = read_bundle(data[:length], submit=None, name="a")
        except BundleRefusedError:
            continue
        assert set(bundle.as_dict()) == {"quality.py", "b.py", "c.py"}


def test_a_damaged_header_in_the_middle_of_a_tar_is_not_its_end():
    data = bytearray(tarred({"quality.py": CODE, "b.py": b"x", "c.py": b"y"}, "w"))
    data[1024 + 10] ^= 0xFF
    assert "cut short or damaged" in str(refusal(bytes(data)))


# Required files


def test_an_empty_required_file_is_refused():
    assert "quality.py is empty" in str(refusal(zipped({"quality.py": b""})))


def test_an_empty_package_file_is_welcome():
    submit = Submit(required=("pkg/__init__.py",))
    assert read_bundle(zipped({"pkg/__init__.py": b"", "b": b"1"}), submit=submit).size == 1


def test_a_folder_that_is_named_like_the_required_file_is_refused(tmp_path):
    assert "is a folder" in str(refusal(zipped([("quality.py/", b""), ("a.py", b"x")])))
    assert "is a folder" in str(refusal(zipped({"quality.py/x.py": b"x"})))
    assert "is a folder" in str(refusal(folder(tmp_path, {"quality.py/x.py": b"x"})))


def bundle_of(*paths: str) -> Bundle:
    return Bundle.of(dict.fromkeys(paths, b"x"))


def test_nothing_is_missing_when_all_required_files_are_there():
    assert missing_files(bundle_of("quality.py"), LAB) == ""
    assert missing_files(bundle_of("src/a.py"), Submit(required=("src",))) == ""


@pytest.mark.parametrize(
    "near",
    ["Quality.py", "quality.py.txt", "src/quality.py", "quality (1).py", "quality-1.py", "quality",
     "qualty.py", "quality_final.py", "quality.txt"],
)  # fmt: skip
def test_a_missing_file_is_named_with_what_looks_like_it(near):
    assert missing_files(bundle_of(near, "zebra.py"), LAB) == (
        f"quality.py is missing; there is '{near}'."
    )


def test_the_best_near_misses_come_first():
    paths = ["qualm.py", "quality.py.txt", "src/quality.py", "Quality.py", "else.py"]
    assert near_misses("quality.py", paths) == ["Quality.py", "src/quality.py", "quality.py.txt"]


def test_a_missing_file_without_near_misses_is_still_named():
    assert missing_files(bundle_of("x.md"), LAB) == "quality.py is missing."


def test_every_missing_file_is_named_and_the_advice_says_what_to_hand_in():
    submit = Submit(required=("a.py", "b.py", "c.py"))
    with pytest.raises(UngradableError) as caught:
        require_files(bundle_of("a.py"), submit)
    assert caught.value.message == "b.py is missing. c.py is missing."
    assert "a.py, b.py, c.py" in caught.value.advice


def test_require_files_is_silent_when_all_are_there():
    require_files(bundle_of("quality.py"), LAB)


# Folders


@pytest.fixture(params=["descriptors", "paths"])
def walk(request, monkeypatch):
    monkeypatch.setattr(folders, "HAS_FOLDER_DESCRIPTORS", request.param == "descriptors")
    return request.param


def test_a_link_to_a_file_is_refused(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    (top / "data.csv").symlink_to("/etc/passwd")
    error = refusal(top)
    assert "symbolic link" in str(error)
    assert "'data.csv'" in error.where


def test_a_link_to_a_folder_is_refused(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    (top / "data").symlink_to("/etc")
    assert "symbolic link" in str(refusal(top))


def test_a_link_in_place_of_the_hand_in_itself_is_refused(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    (tmp_path / "bob").symlink_to(top)
    (tmp_path / "bob.zip").symlink_to(top / "quality.py")
    assert "symbolic link" in str(refusal(tmp_path / "bob"))
    assert "symbolic link" in str(refusal(tmp_path / "bob.zip"))


def test_a_hard_link_is_refused(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    (tmp_path / "secret").write_text("x")
    os.link(tmp_path / "secret", top / "copy.txt")
    assert "hard link" in str(refusal(top))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_and_a_socket_are_refused_at_once(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    os.mkfifo(top / "pipe")
    assert "pipe" in str(refusal(top))
    (top / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(top / "s"))
        assert "socket" in str(refusal(top))
    os.mkfifo(tmp_path / "alone.zip")
    assert "pipe" in str(refusal(tmp_path / "alone.zip"))


def test_a_setuid_file_is_refused(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    (top / "quality.py").chmod(0o4755)
    assert "setuid" in str(refusal(top))


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_a_file_without_permission_to_read_is_refused(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    (top / "quality.py").chmod(0)
    assert "may not be read" in str(refusal(top))


def test_what_the_system_refuses_to_read_is_refused_with_advice(tmp_path, monkeypatch, walk):
    top = folder(tmp_path, {"quality.py": CODE})

    def denied(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(folders._Place, "open", denied)
    error = refusal(top)
    assert "may not be read" in str(error)
    assert "permissions" in error.advice


def test_a_folder_name_that_is_not_unicode_is_refused(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    try:
        (top / os.fsdecode(b"caf\xe9.py")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system stores Unicode names only")
    error = refusal(top)
    assert "not valid Unicode" in str(error)
    str(error).encode()


def test_a_path_that_is_not_there_is_refused(tmp_path):
    assert "nothing to read" in str(refusal(tmp_path / "gone"))


def test_a_file_of_a_gigabyte_is_stopped_at_the_limit(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE})
    with (top / "big.bin").open("wb") as file:
        file.truncate(1024 * MIB)
    message, peak = peak_of(top)
    assert "larger than 10,485,760 bytes" in message
    assert peak < 32 * MIB


def test_folders_nested_without_end_are_refused(tmp_path, walk):
    top = folder(tmp_path, {"quality.py": CODE, "/".join(["d"] * 30) + "/x": b"1"})
    assert "folders deep" in str(refusal(top))


def test_a_file_that_becomes_a_link_between_looking_and_opening_is_refused(
    tmp_path, monkeypatch, walk
):
    top = folder(tmp_path, {"quality.py": CODE})
    (tmp_path / "secret").write_bytes(b"SECRET")
    real = folders._Place.open

    def swap(place, name):
        (top / name).unlink()
        (top / name).symlink_to(tmp_path / "secret")
        return real(place, name)

    monkeypatch.setattr(folders._Place, "open", swap)
    assert "link" in str(refusal(top))


def test_a_file_that_is_replaced_between_looking_and_opening_is_refused(
    tmp_path, monkeypatch, walk
):
    top = folder(tmp_path, {"quality.py": CODE})
    (tmp_path / "other").write_bytes(b"SECRET")
    real = folders._Place.open

    def swap(place, name):
        (tmp_path / "other").replace(top / name)
        return real(place, name)

    monkeypatch.setattr(folders._Place, "open", swap)
    assert "changed while it was read" in str(refusal(top))


def test_a_folder_that_becomes_a_link_between_looking_and_opening_is_refused(
    tmp_path, monkeypatch, walk
):
    top = folder(tmp_path, {"src/quality.py": CODE})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "quality.py").write_bytes(b"SECRET")
    real = folders._Place.enter

    def swap(place, name, status):
        (top / "src" / "quality.py").unlink()
        (top / "src").rmdir()
        (top / "src").symlink_to(outside)
        return real(place, name, status)

    monkeypatch.setattr(folders._Place, "enter", swap)
    message = str(refusal(top))
    assert "link" in message or "changed" in message


def test_no_byte_from_outside_enters_while_a_writer_flips_file_and_link(tmp_path):
    top = folder(tmp_path, {"quality.py": CODE})
    (tmp_path / "secret").write_bytes(b"SECRET")
    target, stop = top / "quality.py", threading.Event()

    def flip() -> None:
        while not stop.is_set():
            (tmp_path / "link").symlink_to(tmp_path / "secret")
            (tmp_path / "link").replace(target)
            (tmp_path / "file").write_bytes(CODE)
            (tmp_path / "file").replace(target)

    writer = threading.Thread(target=flip)
    writer.start()
    seen = set()
    try:
        for _ in range(2_000):
            try:
                seen.add(read_bundle(top, submit=None).files[0].content)
            except BundleRefusedError:
                seen.add(None)
    finally:
        stop.set()
        writer.join()
    assert seen <= {CODE, None}


def test_only_what_is_wanted_is_read_of_a_folder(tmp_path):
    top = folder(tmp_path, {"quality.py": CODE, "mlruns/1/x": b"1", "big.bin": b"x" * 5000})
    bundle = read_bundle(top, submit=LAB, limits=small(), wanted=lambda path: path == "quality.py")
    assert set(bundle.as_dict()) == {"quality.py"}


# Properties

NAMES = st.text(
    st.characters(codec=None, exclude_categories=()) | st.sampled_from("./\\:~ \0\n\u202e"),
    min_size=1,
    max_size=40,
)


@settings(max_examples=500, deadline=None)
@given(name=NAMES)
@example("..")
@example("a/..")
@example("./../x")
@example("\\\\server\\x")
@example("C:")
def test_whatever_its_name_an_entry_stays_inside_or_is_refused(name):
    for data in (
        zipped([(zip_info(name), b"x")]),
        tarred([(member(tar_name(name), 1), b"x")], "w"),
    ):
        try:
            bundle = read_bundle(data, name="a")
        except BundleRefusedError as error:
            str(error).encode()
            continue
        (path,) = bundle.as_dict()
        parts = path.split("/")
        assert ".." not in parts
        assert "" not in parts
        assert not path.startswith(("/", "\\"))
        assert "\\" not in path
        assert "\0" not in path
        path.encode()


def zip_info(name: str) -> zipfile.ZipInfo:
    """Make an entry whose name zipfile does not repair."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name.encode("utf-8", "replace").decode()[:60_000]
    return info


def tar_name(name: str) -> str:
    return name.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")


SEEDS = [
    zipped({"quality.py": CODE, "src/b.py": b"x" * 300}),
    zipped({}),
    tarred({"quality.py": CODE, "src/b.py": b"x" * 300}, "w"),
    tarred({"quality.py": CODE, "src/b.py": b"x" * 300}, "w:gz"),
    tarred({"a" * 150 + ".py": CODE}, "w", format=tarfile.PAX_FORMAT),
    tarred({"a" * 150 + ".py": CODE}, "w", format=tarfile.GNU_FORMAT),
    overlapping_zip(3)[-400:],
]


def mutated(seed: bytes, chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 2, 3, 8, 30))):
        if not data:
            break
        at, kind = chance.randrange(len(data)), chance.randrange(6)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del data[at : at + chance.randrange(1, 40)]
        elif kind == 3:
            data[at:at] = chance.randbytes(chance.randrange(1, 40))
        elif kind == 4:
            data[at : at + 4] = chance.choice((b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"))
        else:
            data[at:at] = data[chance.randrange(len(data)) :][:600]
    return bytes(data)


def try_to_read(data: bytes) -> bool:
    try:
        bundle = read_bundle(data, name="a")
    except BundleRefusedError as error:
        str(error).encode()
        return False
    assert Bundle.of(bundle.as_dict()).digest == bundle.digest
    return True


@pytest.mark.parametrize("number", range(len(SEEDS)))
def test_mutated_archives_are_read_or_refused_and_nothing_else(number):
    chance = random.Random(number)
    for _ in range(600):
        data = mutated(SEEDS[number], chance)
        try_to_read(data)
        if data[:2] == b"\x1f\x8b" and SEEDS[number] != data:  # also below an intact gzip
            continue
        try_to_read(gzip.compress(data, 1) if number in {2, 4, 5} else data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    start=st.sampled_from([b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b\x08", b"", SEEDS[2][:512]]),
    rest=st.binary(max_size=2_000),
)
def test_any_bytes_are_read_or_refused_and_nothing_else(start, rest):
    try_to_read(start + rest)
    try_to_read(gzip.compress(start + rest, 1))


def test_the_kind_of_an_archive_is_told_by_its_content():
    assert kind_of(SEEDS[0]) is Kind.ZIP
    assert kind_of(SEEDS[2]) is Kind.TAR
    assert kind_of(SEEDS[3]) is Kind.TAR_GZ
    assert kind_of(b"BZh9") is Kind.OTHER_ARCHIVE
    assert kind_of(zlib.compress(b"x")) is Kind.PLAIN
    assert kind_of(b"") is Kind.PLAIN


# Notebooks

NOTEBOOK = Submit(
    required=("quality.py",), modules=("quality",), notebooks=(("quality", "quality.ipynb"),)
)


def test_a_notebook_satisfies_what_its_module_is_required_for():
    assert missing_files(bundle_of("quality.ipynb"), NOTEBOOK) == ""
    assert missing_files(bundle_of("quality.ipynb"), LAB) == "quality.py is missing."


def test_where_neither_is_there_both_are_named():
    said = missing_files(bundle_of("quality (1).ipynb"), NOTEBOOK)
    assert said == "quality.py (or quality.ipynb) is missing; there is 'quality (1).ipynb'."
    with pytest.raises(UngradableError) as caught:
        require_files(bundle_of("x"), NOTEBOOK)
    assert caught.value.advice.endswith("A notebook may stand in for its module: quality.ipynb.")


def test_both_worked_on_are_one_too_many():
    said = missing_files(bundle_of("quality.ipynb", "quality.py"), NOTEBOOK)
    assert said.endswith("they are one task. Hand in one of them.")


def test_a_loose_notebook_is_taken_for_the_one_that_the_lab_asks_for():
    read = read_bundle(b"{}", submit=NOTEBOOK, name="mine.ipynb")
    assert read.as_dict() == {"quality.ipynb": b"{}"}
    assert read.notes[0] == "'mine.ipynb' was taken as quality.ipynb."
    assert read_bundle(CODE, submit=NOTEBOOK, name="a.py").as_dict() == {"quality.py": CODE}
    assert "neither an archive nor the file" in str(refusal(b"{}", LAB, name="mine.ipynb"))


def test_a_folder_around_a_notebook_is_taken_off_and_an_empty_one_is_refused():
    assert read_bundle(zipped({"mine/quality.ipynb": b"{}"}), submit=NOTEBOOK).size == 2
    assert "quality.ipynb is empty" in str(refusal(zipped({"quality.ipynb": b""}), NOTEBOOK))


def test_a_notebook_is_on_the_list():
    assert read_bundle(zipped({"quality.ipynb": b"{}"}), submit=NOTEBOOK, name="a").notes == ()

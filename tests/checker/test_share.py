"""A test's `tmp_path` on both sides: sent before a call, taken back only where that is trusted."""

from __future__ import annotations

import os

import pytest

from grader.checker.faults import ProtocolFault
from grader.checker.share import HASHED_BYTES, MAX_BYTES, Share
from grader.errors import WireError
from grader.worker.shared_files import SharedFiles
from tests.checker.lines import module_of, settings


class TwoMachines:
    """A session whose worker has a folder of its own, as in another container."""

    def __init__(self, tmp_path, *, trusted):
        self.settings = settings(remote_operators=trusted)
        self.generation = 1
        self.asked = []
        self.here, self.there = tmp_path / "here", tmp_path / "there"
        self.here.mkdir()
        self.there.mkdir()
        self.files = SharedFiles()
        self.share = Share(self, self.here)

    def request(self, op, *args, root):
        assert root == str(self.here)
        self.asked.append(op)
        if op == "put_files":
            return self.files.put(str(self.there), args[0])
        return self.files.changed(str(self.there), *args)

    def fault(self, fault):
        return fault

    def new_child(self):
        self.generation += 1
        self.there = self.there.with_name(f"there{self.generation}")
        self.there.mkdir()


@pytest.fixture
def strict(tmp_path):
    return TwoMachines(tmp_path, trusted=False)


@pytest.fixture
def trusted(tmp_path):
    return TwoMachines(tmp_path, trusted=True)


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


class TestSending:
    def test_files_and_folders_are_sent(self, strict):
        (strict.here / "deep" / "er").mkdir(parents=True)
        (strict.here / "deep" / "note.txt").write_text("hallo")
        strict.share.push()
        assert tree(strict.there) == {"deep": None, "deep/er": None, "deep/note.txt": "hallo"}

    def test_what_has_not_changed_is_not_sent_again(self, strict):
        (strict.here / "a").write_text("a")
        strict.share.push()
        strict.share.push()
        assert strict.asked == ["put_files"]

    def test_a_change_in_the_same_tick_of_the_clock_is_sent(self, strict):
        path = strict.here / "a"
        for text in ("one", "two"):
            path.write_text(text)
            os.utime(path, ns=(1, 1))
            strict.share.push()
        assert tree(strict.there) == {"a": "two"}

    def test_a_large_file_is_known_by_its_size_and_time(self, strict):
        path = strict.here / "large"
        for letter in "ab":
            path.write_text(letter * (HASHED_BYTES + 1))
            os.utime(path, ns=(ord(letter), ord(letter)))
            strict.share.push()
        assert (strict.there / "large").read_text()[0] == "b"

    def test_a_new_child_is_sent_everything_again(self, strict):
        (strict.here / "a").write_text("kept")
        strict.share.push()
        strict.new_child()
        strict.share.push()
        assert tree(strict.there) == {"a": "kept"}

    def test_nothing_is_asked_while_there_is_no_folder(self, strict):
        strict.here.rmdir()
        strict.share.push()
        strict.share.pull()
        assert strict.asked == []

    def test_links_of_the_test_are_not_followed(self, strict, tmp_path):
        (tmp_path / "secret").write_text("answers")
        (strict.here / "link").symlink_to(tmp_path / "secret")
        (strict.here / "a").write_text("")
        strict.share.push()
        assert tree(strict.there) == {"a": ""}


class TestComingBack:
    def test_what_the_student_wrote_comes_back_where_it_is_trusted(self, trusted):
        (trusted.here / "in").write_text("in")
        trusted.share.push()
        (trusted.there / "out").mkdir()
        (trusted.there / "out" / "new").write_text("out")
        trusted.share.pull()
        assert tree(trusted.here) == {"in": "in", "out": None, "out/new": "out"}

    def test_a_file_that_was_written_over_in_the_same_tick_comes_back(self, trusted):
        (trusted.here / "a").write_text("quiet")
        trusted.share.push()
        stamp = (trusted.there / "a").stat().st_mtime_ns
        (trusted.there / "a").write_text("QUIET")
        os.utime(trusted.there / "a", ns=(stamp, stamp))
        trusted.share.pull()
        assert tree(trusted.here) == {"a": "QUIET"}

    def test_what_came_back_is_not_sent_again(self, trusted):
        (trusted.here / "a").write_text("quiet")
        trusted.share.push()
        (trusted.there / "a").write_text("loud")
        trusted.share.pull()
        trusted.share.push()
        assert trusted.asked == ["put_files", "changed_files"]

    def test_nothing_comes_back_to_a_strict_test(self, strict):
        (strict.here / "a").write_text("quiet")
        strict.share.push()
        (strict.there / "a").write_text("loud")
        (strict.there / "b").write_text("new")
        strict.share.pull()
        assert tree(strict.here) == {"a": "quiet"}
        assert strict.asked == ["put_files"]

    def test_links_and_pipes_of_the_student_stay_there(self, trusted):
        (trusted.here / "a").write_text("")
        trusted.share.push()
        (trusted.there / "link").symlink_to("/etc/hostname")
        os.mkfifo(trusted.there / "fifo")
        trusted.share.pull()
        assert tree(trusted.here) == {"a": ""}

    def test_more_than_the_limit_stays_there(self, trusted):
        (trusted.here / "a").write_text("")
        trusted.share.push()
        (trusted.there / "vast").write_bytes(bytes(MAX_BYTES + 1))
        (trusted.there / "small").write_text("x")
        trusted.share.pull()
        assert tree(trusted.here) == {"a": "", "small": "x"}

    def test_an_answer_that_is_no_listing_writes_nothing(self, trusted, monkeypatch):
        (trusted.here / "a").write_text("")
        trusted.share.push()
        monkeypatch.setattr(trusted.files, "changed", lambda *_: ["b"])
        trusted.share.pull()
        assert tree(trusted.here) == {"a": ""}


class TestForgedNames:
    """The names are claims: nothing is written outside the folder, or through a link."""

    @pytest.mark.parametrize("name", ["/etc/x", "../x", "a/../../x", "", ".", "a\0b"])
    def test_a_name_that_leads_out_is_refused(self, trusted, tmp_path, name):
        before = tree(tmp_path)
        with pytest.raises(WireError, match="outside the shared folder"):
            trusted.share._write(name, b"x")
        assert tree(tmp_path) == before

    def test_a_file_behind_a_link_is_refused(self, trusted, tmp_path):
        (tmp_path / "other").mkdir()
        (trusted.here / "way").symlink_to(tmp_path / "other")
        with pytest.raises(WireError, match="behind a link"):
            trusted.share._write("way/x", b"x")
        assert tree(tmp_path / "other") == {}

    @pytest.mark.parametrize("name", ["../x", "x" * 5000, "a/b", "\ud800"])
    def test_a_forged_name_is_a_fault_that_no_test_catches(self, trusted, monkeypatch, name):
        (trusted.here / "a").write_text("a file")
        trusted.share.push()
        monkeypatch.setattr(trusted.files, "changed", lambda *_: {name: b"x"})
        with pytest.raises(ProtocolFault):
            trusted.share.pull()
        assert tree(trusted.here) == {"a": "a file"}

    def test_contents_that_are_no_bytes_make_a_folder_and_nothing_else(self, trusted):
        trusted.share._write("what", ["no", "bytes"])
        assert tree(trusted.here) == {"what": None}


def test_a_session_shares_before_a_call_and_takes_back_after_one(hand_in, tmp_path):
    source = (
        "import pathlib\ndef copy(a, b): pathlib.Path(b).write_bytes(pathlib.Path(a).read_bytes())"
    )
    session = hand_in(source, remote_operators=True)
    session.share = Share(session, tmp_path / "shared")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "a").write_text("text")
    module_of(session, "stu").copy(str(tmp_path / "shared" / "a"), str(tmp_path / "shared" / "b"))
    assert tree(tmp_path / "shared") == {"a": "text", "b": "text"}

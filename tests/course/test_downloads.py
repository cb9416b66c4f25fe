"""What can be downloaded: labs and the kit without anything private, the same bytes every time."""

import os
import re
import subprocess
import sys
import zipfile

import pytest

from scripts import downloads
from scripts.curriculum import slugs
from tests.course.pages import ROOT

PAGE = """<h1>Home</h1>
<p>Take <a href="downloads/mlops-course-site.zip" download>all pages</a>,
<a href="downloads/mlops-course.zip" download>the kit</a></p>"""


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory):
    """A site of one page, with its downloads."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    assert downloads.main([str(folder)]) == 0
    return folder


def names(path):
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


@pytest.mark.parametrize("slug", slugs().values())
def test_a_labs_archive_holds_its_folder_and_nothing_else(site_folder, slug):
    found = names(site_folder / "downloads" / f"{slug}.zip")
    assert found == [f"{slug}/{path}" for path in sorted(downloads.lab_files(slug))]
    assert {f"{slug}/lab.toml", f"{slug}/README.md", f"{slug}/test_public.py"} <= set(found)
    for name in found:
        assert (ROOT / "labs" / name).is_file()


def test_nothing_private_is_in_any_archive(site_folder):
    for path in (site_folder / "downloads").glob("*.zip"):
        for name in names(path):
            assert "test_hidden" not in name or "/templates/" in name, f"{path.name}: {name}"
            assert not {"solutions", "submissions", "expected.toml", "DESIGN.md"} & set(
                name.split("/")
            ), f"{path.name}: {name}"


def test_the_sites_archive_holds_the_site_the_labs_and_a_word(site_folder):
    found = names(site_folder / "downloads/mlops-course-site.zip")
    assert {"mlops-course-site/index.html", "mlops-course-site/README.txt"} <= set(found)
    assert "mlops-course-site/downloads/02-data-quality.zip" in found
    assert "mlops-course-site/downloads/mlops-course-site.zip" not in found


def test_in_the_sites_archive_nothing_links_to_what_is_not_in_it(site_folder):
    with zipfile.ZipFile(site_folder / "downloads/mlops-course-site.zip") as archive:
        page = archive.read("mlops-course-site/index.html").decode()
    assert page == PAGE.replace(
        '<a href="downloads/mlops-course-site.zip" download>all pages</a>', "all pages"
    )
    assert (site_folder / "index.html").read_text(encoding="utf-8") == PAGE


def test_the_same_files_make_the_same_archives(site_folder):
    folder = site_folder / "downloads"
    before = {path.name: path.read_bytes() for path in folder.glob("*.zip")}
    downloads.write(site_folder)
    assert {path.name: path.read_bytes() for path in folder.glob("*.zip")} == before


def test_a_students_own_hand_in_is_left_out(tmp_path, monkeypatch):
    lab = tmp_path / "labs/02-x"
    lab.mkdir(parents=True)
    for name in ("lab.toml", "02-x.zip", "x.pyc"):
        (lab / name).write_text("", encoding="utf-8")
    monkeypatch.setattr(downloads, "ROOT", tmp_path)
    assert list(downloads.lab_files("02-x")) == ["lab.toml"]


def test_without_a_site_it_says_what_to_do(tmp_path, capsys):
    assert downloads.main([str(tmp_path)]) == 1
    assert "there is no built site. Run: make site" in capsys.readouterr().err


def test_the_kit_offers_only_what_works_in_it(tmp_path):
    """Each target of its Makefile, and each file that a target or the README calls, is there."""
    files = downloads.kit_files()
    makefile = files["Makefile"].decode()
    assert re.findall(r"^([a-z-]+):", makefile, re.MULTILINE) == ["help", "setup"]
    called = re.findall(r"\b(?:scripts|requirements)[/\\][\w.]+", makefile + downloads.KIT_README)
    assert len(called) >= 2
    assert {path.replace("\\", "/") for path in called} <= set(files)
    (tmp_path / "Makefile").write_bytes(files["Makefile"])
    # `make test` tells every make below it, in the environment, that it is a part of it.
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        ["make"], cwd=tmp_path, env=outside, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()[:2]) == (0, ["make", "setup"])


def test_the_kit_checks_a_lab(site_folder, tmp_path):
    with zipfile.ZipFile(site_folder / "downloads/mlops-course.zip") as archive:
        archive.extractall(tmp_path)
    kit = tmp_path / "mlops-course"
    assert (kit / "README.md").is_file()
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli.main", "check"],
        cwd=kit / "labs/02-data-quality",
        env={**os.environ, "PYTHONPATH": str(kit), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "A gate for bad data" in done.stdout

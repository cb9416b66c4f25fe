"""What the course covers: every topic has its place, its question and its lab, and holes show."""

import tomllib

import pytest

from scripts import coverage
from scripts.coverage import HoleError, Topic, anchors, holes, questions, read_topics
from tests.course.pages import COURSE

TOPIC = Topic(
    says="Completeness",
    page="development/data-quality.md#completeness",
    ask=("development-data-quality/disguises",),
    lab="02",
)


def changed(**more):
    values = {name: getattr(TOPIC, name) for name in ("says", "page", "ask", "lab")} | more
    return list(holes([Topic(**values)], questions()))


def test_the_course_covers_its_source_without_a_hole():
    topics = [topic for _, one in read_topics(coverage.SOURCE.read_text("utf-8")) for topic in one]
    assert list(holes(topics, questions())) == []
    assert len(topics) > 70


def test_every_section_of_the_source_is_there():
    text = coverage.SOURCE.read_text(encoding="utf-8")
    titles = [section["title"] for section in tomllib.loads(text)["section"]]
    for title in (
        *("What is MLOps?", "Why MLOps?", "Stages in MLOps", "Stakeholders in MLOps"),
        *("Added Value of MLOps", "Business Requirements", "Key Metrics"),
        *("Data Quality and Ingestion Process", "Feature Engineering Techniques"),
        *("Experiment Tracking", "Monitoring in MLOps", "Monitoring to Address Drift"),
        *("Containerization in MLOps", "CI/CD", "Deployment Strategies", "MLOps Maturity"),
    ):
        assert title in titles


def test_a_topic_without_holes_has_none():
    assert changed() == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"page": "design/nothing.md#x"}, "there is no page design/nothing.md"),
        ({"page": "development/data-quality.md#nowhere"}, "has no heading #nowhere"),
        ({"page": "development/data-quality.md"}, "has no heading #"),
        ({"ask": ()}, "no question asks for it"),
        ({"ask": ("development-data-quality/nobody",)}, "there is no question"),
        ({"lab": "99"}, "there is no lab '99'"),
    ],
)
def test_a_hole_is_named(more, told):
    (found,) = changed(**more)
    assert found.startswith("'Completeness': ")
    assert told in found


def test_a_topic_with_another_key_is_refused():
    text = '[[section]]\ntitle = "T"\n[[section.topic]]\nsays = "x"\n'
    with pytest.raises(HoleError, match="T: a topic has the keys ask, lab, page, says"):
        read_topics(text)


def test_anchors_are_those_of_headings_not_of_code():
    found = anchors(COURSE / "development/data-quality.md")
    assert {"gate", "completeness", "what-goes-wrong-in-practice"} <= found
    assert "rules" not in found


def test_a_hole_stops_the_program(monkeypatch, capsys, tmp_path):
    path = tmp_path / "coverage.toml"
    path.write_text(
        '[[section]]\ntitle = "T"\n[[section.topic]]\nsays = "x"\npage = "no.md#y"\nask = []\n'
        'lab = "02"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(coverage, "SOURCE", path)
    assert coverage.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "'x': there is no page no.md" in told
    assert "'x': no question asks for it" in told

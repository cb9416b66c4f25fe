"""The attacks among the labs' own example submissions, in containers: they end as they declare.

`grader prove` tries them all when a lab is proved. Here, by default, those of lab 06 that end
quickly; GRADER_ATTACK=full tries those of every lab.
"""

from __future__ import annotations

import os

import pytest

from grader.grading import grade, utc_now
from grader.judging import complaints, wanted_of
from grader.library import Library
from grader.sandbox.pool import Pool
from grader.submission import Submission
from tests.misbehaviour.world import ROOT

FULL = os.environ.get("GRADER_ATTACK") == "full"
LIBRARY = Library(ROOT)
QUICK = {
    ("06-ci-cd", "hostile__changes_the_rehearsal"),
    ("06-ci-cd", "hostile__looks_for_the_bank"),
    ("06-ci-cd", "hostile__kills_everything"),
}
FOLDERS = {slug: LIBRARY.load(slug) for slug in LIBRARY.slugs()}
HOSTILE = {
    (slug, example.name): example
    for slug, folder in FOLDERS.items()
    for example in folder.examples()
    if example.name.startswith("hostile__")
}


@pytest.fixture(scope="module")
def pool(engine):
    from grader.sandbox.docker import DockerSandbox

    realm = f"hostile-examples-{os.getpid()}"
    with DockerSandbox(realm=realm) as sandbox, Pool(sandbox, slots=1) as made:
        yield made


def test_every_lab_has_attacks_among_its_examples():
    assert {slug for slug, _ in HOSTILE} == set(LIBRARY.slugs())
    assert set(HOSTILE) > QUICK
    assert len(HOSTILE) >= 50


@pytest.mark.needs_engine
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("slug", "name"), sorted(HOSTILE if FULL else QUICK))
def test_an_attack_ends_as_it_declares(pool, slug, name):
    folder, example = FOLDERS[slug], HOSTILE[slug, name]
    run = grade(
        folder.lab,
        Submission(
            student="mallory", lab=slug, attempt=1, received_at=utc_now(), bundle=example.bundle
        ),
        pool,
        reference=folder.reference(),
    )
    assert complaints(wanted_of(example.expected), run) == ()

"""A student's own data: asked for, taken, laid into the lab; and results that had other data."""

from dataclasses import replace

import pytest

from grader import variants
from grader.batch import run_batch
from grader.errors import BoxGoneError, EngineError, LabError, UsageError, WireError
from grader.grading import grade
from grader.results import Results
from grader.sandbox.base import Role
from grader.seeding import variant_of
from grader.submission import Bundle
from grader.variants import make, own, refuse_other_data
from grader.wire.frames import Kind, message, read_message
from tests.pretend import Grader, hand_in, lab_of, settings, submission_of
from tests.stage import Checker, Stage, passing
from tests.stage import lab_of as staged

LAB = staged(
    data_from="maker",
    trusted_files=(("data/n.csv", b"everybody's"), ("hidden/maker.py", b"...")),
    worker_files=(("data/n.csv", b"everybody's"), ("given.py", b"x = 1\n")),
)
SECRET = b"a secret of the course"


class Maker(Checker):
    """A checker that makes data: by default, what `data/` holds, with the seed in it."""

    def __init__(self, *answers, **options):
        super().__init__(passing(), **options)
        self.asked = []
        self.answers = answers

    def __call__(self, kind, payload):
        if kind != Kind.MAKE:
            yield from super().__call__(kind, payload)
            return
        header, blobs = read_message(payload)
        self.asked.append((header, [bytes(blob) for blob in blobs]))
        yield from self.answers or [made(seed) for seed in header["seeds"]]
        if not self.answers:
            yield Kind.END, message({"phases": {}})


def made(seed, **files):
    files = files or {"n.csv": f"of {seed}".encode()}
    return Kind.MADE, message({"files": list(files)}, list(files.values()))


@pytest.fixture
def play():
    stages = []

    def play(*answers):
        stages.append(Stage(Maker(*answers)))
        return stages[-1]

    yield play
    for stage in stages:
        stage.close()


def test_one_checker_makes_the_data_of_many_in_order(play):
    stage = play()
    assert list(make(LAB, (3, 1, 2), stage.pool)) == [
        {"data/n.csv": f"of {seed}".encode()} for seed in (3, 1, 2)
    ]
    assert stage.started(Role.CHECKER) == 1
    ((header, blobs),) = stage.checker.asked
    assert header["module"] == "maker"
    assert header["lab"] == LAB.slug
    assert dict(zip(header["files"], blobs, strict=True)) == dict(LAB.trusted_files)


def test_the_data_lie_on_both_sides_and_nothing_else_changes(play):
    theirs = own(LAB, 42, play().pool)
    assert dict(theirs.trusted_files) == {"data/n.csv": b"of 42", "hidden/maker.py": b"..."}
    assert dict(theirs.worker_files) == {"data/n.csv": b"of 42", "given.py": b"x = 1\n"}
    assert theirs.variant == 42
    assert replace(theirs, variant=None, trusted_files=(), worker_files=()) == replace(
        LAB, trusted_files=(), worker_files=()
    )


def test_a_lab_without_a_generator_is_the_same_for_all(play):
    stage = play()
    plain = replace(LAB, data_from="")
    assert own(plain, 42, stage.pool) is plain
    assert stage.started(Role.CHECKER) == 0


def test_grading_lays_the_data_out_and_the_run_keeps_the_seed(play):
    stage = play()
    theirs = own(LAB, 42, stage.pool)
    work = replace(submission_of("a"), bundle=Bundle.of({"answer.py": b"x = 1\n"}))
    run = grade(theirs, work, stage.pool)
    assert (run.earned, run.variant, run.lab_digest) == (20, 42, LAB.digest)
    header, _ = read_message(stage.checker.runs[0])
    assert header["variant"] == 42
    assert header["layout"] == stage.checker.asked[0][0]["layout"]
    assert stage.started(Role.CHECKER) == 1  # warm: the one that made the data grades, too


def test_without_a_secret_the_checker_is_told_so(play):
    stage = play()
    work = replace(submission_of("a"), bundle=Bundle.of({"answer.py": b"x = 1\n"}))
    assert grade(LAB, work, stage.pool).variant is None
    assert read_message(stage.checker.runs[0])[0]["variant"] is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            (Kind.EVENT, message({"event": "broken", "reason": "a\nValueError: odd"})),
            "ValueError: odd",
        ),
        ((Kind.EVENT, message({"event": "broken", "reason": " "})), "it said nothing"),
        (made(1, other=b"x"), "it made data/other, and data/ holds data/n.csv"),
        (made(1, **{"n.csv": b"x", "more.csv": b"x"}), "it made data/more.csv, data/n.csv"),
    ],
)
def test_a_generator_that_is_wrong_is_its_authors_to_mend(play, answer, said):
    with pytest.raises(LabError, match=said) as caught:
        list(make(LAB, (1,), play(answer).pool))
    assert caught.value.where == "labs/90-stage/lab.toml: private.data"
    assert caught.value.advice


def test_too_much_data_is_refused(play, monkeypatch):
    monkeypatch.setattr(variants, "MAX_TREE_BYTES", 3)
    with pytest.raises(LabError, match="more than 3 bytes"):
        list(make(LAB, (1,), play().pool))


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((Kind.DIED, message({"status": 9})), BoxGoneError),
        ((Kind.CALL, b"\0\0\0\1"), WireError),
        ((Kind.END, message({})), WireError),
    ],
)
def test_a_checker_that_fails_is_our_fault_and_is_not_used_again(play, answer, error):
    stage = play(answer)
    for _ in range(2):
        with pytest.raises(error):
            list(make(LAB, (1,), stage.pool))
    assert stage.started(Role.CHECKER) == 2


# -- results that had other data


MINE = replace(lab_of("a b"), data_from="maker")


@pytest.fixture
def graded(tmp_path):
    """Return a function that grades two students with the data of a secret, or everybody's."""

    def graded(secret, lab=MINE):
        def grader(lab, submission):
            variant = variant_of(secret, lab.slug, submission.student) if secret else None
            return replace(Grader()(lab, submission), variant=variant)

        found = [hand_in(tmp_path / "in", "ada", "a b"), hand_in(tmp_path / "in", "bob", "refuse")]
        results = Results.open(tmp_path / "results", lab)
        run_batch(lab, found, results, grade=grader, settings=settings())
        return results

    return graded


@pytest.mark.parametrize("secret", [SECRET, b""])
def test_the_same_secret_goes_on(graded, secret):
    with graded(secret) as results:
        refuse_other_data(results, MINE, secret)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (SECRET, b"another secret of ours", "this secret gives"),
        (SECRET, b"", "without a secret"),
        (b"", SECRET, "this secret gives"),
    ],
)
def test_another_secret_is_refused_before_anything_is_graded(graded, before, now, said):
    with graded(before) as results, pytest.raises(UsageError, match=said) as caught:
        refuse_other_data(results, MINE, now)
    assert "1 of the runs" in str(caught.value)
    assert "ada's, for one" in str(caught.value)


def test_a_regrade_may_bring_students_their_own_data_and_never_other_peoples(graded):
    newer = replace(MINE, digest="f" * 64)
    with graded(b"") as results:
        refuse_other_data(results, newer, SECRET)


def test_a_regrade_keeps_to_the_data_that_students_had(graded):
    newer = replace(MINE, digest="f" * 64)
    with graded(SECRET) as results:
        refuse_other_data(results, newer, SECRET)
        with pytest.raises(UsageError, match="other data"):
            refuse_other_data(results, newer, b"")


def test_a_lab_without_a_generator_never_minds(graded):
    plain = lab_of("a b")
    with graded(b"", plain) as results:
        refuse_other_data(results, plain, SECRET)


def test_an_engine_that_is_gone_is_told_as_that():
    class Gone:
        def checker(self, _lab):
            raise EngineError("the engine is gone")

    with pytest.raises(EngineError):
        own(LAB, 1, Gone())

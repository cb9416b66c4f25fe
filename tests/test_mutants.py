"""Mutants: small mistakes in what students write, and nowhere else."""

import subprocess
import sys

import pytest

from grader.errors import ManifestError, UsageError
from grader.mutants import Equivalent, Orchard, _operators, read_equivalents
from grader.submission import Bundle

SOURCE = '''"""Ages."""

FULL = 18 + 0


def is_adult(age: "int | None") -> "bool | None":
    """Say whether somebody is of age."""
    if FULL > 100:
        return None
    ### BEGIN SOLUTION
    #: return ...
    return age >= FULL and age < 200
    ### END SOLUTION


def oldest(ages: list[int] | None) -> int | None:
    ### BEGIN SOLUTION
    def known(age: int | None) -> int | None:
        return age

    best = 0
    for age in ages:
        best = max(best, known(age))
    return best
    ### END SOLUTION
'''


def reference(text=SOURCE, **files):
    others = {name.replace("_", "."): content.encode() for name, content in files.items()}
    return Bundle.of({"ages.py": text.encode()} | others)


@pytest.fixture(scope="module")
def orchard():
    return Orchard(reference())


def line_of(text):
    (number,) = [at for at, line in enumerate(SOURCE.splitlines(), 1) if line.strip() == text]
    return number


ASKED = line_of("return age >= FULL and age < 200")


def test_only_lines_between_markers_are_mutated(orchard):
    gaps = {ASKED, *range(line_of("best = 0"), line_of("best = max(best, known(age))") + 1)}
    assert {spot.line for spot in orchard.spots} <= gaps
    assert {ASKED, line_of("best = 0"), line_of("for age in ages:")} <= {
        spot.line for spot in orchard.spots
    }


def test_annotations_of_functions_are_left_alone(orchard):
    annotated = line_of("def known(age: int | None) -> int | None:")
    assert annotated not in {spot.line for spot in orchard.spots}


def test_a_mutant_differs_in_one_place_and_says_which(orchard):
    (mutant,) = [
        mutant
        for mutant in orchard.sample(None, 0)
        if mutant.spot.operator == "ReplaceComparisonOperator_GtE_Gt"
    ]
    assert mutant.becomes == "return age > FULL and age < 200"
    assert mutant.name == f"ages.py:{ASKED} ReplaceComparisonOperator_GtE_Gt"
    assert mutant.content.decode() == SOURCE.replace("age >= FULL", "age > FULL")
    assert "-    return age >= FULL and age < 200\n+    return age > FULL and" in mutant.diff
    assert mutant.diff.startswith("--- a/ages.py\n+++ b/ages.py")


def test_a_mutant_is_handed_in_with_the_rest_of_the_reference():
    bundle = reference(notes_md="mine")
    (mutant,) = Orchard(bundle).sample(1, 0)
    files = mutant.bundle(bundle).as_dict()
    assert files["notes.md"] == b"mine"
    assert files["ages.py"] == mutant.content != SOURCE.encode()


def test_the_same_seed_draws_the_same_mutants(orchard):
    drawn = orchard.sample(8, 3)
    assert drawn == orchard.sample(8, 3)
    assert drawn != orchard.sample(8, 4)
    assert len(drawn) == 8


def test_the_order_of_a_draw_is_the_order_of_the_file(orchard):
    drawn = orchard.sample(8, 3)
    assert list(drawn) == sorted(drawn, key=lambda mutant: mutant.spot)


def test_the_draw_does_not_depend_on_the_hash_seed():
    code = (
        "from tests.test_mutants import *\n"
        "print([mutant.name for mutant in Orchard(reference()).sample(5, 1)])"
    )
    drawn = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(drawn) == 1


def test_every_line_is_drawn_once_before_any_is_drawn_again(orchard):
    lines = {spot.line for spot in orchard.spots}
    drawn = orchard.sample(len(lines), 5)
    assert {mutant.spot.line for mutant in drawn} == lines


def test_a_change_that_means_the_same_is_no_mutant():
    text = "def f(x):\n    ### BEGIN SOLUTION\n    return 1 * 1 + x\n    ### END SOLUTION\n"
    made = Orchard(reference(text)).sample(None, 0)
    texts = {mutant.becomes for mutant in made}
    assert "return 1 / 1 + x" in texts  # 1.0, which is not 1
    assert "return 1 ** 1 + x" not in texts  # folded to 1 when it is compiled


def test_two_changes_with_one_meaning_count_once():
    text = "def f(x):\n    ### BEGIN SOLUTION\n    return x + (1 * 1)\n    ### END SOLUTION\n"
    made = Orchard(reference(text)).sample(None, 0)
    zeros = {"(1-1)", "(1^1)", "(1%1)", "(1>>1)", "(0*1)", "(1*0)"}
    adding_zero = [one for one in made if one.becomes.replace(" ", "")[len("returnx+") :] in zeros]
    assert len(adding_zero) == 1


def test_a_change_that_does_not_compile_is_no_mutant():
    text = (
        "def f(x):\n    ### BEGIN SOLUTION\n    for y in x:\n        if y:\n            break\n"
        "    return x\n    ### END SOLUTION\n"
    )
    for mutant in Orchard(reference(text)).sample(None, 0):
        compile(mutant.content, "ages.py", "exec")


def test_a_file_without_markers_is_given_and_not_mutated():
    assert Orchard(reference("def f(x):\n    return x + 1\n")).spots == ()


def test_a_withheld_file_is_mutated_from_top_to_bottom():
    orchard = Orchard(reference("SIZE = 3\n\n\ndef f(x):\n    return x + 1\n"), ["ages.py"])
    assert {spot.line for spot in orchard.spots} == {1, 5}


def test_what_is_not_python_is_not_mutated():
    text = "### BEGIN SOLUTION\nRUN pip install x==1\n### END SOLUTION\n"
    assert Orchard(Bundle.of({"Dockerfile": text.encode()})).spots == ()


def test_operators_that_draw_at_random_are_not_used():
    assert "VariableReplacer" not in _operators()
    assert "NumberReplacer" in _operators()


def test_a_declaration_is_matched_by_place_operator_and_text(orchard):
    entry = Equivalent(file="ages.py", line=ASKED, operator="NumberReplacer", why="Nobody is 200.")
    assert {mutant.becomes for mutant in orchard.matching(entry)} == {
        "return age >= FULL and age < 201",
        "return age >= FULL and age < 199",
    }
    exact = entry.model_copy(update={"becomes": "return age >= FULL and age < 201"})
    assert len(orchard.matching(exact)) == 1
    assert orchard.matching(entry.model_copy(update={"line": 3})) == ()


def test_declarations_are_read(tmp_path):
    (tmp_path / "equivalent.toml").write_text(
        '[[mutant]]\nfile = "ages.py"\nline = 12\noperator = "AddNot"\nwhy = "Never reached."\n'
    )
    (entry,) = read_equivalents(tmp_path, "equivalent.toml")
    assert (entry.file, entry.line, entry.operator) == ("ages.py", 12, "AddNot")
    assert (entry.why, entry.becomes) == ("Never reached.", None)


def test_no_file_means_no_declarations(tmp_path):
    assert read_equivalents(tmp_path, "equivalent.toml") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[mutant]]\n", "mutant"),
        ('[[mutant]]\nfile = "a.py"\nline = "3"\noperator = "X"\nwhy = "y"\n', "line"),
        (
            '[[mutant]]\nfile = "../a.py"\nline = 3\noperator = "X"\nwhy = "y"\n',
            "inside the folder",
        ),
        ('[[mutant]]\nfile = "a.py"\nline = 3\noperator = "X"\nwhy = ""\n', "one line of text"),
        ('[[mutants]]\nfile = "a.py"\n', "mutants"),
        ("[[mutant]\n", "equivalent.toml"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_place(tmp_path, text, said):
    (tmp_path / "equivalent.toml").write_text(text)
    with pytest.raises(ManifestError) as caught:
        read_equivalents(tmp_path, "solutions/90/equivalent.toml")
    assert "solutions/90/equivalent.toml" in str(caught.value)
    assert said in str(caught.value)


def test_without_the_operators_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "cosmic_ray.operators.provider", None)
    _operators.cache_clear()
    with pytest.raises(UsageError, match="not installed") as caught:
        Orchard(reference())
    assert "requirements/dev.txt" in caught.value.advice
    _operators.cache_clear()


def test_importing_the_module_does_not_bring_the_operators():
    code = "import grader.mutants, sys; print('cosmic_ray' in sys.modules, 'parso' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]

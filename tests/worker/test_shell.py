"""A notebook's cells are run as Jupyter would run them; what fails is told by its cell."""

from __future__ import annotations

import asyncio
import builtins

import pytest

import grader.worker.shell  # noqa: F401 - so that children need not import it
from grader.checker import faults
from grader.checker.session import Session
from tests.checker.lines import LoopLine, settings
from tests.notebooks import code, notebook_of


class Ran:
    """A notebook `stu.ipynb` that a worker's child has imported."""

    def __init__(self, session: Session) -> None:
        self.session = session
        told = session.modules.load("stu")
        self.problem = session.modules.failure("stu")
        self.kind = told[0] if told else ""
        self.printed = session.tally.output

    def __getitem__(self, name: str):
        return self.session.modules.named("stu", name)

    @property
    def failed(self) -> str:
        """Say which cell failed first."""
        return self.session.modules.with_first_failure("")

    def names(self) -> list[str]:
        return self.session.request("names", m="stu")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that hands cells in and imports the notebook."""
    # Who has printed at a prompt, or translates, leaves one there; IPython then keeps no results.
    monkeypatch.delattr(builtins, "_", raising=False)
    lines = []

    def run(*cells, files=None, spawn=False, **fields):
        told = settings(modules=("stu",), **fields)
        handed = {"stu.ipynb": notebook_of(*cells)} | (files or {})
        line = LoopLine(
            tmp_path / f"worker{len(lines)}",
            handed,
            modules=["stu"],
            notebooks={"stu": "stu.ipynb"},
            spawn=spawn,
            remote_operators=told.remote_operators,
        )
        lines.append(line)
        session = Session(line, told)
        session.start_check()
        return Ran(session)

    yield run
    for line in lines:
        line.close()


class TestSemantics:
    def test_names_of_all_cells_are_the_module_s(self, run):
        ran = run("import math\nx = 1", "def f():\n    return x + math.floor(2.5)")
        assert (ran.kind, ran.failed, ran["f"]()) == ("notebook", "", 3)
        assert sorted(ran.names()) == ["f", "x"]

    def test_a_function_knows_its_module_and_its_source(self, run):
        ran = run(
            "def f():\n    return 5",
            "import inspect, pickle\nsource = inspect.getsource(f)\n"
            "home, whole = f.__module__, pickle.loads(pickle.dumps(f)) is f",
        )
        assert (ran["home"], ran["whole"]) == ("stu", True)
        assert ran["source"] == "def f():\n    return 5\n"

    def test_magics_commands_and_what_they_return(self, run):
        ran = run(
            "%matplotlib inline",
            "%time a = 1",
            "%%time\nb = 2",
            "%%bash\necho from bash > made.txt",
            "!echo from a shell >> made.txt\nlines = !cat made.txt",
            "c = %env HOME",
            "%%capture seen\nprint('caught')",
            "d = seen.stdout",
            "%cd .",
        )
        assert ran.failed == ""
        assert [ran[name] for name in "abd"] == [1, 2, "caught\n"]
        assert list(ran["lines"]) == ["from bash", "from a shell"]

    def test_a_magic_in_a_function_that_is_called_later(self, run):
        ran = run("def f():\n    out = !echo hello\n    return list(out)")
        assert ran["f"]() == ["hello"]

    def test_results_of_earlier_cells(self, run):
        ran = run("6 * 7", "x = _ + 1", "y = Out[1] + len(In)")
        assert (ran["x"], ran["y"]) == (43, 46)
        assert "Out[1]: 42" in ran.printed

    def test_await_at_the_top(self, run):
        ran = run("import asyncio\nawait asyncio.sleep(0)\nx = 3", "async def g(): return 4")
        assert ran["x"] == 3
        assert asyncio.run(ran["g"]()) == 4

    def test_display_prints_text_and_no_picture(self, run):
        ran = run(
            "class A:\n  def _repr_html_(self): return '<b>'\n  def __repr__(self): return 'A!'",
            "display(A())",
        )
        assert "A!" in ran.printed
        assert "<b>" not in ran.printed

    def test_help_does_not_wait_for_anybody(self, run):
        ran = run("len?", "%magic", "x = 1")
        assert (ran["x"], ran.failed) == (1, "")

    def test_the_shell_is_there_and_its_names_do_not_leave_it(self, run):
        ran = run(
            "shell = type(get_ipython()).__name__",
            "import IPython\nsame = IPython.get_ipython() is get_ipython()",
        )
        assert (ran["shell"], ran["same"]) == ("Shell", True)
        assert sorted(ran.names()) == ["same", "shell"]

    def test_the_files_beside_it_are_at_hand(self, run):
        ran = run(
            "from pathlib import Path\nx = Path('data/a.txt').read_text()\nimport helper",
            files={"data/a.txt": "here", "helper.py": "N = 1"},
        )
        assert (ran["x"], ran.failed) == ("here", "")

    def test_it_is_not_the_main_program(self, run):
        ran = run("x = 1\nif __name__ == '__main__':\n    x = 2")
        assert ran["x"] == 1

    def test_raw_cells_and_texts_are_not_run(self, run):
        ran = run({"cell_type": "raw", "id": "r", "metadata": {}, "source": "x = 0 / 0"}, "x = 1")
        assert (ran["x"], ran.failed) == (1, "")

    def test_a_module_of_that_name_elsewhere_is_not_taken(self, run, tmp_path):
        ran = run("x = 'the notebook'", files={"other/stu.py": "x = 'another'"})
        assert ran["x"] == "the notebook"

    def test_a_process_that_was_started_afresh_runs_cells_too(self, run):
        ran = run("!echo from a shell", "x = 7", "1 / 0", spawn=True)
        assert (ran.kind, ran["x"]) == ("notebook", 7)
        assert "from a shell" in ran.printed
        assert "cell 3" in ran.failed


class TestFailures:
    def test_later_cells_are_run_and_the_first_failure_is_told(self, run):
        ran = run("x = 1", code("rows = {}\nrows['a']", "load"), "y = x / 0", "z = 3")
        assert ran["z"] == 3
        assert ran.failed == (
            "Your notebook failed first in stu.ipynb, cell 2 (load), line 2, "
            "which begins with `rows = {}`: KeyError: 'a'"
        )
        assert "KeyError" in ran.printed
        assert "ZeroDivisionError" in ran.printed

    def test_a_missing_name_says_which_cell_failed_first(self, run):
        ran = run(code("def f(:", "typo"))
        assert ran.session.modules.absent("stu", "f") == "Your module has no 'f' (a notebook)."
        assert "stu.ipynb, cell 1 (typo), line 1" in ran.failed

    @pytest.mark.parametrize(
        ("cell", "said"),
        [
            ("raise SystemExit", "SystemExit"),
            ("exit()", "exit() was called"),
            ("raise KeyboardInterrupt", "KeyboardInterrupt"),
            ("input('name? ')", "nobody to answer input()"),
            ("%nothing", "`%nothing` not found"),
            ("%%nothing\nx", "`%%nothing` not found"),
            ("return 5", "'return' outside function"),
            ("if True:\nx = 1", "expected an indented block"),
            ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", "ValueError"),
            ("!sleep 60 &", "Background processes not supported"),
            ("await 5", "can't be used in 'await'"),
            ("x = \0", "null bytes"),
            ("import not_there", "No module named 'not_there'"),
        ],
    )
    def test_what_a_cell_may_do_wrong(self, run, cell, said):
        ran = run(cell, "x = 1")
        assert said in ran.failed
        assert ran["x"] == 1

    def test_an_error_in_a_function_names_the_cell_and_the_line(self, run):
        ran = run("x = 1", code("def f():\n    return 1 / 0", "f"))
        with pytest.raises(ZeroDivisionError) as raised:
            ran["f"]()
        assert raised.value._grader_line[:2] == ["stu.ipynb, cell 2 (f)", 2]

    def test_a_cell_that_never_ends(self, run):
        ran = run("x = 1", "while True: pass", call_s=1.0)
        assert isinstance(ran.problem, faults.WorkerTimedOut)
        assert ran.problem.message.endswith("That was in cell 2 of its notebook.")

    def test_a_cell_that_ends_the_process(self, run):
        ran = run("import os", "x = 1", "os._exit(0)")
        assert isinstance(ran.problem, faults.WorkerEnded)
        assert ran.problem.message.endswith("That was in cell 3 of its notebook.")

    def test_a_process_that_dies_later_was_in_no_cell(self, run):
        ran = run("import os\ndef f(): os._exit(0)")
        with pytest.raises(faults.WorkerEnded):
            ran["f"]()
        assert ran.session.tally.cell == 0

    def test_the_shell_may_be_broken_from_within(self, run):
        ran = run(
            "ip = get_ipython()\nip.run_cell = ip.showtraceback = None\ndel ip", "1 / 0", "x = 1"
        )
        assert ran["x"] == 1
        assert "cell 2" in ran.failed

    def test_input_transformers_and_extensions_are_the_student_s_own_affair(self, run):
        ran = run(
            "get_ipython().input_transformers_cleanup.append(lambda lines: ['x = 5\\n'])",
            "this is no Python",
            "%load_ext autoreload",
        )
        assert ran["x"] == 5

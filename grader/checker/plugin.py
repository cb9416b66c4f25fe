"""The pytest plugin of the checker: collects file by file, runs checks in order, reports results.

A check passes when every case of its test function passed and no fault was recorded meanwhile.
What pytest itself counts (exit codes, summaries) is never looked at.
"""

from __future__ import annotations

import pathlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from _pytest._io.saferepr import saferepr
from _pytest.runner import runtestprotocol

from grader.checker import told
from grader.checker.exceptions import ref_of_error
from grader.checker.faults import Fault
from grader.checker.modules import Finder
from grader.checker.session import Session
from grader.checker.tally import Tally

MESSAGE_CAP = 2_000
DETAIL_CAP = 20_000
Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A check as the manifest declares it."""

    id: str
    """Its id."""
    file: str
    """Its test file, relative to the root of the lab's layout."""
    node: str
    """Its node id inside the file."""
    points: int
    """What it is worth."""
    public: bool
    """Whether its message may show values."""
    needs: tuple[str, ...]
    """Checks without which it is skipped."""


@dataclass(slots=True)
class Case:
    """How one test case (of perhaps several of a check) went."""

    passed: bool = True
    """False as soon as a phase failed, was skipped, or a fault was recorded."""
    status: str = "passed"
    """passed, failed, crashed or timed_out."""
    message: str = ""
    """For a public check: what the student reads."""
    safe: str = ""
    """A message that may be shown for hidden checks too."""
    detail: list[str] = field(default_factory=list)
    """Tracebacks and notes for staff."""


class CheckerPlugin:
    """Runs the declared checks and tells each result once."""

    def __init__(
        self,
        session: Session,
        finder: Finder,
        root: pathlib.Path,
        checks: list[Declared],
        tell: Tell,
    ) -> None:
        """Tell results through `tell`."""
        self._session = session
        self._finder = finder
        self._root = root
        self._checks = checks
        self._tell = tell
        self._passed: dict[str, bool] = {}
        self._case = Case()
        self._collect_errors: list[tuple[str, BaseException | None]] = []
        self.phases = {"import": 0.0, "tests": 0.0}

    # -- the run

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Collect nothing yet: each file is collected when its turn comes."""
        del session
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run file after file, each with a child of its own."""
        for file in dict.fromkeys(check.file for check in self._checks):
            self._run_file(session, file)
            if self._is_over():
                break
        return True

    def _is_over(self) -> bool:
        """Tell whether what a run that is not whole was to find out has been found out."""
        return not (self._session.settings.whole or all(self._passed.values()))

    def _run_file(self, session: pytest.Session, file: str) -> None:
        declared = [check for check in self._checks if check.file == file]
        began = time.monotonic()
        self._session.start_check()
        self._session.modules.forget_failures()
        items = self._collect(session, file)
        self.phases["import"] += time.monotonic() - began
        if items is not None:
            began = time.monotonic()
            self._run_items(declared, items)
            _tear_down(session)  # a fault cuts a teardown short
            self.phases["tests"] += time.monotonic() - began
        else:
            self._blame_collection(declared)
        self._session.close()
        self._finder.remove_modules()

    def _collect(self, session: pytest.Session, file: str) -> list[pytest.Item] | None:
        self._collect_errors.clear()
        try:
            with self._session.opaque.permanent():
                items = list(session.perform_collect([str(self._root / file)]))
        except (Fault, SystemExit) as error:
            if not isinstance(error, Fault) and ref_of_error(error) is None:
                raise
            self._collect_errors.append((str(error), error))
        except pytest.UsageError as error:
            self._collect_errors.append((str(error), None))
        else:
            if not self._collect_errors:
                return items
        return None

    def _blame_collection(self, declared: list[Declared]) -> None:
        """Say whose doing it is that a file cannot be collected: the student's or the lab's."""
        faults = self._session.tally.faults
        remote = any(
            error is not None and ref_of_error(error) is not None
            for _, error in self._collect_errors
        )
        detail = "\n".join(text for text, _ in self._collect_errors)[:DETAIL_CAP]
        if not faults and not remote:
            self._tell({"event": "broken", "reason": detail, "checks": [c.id for c in declared]})
            return
        text = faults[0].message if faults else "Your code failed while the tests were read."
        status = faults[0].status if faults else "crashed"
        for check in declared:
            self._passed[check.id] = False
            self._report(check, Case(passed=False, status=status, safe=text, detail=[detail]), 0.0)

    # -- checks

    def _run_items(self, declared: list[Declared], items: list[pytest.Item]) -> None:
        groups: dict[str, list[pytest.Item]] = {check.id: [] for check in declared}
        by_node = {check.node: check.id for check in declared}
        for item in items:
            node = item.nodeid.partition("::")[2].partition("[")[0]
            if node in by_node:
                groups[by_node[node]].append(item)
            else:
                self._tell({"event": "note", "text": f"not declared, not run: {item.nodeid}"[:300]})
        order = _in_order(declared)
        for index, check in enumerate(order):
            following = order[index + 1] if index + 1 < len(order) else None
            if not groups[check.id]:
                continue  # the supervisor sees that it is missing
            after = None
            if following is not None and not following.needs and groups[following.id]:
                after = groups[following.id][0]
            self._run_check(check, groups[check.id], after)
            if self._is_over():
                break

    def _run_check(
        self, check: Declared, items: list[pytest.Item], after: pytest.Item | None
    ) -> None:
        lacking = [need for need in check.needs if not self._passed.get(need, False)]
        if lacking:
            self._passed[check.id] = False
            text = f"Skipped, because {lacking[0]} did not pass."
            self._report(check, Case(passed=False, status="skipped", safe=text), 0.0)
            return
        self._session.start_check()
        whole = Case()
        began = time.monotonic()
        for item, following in zip(items, [*items[1:], after], strict=True):
            self._run_item(item, following, whole, check)
            if not whole.passed:
                if following is not None:
                    whole.detail += _tear_down(item.session)
                break
        self._passed[check.id] = whole.passed
        self._report(check, whole, time.monotonic() - began)

    def _run_item(
        self, item: pytest.Item, following: pytest.Item | None, whole: Case, check: Declared
    ) -> None:
        self._case = Case()
        self._tell({"event": "began", "id": check.id})
        reports = runtestprotocol(item, log=False, nextitem=following)
        called = any(report.when == "call" for report in reports)
        if not called and self._case.passed:
            self._case.passed, self._case.status = False, "failed"
            self._case.message = "This check was skipped by its own test; that is not a pass."
        _settle(self._case, self._session.tally)
        if not self._case.passed:
            whole.passed, whole.status = False, self._case.status
            whole.message, whole.safe = self._case.message, self._case.safe
            whole.detail += [item.nodeid, *self._case.detail]

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any], request: Any) -> Any:
        """Let a fixture that a fault ended be finished like one that failed.

        pytest remembers outcomes and Exceptions only, and finishes only what it remembers: the next
        test with this fixture would stumble over what was left behind.
        """
        try:
            return (yield)
        except BaseException as error:
            if fixturedef.cached_result is None:
                key = fixturedef.cache_key(request)
                fixturedef.cached_result = (None, key, (error, error.__traceback__))
            raise

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Note how each phase went, from the exception itself."""
        try:
            report = yield
        except BaseException as error:
            # Showing a student's object runs their code; where that fails, the check fails.
            if not isinstance(error, Fault) and ref_of_error(error) is None:
                raise
            text = f"a student's object could not be shown: {type(error).__name__}"
            report = pytest.TestReport(
                item.nodeid, item.location, {}, "failed", text, _phase(call), duration=call.duration
            )
        if not report.passed:
            self._note(report, call)
        return report

    def _note(self, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
        case = self._case
        case.passed, case.status = False, "failed"
        error = call.excinfo.value if call.excinfo is not None else None
        if report.skipped:
            case.message = "This check was skipped by its own test; that is not a pass."
        elif error is not None and not case.message:
            case.message = _message(error)
        case.detail.append(f"[{report.when}]\n{report.longreprtext}"[:DETAIL_CAP])
        remote = getattr(error, "_grader_traceback", "")
        if remote:
            case.detail.append(f"[in the student's code]\n{remote}"[:DETAIL_CAP])

    @pytest.hookimpl(tryfirst=True)
    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> list[str] | None:
        """Explain a comparison of long values shortly: a line-by-line diff can take minutes."""
        if not (told.is_long(left) or told.is_long(right)):
            return None
        return [f"{saferepr(left)} {op} {saferepr(right)}", "(too long to be compared in lines)"]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember a file that could not be collected."""
        if report.failed:
            error = getattr(report, "_grader_error", None)
            self._collect_errors.append((report.longreprtext, error))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Any:
        """Keep the exception of a failed collection, to know whose doing it was."""
        report = yield
        del collector
        call = getattr(report, "call", None)
        if call is not None and call.excinfo is not None:
            error = call.excinfo.value
            report._grader_error = error.__cause__ or error.__context__ or error  # noqa: SLF001 - our own mark
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(
        self, collector: pytest.Collector, name: str, obj: object
    ) -> list[Any] | None:
        """Collect only what the lab's own files define: an imported `test_…` mints nothing."""
        del name
        if type(obj).__module__.startswith("grader.checker"):
            return []
        home = getattr(obj, "__module__", None)
        module = getattr(collector, "module", None) or getattr(collector, "obj", None)
        if isinstance(home, str) and home != getattr(module, "__name__", home):
            return None if home.partition(".")[0] not in self._session.settings.modules else []
        return None

    def _report(self, check: Declared, case: Case, seconds: float) -> None:
        tally = self._session.tally
        message = case.message if check.public and case.message else case.safe
        if not case.passed and case.status != "skipped":
            message = self._session.modules.with_first_failure(message)
        self._tell(
            {
                "event": "check",
                "id": check.id,
                "status": case.status,
                "earned": check.points if case.passed else 0,
                "message": message[:MESSAGE_CAP],
                "detail": "\n\n".join(case.detail)[:DETAIL_CAP],
                "output": tally.output if check.public else "",
                "seconds": round(seconds, 6),
                "student_seconds": round(min(tally.seconds, seconds), 6),
            }
        )


def _tear_down(session: pytest.Session) -> list[str]:
    """Leave nothing set up; return what went wrong, which is nobody's but the last check's."""
    said: list[str] = []
    state = session._setupstate  # noqa: SLF001 - pytest has no other way
    while state.stack:
        try:
            state.teardown_exact(None)
        except BaseException as error:  # noqa: BLE001 - the student's code may raise anything here
            said.append(f"[teardown] {_message(error)}")
    return said


def _settle(case: Case, tally: Tally) -> None:
    """Let recorded faults and missing names speak: nothing that a test catches undoes them."""
    if tally.faults:
        first = tally.faults[0]
        case.passed, case.status = False, first.status
        case.safe = case.message = first.message
        case.detail += [
            f"[fault] {type(fault).__name__}: {fault.message}" for fault in tally.faults[:5]
        ]
    elif not case.passed and tally.missing:
        case.safe = case.message = tally.missing[0]


def _phase(call: pytest.CallInfo[None]) -> Literal["setup", "call", "teardown"]:
    return "call" if call.when == "collect" else call.when


def _message(error: BaseException) -> str:
    """Return what a student reads of an exception in a public check."""
    try:
        text = str(error)
    except (Exception, Fault, SystemExit):  # noqa: BLE001 - one that cannot be printed
        text = ""
    if told.is_outcome(error) and ref_of_error(error) is None:
        return text[:MESSAGE_CAP] or "The check failed."
    line = getattr(error, "_grader_line", None)
    where = f" ({line[0]}, line {line[1]})" if isinstance(line, list) else ""
    return f"{type(error).__name__}: {text}{where}"[:MESSAGE_CAP]


def _in_order(declared: list[Declared]) -> list[Declared]:
    """Return the checks with every need before what needs it, otherwise as declared."""
    known = {check.id: check for check in declared}
    done: dict[str, Declared] = {}

    def visit(check: Declared, above: tuple[str, ...]) -> None:
        if check.id in done or check.id in above:
            return
        for need in check.needs:
            if need in known:
                visit(known[need], (*above, check.id))
        done[check.id] = check

    for check in declared:
        visit(check, ())
    return list(done.values())

"""How a batch or a proof is going: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from grader.outcome import Run, Verdict
from grader.plaintext import one_line, visible

LINE_S: Final = 5.0
"""Without a terminal, one line at most every so many seconds."""
_MINUTE: Final = 60


class ProgressBar:
    """So many of so many are done, how fast, and how long it will take.

    A bar where the console is a terminal; otherwise lines, so that a log stays readable.
    """

    def __init__(
        self, console: Console, doing: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Show on this console what is being done."""
        self._console = console
        self._doing = doing
        self._clock = clock
        self._bar: Bar | None = None
        self._began = self._said = clock()
        self._total = self._done = self._worked = 0

    def begin(self, total: int) -> None:
        """Show the bar."""
        self._began = self._said = self._clock()
        self._total = total
        if self._console.is_terminal:
            self._bar = Bar(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                MofNCompleteColumn(),
                TextColumn("{task.fields[said]}"),
                console=self._console,
                expand=True,
            )
            self._bar.add_task(self._doing, total=total, said="")
            self._bar.start()

    def advance(self, said: str, *, worked: bool = True) -> None:
        """Count one more; `worked` says that it took time, `said` is shown behind the rate."""
        self._done += 1
        self._worked += worked
        self._total = max(self._total, self._done)
        self.show(said)

    def show(self, said: str) -> None:
        """Show how far it is, and `said`."""
        line = ", ".join(filter(None, (self._rate(), said)))
        if self._bar is not None:
            task = self._bar.tasks[0].id
            self._bar.update(task, completed=self._done, total=self._total, said=line)
        elif self._clock() - self._said >= LINE_S or self._done == self._total:
            self._said = self._clock()
            self._print(f"{self._doing}: {self._done} of {self._total}, {line}")

    def note(self, text: str, style: str = "") -> None:
        """Print a line above the bar."""
        self._print(visible(text), style)

    def end(self) -> None:
        """Leave the bar as it is and print no more on it. Twice is fine."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _rate(self) -> str:
        seconds = self._clock() - self._began
        if not self._worked or not seconds:
            return ""
        rate = self._worked / seconds
        left = (self._total - self._done) / rate
        speed = f"{rate:.1f}/s" if rate >= 1 else f"{1 / rate:.1f} s each"
        return f"{speed}, {_duration(left)} left" if self._done < self._total else speed

    def _print(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


class BatchBar:
    """Hears a batch (`grader.progress.Progress`) and shows it."""

    def __init__(self, console: Console, doing: str = "grading") -> None:
        """Show on this console."""
        self._bar = ProgressBar(console, doing)
        self._counts = {"ungradable": 0, "broken": 0, "needed nothing": 0}

    def begin(self, total: int) -> None:
        """Show the bar."""
        self._bar.begin(total)

    def started(self, student: str, attempt: int) -> None:
        """Say nothing: the bar counts what is done."""

    def graded(self, run: Run) -> None:
        """Count a run."""
        self._counts["ungradable"] += run.verdict is Verdict.UNGRADABLE
        self._bar.advance(self._said(), worked=run.verdict is Verdict.GRADED)

    def skipped(self, student: str, why: str) -> None:  # noqa: ARG002 - the port's signature
        """Count a hand-in that needs nothing."""
        self._counts["needed nothing"] += 1
        self._bar.advance(self._said(), worked=False)

    def broken(self, run: Run, *, again: bool) -> None:
        """Count a broken run, or say that it is tried again."""
        if again:
            self._bar.note(f"{one_line(run.student)}: broke through our fault; tried again later.")
            return
        self._counts["broken"] += 1
        self._bar.advance(self._said())

    def paused(self, why: str, seconds: float) -> None:
        """Say why nothing moves."""
        self._bar.note(f"Waiting {seconds:.0f} s: {why}", "yellow")

    def note(self, text: str) -> None:
        """Print a note."""
        self._bar.note(f"Note: {text}")

    def end(self) -> None:
        """Take the bar down."""
        self._bar.end()

    def _said(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in self._counts.items() if count)


class ProofBar:
    """Hears a proof (`grader.proving.ProofProgress`) and shows it."""

    def __init__(self, console: Console, doing: str) -> None:
        """Show on this console."""
        self._bar = ProgressBar(console, doing)
        self._astray = 0

    def begin(self, total: int) -> None:
        """Show the bar."""
        self._bar.begin(total)

    def ran(self, name: str, *, good: bool) -> None:
        """Count a run; name one that did not end as it should."""
        if not good:
            self._astray += 1
            self._bar.note(f"{name}: not as it should be", "yellow")
        self._bar.advance(f"{self._astray} not as they should be" if self._astray else "")

    def end(self) -> None:
        """Take the bar down."""
        self._bar.end()


def _duration(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < _MINUTE else f"{whole // _MINUTE} min {whole % _MINUTE:02} s"

"""What commands print: aligned tables, progress bars, colours only on a terminal."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

CONSOLE: Final = Console(highlight=False, soft_wrap=True)
UNBROKEN: Final = 10_000
ERRORS: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """Rich markup is not read: names and addresses may hold brackets."""
    CONSOLE.print(text, markup=False)


def headline(text: str) -> None:
    CONSOLE.print(text, style="bold", markup=False)


def next_step(command: str) -> None:
    """The command to type next."""
    CONSOLE.print(f"Next: {command}", style="dim", markup=False)


def complain(text: str) -> None:
    """One line on standard error."""
    ERRORS.print(f"gateway: {' '.join(text.split())}", style="red", markup=False)


def warn(text: str) -> None:
    ERRORS.print(text, style="yellow", markup=False)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """empty: what to say instead of a table without rows. Cells are broken to fit a terminal, and nowhere else."""
    if not rows:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    wide = CONSOLE if CONSOLE.is_terminal else Console(file=CONSOLE.file, width=UNBROKEN)
    wide.print(table)


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "-"
    text = "-" if value is None or value == "" else str(value)
    return text.replace("[", r"\[")


@contextmanager
def progress(label: str) -> Iterator["Bar"]:
    """A bar on a terminal; elsewhere nothing but what is said at the end."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, TimeElapsedColumn(), console=ERRORS, disable=not sys.stderr.isatty()) as shown:
        yield Bar(shown, label)


class Bar:
    """done/total of whatever is counted; total None: not known yet."""

    def __init__(self, shown: Progress, label: str) -> None:
        self._shown = shown
        self._task = shown.add_task(label, total=None, note="")

    def update(self, *, done: int | None = None, total: int | None = None, note: str | None = None) -> None:
        self._shown.update(self._task, completed=done, total=total)
        if note is not None:
            self._shown.update(self._task, note=note.replace("[", r"\["))

    def of(self, done: int, total: int, note: str) -> None:
        self.update(done=done, total=total, note=note)


def ask_password(prompt: str) -> str:
    """Asked twice, never shown. Only on a terminal: callers check before."""
    return str(click.prompt(prompt, hide_input=True, confirmation_prompt=True, err=True))

"""The gateway command as a person or a script calls it: another process, standard input no terminal."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.cli import main

PATIENCE = 120
COMMAND = [sys.executable, "-m", "gateway"]


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str

    @property
    def lines(self) -> int:
        """Of standard error."""
        return len(self.err.splitlines())

    @property
    def rows(self) -> list[list[str]]:
        """Cells of a table: they stand at least two spaces apart."""
        return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in self.out.splitlines()]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    return {**kept, "PYTHONUTF8": "1", "PYTHONPATH": str(Path(__file__).parents[2])}


def run(folder: Path, *given: str, stdin: str = "", **more: str) -> Done:
    """In a folder. more: environment variables."""
    done = subprocess.run(
        [*COMMAND, *given],
        input=stdin,
        capture_output=True,
        check=False,
        encoding="utf-8",
        cwd=folder,
        env=environment() | more,
        timeout=PATIENCE,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def run_here(folder: Path, *given: str, stdin: str = "") -> Done:
    """The same command in this process, for tables of many cases."""
    out, err, before = io.StringIO(), io.StringIO(), (sys.argv, sys.stdin)
    sys.argv, sys.stdin = ["gateway", *given], io.StringIO(stdin)
    try:
        with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
        status = 0
    except SystemExit as end:
        status = int(end.code or 0)
    finally:
        sys.argv, sys.stdin = before
    return Done(status, out.getvalue(), err.getvalue())


@contextmanager
def started(folder: Path, *given: str, until: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A command that goes on by itself, and what it printed up to and with the line that begins with `until`."""
    with subprocess.Popen(
        [*COMMAND, *given],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        cwd=folder,
        env=environment(),
    ) as process:
        try:
            assert process.stdout is not None
            said: list[str] = []
            for line in process.stdout:
                said.append(line)
                if line.strip().startswith(until):
                    break
            yield process, "".join(said)
        finally:
            process.kill()

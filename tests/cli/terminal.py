"""The gateway command at a terminal, which it takes for somebody's."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cli.run import COMMAND, PATIENCE, environment

TERMINAL = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"


class Terminal:
    """shown: everything so far, as it went to the screen."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self.shown = ""
        self._read = 0

    def until(self, text: str) -> None:
        """Shown after what was waited for before."""
        assert self._process.stdout is not None
        while text not in self.shown[self._read :]:
            piece = os.read(self._process.stdout.fileno(), 65_536).decode(errors="replace")
            assert piece, self.shown
            self.shown += piece
        self._read = self.shown.index(text, self._read) + len(text)

    def line(self, begin: str) -> str:
        """The next line that begins so."""
        self.until(f"\n{begin}")
        start = self._read - len(begin)
        self.until("\r\n")
        return self.shown[start : self._read].strip()

    def type(self, text: str) -> None:
        self._write(f"{text}\n".encode())

    def interrupt(self) -> None:
        self._write(b"\x03")

    def _write(self, keys: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(keys)
        self._process.stdin.flush()

    def ended(self) -> int:
        """Its exit status."""
        assert self._process.stdout is not None
        self.shown += self._process.stdout.read().decode(errors="replace")
        return self._process.wait(PATIENCE)


@contextmanager
def at_terminal(folder: Path, given: Sequence[str]) -> Iterator[Terminal]:
    with subprocess.Popen(
        [sys.executable, "-c", TERMINAL, *COMMAND, *given],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=folder,
        env=environment() | {"TERM": "xterm", "COLUMNS": "2000"},
    ) as process:
        try:
            yield Terminal(process)
        finally:
            process.kill()

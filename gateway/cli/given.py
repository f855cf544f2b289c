"""What commands are given: settings, times, passwords; read the same way by all of them."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from gateway.cli.screen import ask_password
from gateway.config import Settings, load
from gateway.errors import UsageError


def settings(ctx: click.Context) -> Settings:
    """Of the file named by --config. Raises: ConfigError."""
    config: Path | None = ctx.find_root().obj
    return load(config)


def instant(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """ISO date or date-time; without an offset it is in `zone`. Also: today, tomorrow, now.

    Raises: UsageError.
    """
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    words = {"now": now, "today": midnight, "tomorrow": midnight + timedelta(days=1)}
    if text in words:
        return words[text].astimezone(UTC)
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time; write 2026-03-11 or 2026-03-11T09:30") from error
    return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)


def password(from_stdin: bool, prompt: str = "Password") -> str:
    """From standard input (first line), or asked on a terminal.

    Raises: UsageError where there is neither.
    """
    if from_stdin:
        given = sys.stdin.readline().rstrip("\r\n")
        if not given:
            raise UsageError("no password on standard input")
        return given
    if not sys.stdin.isatty():
        raise UsageError("no terminal to ask for a password; use --password-stdin")
    return ask_password(prompt)

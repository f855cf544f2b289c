"""The command line: `gateway COMMAND …`.

Exit status: 0 done, 1 refused (one line on standard error), 2 wrong usage. Nothing asks a question when standard
input is no terminal.
"""

import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final, cast

import click

from gateway import __version__
from gateway.cli.screen import complain
from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Row:
    """One command. module: where its click command stands under its own name; opened when it is called."""

    name: str
    module: str
    summary: str


COMMANDS: Final = {
    row.name: row
    for row in (
        Row("demo", "gateway.cli.demo", "Everything at once, with simulated clouds; no account needed."),
        Row("init", "gateway.cli.setup", "Write a config file and a key, create the database, add the first admin."),
        Row("serve", "gateway.cli.serve", "Run the server."),
        Row("migrate", "gateway.cli.setup", "Create the database, or bring its schema up to date."),
        Row("user", "gateway.cli.people", "Add and list people, set passwords, make app passwords."),
        Row("team", "gateway.cli.people", "Add and list teams and their members."),
        Row("account", "gateway.cli.accounts", "Connect Google, Outlook, CalDAV, feeds, Radicale folders."),
        Row("calendar", "gateway.cli.calendars", "Choose what counts: merged, busy, destination."),
        Row("mirror", "gateway.cli.mirrors", "Show busy time of calendars in another one, without a word of them."),
        Row("sync", "gateway.cli.sync", "Pull from the providers now."),
        Row("freebusy", "gateway.cli.freebusy", "Merged busy time of several people."),
        Row("slots", "gateway.cli.slots", "What can be booked when, and why not."),
        Row("doctor", "gateway.cli.doctor", "Check everything, and say what to do."),
    )
}


class Commands(click.Group):
    """The table above as a click group: a command's module is opened when the command is called, not before.

    The providers' libraries take a second to load; `gateway --help` and `gateway user list` need none of them.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        row = COMMANDS.get(cmd_name)
        return None if row is None else cast("click.Command", getattr(import_module(row.module), row.name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(row.name, row.summary) for row in COMMANDS.values()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="GATEWAY_CONFIG",
    help="Settings file; default config/gateway.toml.",
)
@click.version_option(__version__, prog_name="gateway")
@click.pass_context
def gateway(ctx: click.Context, config: Path | None) -> None:
    """One CalDAV calendar out of many, free/busy for a team, and a booking page.

    Try it first: gateway demo
    """
    ctx.obj = config


def main() -> None:
    try:
        gateway.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        complain("stopped")
        sys.exit(130)
    except GatewayError as error:
        complain(str(error))
        sys.exit(1)

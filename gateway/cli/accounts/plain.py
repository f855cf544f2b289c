"""gateway account add … of the kinds where nobody signs in at a cloud."""

from pathlib import Path

import click

from gateway.cli import given
from gateway.cli.accounts.add import NAME, Kind, connect
from gateway.cli.parts import database
from gateway.cli.people import person_named
from gateway.errors import UsageError
from gateway.freebusy.others import asking_account
from gateway.store.database import Connection


@click.command("caldav", cls=Kind)
@click.argument("user")
@click.option("--url", required=True, help="Of the server, or of one calendar.")
@click.option("--username", required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@NAME
@click.pass_context
def add_caldav(ctx: click.Context, user: str, url: str, username: str, password_stdin: bool, display_name: str) -> None:
    """Connect an account at another CalDAV server: iCloud, Fastmail, Nextcloud, …"""
    password = given.password(password_stdin, f"Password of {username} there")
    connect(ctx, user, "caldav", {"url": url, "username": username}, password, display_name)


@click.command("feed", cls=Kind)
@click.argument("user")
@click.option("--url", required=True, help="Of an iCalendar file: https:// or webcal://")
@NAME
@click.pass_context
def add_feed(ctx: click.Context, user: str, url: str, display_name: str) -> None:
    """Subscribe USER to a published calendar; read-only. The address is kept sealed, as it may be a secret."""
    connect(ctx, user, "feed", {}, url, display_name)


@click.command("colleague", cls=Kind)
@click.argument("user")
@click.option("--through", required=True, metavar="PERSON", help="Whose account at Google or Microsoft asks.")
@click.option("--address", default="", help="Whose time it asks for; default: the e-mail address of USER.")
@NAME
@click.pass_context
def add_colleague(ctx: click.Context, user: str, through: str, address: str, display_name: str) -> None:
    """Read the busy time of USER, who has no account here, as a colleague at the same organisation sees it."""

    def find(conn: Connection) -> tuple[str, str]:
        asked = address.strip().lower() or person_named(conn, user).email
        account = asking_account(conn, person_named(conn, through).id, asked)
        if account is None:
            raise UsageError(f"{through} has no account at Google or Microsoft that shares the domain of {asked}")
        return asked, str(account.id)

    with database(given.settings(ctx)) as db:
        asked, account = db.read_now(find)
    connect(ctx, user, "colleague", {"address": asked, "through": account}, "", display_name or asked)


@click.command("radicale", cls=Kind)
@click.argument("user")
@click.option("--folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Radicale's storage.")
@click.option("--owner", required=True, help="Whose collections there.")
@NAME
@click.pass_context
def add_radicale(ctx: click.Context, user: str, folder: Path, owner: str, display_name: str) -> None:
    """Connect the collections of an existing Radicale folder; Radicale may go on running beside us."""
    connect(ctx, user, "radicale", {"folder": str(folder.resolve()), "owner": owner}, "", display_name)


@click.command("local", cls=Kind)
@click.argument("user")
@NAME
@click.pass_context
def add_local(ctx: click.Context, user: str, display_name: str) -> None:
    """Add a calendar that lives here."""
    connect(ctx, user, "local", {}, "", display_name)

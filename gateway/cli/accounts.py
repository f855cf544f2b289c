"""gateway account …"""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from gateway.accounts.connect import add_account, revoke, token_secret
from gateway.app import Parts, open_parts
from gateway.cli import given
from gateway.cli.mirroring import take_down
from gateway.cli.parts import check_current, database
from gateway.cli.people import person_named
from gateway.cli.pulling import pull_with_bar
from gateway.cli.screen import next_step, say, show_table
from gateway.config import Settings
from gateway.errors import UsageError
from gateway.mirror import choose
from gateway.store import accounts, principals
from gateway.store.accounts import AccountRow
from gateway.store.database import Connection
from gateway.sync import calendars
from gateway.sync.notices.watch import close

CLOUDS: Final = ("google", "outlook")
STAYS: Final = "The account takes part in nothing any more. It is removed as soon as the last busy block there is gone."


@click.group()
def account() -> None:
    """Connections to providers: add, list, remove."""


def _add(
    ctx: click.Context, user: str, kind: str, options: dict[str, str], secret: str = "", display_name: str = ""
) -> None:
    settings = given.settings(ctx)
    check_current(settings)
    asyncio.run(_connect(settings, user, kind, options, secret, display_name))


async def _connect(
    settings: Settings, user: str, kind: str, options: dict[str, str], secret: str, display_name: str
) -> None:
    async with open_parts(settings) as parts:
        person = await parts.db.read(person_named, user)
        key = await add_account(
            parts.db, parts.sealer, parts.outside,
            user=person.id, kind=kind, settings=options, secret=secret, displayname=display_name, now=int(time.time()),
        )  # fmt: skip
        row = await parts.db.read(accounts.get, key)
        if row is not None and kind != "local":
            await pull_with_bar(parts, row)
        found = await parts.db.read(accounts.account_calendars, key)
    say(f"Connected: {row.displayname if row else kind}")
    show_calendars(found)
    next_step(f"gateway calendar list {user}")


def show_calendars(rows: list[accounts.CalendarRow]) -> None:
    columns = ("id", "calendar", "account", "writable", "merged", "busy", "destination")
    shown = [(r.id, r.displayname, r.kind, r.writable, r.merged, r.busy, r.destination) for r in rows if not r.gone]
    show_table(columns, shown, empty="No calendar yet. Next: gateway account add USER google")


@account.group()
def add() -> None:
    """Connect an account: google, outlook, caldav, feed, radicale, local."""


def _token(kind: str, token_file: Path | None, base_url: str) -> str:
    if token_file is None:
        raise UsageError(
            f"sign in at {base_url}/app and choose 'Connect', or give --token-file; see 'gateway account add {kind} -h'"
        )
    try:
        return token_secret(kind, token_file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{token_file}: {error}") from error


TOKEN_FILE = click.option(
    "--token-file", type=click.Path(path_type=Path, dir_okay=False), help="What the provider's sign-in gave; see above."
)
NAME = click.option("--name", "display_name", default="", help="What the account is called here.")


@add.command("google")
@click.argument("user")
@TOKEN_FILE
@NAME
@click.pass_context
def add_google(ctx: click.Context, user: str, token_file: Path | None, display_name: str) -> None:
    """Connect a Google account of USER.

    In the browser: sign in at /app and choose "Connect Google". Here: --token-file with Google's authorized-user
    JSON (client_id, client_secret, refresh_token).
    """
    base_url = given.settings(ctx).server.base_url
    _add(ctx, user, "google", {}, _token("google", token_file, base_url), display_name)


@add.command("outlook")
@click.argument("user")
@TOKEN_FILE
@click.option("--email", default="", help="The mailbox's address, so that answers to invitations are recognised.")
@NAME
@click.pass_context
def add_outlook(ctx: click.Context, user: str, token_file: Path | None, email: str, display_name: str) -> None:
    """Connect an Outlook (Microsoft 365) account of USER.

    In the browser: sign in at /app and choose "Connect Outlook". Here: --token-file with msal's token cache, with
    {"refresh_token": "…"}, or with a bare refresh token.
    """
    base_url = given.settings(ctx).server.base_url
    options = {"email": email} if email else {}
    _add(ctx, user, "outlook", options, _token("outlook", token_file, base_url), display_name)


@add.command("caldav")
@click.argument("user")
@click.option("--url", required=True, help="Of the server, or of one calendar.")
@click.option("--username", required=True)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@NAME
@click.pass_context
def add_caldav(ctx: click.Context, user: str, url: str, username: str, password_stdin: bool, display_name: str) -> None:
    """Connect an account at another CalDAV server: iCloud, Fastmail, Nextcloud, …"""
    password = given.password(password_stdin, f"Password of {username} there")
    _add(ctx, user, "caldav", {"url": url, "username": username}, password, display_name)


@add.command("feed")
@click.argument("user")
@click.option("--url", required=True, help="Of an iCalendar file: https:// or webcal://")
@NAME
@click.pass_context
def add_feed(ctx: click.Context, user: str, url: str, display_name: str) -> None:
    """Subscribe USER to a published calendar; read-only. The address is kept sealed, as it may be a secret."""
    _add(ctx, user, "feed", {}, url, display_name)


@add.command("radicale")
@click.argument("user")
@click.option("--folder", required=True, type=click.Path(path_type=Path, file_okay=False), help="Radicale's storage.")
@click.option("--owner", required=True, help="Whose collections there.")
@NAME
@click.pass_context
def add_radicale(ctx: click.Context, user: str, folder: Path, owner: str, display_name: str) -> None:
    """Connect the collections of an existing Radicale folder; Radicale may go on running beside us."""
    _add(ctx, user, "radicale", {"folder": str(folder.resolve()), "owner": owner}, "", display_name)


@add.command("local")
@click.argument("user")
@NAME
@click.pass_context
def add_local(ctx: click.Context, user: str, display_name: str) -> None:
    """Add a calendar that lives here."""
    _add(ctx, user, "local", {}, "", display_name)


@account.command("list")
@click.argument("user", required=False)
@click.pass_context
def list_(ctx: click.Context, user: str | None) -> None:
    """All accounts, or those of USER, with their health."""

    def rows(conn: Connection) -> list[tuple[object, ...]]:
        found = accounts.of_user(conn, person_named(conn, user).id) if user else accounts.everyone(conn)
        names = {one.id: one.name for one in principals.everybody(conn)}
        return [
            (
                row.id,
                names[row.user_id],
                row.kind,
                row.displayname,
                row.state,
                _when(row),
                row.error,
            )
            for row in found
        ]

    with database(given.settings(ctx)) as db:
        found = db.read_now(rows)
    columns = ("id", "user", "kind", "account", "state", "last pull", "problem")
    show_table(columns, found, empty="No account yet. Next: gateway account add USER google")


def _when(row: AccountRow) -> str:
    return "" if row.synced is None else f"{datetime.fromtimestamp(row.synced).astimezone():%Y-%m-%d %H:%M:%S}"


@account.command("remove")
@click.argument("user")
@click.argument("account_id", type=int)
@click.pass_context
def remove(ctx: click.Context, user: str, account_id: int) -> None:
    """Remove an account of USER from the gateway, and end its sign-in.

    Nothing is deleted at the provider but the busy blocks of mirrors.
    """
    settings = given.settings(ctx)
    check_current(settings)
    asyncio.run(_remove(settings, user, account_id))


async def _remove(settings: Settings, user: str, account_id: int) -> None:
    async with open_parts(settings) as parts:
        person = await parts.db.read(person_named, user)
        row = await _owned(parts, person.id, account_id)
        blocks = await parts.db.write(choose.part, person.id, row.id, time.time())
        if blocks:
            await take_down(parts, person.id, blocks)
            say(STAYS if await parts.db.read(accounts.get, row.id) else "Removed.")
            return
        await close(parts.sync, row)
        await parts.db.write(calendars.remove_account, person.id, row.id)
        await revoke(parts.db, parts.sealer, parts.outside, row)
    say("Removed.")


async def _owned(parts: Parts, user: int, key: int) -> AccountRow:
    row = await parts.db.read(accounts.get, key)
    if row is None or row.user_id != user:
        raise UsageError(f"there is no account {key} of theirs; 'gateway account list' shows them")
    return row

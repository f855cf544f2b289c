"""gateway init, gateway migrate."""

import sys
import time
from contextlib import ExitStack
from pathlib import Path

import click

from gateway.accounts import people
from gateway.accounts.passwords import hash_password
from gateway.accounts.sealed import load_or_create
from gateway.cli import given
from gateway.cli.parts import database
from gateway.cli.screen import next_step, say
from gateway.config import DEFAULT_FILE, Settings, load
from gateway.errors import UsageError
from gateway.store import principals
from gateway.store.migrate import migrate as bring_up_to_date

TEMPLATE = """\
# Settings of the gateway; config/gateway.example.toml shows all of them.

[server]
base_url = "{base_url}"
listen = "{listen}"

[database]
url = "{database}"

[secrets]
key_file = "{data}/secret.key"

[mail]
smtp_url = ""                  # smtp://user:password@mail.example.com:587
from = ""                      # Calendar <calendar@example.com>
"""


def prepare(settings: Settings) -> None:
    """The key file and the database, created or brought up to date."""
    load_or_create(settings.secrets.key_file)
    bring_up_to_date(settings.database.url)


@click.command()
@click.option("--base-url", default="", help="URL people will reach the server at.")
@click.option("--listen", default="127.0.0.1:5232", show_default=True)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder for database and key.")
@click.option(
    "--database", "database_url", default="", help="postgresql://…; default: a file of SQLite in that folder."
)
@click.option("--admin", default="", help="Name of the first admin.")
@click.option("--email", default="", help="Address of the first admin.")
@click.option("--password-stdin", is_flag=True, help="Read the admin's password from standard input.")
@click.pass_context
def init(
    ctx: click.Context,
    base_url: str,
    listen: str,
    data: Path | None,
    database_url: str,
    admin: str,
    email: str,
    password_stdin: bool,
) -> None:
    """Write a config file and a key, create the database, add the first admin.

    Asks for what it is not told when run on a terminal.
    """
    file: Path = ctx.find_root().obj or DEFAULT_FILE
    if file.exists():
        raise UsageError(f"{file} is there already; change it with an editor, or name another with --config")
    base_url = base_url or _ask("URL people will reach the server at", f"http://{listen}", "--base-url")
    admin = admin or _ask("Name of the first admin, such as anna", "", "--admin")
    email = email or _ask("Their e-mail address", "", "--email")
    password = given.password(password_stdin, f"Password of {admin}")
    folder = (data or file.parent.parent / "data").resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as undo:
        undo.callback(file.unlink, missing_ok=True)
        url = database_url or f"sqlite:///{folder.as_posix()}/gateway.sqlite"
        written = TEMPLATE.format(base_url=base_url, listen=listen, data=folder.as_posix(), database=url)
        file.write_text(written, encoding="utf-8")
        settings = load(file)
        prepare(settings)
        _add_admin(settings, admin, email, password)
        undo.pop_all()
    made = [str(file), str(settings.secrets.key_file), *([] if database_url else [f"{folder}/gateway.sqlite"])]
    say(f"Written: {', '.join(made)}")
    say("Keep a copy of the key apart from the database: without it stored sign-ins cannot be opened.")
    next_step("gateway serve")


def _ask(question: str, suggestion: str, option: str) -> str:
    """Raises: UsageError where there is no terminal."""
    if not sys.stdin.isatty():
        raise UsageError(f"no terminal to ask on; use {option}")
    return str(click.prompt(question, default=suggestion or None, err=True))


def _add_admin(settings: Settings, name: str, email: str, password: str) -> None:
    with database(settings) as db:
        if db.read_now(principals.by_name, name) is None:
            hashed = hash_password(password)
            db.write_now(people.add_person, name, email, password=hashed, is_admin=True, now=int(time.time()))


@click.command()
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Create the database and the key file where they are missing; bring the schema up to date."""
    settings = given.settings(ctx)
    prepare(settings)
    say("The database is up to date.")

"""gateway account add … google and outlook: by a sign-in, by a file of tokens, or by what an organisation gives."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from gateway.accounts.connect import token_secret
from gateway.accounts.organisation import AtGoogle, AtMicrosoft, app_settings, service_settings
from gateway.backends.google.service_account import read_key
from gateway.cli import given
from gateway.cli.accounts.add import NAME, Kind, connect, connected, everybody
from gateway.cli.accounts.domain import Wish, connect_all
from gateway.cli.accounts.terminal import SignedIn, at_google, at_microsoft, check_somebody
from gateway.cli.parts import database
from gateway.cli.people import person_named
from gateway.config import Settings
from gateway.errors import ConfigError, UsageError

FILE: Final = click.Path(path_type=Path, dir_okay=False)
USER: Final = click.argument("user", required=False, default="")
TOKEN_FILE: Final = click.option("--token-file", type=FILE, help="What the provider's sign-in gave; see above.")
READ_ONLY: Final = click.option("--read-only", is_flag=True, help="Ask for no more than to read; nothing is written.")
WAIT: Final = click.option("--wait", is_flag=True, help="Show the address and wait also where there is no terminal.")


@dataclass(frozen=True, slots=True)
class Everybody:
    """What --all-of was told, before the kind or after it. domain: "" where it is about one USER."""

    domain: str
    dry_run: bool
    create: bool

    @classmethod
    def told(cls, ctx: click.Context, domain: str, dry_run: bool, create: bool) -> "Everybody":
        before: Mapping[str, object] = ctx.parent.params if ctx.parent else {}
        named = str(before.get("domain") or domain).lower()
        return cls(
            named.removeprefix("@"),
            bool(before.get("dry_run")) or dry_run,
            bool(before.get("create_users")) or create,
        )

    @property
    def wish(self) -> Wish:
        return Wish(self.dry_run, self.create)

    def check(self, ctx: click.Context, user: str, unfit: Mapping[str, object]) -> None:
        """Raises: click.UsageError. unfit: options that are for one person alone."""
        if bool(self.domain) == bool(user):
            told = "both USER and --all-of" if user else "neither USER nor --all-of"
            raise click.UsageError(f"{told}: say whose account it is, or of which domain all are", ctx)
        if not self.domain and (self.dry_run or self.create):
            raise click.UsageError("--dry-run and --create-users go with --all-of", ctx)
        if self.domain and (wrong := [name for name, value in unfit.items() if value]):
            raise click.UsageError(f"{wrong[0]} is for one USER, not for --all-of", ctx)


def only_one(ctx: click.Context, ways: Mapping[str, object]) -> None:
    """Raises: click.UsageError."""
    if len(told := [name for name, value in ways.items() if value]) > 1:
        raise click.UsageError(f"{' and '.join(told)}: only one of them can be the way to sign in", ctx)


def belongs(
    ctx: click.Context, way: object, name: str, needed: Mapping[str, object], more: Mapping[str, object]
) -> None:
    """Options that go with the one called `name`: the needed ones, and those that only it takes.

    Raises: click.UsageError.
    """
    for option, value in needed.items():
        if bool(way) != bool(value):
            raise click.UsageError(f"{name} and {option} go together", ctx)
    if not way and (wrong := [option for option, value in more.items() if value]):
        raise click.UsageError(f"{wrong[0]} goes with {name}", ctx)


def read_text(file: Path) -> str:
    """Raises: UsageError."""
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: this is no text") from error


def token(kind: str, file: Path, settings: Settings) -> str:
    """Raises: UsageError."""
    text = read_text(file)
    try:
        secret = token_secret(kind, text)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    if kind == "google" and not (json.loads(secret).get("client_id") or settings.google.client_id):
        raise UsageError(f"{file}: it names no client_id, and [google] client_id is not set either")
    return secret


def service_key(file: Path, settings: Settings) -> str:
    """The text of a key file, once it is seen to be one. Raises: UsageError."""
    text = read_text(file)
    try:
        read_key(text, settings.google)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error
    return text


def check_application(settings: Settings) -> None:
    """Raises: ConfigError."""
    for name, value in (
        ("client_id", settings.microsoft.client_id),
        ("client_secret", settings.microsoft.client_secret),
    ):
        if not value:
            raise ConfigError(f"microsoft.{name}: not set, and the application cannot sign in without it")


def sign_in(
    ctx: click.Context,
    user: str,
    kind: str,
    way: Callable[[], Coroutine[Any, Any, SignedIn]],
    display_name: str,
    wait: bool,
) -> None:
    """Somebody goes to an address; all that can be wrong here is looked at before."""
    settings = given.settings(ctx)
    with database(settings) as db:
        db.read_now(person_named, user)
    check_somebody(kind, wait=wait)

    async def both() -> None:
        signed_in = await way()
        await connected(settings, user, kind, signed_in.settings, signed_in.secret, display_name)

    asyncio.run(both())


@click.command("google", cls=Kind)
@USER
@TOKEN_FILE
@click.option("--service-account", type=FILE, metavar="FILE", help="Key file of a service account of the organisation.")
@click.option("--subject", default="", metavar="MAIL", help="With --service-account: whose calendars.")
@click.option("--admin", default="", metavar="MAIL", help="With --all-of: an admin, in whose name people are listed.")
@READ_ONLY
@click.option("--port", type=click.IntRange(1, 65_535), default=None, help="To come back to after signing in here.")
@WAIT
@everybody
@NAME
@click.pass_context
def add_google(
    ctx: click.Context,
    user: str,
    token_file: Path | None,
    service_account: Path | None,
    subject: str,
    admin: str,
    read_only: bool,
    port: int | None,
    wait: bool,
    domain: str,
    dry_run: bool,
    create_users: bool,
    display_name: str,
) -> None:
    """Connect a Google account of USER, or those of all people of an organisation.

    Alone: an address is shown to sign in at. The client of [google] client_id has to be a "Desktop app"; for a "Web
    application" register http://127.0.0.1:PORT/ as a redirect URI and give that --port.

    --token-file: Google's authorized-user JSON (client_id, client_secret, refresh_token).

    --service-account and --subject: nobody signs in; see docs/organisations.md.

    --all-of example.com, --service-account and --admin: everybody of the domain; may be run again at any time.
    """
    everyone = Everybody.told(ctx, domain, dry_run, create_users)
    alone = {"--token-file": token_file, "--subject": subject, "--port": port, "--wait": wait, "--name": display_name}
    everyone.check(ctx, user, alone)
    only_one(ctx, {"--token-file": token_file, "--service-account": service_account})
    access = "read" if read_only else "write"
    settings = given.settings(ctx)
    if everyone.domain:
        belongs(ctx, service_account, "--service-account", {"--admin": admin}, {})
        if service_account is None:
            raise click.UsageError("--all-of needs --service-account and --admin", ctx)
        key = service_key(service_account, settings)
        connect_all(settings, everyone.wish, lambda outside: AtGoogle(everyone.domain, admin, access, outside, key))
        return
    belongs(ctx, service_account, "--service-account", {"--subject": subject}, {"--admin": admin})
    if service_account is not None:
        key = service_key(service_account, settings)
        options = service_settings(read_key(key, settings.google), subject, access)
        connect(ctx, user, "google", options, key, display_name)
    elif token_file is not None:
        connect(ctx, user, "google", {"access": access}, token("google", token_file, settings), display_name)
    else:
        sign_in(ctx, user, "google", lambda: at_google(settings, access, port or 0), display_name, wait)


@click.command("outlook", cls=Kind)
@USER
@TOKEN_FILE
@click.option("--email", default="", help="The mailbox's address, so that answers to invitations are recognised.")
@click.option("--app-only", is_flag=True, help="By the application's own permission, given by an admin.")
@click.option("--mailbox", default="", metavar="MAIL", help="With --app-only: whose calendars.")
@READ_ONLY
@WAIT
@everybody
@NAME
@click.pass_context
def add_outlook(
    ctx: click.Context,
    user: str,
    token_file: Path | None,
    email: str,
    app_only: bool,
    mailbox: str,
    read_only: bool,
    wait: bool,
    domain: str,
    dry_run: bool,
    create_users: bool,
    display_name: str,
) -> None:
    """Connect an Outlook (Microsoft 365) account of USER, or those of all people of an organisation.

    Alone: an address and a code are shown, to sign in by in any browser.

    --token-file: msal's token cache, {"refresh_token": "…"}, or a bare refresh token.

    --app-only and --mailbox: nobody signs in; see docs/organisations.md.

    --all-of example.com and --app-only: everybody of the domain; may be run again at any time.
    """
    everyone = Everybody.told(ctx, domain, dry_run, create_users)
    alone = {"--token-file": token_file, "--mailbox": mailbox, "--email": email, "--wait": wait, "--name": display_name}
    everyone.check(ctx, user, alone)
    only_one(ctx, {"--token-file": token_file, "--app-only": app_only})
    access = "read" if read_only else "write"
    settings = given.settings(ctx)
    if app_only:
        check_application(settings)
    if everyone.domain:
        if not app_only:
            raise click.UsageError("--all-of needs --app-only", ctx)
        connect_all(settings, everyone.wish, lambda outside: AtMicrosoft(everyone.domain, access, outside))
        return
    belongs(ctx, app_only, "--app-only", {"--mailbox": mailbox}, {})
    told = {"email": email.lower()} if email else {}
    if app_only:
        connect(ctx, user, "outlook", {**app_settings(mailbox, access), **told}, "", display_name)
    elif token_file is not None:
        options = {"access": access, **told}
        connect(ctx, user, "outlook", options, token("outlook", token_file, settings), display_name)
    else:
        sign_in(ctx, user, "outlook", lambda: at_microsoft(settings, access), display_name, wait)

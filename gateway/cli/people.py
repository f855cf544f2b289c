"""gateway user …, gateway team …"""

import time
from typing import Final

import click

from gateway.accounts import people
from gateway.accounts.api_keys import SCOPES, check_label, check_scopes, new_api_key
from gateway.accounts.passwords import hash_password, new_app_password
from gateway.cli import given
from gateway.cli.parts import database
from gateway.cli.screen import next_step, say, show_table
from gateway.errors import UsageError
from gateway.store import accounts, api_keys, delegates, principals, sessions, teams
from gateway.store.database import Connection
from gateway.store.principals import Principal

KINDS: Final = {"person": "INDIVIDUAL", "room": "ROOM", "resource": "RESOURCE", "outside": principals.OUTSIDE}
WORDS: Final = {kind: word for word, kind in KINDS.items()}


def person_named(conn: Connection, name: str) -> Principal:
    """Raises: UsageError."""
    found = principals.by_name(conn, name) or principals.by_address(conn, name)
    if found is None:
        raise UsageError(f"there is nobody called {name!r}; 'gateway user list' shows who there is")
    return found


@click.group()
def user() -> None:
    """People: add, list, passwords, delegates."""


@user.command("add")
@click.argument("name")
@click.option("--email", required=True, help="Their main address; others are learned from their accounts.")
@click.option("--display-name", default="", help="As others see it; default: NAME.")
@click.option("--zone", default="UTC", show_default=True, help="Time zone, such as Europe/Berlin.")
@click.option("--language", type=click.Choice(["en", "de", "es", "fr"]), default="en", show_default=True)
@click.option(
    "--kind",
    type=click.Choice([*KINDS]),
    default="person",
    help="Rooms and resources answer by themselves; outside: has no account here.",
)
@click.option("--admin", is_flag=True, help="May manage the server in the browser.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_context
def add(
    ctx: click.Context,
    name: str,
    email: str,
    display_name: str,
    zone: str,
    language: str,
    kind: str,
    admin: bool,
    password_stdin: bool,
) -> None:
    """Add a person called NAME. They get a calendar of their own here as well.

    A room or resource cannot sign in. Whoever invites its address gets it if it is free. Somebody outside cannot
    either: others can be booked together with them, as their busy time is read elsewhere, and they hear of it by mail.
    """
    settings = given.settings(ctx)
    hashed = None
    if kind == "person" and (settings.auth.type == "internal" or password_stdin):
        hashed = hash_password(given.password(password_stdin))
    with database(settings) as db:
        db.write_now(
            people.add_person,
            name,
            email,
            displayname=display_name,
            password=hashed,
            zone=zone,
            locale=language,
            is_admin=admin and kind == "person",
            kind=KINDS[kind],
            now=int(time.time()),
        )
    if kind == "outside":
        say(f"{name} has no account here, and can be booked with others once their busy time is known.")
        next_step(f"gateway account add {name} feed --url https://…   (or colleague --through SOMEBODY)")
        return
    if kind != "person":
        say(f"{name} accepts invitations to {email} when it is free, and declines them when it is not.")
        next_step(f"gateway team join TEAM {name}   (those of one team see when it is free)")
        return
    say(f"{name} can sign in, and finds the calendar at {settings.server.base_url}/dav/calendars/{name}/merged/")
    next_step(f"gateway account add {name} google   (or outlook, caldav, feed, radicale, local)")


@user.command("list")
@click.pass_context
def list_(ctx: click.Context) -> None:
    """Everybody, with their calendars' number."""

    def rows(conn: Connection) -> list[tuple[object, ...]]:
        return [
            (
                *(one.name, WORDS[one.kind], one.displayname, one.email, one.zone),
                *(len(accounts.calendars(conn, one.id)), one.is_admin),
            )
            for one in principals.everybody(conn)
            if not one.is_team
        ]

    with database(given.settings(ctx)) as db:
        found = db.read_now(rows)
    show_table(
        ("name", "kind", "display name", "e-mail", "zone", "calendars", "admin"),
        found,
        empty="Nobody yet. Next: gateway user add NAME --email …",
    )


@user.command("passwd")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_context
def passwd(ctx: click.Context, name: str, password_stdin: bool) -> None:
    """Set a new password. Browser sessions of theirs end; app passwords stay."""
    with database(given.settings(ctx)) as db:
        person = db.read_now(person_named, name)
        hashed = hash_password(given.password(password_stdin, f"New password of {name}"))

        def change(conn: Connection) -> None:
            principals.change(conn, person.id, {"password": hashed})
            sessions.end_all(conn, person.id)

        db.write_now(change)
    say(f"{person.name} has a new password.")


@user.command("app-password")
@click.argument("name")
@click.option("--label", required=True, help="Which program it is for, such as 'Thunderbird on the laptop'.")
@click.option("--revoke", is_flag=True, help="Take back the one with this label.")
@click.pass_context
def app_password(ctx: click.Context, name: str, label: str, revoke: bool) -> None:
    """Make a password for one calendar program; it is shown once."""
    with database(given.settings(ctx)) as db:
        person = db.read_now(person_named, name)
        if revoke:
            mine = [one for one in db.read_now(principals.app_passwords, person.id) if one.label == label]
            if not mine:
                raise UsageError(f"{person.name} has no app password labelled {label!r}")
            for one in mine:
                db.write_now(principals.revoke_app_password, person.id, one.id)
            say(f"Taken back: {label}")
            return
        plain, digest = new_app_password()
        db.write_now(principals.add_app_password, person.id, label, digest, int(time.time()))
    say(plain)


@user.command("api-key")
@click.argument("name")
@click.option("--label", required=True, help="Which program it is for, such as 'Invoices'.")
@click.option("--scope", "scopes", multiple=True, help=f"What it allows, again for each: {', '.join(SCOPES)}.")
@click.option("--revoke", is_flag=True, help="Take back the one with this label.")
@click.pass_context
def api_key(ctx: click.Context, name: str, label: str, scopes: tuple[str, ...], revoke: bool) -> None:
    """Make a key for a program that uses the API in the name of NAME; it is shown once."""
    with database(given.settings(ctx)) as db:
        person = db.read_now(person_named, name)
        if revoke:
            mine = [one for one in db.read_now(api_keys.of_user, person.id) if one.label == label]
            if not mine:
                raise UsageError(f"{person.name} has no API key labelled {label!r}")
            for one in mine:
                db.write_now(api_keys.revoke, person.id, one.id)
            say(f"Taken back: {label}")
            return
        plain, digest = new_api_key()
        db.write_now(api_keys.add, person.id, check_label(label), digest, check_scopes(scopes), int(time.time()))
    say(plain)


@user.command("delegate")
@click.argument("owner", required=False)
@click.argument("delegate", required=False)
@click.option(
    "--read", "choice", flag_value=delegates.READ, help="May see the calendars; what is private as busy only."
)
@click.option("--write", "choice", flag_value=delegates.WRITE, help="May see everything, change it, and invite people.")
@click.option("--remove", "choice", flag_value="remove", help="Takes back what they were given.")
@click.pass_context
def delegate_(ctx: click.Context, owner: str | None, delegate: str | None, choice: str | None) -> None:
    """Let DELEGATE, a person or a team, read or write the calendars of OWNER.

    Without DELEGATE: a list of those of OWNER; without OWNER, of everybody's.
    """
    if delegate is None and choice is not None:
        raise UsageError("say who, too: gateway user delegate OWNER DELEGATE --read")
    if delegate is not None and choice is None:
        raise UsageError("say what they may do: --read, --write or --remove")
    with database(given.settings(ctx)) as db:
        if owner is None or delegate is None or choice is None:
            rows = db.read_now(_delegates, owner)
            empty = "Nobody yet. Next: gateway user delegate OWNER DELEGATE --read"
            show_table(("calendars of", "delegate", "may"), rows, empty=empty)
            return
        whose, who = db.write_now(_delegate, owner, delegate, choice)
    if choice == "remove":
        say(f"{who.name} sees the calendars of {whose.name} no more.")
        return
    say(f"{who.name} may {choice} the calendars of {whose.name}.")
    next_step(f"in the calendar app of {who.name}: /dav/calendars/{whose.name}/merged/")


def _delegate(conn: Connection, owner: str, delegate: str, choice: str) -> tuple[Principal, Principal]:
    whose, who = person_named(conn, owner), person_named(conn, delegate)
    if whose.is_team:
        raise UsageError(f"{whose.name} is a team; only people have calendars of their own")
    if whose.id == who.id:
        raise UsageError("nobody needs leave to see their own calendars")
    if choice != "remove":
        delegates.grant(conn, whose.id, who.id, choice)
    elif not delegates.revoke(conn, whose.id, who.id):
        raise UsageError(
            f"{who.name} is no delegate of {whose.name}; 'gateway user delegate {whose.name}' shows who is"
        )
    return whose, who


def _delegates(conn: Connection, owner: str | None) -> list[tuple[object, ...]]:
    only = None if owner is None else person_named(conn, owner).id
    names = {one.id: one.name for one in principals.everybody(conn)}
    rows = [row for row in delegates.everyone(conn) if only in {None, row[0]}]
    return sorted((names[whose], names[who], access) for whose, who, access in rows)


@click.group()
def team() -> None:
    """Teams: colleagues who may ask for each other's free/busy time."""


@team.command("add")
@click.argument("name")
@click.argument("members", nargs=-1, required=True)
@click.option("--email", required=True, help="Address under which the whole team is asked for its free/busy time.")
@click.option("--display-name", default="")
@click.option("--admin", "admins", multiple=True, help="A member who may change the team and what is booked with it.")
@click.pass_context
def add_team(
    ctx: click.Context, name: str, members: tuple[str, ...], email: str, display_name: str, admins: tuple[str, ...]
) -> None:
    """Add a team called NAME of these MEMBERS."""

    def add_it(conn: Connection) -> None:
        ids = [person_named(conn, member).id for member in members]
        key = people.add_team(conn, name, email, displayname=display_name, members=ids, now=int(time.time()))
        for admin in admins:
            teams.put(conn, key, person_named(conn, admin).id, teams.ADMIN)

    with database(given.settings(ctx)) as db:
        db.write_now(add_it)
    say(f"{name}: {', '.join(members)} may now ask for each other's free/busy time.")


@team.command("join")
@click.argument("name")
@click.argument("members", nargs=-1, required=True)
@click.option("--admin", is_flag=True, help="They may change the team and what is booked with it.")
@click.pass_context
def join_team(ctx: click.Context, name: str, members: tuple[str, ...], *, admin: bool) -> None:
    """Add MEMBERS to the team called NAME."""

    def join(conn: Connection) -> None:
        found = person_named(conn, name)
        if not found.is_team:
            raise UsageError(f"{found.name} is no team; 'gateway team list' shows which there are")
        for member in members:
            one = person_named(conn, member)
            if one.is_team:
                raise UsageError(f"{one.name} is a team itself; teams have people in them")
            role = teams.ADMIN if admin else teams.role(conn, found.id, one.id) or teams.MEMBER
            teams.put(conn, found.id, one.id, role)

    with database(given.settings(ctx)) as db:
        db.write_now(join)
    say(f"{', '.join(members)} now in {name}.")


@team.command("list")
@click.pass_context
def list_teams(ctx: click.Context) -> None:
    """All teams with their members."""

    def rows(conn: Connection) -> list[tuple[object, ...]]:
        return [
            (
                one.name,
                one.displayname,
                one.email,
                ", ".join(member.name for member in principals.members_of(conn, one.id)),
            )
            for one in principals.everybody(conn, kind="GROUP")
        ]

    with database(given.settings(ctx)) as db:
        found = db.read_now(rows)
    show_table(("name", "display name", "e-mail", "members"), found, empty="No team yet. Next: gateway team add NAME …")

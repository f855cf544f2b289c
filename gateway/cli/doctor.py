"""gateway doctor."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import groupby
from pathlib import Path
from typing import Final

import click
from aiohttp import ClientError, ClientResponse, ClientTimeout

from gateway.accounts.pace import key_of
from gateway.accounts.ways import is_organisations, way
from gateway.app import Parts, open_parts
from gateway.backends.table import BACKENDS
from gateway.cli import given
from gateway.cli.finding import Finding, Verdict
from gateway.cli.mirroring import PROBLEMS
from gateway.cli.parts import check_current
from gateway.cli.rooms import about_rooms
from gateway.cli.screen import CONSOLE
from gateway.config import Settings, is_loopback, load
from gateway.errors import ConfigError, GatewayError, UsageError
from gateway.scheduling.addresses import configured_sender
from gateway.scheduling.deliver import greet, server
from gateway.scheduling.examples import problems
from gateway.scheduling.imip.mailbox import mailbox, trusted
from gateway.scheduling.imip.watch import condition
from gateway.store import accounts, bookings, budgets, jobs, mirrors, principals, refusals
from gateway.store.accounts import AccountRow
from gateway.store.budgets import Budget
from gateway.store.database import Connection
from gateway.store.mirrors import MirrorRow
from gateway.sync.notices.standing import How, Standing, standing

__all__ = ["Finding", "Verdict", "doctor"]

TIMEOUT: Final = ClientTimeout(total=10)
SKEW: Final = timedelta(seconds=90)


STYLES: Final = {Verdict.GOOD: "green", Verdict.NOTE: "yellow", Verdict.BAD: "red"}


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Check settings, database, mail, providers, clock and public URL; say what to do. Exit status 1 if one is bad."""
    file: Path | None = ctx.find_root().obj
    try:
        settings = load(file)
        check_current(settings)
    except ConfigError as error:
        show([Finding("settings", Verdict.BAD, str(error), "mend it, then run 'gateway doctor' again")])
        raise UsageError("one thing is bad") from error
    found = asyncio.run(_examine(given.settings(ctx)))
    show(found)
    bad = sum(finding.verdict == Verdict.BAD for finding in found)
    if bad:
        raise UsageError(f"{bad} {'thing is' if bad == 1 else 'things are'} bad")


def show(found: Sequence[Finding]) -> None:
    for about, findings in groupby(found, lambda finding: finding.about):
        for finding in findings:
            CONSOLE.print(f"{finding.verdict:<5}", style=STYLES[finding.verdict], end="")
            CONSOLE.print(f"{about}: {finding.text}", markup=False)
            if finding.todo:
                CONSOLE.print(f"     -> {finding.todo}", style="bold", markup=False)


async def _examine(settings: Settings) -> list[Finding]:
    async with open_parts(settings) as parts:
        found = [*_settings(settings)]
        found.extend(await parts.db.read(_database))
        for look in (_public_url, _mail, mail_templates, mailboxes, _clock, about_rooms):
            found.extend([finding async for finding in look(parts)])
        found.extend(await parts.db.read(about_accounts, settings, int(time.time())))
        found.extend(await parts.db.read(about_mirrors, settings))
        return found


def _settings(settings: Settings) -> Iterator[Finding]:
    mode = settings.secrets.key_file.stat().st_mode & 0o077
    if mode:
        name = settings.secrets.key_file
        yield Finding("key file", Verdict.BAD, f"{name} can be read by others", f"chmod 600 {name}")
    else:
        yield Finding("key file", Verdict.GOOD, f"{settings.secrets.key_file}, for its owner only")
    for kind, client_id in (("google", settings.google.client_id), ("outlook", settings.microsoft.client_id)):
        if not client_id:
            section = "google" if kind == "google" else "microsoft"
            todo = f"for 'Connect {kind.title()}' in the browser, register an app and set [{section}] client_id"
            yield Finding(kind, Verdict.NOTE, "no app registered, so nobody can connect an account there", todo)


def _database(conn: Connection) -> list[Finding]:
    people = len(principals.everybody(conn, kind="INDIVIDUAL"))
    text = f"up to date; {people} people, {len(accounts.everyone(conn))} accounts, {bookings.count(conn)} bookings"
    found = [Finding("database", Verdict.GOOD, text)]
    if people == 0:
        found.append(Finding("people", Verdict.NOTE, "nobody yet", "gateway user add NAME --email …"))
    for job in jobs.dead(conn):
        text = f"{job.kind} {job.key} was given up after {job.attempts} tries: {job.error}"
        found.append(Finding("jobs", Verdict.BAD, text))
    return found


async def _public_url(parts: Parts) -> AsyncIterator[Finding]:
    base = parts.settings.server.base_url
    host = base.split("://")[1].split("/")[0].rpartition(":")[0] or base.split("://")[1]
    if not base.startswith("https://") and not is_loopback(host):
        todo = "put a proxy with TLS in front (config/Caddyfile) and set [server] base_url to its https URL"
        yield Finding("public URL", Verdict.BAD, f"{base} sends passwords in the clear", todo)
    try:
        async with parts.outside.http.get(f"{base}/healthz", timeout=TIMEOUT) as answer:
            good = answer.status == 200
            text = f"{base} answers" if good else f"{base}/healthz answers {answer.status}"
            todo = "" if good else "see whether base_url is the address of this server"
            yield Finding("public URL", Verdict.GOOD if good else Verdict.BAD, text, todo)
    except (ClientError, TimeoutError, OSError) as error:
        text = f"{base} cannot be reached from here: {error or type(error).__name__}"
        yield Finding("public URL", Verdict.NOTE, text, "is the server running? gateway serve")


async def _mail(parts: Parts) -> AsyncIterator[Finding]:
    url = parts.settings.mail.smtp_url.get_secret_value()
    if not url:
        todo = "set [mail] smtp_url and from, or nobody gets an invitation"
        yield Finding("mail", Verdict.BAD, "no mail server set", todo)
        return
    try:
        sender = configured_sender(parts.settings.mail.from_)
        await greet(server(url))
    except GatewayError as error:
        yield Finding("mail", Verdict.BAD, str(error), "mend [mail] smtp_url or from")
    else:
        yield Finding("mail", Verdict.GOOD, f"the server takes mail from {sender}")


async def mail_templates(parts: Parts) -> AsyncIterator[Finding]:
    """Those of the organisation's own; where one is wrong, mails go out with ours."""
    folder = parts.settings.mail.templates
    if folder is None:
        return
    found = await asyncio.to_thread(problems, folder, int(parts.clock()))
    for problem in found:
        yield Finding(
            "mail templates", Verdict.BAD, problem, "mend it, see docs/mail.md; until then mails look as ours"
        )
    if not found:
        where = f"{parts.settings.server.base_url}/app/mails"
        yield Finding("mail templates", Verdict.GOOD, f"those in {folder} fit every mail; look at them on {where}")


async def mailboxes(parts: Parts) -> AsyncIterator[Finding]:
    """Where answers to invitations arrive."""
    urls = parts.settings.mail.mailboxes
    if not urls:
        todo = "set [mail] imap_url, see docs/mail.md"
        yield Finding("answers", Verdict.NOTE, "no mailbox set, so answers by mail are not read", todo)
    for url in urls:
        try:
            trust = trusted(parts.settings.mail.imap_ca_file)
            found = await condition(mailbox(url), parts.clock(), trust=trust)
        except GatewayError as error:
            yield Finding("answers", Verdict.BAD, str(error), "mend [mail] imap_url, or the mailbox")
            continue
        text = f"the mailbox of {found.name} answers; mails that wait to be read: {found.waiting}"
        yield Finding("answers", Verdict.GOOD, text)
        if found.unclear:
            text = f"mails of {found.name} that could not be understood: {found.unclear}"
            yield Finding("answers", Verdict.NOTE, text, "look at the flagged mails there; take the flag off when done")


async def _clock(parts: Parts) -> AsyncIterator[Finding]:
    """Against the Date header of whichever provider answers; sign-ins fail where a clock is far off."""
    for url in (parts.settings.google.token_uri, parts.settings.microsoft.graph_endpoint):
        try:
            async with parts.outside.http.head(url, timeout=TIMEOUT) as answer:
                skew = _skew(answer, lambda: datetime.now(UTC))
        except (ClientError, TimeoutError, OSError):
            continue
        if skew is None:
            continue
        verdict = Verdict.GOOD if abs(skew) < SKEW else Verdict.BAD
        todo = "" if verdict == Verdict.GOOD else "set the clock, e.g. timedatectl set-ntp true"
        yield Finding("clock", verdict, f"{abs(skew).total_seconds():.0f} s from the provider's", todo)
        return
    yield Finding("clock", Verdict.NOTE, "no provider could be asked for the time")


def _skew(answer: ClientResponse, now: Callable[[], datetime]) -> timedelta | None:
    sent = answer.headers.get("Date")
    return None if sent is None else now() - parsedate_to_datetime(sent)


def about_accounts(conn: Connection, settings: Settings, now: int) -> list[Finding]:
    """What is known of the people's accounts at providers."""
    names = {one.id: one.name for one in principals.everybody(conn)}
    lost = Counter(row.account_id for row in refusals.everyone(conn))
    held = budgets.held(conn, now)
    found = [_held(kind, held[kind], now) for kind in BACKENDS if kind in held]
    for row in accounts.everyone(conn):
        if not BACKENDS[row.kind].remote:
            continue
        by_admin = f" ({way(row.kind, row.settings)})" if is_organisations(row.settings) else ""
        about = f"{names[row.user_id]}'s {row.kind} {row.displayname}{by_admin}"
        found.append(_account(row, about, names[row.user_id], settings, standing(conn, settings, row, now), now))
        key = key_of(row.kind, row.id, row.settings.get("primary", ""))
        if key in held:
            found.append(_held(about, held[key], now))
        if lost[row.id]:
            text = f"changes of its owner that were not taken: {lost[row.id]}"
            found.append(Finding(about, Verdict.NOTE, text, f"they are named on {settings.server.base_url}/app"))
    return found


def _held(about: str, budget: Budget, now: int) -> Finding:
    wait = budget.held_until - now
    return Finding(about, Verdict.NOTE, f"not asked for another {wait:.0f} s; last time: {budget.reason}")


def _account(row: AccountRow, about: str, owner: str, settings: Settings, known: Standing, now: int) -> Finding:
    if known.how is How.SIGNED_OUT and is_organisations(row.settings):
        todo = "an admin of the organisation has to look at docs/organisations.md"
        return Finding(about, Verdict.BAD, f"signed out; its last known busy time stays; {row.error}", todo)
    if known.how is How.SIGNED_OUT:
        todo = f"{owner} has to sign in there again: {settings.server.base_url}/app"
        return Finding(about, Verdict.BAD, "signed out; its last known busy time stays", todo)
    age = None if row.synced is None else now - row.synced
    if known.how is How.STALE or age is None:
        since = "never read" if age is None else f"not read for {age // 60} minutes"
        text = f"stale, {since}; {row.error}" if row.error else f"stale, {since}"
        return Finding(about, Verdict.BAD, text, "is the server running? 'gateway sync' tries now")
    verdict = Verdict.NOTE if row.state == "failing" or row.error or known.why else Verdict.GOOD
    text = f"polled every {known.every} s, last read {age} s ago"
    if known.how in {How.PUSH, How.PARTLY}:
        text = f"live by push, looked at every {known.every} s as well, last read {age} s ago"
    if known.how is How.PARTLY:
        text += f"; {known.others} of its calendars without push, polled every {known.others_every} s"
    return Finding(about, verdict, "; ".join(part for part in (text, row.error, known.why) if part))


def about_mirrors(conn: Connection, settings: Settings) -> list[Finding]:
    """Which of them are paused, and which cannot take their blocks away."""
    names = {one.id: one.name for one in principals.everybody(conn)}
    every = mirrors.everyone(conn)
    found = [_mirror(conn, row, names[row.user_id], settings) for row in every if row.problem]
    if every and not found:
        found.append(Finding("mirrors", Verdict.GOOD, f"{len(every)}, nothing in their way"))
    return found


def _mirror(conn: Connection, row: MirrorRow, owner: str, settings: Settings) -> Finding:
    target = accounts.calendar(conn, row.target_id)
    name = "" if target is None else f" into {target.displayname}"
    what = f"cannot be cleaned up, {row.left} blocks are still there" if row.ending else "paused"
    by_itself = row.problem in {"refused", "failing"}
    if by_itself and not row.ending:
        what = f"{row.left} changes wait"
    text = "; ".join(part for part in (what, PROBLEMS.get(row.problem, row.problem), row.error) if part)
    verdict = Verdict.NOTE if by_itself else Verdict.BAD
    return Finding(f"{owner}'s mirror {row.id}{name}", verdict, text, _mirror_todo(row, owner, settings))


def _mirror_todo(row: MirrorRow, owner: str, settings: Settings) -> str:
    if row.problem == "signed-out":
        return f"{owner} has to sign in there again: {settings.server.base_url}/app"
    if row.problem == "read-only":
        return f"{owner} has to be allowed to write there" + ("" if row.ending else ", or turn it off on /app")
    if row.problem == "gone" and not row.ending:
        return f"gateway mirror remove {owner} {row.id}"
    return ""

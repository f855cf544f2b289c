"""Whether mail templates of one's own fit, as `gateway doctor` tells it."""

from gateway.app import open_parts
from gateway.cli.doctor import Verdict, mail_templates
from gateway.store.migrate import migrate
from tests.whole import settings


async def told(tmp_path, **mail):
    given = settings(tmp_path, mail=mail)
    migrate(given.database.url)
    async with open_parts(given) as parts:
        return [finding async for finding in mail_templates(parts)]


async def test_without_any_there_is_nothing_to_say(tmp_path):
    assert await told(tmp_path) == []


async def test_those_that_fit_are_good(tmp_path):
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "shell.txt").write_text('{% extends "ours/shell.txt" %}{% block below %}Example GmbH{% endblock %}')
    [found] = await told(tmp_path, templates=folder)
    assert (found.verdict, "fit every mail" in found.text) == (Verdict.GOOD, True)


async def test_each_mistake_is_one_line(tmp_path):
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "booking.html").write_text("{{ leed }}")
    [found] = await told(tmp_path, templates=folder)
    assert (found.verdict, found.text) == (Verdict.BAD, "mail template booking.html, line 1: 'leed' is undefined")
    assert "docs/mail.md" in found.todo

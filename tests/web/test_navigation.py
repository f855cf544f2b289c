"""The side list of the signed-in pages."""

import re

import pytest

from gateway.store import accounts
from gateway.web.navigation import NAVIGATION
from tests.web.site import sign_in, text


@pytest.mark.parametrize("row", NAVIGATION, ids=lambda row: row.path)
async def test_each_page_of_the_list_is_there_and_shows_where_one_is(client, row):
    await sign_in(client)
    html = await text(await client.get(row.path))
    side = html.partition('<nav class="places"')[2].partition("</nav>")[0]
    assert re.findall(r'href="([^"]+)"', side) == [one.path for one in NAVIGATION]
    assert re.findall(r'href="([^"]+)" aria-current="([a-z]+)"', side) == [(row.path, "page")]


async def test_a_page_below_another_is_marked_with_it(client, office):
    await sign_in(client)
    [account, *_] = await office.db.read(accounts.of_user, office.alice.id)
    html = await text(await client.get(f"/app/accounts/{account.id}"))
    side = html.partition('<nav class="places"')[2].partition("</nav>")[0]
    assert re.findall(r'href="([^"]+)" aria-current="([a-z]+)"', side) == [("/app", "true")]

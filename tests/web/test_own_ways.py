"""An event type's own language, where it sends people on to, and what an address fills into the form."""

import pytest

from gateway.booking.model import EventType, details
from gateway.booking.redirect import filled
from tests.web.site import hidden, links, text
from tests.web.test_booking_pages import TEN, TYPED, form, parts
from tests.web.test_options import PATH, QUESTIONS, booked, offer

__all__ = ["offer"]
GERMAN = {"Accept-Language": "de-DE,de;q=0.9"}


async def test_an_event_type_speaks_its_own_language(client, office, offer):
    offer(language="de")
    assert 'lang="de"' in await text(await client.get(PATH))
    page = await text(await client.get(PATH, params={"start": TEN}))
    assert ("Diese Zeit buchen" in page, hidden(page)["lang"]) == (True, "de")
    answer = await booked(client)
    assert details(office.rows()[0]).invitee.language == "de"
    path, query = parts(answer.headers["Location"])
    assert "Verschieben" in await text(await client.get(path, params={"token": query["token"]}))


async def test_a_language_chosen_by_hand_counts_more(client, office, offer):
    offer(language="de")
    page = await text(await client.get(PATH, params={"start": TEN, "lang": "en"}))
    assert "Book this time" in page
    await client.post(PATH, data={**hidden(page), **TYPED})
    assert details(office.rows()[0]).invitee.language.startswith("en")


async def test_mails_know_more_languages_than_pages(client, office, offer):
    offer(language="fr")
    await client.post(PATH, data={**await form(client, path=PATH), **TYPED, "lang": "fr"}, headers=GERMAN)
    assert details(office.rows()[0]).invitee.language == "fr"


async def test_whoever_has_booked_is_sent_on(client, office, offer):
    offer(redirect="https://shop.example/thanks/{event_type}?id={uid}&who={name}&mail={email}&at={start}#{status}")
    answer = await booked(client, name='Jörg "M" & <Co>/../x')
    [row] = office.rows()
    expected = (
        f"https://shop.example/thanks/optional?id={row.uid}&amp;who=J%C3%B6rg%20%22M%22%20%26%20%3CCo%3E%2F..%2Fx"
        "&amp;mail=joerg%40example.org&amp;at=2026-11-24T09%3A00%3A00Z#accepted"
    )
    page = await text(await client.get(answer.headers["Location"]))
    assert f'<meta http-equiv="refresh" content="0; url={expected}">' in page
    assert f'href="{expected}"' in page
    path, query = parts(answer.headers["Location"])
    assert query["token"] not in expected
    assert "shop.example" not in await text(await client.get(path, params={"token": query["token"]}))


@pytest.mark.parametrize(
    "address",
    [
        "http://shop.example/",
        "javascript:alert(1)",
        "//shop.example",
        "https://{name}.example/",
        "https://a@shop.example/",
        "https://shop.example/{token}",
        'https://shop.example/"onload=',
        "https://shop.example/a b",
        "https:///x",
        "https://shop.example/;url=javascript:x\n",
    ],
)
def test_only_an_https_address_whose_server_is_written_out(address):
    with pytest.raises(ValueError, match="redirect"):
        EventType.model_validate({"title": "T", "redirect": address})


def test_what_is_filled_in_stays_in_its_place():
    assert filled("https://x.example/{name}?a={uid}", {"name": "../&?#{uid}", "uid": "u"}) == (
        "https://x.example/..%2F%26%3F%23%7Buid%7D?a=u"
    )


class TestPrefilled:
    async def test_each_field_by_its_name(self, client, offer):
        offer(
            questions=[*QUESTIONS, {"name": "zone", "label": "Zone"}, {"name": "why", "label": "Why", "kind": "long"}]
        )
        query = {
            "start": TEN, "zone": "Europe/Berlin", "name": "Jo <Doe>", "email": "jo@example.com", "note": "a\nb",
            "topics": "iTIP", "terms": "yes", "people": "12", "q_zone": "5", "why": '"><script>',
        }  # fmt: skip
        page = await text(await client.get(PATH, params=query))
        for found in (
            'value="Jo &lt;Doe&gt;"',
            'value="jo@example.com"',
            ">a\nb<",
            'value="iTIP" checked',
            'value="12"',
        ):
            assert found in page
        assert ('id="f-q_zone" name="q_zone" type="text" value="5"' in page, "<script>" in page) == (True, False)
        assert "&#34;&gt;&lt;script&gt;" in page
        assert 'class="error"' not in page

    async def test_it_goes_along_while_a_time_is_chosen(self, client, offer):
        offer()
        page = await text(await client.get(PATH, params={"zone": "UTC", "date": "2026-11-24", "name": "Jo Doe"}))
        assert all("name=Jo" in one for one in links(page, "start"))

    async def test_what_does_not_fit_is_left_out(self, client, offer):
        offer(questions=QUESTIONS)
        query = {
            "start": TEN,
            "name": "x" * 300,
            "email": "a\r\nBcc: b@example.org",
            "people": "many",
            "topics": "Cooking",
        }
        page = await text(await client.get(PATH, params={**query, "note": "bell\x07", "where": "99"}))
        for wrong in ("xxxx", "Bcc", "many", "Cooking", "bell"):
            assert wrong not in page.split("<form")[1].split("</form")[0].replace("How many", "")

    async def test_a_place_by_its_number(self, client, offer):
        offer(places=[{"kind": "in-person", "text": "Here"}, {"kind": "call-invitee"}])
        page = await text(await client.get(PATH, params={"start": TEN, "where": "1", "place": "+49 30 1"}))
        assert 'value="+49 30 1"' in page
        assert page.index("checked") > page.index("Here")

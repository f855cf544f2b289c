"""Secret links through the API."""


async def test_made_listed_and_revoked(api, client):
    asked = {"event_type": "check-in", "label": "Jo", "uses": 2, "expires": "2026-12-01T00:00:00Z", "name": "Jo"}
    status, made, _ = await api("POST", "/links", asked)
    assert (status, made["uses"], made["used"], made["event_type"]) == (201, 2, 0, "check-in")
    at = made["url"].partition("/link/")[2]
    assert (await client.get(f"/link/{at}")).status == 200
    assert (await api("GET", "/links"))[1]["items"] == [made]
    assert (await api("DELETE", f"/links/{made['id']}"))[0] == 204
    assert (await api("DELETE", f"/links/{made['id']}"))[0] == 404
    assert (await client.get(f"/link/{at}")).status == 404


async def test_what_makes_no_sense_is_refused_with_its_place(api):
    for change, pointer in (
        ({"event_type": "nothing"}, "/event_type"),
        ({"expires": "2020-01-01T00:00:00Z"}, "/expires"),
        ({"uses": 0}, "/uses"),
        ({"name": "a\r\nb"}, "/name"),
    ):
        status, problem, _ = await api("POST", "/links", {"event_type": "check-in", **change})
        assert (status, [one["pointer"] for one in problem["errors"]]) == (422, [pointer])


async def test_an_event_type_for_links_alone_is_shown_to_its_owner_only(api):
    secret = {"slug": "secret", "title": "Secret", "links_only": True}
    assert (await api("POST", "/event-types", secret))[1]["links_only"] is True
    span = "start=2026-11-24T00:00:00Z&end=2026-11-25T00:00:00Z"
    assert (await api("GET", f"/slots?event_type=secret&{span}"))[0] == 200

"""Event types of teams, and who comes to them."""

import pytest

from gateway.accounts.people import add_team
from gateway.store import teams
from tests.booking.office import NOW


@pytest.mark.usefixtures("sales")
class TestTeamsEventTypes:
    @pytest.fixture
    def sales(self, office):
        def make(conn):
            key = add_team(conn, "sales", "s@example.com", zone="UTC", now=NOW)
            teams.put(conn, key, office.alice.id, teams.ADMIN)
            teams.put(conn, key, office.person("bob").id, teams.MEMBER)

        office.db.write_now(make)

    async def test_made_changed_and_given_hosts_by_its_admins(self, api):
        body = {"slug": "demo", "title": "Demo", "mode": "round_robin", "managed": {"open": ["color"]}}
        status, made, headers = await api("POST", "/event-types?team=sales", body)
        assert (status, headers["Location"]) == (201, "/api/v1/event-types/demo?team=sales")
        assert (made["team"], made["url"].endswith("/team/sales/demo"), made["follows"]) == ("sales", True, False)
        assert [one["slug"] for one in (await api("GET", "/event-types?team=sales"))[1]["items"]] == ["demo"]
        _, own, _ = await api("GET", "/event-types/demo")
        assert (own["team"], own["follows"], own["managed"]) == ("", True, None)
        assert (await api("DELETE", "/event-types/demo"))[0] == 403
        hosts = {"hosts": [{"name": "bob", "fixed": True, "priority": 2, "weight": 50}]}
        assert (await api("PUT", "/event-types/demo/hosts?team=sales", hosts))[:2] == (200, hosts)
        assert (await api("GET", "/event-types/demo/hosts?team=sales"))[1] == hosts
        assert (await api("GET", "/event-types/demo"))[0] == 404
        for names in (["nobody"], ["bob", "bob"]):
            wrong = {"hosts": [{"name": name} for name in names]}
            assert (await api("PUT", "/event-types/demo/hosts?team=sales", wrong))[0] == 422
        assert (await api("DELETE", "/event-types/demo?team=sales"))[0] == 204

    async def test_members_and_strangers_do_not(self, api, key_for):
        bob = key_for(name="bob")
        body = {"slug": "demo", "title": "Demo"}
        assert (await api("POST", "/event-types?team=sales", body, key=bob))[0] == 403
        assert (await api("GET", "/event-types?team=sales", key=bob))[0] == 403
        assert (await api("GET", "/event-types?team=others"))[0] == 404
        assert (await api("GET", "/event-types/check-in/hosts", key=bob))[0] == 404

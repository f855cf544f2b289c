import pytest

from gateway.accounts.api_keys import SCOPES, new_api_key
from gateway.store import api_keys


@pytest.fixture
def key_for(office):
    """Makes a key of a person's: key_for("bookings:read", name="bob")."""

    def make(*scopes, name="alice"):
        plain, digest = new_api_key()
        person = office.person(name)
        office.db.write_now(api_keys.add, person.id, "tests", digest, frozenset(scopes or SCOPES), int(office.now))
        return plain

    return make


@pytest.fixture
def api(client, key_for):
    """Sends a request with a key of Alice's that allows everything; gives status, answer and headers."""
    plain = key_for()

    async def send(method, path, body=None, *, key=plain, **more):
        headers = {"Authorization": f"Bearer {key}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        answer = await client.request(method, f"/api/v1{path}", headers=headers, **more)
        is_json = answer.content_type.endswith("json")
        return answer.status, (await answer.json(content_type=None)) if is_json else await answer.text(), answer.headers

    return send

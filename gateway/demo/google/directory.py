"""The directory of an organisation at the simulated Google: who works there (Admin SDK, users.list)."""

from typing import Any, Final
from zlib import crc32

from gateway.demo.google.calls import Call
from gateway.demo.google.problems import ApiProblem, invalid
from gateway.demo.google.state import Person

CUSTOMER: Final = "my_customer"


def users(call: Call) -> dict[str, Any]:
    """By address; those suspended and archived are in it and say so."""
    domain = _asked(call)
    found = sorted(
        (person for person in call.state.people.values() if person.address.endswith(f"@{domain}")),
        key=lambda person: person.address,
    )
    size = min(int(call.query.get("maxResults", 100)), call.page_limit or 500)
    begin = _begin(str(call.query.get("pageToken", "")))
    answer: dict[str, Any] = {"kind": "admin#directory#users", "etag": '"directory"'}
    page = found[begin : begin + size]
    if page:
        answer["users"] = [_user(person) for person in page]
    if begin + size < len(found):
        answer["nextPageToken"] = f"~{begin + size}"
    return answer


def _asked(call: Call) -> str:
    """The domain, once it is sure that whoever asks may see it."""
    own = call.person.partition("@")[2]
    domain = str(call.query.get("domain", ""))
    if bool(domain) == bool(call.query.get("customer")):
        raise ApiProblem(400, "badRequest", "Bad Request")
    if call.person not in call.state.people or (domain and domain != own):
        raise ApiProblem(404, "notFound", "Domain not found.")
    if not call.state.people[call.person].admin:
        raise ApiProblem(403, "forbidden", "Not Authorized to access this resource/api")
    if not domain and call.query["customer"] != CUSTOMER:
        raise ApiProblem(400, "badRequest", "Bad Request")
    return own


def _begin(token: str) -> int:
    if not token:
        return 0
    if not token.startswith("~") or not token[1:].isdecimal():
        raise invalid("Invalid Input: INVALID_PAGE_TOKEN", "pageToken")
    return int(token[1:])


def _user(person: Person) -> dict[str, Any]:
    addresses = [{"address": person.address, "primary": True}, *({"address": each} for each in person.aliases)]
    return {
        "kind": "admin#directory#user",
        "id": f"1{crc32(person.address.encode()):020d}",
        "primaryEmail": person.address,
        "name": {"fullName": person.name},
        "isAdmin": person.admin,
        "suspended": person.suspended,
        "archived": person.archived,
        "emails": addresses,
        **({"aliases": list(person.aliases)} if person.aliases else {}),
        "isMailboxSetup": True,
    }

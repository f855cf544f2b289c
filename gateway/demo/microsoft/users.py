"""The directory of a tenant at the simulated Graph: GET /users as strict as the real one, for applications."""

from typing import Final

from gateway.demo.microsoft.call import Call
from gateway.demo.microsoft.faults import GraphFault, Json
from gateway.demo.microsoft.mailbox import Person

USUAL: Final = ("id", "displayName", "mail", "userPrincipalName")
"""Some of what comes without $select; accountEnabled and userType never do."""
MOST: Final = 999


def user(person: Person) -> Json:
    return {
        "id": person.id,
        "displayName": person.name,
        "mail": person.address,
        "userPrincipalName": person.upn or person.address,
        "accountEnabled": person.enabled,
        "userType": person.kind,
        "proxyAddresses": [f"SMTP:{person.address}", *(f"smtp:{each}" for each in person.aliases)],
    }


def chosen(call: Call, person: Person) -> Json:
    """Raises: GraphFault 400 for a property that is none."""
    asked = call.query.get("$select", "")
    names = asked.split(",") if asked else USUAL
    whole = user(person)
    if strange := [name for name in names if name not in whole]:
        message = f"Could not find a property named '{strange[0]}' on type 'microsoft.graph.user'."
        raise GraphFault(400, "BadRequest", message)
    return {name: whole[name] for name in names}


def matches(person: Person, clause: str) -> bool:
    """One comparison of $filter. Raises: GraphFault 400 for one that is not offered."""
    wanted = {
        "accountEnabled eq true": person.enabled,
        "accountEnabled eq false": not person.enabled,
        "userType eq 'Member'": person.kind == "Member",
        "userType eq 'Guest'": person.kind == "Guest",
    }
    if clause not in wanted:
        raise GraphFault(400, "Request_UnsupportedQuery", f"Unsupported or invalid query filter clause: {clause}")
    return wanted[clause]


def users(call: Call) -> Json:
    """Those of the tenant whose application asks, by pages whose links are opaque."""
    if strange := sorted(set(call.query) - {"$filter", "$select", "$top", "$skiptoken"}):
        raise GraphFault(400, "Request_UnsupportedQuery", f"Query option '{strange[0]}' is not supported.")
    clauses = call.query["$filter"].split(" and ") if "$filter" in call.query else []
    rows = [person for person in call.boxes.people.values() if person.address.endswith(f"@{call.tenant}")]
    rows = [person for person in rows if all(matches(person, clause) for clause in clauses)]
    top, begin = call.query.get("$top", "100"), call.query.get("$skiptoken", "m~0").removeprefix("m~")
    if not top.isdecimal() or not 1 <= int(top) <= MOST:
        raise GraphFault(400, "Request_UnsupportedQuery", f"Invalid page size specified: '{top}'.")
    if not begin.isdecimal():
        raise GraphFault(400, "Directory_ExpiredPageToken", "The specified page token value has expired.")
    first, after = int(begin), int(begin) + int(top)
    answer: Json = {"@odata.context": f"{call.root}/$metadata#users"}
    answer["value"] = [chosen(call, person) for person in rows[first:after]]
    if after < len(rows):
        kept = "".join(f"{name}={call.quoted(name)}&" for name in call.query if name != "$skiptoken")
        answer["@odata.nextLink"] = f"{call.root}/users?{kept}$skiptoken=m~{after}"
    return answer


def mailbox(people: dict[str, Person], tenant: str, name: str, allowed: frozenset[str] | None) -> str:
    """The address of the mailbox that an application of the tenant names by id, principal name or address.

    allowed: the mailboxes an access policy leaves to the application; None: all.
    Raises: GraphFault 403, 404.
    """
    names = name.lower()
    for person in people.values():
        if names not in {person.address, person.upn, person.id} or not person.address.endswith(f"@{tenant}"):
            continue
        if not person.mailbox:
            message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
            raise GraphFault(404, "MailboxNotEnabledForRESTAPI", message)
        if allowed is not None and person.address not in allowed:
            message = (
                "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."
            )
            raise GraphFault(403, "ErrorAccessDenied", message)
        return person.address
    raise GraphFault(404, "ErrorInvalidUser", f"The requested user '{name}' is invalid.")

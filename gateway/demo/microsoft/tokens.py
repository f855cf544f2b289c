"""Codes and tokens the simulated sign-in has given out."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from gateway.demo.microsoft.faults import Json
from gateway.demo.microsoft.mailbox import Person

LIFETIME = timedelta(hours=1)
CODE_LIFETIME = timedelta(minutes=10)
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
MANY = frozenset({"common", "organizations", "consumers"})
"""What stands for no tenant in particular."""
TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"


class Refused(Exception):
    """An OAuth error answer. suberror: what msal shows beside it, such as bad_token or consent_required."""

    def __init__(self, error: str, description: str, suberror: str = "") -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.suberror = suberror

    def body(self) -> Json:
        return {
            "error": self.error,
            "error_description": self.description,
            "error_codes": [int(self.description.removeprefix("AADSTS").partition(":")[0])],
            **({"suberror": self.suberror} if self.suberror else {}),
        }


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code or token stands for. until: ISO time, "" for ever. public: its client has shown no secret.

    tenant: of an application's own token, which is nobody's; its scopes are the permissions an admin consented to.
    """

    address: str
    scopes: str
    client: str
    redirect: str = ""
    challenge: str = ""
    nonce: str = ""
    until: str = ""
    public: bool = False
    tenant: str = ""


def encoded(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def identity_number(address: str) -> str:
    digest = hashlib.sha256(address.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


def resource_scopes(scopes: str) -> set[str]:
    """Names of the Graph permissions in a scope text, without resource prefix."""
    return {scope.rsplit("/", 1)[-1] for scope in scopes.split()} - {"openid", "profile", "offline_access", "email"}


class Tokens:
    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.codes: dict[str, Grant] = {}
        self.refresh: dict[str, Grant] = {}
        self.access: dict[str, Grant] = {}
        self.consents: dict[str, set[str]] = {}

    def past(self, grant: Grant) -> bool:
        return bool(grant.until) and datetime.fromisoformat(grant.until) <= self.clock()

    def code_for(self, grant: Grant) -> str:
        """A code for somebody who has just consented."""
        self.consents.setdefault(grant.address, set()).update(resource_scopes(grant.scopes))
        code = f"0.{secrets.token_urlsafe(24)}"
        until = (self.clock() + CODE_LIFETIME).isoformat()
        self.codes[code] = Grant(**{**asdict(grant), "until": until})
        return code

    def refresh_token_for(self, address: str, scopes: str, client: str, *, public: bool = False) -> str:
        self.consents.setdefault(address, set()).update(resource_scopes(scopes))
        token = f"0.A{secrets.token_urlsafe(48)}"
        self.refresh[token] = Grant(address, scopes, client, public=public)
        return token

    def redeem_code(self, form: dict[str, str]) -> Grant:
        """Raises: Refused. A code is good once, for its own client and address, with the PKCE verifier."""
        grant = self.codes.pop(form.get("code", ""), None)
        if grant is None or grant.client != form.get("client_id") or self.past(grant):
            raise Refused("invalid_grant", "AADSTS70008: The provided authorization code has expired.", "bad_token")
        if grant.redirect != form.get("redirect_uri"):
            raise Refused("invalid_grant", "AADSTS50011: The redirect URI does not match the one of the request.")
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != grant.challenge:
            raise Refused("invalid_grant", "AADSTS501481: The Code_Verifier does not match the code_challenge.")
        return grant

    def redeem_refresh(self, form: dict[str, str]) -> Grant:
        """Raises: Refused. Each refresh token is good once; what was not consented to is not given."""
        token = form.get("refresh_token", "")
        grant = self.refresh.get(token)
        if grant is None or grant.client != form.get("client_id"):
            raise Refused("invalid_grant", "AADSTS70000: The refresh token is expired or was revoked.", "bad_token")
        scopes = form.get("scope") or grant.scopes
        if resource_scopes(scopes) - self.consents.get(grant.address, set()):
            raise Refused("invalid_grant", "AADSTS65001: The user has not consented to this.", "consent_required")
        del self.refresh[token]
        return Grant(grant.address, scopes, grant.client, public=grant.public)

    def answer(self, grant: Grant, person: Person, issuer: str) -> Json:
        """A token answer with everything msal reads."""
        now = self.clock()
        access = f"EwB{secrets.token_urlsafe(48)}"
        self.access[access] = Grant(grant.address, grant.scopes, grant.client, until=(now + LIFETIME).isoformat())
        number = identity_number(person.address)
        claims = {
            "ver": "2.0",
            "iss": issuer,
            "sub": number,
            "aud": grant.client,
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "name": person.name,
            "preferred_username": person.address,
            "oid": number,
            "tid": TENANT,
            **({"nonce": grant.nonce} if grant.nonce else {}),
        }
        return {
            "token_type": "Bearer",
            "scope": " ".join(sorted(set(grant.scopes.split()) - {"offline_access"})),
            "expires_in": int(LIFETIME.total_seconds()),
            "ext_expires_in": int(LIFETIME.total_seconds()),
            "access_token": access,
            "refresh_token": self.refresh_token_for(grant.address, grant.scopes, grant.client, public=grant.public),
            "id_token": f"{encoded({'typ': 'JWT', 'alg': 'RS256', 'kid': 'demo'})}.{encoded(claims)}.c2ln",
            "client_info": encoded({"uid": number, "utid": TENANT}),
        }

    def app_answer(self, client: str, tenant: str, roles: Iterable[str]) -> Json:
        """A token for the application itself; there is nothing to renew it by."""
        access = f"eyJ{secrets.token_urlsafe(48)}"
        until = (self.clock() + LIFETIME).isoformat()
        self.access[access] = Grant("", " ".join(sorted(roles)), client, until=until, tenant=tenant)
        seconds = int(LIFETIME.total_seconds())
        return {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": access}

    def holder(self, token: str) -> Grant | None:
        """Whom an access token stands for, None if it is unknown or past."""
        grant = self.access.get(token)
        return None if grant is None or self.past(grant) else grant

    def revoke(self, address: str) -> None:
        """As when the user withdraws consent: refresh tokens die at once."""
        self.refresh = {token: grant for token, grant in self.refresh.items() if grant.address != address}
        self.consents.pop(address, None)

    def state(self) -> Json:
        return {
            "refresh": {token: asdict(grant) for token, grant in self.refresh.items()},
            "consents": {address: sorted(scopes) for address, scopes in self.consents.items()},
        }

    def restore(self, state: Json) -> None:
        self.refresh = {token: Grant(**grant) for token, grant in state["refresh"].items()}
        self.consents = {address: set(scopes) for address, scopes in state["consents"].items()}

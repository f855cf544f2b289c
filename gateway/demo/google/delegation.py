"""Service accounts at the simulated Google: signed assertions for access tokens (RFC 7523), delegation domain-wide."""

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from multidict import MultiMapping

from gateway.demo.google.oauth import OAuthProblem, new_access
from gateway.demo.google.state import Grant, ServiceAccount, State

GRANT_TYPE: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
REAL_TOKEN_URI: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address; clients name it wherever they ask
LONGEST: Final = 3600
SKEW: Final = 300
"""Seconds that the clocks of a client and of Google may differ."""


def new_key(state: State, email: str) -> str:
    """The JSON file of one more key of a service account, made where there is none of that name yet."""
    known = state.services.get(email)
    if known is None:
        known = state.services[email] = ServiceAccount(email, f"1{state.next_serial():020d}")
    private = generate_private_key(public_exponent=65_537, key_size=2048)
    number = f"{state.next_serial():040x}"
    known.keys[number] = _pem(private.public_key())
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "demo-project",
            "private_key_id": number,
            "private_key": _private_pem(private),
            "client_email": email,
            "client_id": known.client_id,
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": REAL_TOKEN_URI,
            "universe_domain": "googleapis.com",
        }
    )


def _pem(key: RSAPublicKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def _private_pem(key: RSAPrivateKey) -> str:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def token(
    state: State, form: MultiMapping[str], audiences: Sequence[str], now: datetime, machine: datetime
) -> dict[str, Any]:
    """The answer to an assertion; no refresh token comes with it.

    audiences: names of this very endpoint. machine: the time of the machine, which the client's library stamps by
    and which is not the simulator's where that one stands still.
    """
    head, claims, signed, signature = _parts(form.get("assertion", ""))
    service = state.services.get(str(claims.get("iss")))
    if service is None:
        raise _invalid("Invalid grant: account not found")
    _check_signature(service, head, signed, signature)
    if claims.get("aud") not in audiences:
        raise _invalid("Invalid JWT: Failed audience check. The right audience is https://oauth2.googleapis.com/token")
    _check_times(claims, machine)
    scopes = str(claims.get("scope") or "").split()
    if not scopes:
        raise OAuthProblem(400, "invalid_scope", "Empty or missing scope not allowed.")
    person = str(claims.get("sub") or service.email)
    if person != service.email:
        _check_delegation(state, service, person, scopes)
    return new_access(state, Grant(person, service.client_id, scopes), "", now)


def _parts(assertion: str) -> tuple[Mapping[str, Any], Mapping[str, Any], bytes, bytes]:
    """Header, claims, what is signed, and its signature."""
    try:
        head, claims, signature = assertion.split(".")
        read = [json.loads(_decoded(part)) for part in (head, claims)]
        return read[0], read[1], f"{head}.{claims}".encode(), _decoded(signature)
    except ValueError as error:
        raise _invalid("Invalid JWT: the assertion is none") from error


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _check_signature(service: ServiceAccount, head: Mapping[str, Any], signed: bytes, signature: bytes) -> None:
    pem = service.keys.get(str(head.get("kid")))
    if head.get("alg") != "RS256" or pem is None:
        raise _invalid("Invalid JWT Signature.")
    key = serialization.load_pem_public_key(pem.encode())
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, signed, PKCS1v15(), SHA256())
    except InvalidSignature as error:
        raise _invalid("Invalid JWT Signature.") from error


def _check_times(claims: Mapping[str, Any], machine: datetime) -> None:
    begun, ends = claims.get("iat"), claims.get("exp")
    now = machine.timestamp()
    if not (isinstance(begun, int) and isinstance(ends, int)):
        begun = ends = 0
    if ends - begun > LONGEST or begun > now + SKEW or ends < now - SKEW:
        raise _invalid(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
            " Check your iat and exp values in the JWT claim."
        )


def _check_delegation(state: State, service: ServiceAccount, person: str, scopes: Sequence[str]) -> None:
    """Whose organisation did not authorise all of the scopes gives none of them."""
    known = state.people.get(person)
    if known is None or known.suspended:
        raise _invalid("Invalid email or User ID")
    if not set(scopes) <= set(service.delegated.get(person.partition("@")[2], [])):
        raise OAuthProblem(
            401,
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of"
            " the scopes requested.",
        )


def _invalid(description: str) -> OAuthProblem:
    return OAuthProblem(400, "invalid_grant", description)
